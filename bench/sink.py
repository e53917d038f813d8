"""A receiver that costs as little as Python allows, in a process of its own."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"


class Sink(asyncio.Protocol):
    """Answers 200 to every request; reads no more of it than its length."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.write = cast("asyncio.Transport", transport).write
        self.unread = b""

    def data_received(self, data: bytes) -> None:
        self.unread += data
        while (end := self.unread.find(b"\r\n\r\n")) >= 0:
            head = self.unread[:end].lower()
            _, _, stated = head.partition(b"content-length:")
            size = end + 4 + int(stated.split(b"\r\n")[0] or 0)
            if len(self.unread) < size:
                return
            self.unread = self.unread[size:]
            self.write(ANSWER)


@contextmanager
def sink() -> Iterator[int]:
    """Run a sink; gives its port, on every address of loopback."""
    listener = socket.create_server(("0.0.0.0", 0), backlog=4096)
    port: int = listener.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.sink", str(listener.fileno())],
        pass_fds=[listener.fileno()],
    )
    listener.close()
    try:
        yield port
    finally:
        process.kill()
        process.wait()


async def serve(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Sink, sock=socket.socket(fileno=descriptor))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
