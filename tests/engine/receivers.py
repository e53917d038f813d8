"""Receivers for the engine's tests: real sockets that answer with given bytes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Receiver:
    """A receiver on loopback, and the requests it got."""

    url: str = ""
    requests: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def receiver(
    answer: bytes, *, then_hold: bool = False
) -> AsyncIterator[Receiver]:
    """Answer each request with these bytes and close, or hold the connection open."""
    got = Receiver()
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with suppress(asyncio.IncompleteReadError):  # a handshake is no request
            got.requests.append(await _request(reader))
        writer.write(answer)
        if not then_hold:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    got.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield got
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0)  # each transport closes its socket in the next turn


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    sizes = [
        int(line.split(b":")[1])
        for line in lines
        if line.startswith(b"content-length:")
    ]
    return head + await reader.readexactly(sizes[0] if sizes else 0)
