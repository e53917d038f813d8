"""One connection to the receiver: requests in, answers out, in order."""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import cast

import httptools

from core.engine.receiver.behaviour import Answer, Manner, Question
from core.explain import status_phrase

MAX_BODY = 8 * 1024 * 1024  # bytes of a request
_SMALL = 4096  # bytes of a body
_BODILESS = (204, 304)


@dataclass(frozen=True, slots=True)
class Heard:
    """A question, and whether the connection may serve another after it."""

    question: Question
    keep_alive: bool


class Connection(asyncio.Protocol):
    """Serves one client; it is among the `clients` while it is connected."""

    def __init__(
        self, ask: Callable[[Question], Answer], clients: set["Client"]
    ) -> None:
        self._ask = ask
        self._clients = clients
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport
        self._heard: deque[Heard] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._busy = False
        self._target = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._size = 0

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come."""
        self._transport = cast(asyncio.Transport, transport)
        self._clients.add(self)

    def data_received(self, data: bytes) -> None:
        """Parse, and answer what is complete."""
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._refuse(400)
            return
        self._serve()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone, or we have."""
        if self._timer is not None:
            self._timer.cancel()
        self._heard.clear()
        self._clients.discard(self)

    # What the parser calls.

    def on_url(self, url: bytes) -> None:
        """A piece of the request target."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, as it was written."""
        self._headers.append((name, value))

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._size += len(body)
        if self._size <= MAX_BODY:
            self._body.append(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        if self._size > MAX_BODY:
            self._refuse(413)
            return
        question = Question(
            method=self._parser.get_method().decode("ascii"),
            target=self._target.decode("latin-1"),
            raw_headers=tuple(self._headers),
            body=b"".join(self._body),
        )
        self._target, self._headers, self._body, self._size = b"", [], [], 0
        self._heard.append(Heard(question, self._parser.should_keep_alive()))

    # Answering.

    def abort(self) -> None:
        """End at once."""
        self._transport.abort()

    def _serve(self) -> None:
        while self._heard and not self._busy and not self._transport.is_closing():
            heard = self._heard.popleft()
            answer = self._ask(heard.question)
            if answer.delay and answer.manner is Manner.WHOLE:
                self._busy = True
                self._later(answer.delay, partial(self._give_late, heard, answer))
            else:
                self._give(heard, answer)

    def _give_late(self, heard: Heard, answer: Answer) -> None:
        self._busy = False
        self._give(heard, answer)
        self._serve()

    def _give(self, heard: Heard, answer: Answer) -> None:
        match answer.manner:
            case Manner.WHOLE:
                head = heard.question.method == "HEAD"
                render = _rendered if len(answer.body) > _SMALL else _kept
                self._transport.write(render(answer, head, heard.keep_alive))
                if not heard.keep_alive:
                    self._transport.close()
            case Manner.RAW:
                self._transport.write(answer.body)
                self._transport.close()
            case Manner.DRIP:
                self._busy = True
                self._transport.write(_head(answer, len(answer.body), keep_alive=False))
                self._drip(answer, 0)
            case Manner.HANG:
                self._busy = True
            case Manner.CLOSE:
                self._transport.close()
            case Manner.RESET:
                self._reset()

    def _drip(self, answer: Answer, given: int) -> None:
        if given >= len(answer.body):
            self._transport.close()
            return
        self._transport.write(answer.body[given : given + 1])
        self._later(answer.delay, partial(self._drip, answer, given + 1))

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, act)

    def _reset(self) -> None:
        """Close with a RST instead of a FIN: what is not read is thrown away."""
        linger = struct.pack("ii", 1, 0)
        sock = self._transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._transport.abort()

    def _refuse(self, status: int) -> None:
        self._transport.write(_kept(Answer(status, b"", ""), False, False))
        self._transport.close()


class Babble(asyncio.Protocol):
    """A listener that answers a TLS ClientHello with something else."""

    def __init__(self, clients: set["Client"]) -> None:
        self._clients = clients
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come."""
        self._transport = cast(asyncio.Transport, transport)
        self._clients.add(self)

    def data_received(self, data: bytes) -> None:
        """Say something that has the form of TLS, and no sense."""
        self._transport.write(b"\x16\x03\x03\x00\x10no ServerHello !")
        self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        self._clients.discard(self)

    def abort(self) -> None:
        """End at once."""
        self._transport.abort()


Client = Connection | Babble


def _rendered(answer: Answer, is_head: bool, keep_alive: bool) -> bytes:
    """An answer as bytes."""
    head = _head(answer, len(answer.body), keep_alive=keep_alive)
    return head if is_head else head + answer.body


_kept = lru_cache(maxsize=256)(_rendered)  # most answers are given many times


def _head(answer: Answer, size: int, *, keep_alive: bool) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} {status_phrase(answer.status)}"]
    if answer.kind:
        lines.append(f"Content-Type: {answer.kind}")
    if answer.status not in _BODILESS:
        lines.append(f"Content-Length: {size}")
    lines += (f"{name}: {value}" for name, value in answer.headers)
    if not keep_alive:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
