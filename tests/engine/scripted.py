"""Receivers that follow a script, byte for byte: what no HTTP server would do."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from importlib.util import find_spec
from typing import cast

import httpx

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

GONE = (
    ConnectionError,
    asyncio.IncompleteReadError,
    asyncio.CancelledError,
    RuntimeError,  # uvloop, writing to what is closed
)
NewLoop = Callable[[], asyncio.AbstractEventLoop]
LOOPS: list[NewLoop] = [
    asyncio.new_event_loop,
    *([] if find_spec("uvloop") is None else [import_module("uvloop").new_event_loop]),
]


class Visit:
    """One connection, from the receiver's side."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        requests: list[bytes],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._requests = requests

    async def request(self) -> bytes:
        """Read a whole request, by its Content-Length."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        _, found, rest = head.lower().partition(b"\r\ncontent-length:")
        size = int(rest.split(b"\r\n")[0]) if found else 0
        request = head + await self._reader.readexactly(size)
        self._requests.append(request)
        return request

    async def head_only(self) -> None:
        """Read the request's head, and leave its body where it is."""
        await self._reader.readuntil(b"\r\n\r\n")

    async def send(self, *pieces: bytes) -> None:
        """Send; with several pieces the client reads each before the next is sent."""
        for piece in pieces:
            self._writer.write(piece)
            await self._writer.drain()
            for _ in range(3):  # the client lives in this loop: let it read
                await asyncio.sleep(0)

    async def gone(self) -> None:
        """Wait until the client has closed."""
        with suppress(ConnectionError):
            while await self._reader.read(65536):
                pass

    def half_close(self) -> None:
        """Say that no more will be sent, and stay."""
        self._writer.write_eof()

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        connection = self._writer.get_extra_info("socket")
        linger = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._writer.transport.abort()


Script = Callable[[Visit], Awaitable[None]]
"""Plays one connection; when it returns, the connection is closed."""


class Receiver:
    """A listening port, and what was seen at it."""

    def __init__(self, port: int, scheme: str, requests: list[bytes]) -> None:
        self.port = port
        self.url = httpx.URL(f"{scheme}://127.0.0.1:{port}/hook")
        self.requests = requests
        self.connections = 0
        self.visits: set[asyncio.Task[None]] = set()

    @property
    def open(self) -> int:
        """How many connections are open, as far as the receiver knows."""
        return len(self.visits)


@asynccontextmanager
async def receiver(
    *scripts: Script,
    tls: ssl.SSLContext | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
) -> AsyncIterator[Receiver]:
    """Listen; the n-th connection gets the n-th script, and the last one all others."""

    async def visited(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = cast("asyncio.Task[None]", asyncio.current_task())
        there.visits.add(task)
        script = scripts[min(there.connections, len(scripts) - 1)]
        there.connections += 1
        try:
            # The client leaves in the middle of many a script: that is their point.
            with suppress(*GONE):
                await script(Visit(reader, writer, there.requests))
        finally:
            writer.close()
            there.visits.discard(task)

    server = await asyncio.start_server(visited, host, port, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    there = Receiver(port, "https" if tls else "http", [])
    try:
        yield there
    finally:
        server.close()
        for task in tuple(there.visits):
            task.cancel()
        await asyncio.gather(*there.visits, return_exceptions=True)


def answers(*pieces: bytes) -> Script:
    """Answer every request of a connection with the same bytes."""

    async def script(visit: Visit) -> None:
        while True:
            await visit.request()
            await visit.send(*pieces)

    return script


def answers_and_closes(*pieces: bytes) -> Script:
    """Answer one request and close."""

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(*pieces)

    return script


def answers_and_stays(*pieces: bytes) -> Script:
    """Answer one request and keep the connection open, in silence."""

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(*pieces)
        await visit.gone()

    return script


def request_to(
    url: httpx.URL, body: bytes = b'{"id":1}', /, **extensions: object
) -> httpx.Request:
    """A POST as the sender makes it: all headers given, body as bytes."""
    return httpx.Request(
        "POST",
        url,
        headers=[
            (b"Host", url.netloc),
            (b"Content-Type", b"application/json"),
            (b"Content-Length", b"%d" % len(body)),
        ],
        stream=httpx.ByteStream(body),
        extensions=extensions,
    )


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait for something that the event loop brings about by itself; fail after 2 s."""
    async with asyncio.timeout(2):
        while not condition():  # noqa: ASYNC110 - it is sockets that change it
            await asyncio.sleep(0.001)


async def leave_at_every_moment(
    request: Callable[[], Coroutine[None, None, bytes]], there: Receiver
) -> list[object]:
    """Cancel a request after 0, 1, 2 … turns of the loop; return what it complained of.

    Afterwards one connection may rest, no task is left, and a request goes through.
    """
    complaints: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    others = asyncio.all_tasks()
    ended = {"cancelled"}
    turns = 0
    while ended != {"answered"}:
        ended = set()
        for _ in range(3):
            task = loop.create_task(request())
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            ended.add("cancelled" if task.cancelled() else "answered")
            await eventually(lambda: there.open <= 1)
        turns += 1
    await request()
    complaints += asyncio.all_tasks() - others - there.visits
    return complaints


async def body_of(response: httpx.Response) -> bytes:
    """Read a response to its end and close it."""
    try:
        return b"".join([data async for data in response.aiter_raw()])
    finally:
        await response.aclose()
