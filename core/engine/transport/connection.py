"""One TCP or TLS connection: carries one exchange at a time, and rests in the pool.

    dialling ──► busy ──► idle ──► busy ──► … ──► closed

Its callbacks never await and never raise. Whatever happens to it, it leaves its
exchange finished or failed, and its pool without it.
"""

import asyncio
import ssl
from typing import NamedTuple, Protocol, cast

import httpx

from core.engine.timing import SEND, WAIT, Timing
from core.engine.transport.exchange import Exchange
from core.engine.transport.reader import ResponseReader
from core.engine.transport.tls import facts_of, reason_of
from core.outcome import TlsFacts


class Origin(NamedTuple):
    """What a connection is good for; two requests share one only if these are equal."""

    scheme: str
    host: bytes
    port: int | None
    verify: bool
    """Whether the certificate is checked: never share across it (design.md §5)."""

    def __str__(self) -> str:
        host = self.host.decode("ascii")
        return f"[{host}]:{self.dialled}" if ":" in host else f"{host}:{self.dialled}"

    @property
    def dialled(self) -> int:
        """The port in numbers."""
        if self.port is not None:
            return self.port
        return 443 if self.scheme == "https" else 80


class Keeper(Protocol):
    """Who holds connections: the pool."""

    def release(self, connection: "Connection") -> None:
        """It has served, and may serve again."""

    def lost(self, connection: "Connection") -> None:
        """It is closed."""


class Connection(asyncio.Protocol):
    """A connection that carries an exchange, or is idle."""

    __slots__ = (
        "_exchange",
        "_is_unsent",
        "_keeper",
        "_reader",
        "_transport",
        "idle_since",
        "opened_at",
        "origin",
        "peer",
        "served",
        "tls_facts",
    )

    def __init__(self, origin: Origin, keeper: Keeper, exchange: Exchange) -> None:
        self.origin = origin
        self.peer = ""
        self.tls_facts: TlsFacts | None = None
        self.served = 0
        self.opened_at = 0.0  # the loop's time, as is the next
        self.idle_since = 0.0
        self._keeper = keeper
        self._transport: asyncio.Transport | None = None
        # Somebody listens before the request is written: a receiver that is overloaded
        # may say 503 and close without having read one.
        self._exchange: Exchange | None = exchange
        self._reader = ResponseReader(exchange)
        self._is_unsent = True  # some of the request has not left yet

    def __repr__(self) -> str:
        if not self.is_open:
            state = "closed" if self.peer else "dialling"
        else:
            state = "idle" if self._exchange is None else "busy"
        return (
            f"<Connection {self.origin} at {self.peer}: {state}, served {self.served}>"
        )

    @property
    def is_open(self) -> bool:
        """Whether a request can still be written to it."""
        return self._transport is not None and not self._transport.is_closing()

    # The exchange's side.

    def send(self, exchange: Exchange, wire: bytes) -> None:
        """Write a request; what comes back goes to the exchange."""
        if exchange.complete or exchange.error is not None or self._transport is None:
            return  # the receiver answered, or hung up, before it was asked
        if exchange is not self._exchange:
            self._exchange = exchange
            self._reader.expect(exchange)
            exchange.line = self
        self._describe(exchange.timing)
        self.served += 1
        self._is_unsent = False
        exchange.timing.enter(SEND)
        self._transport.write(wire)
        if not self._is_unsent:
            exchange.timing.enter(WAIT)

    def pause(self) -> None:
        """Read no more for now, so that the receiver has to wait."""
        if self._transport is not None and self.is_open:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        if self._transport is not None and self.is_open:
            self._transport.resume_reading()

    def abort(self) -> None:
        """Close at once, with no word to the exchange."""
        self._exchange = None
        if self._transport is not None:
            self._transport.abort()

    def fail(self, error: Exception) -> None:
        """Close at once, and tell the exchange why."""
        exchange = self._exchange
        self.abort()
        if exchange is not None:
            exchange.fail(error)

    # The event loop's side.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open, and after the handshake if it is TLS."""
        self._transport = cast("asyncio.Transport", transport)
        # Whatever is not sent at once pauses us: that is how the end of sending shows.
        # Not 0: asyncio's TLS pauses at the limit, and so would with nothing to send.
        self._transport.set_write_buffer_limits(high=1, low=0)
        self.opened_at = asyncio.get_running_loop().time()
        self.peer = _peer_of(transport)
        self.tls_facts = facts_of(transport.get_extra_info("ssl_object"))
        if self._exchange is not None:
            self._exchange.line = self

    def data_received(self, data: bytes) -> None:
        """Some bytes came."""
        exchange = self._exchange
        if exchange is None:
            self.abort()  # bytes nobody asked for: out of step, or about to close
            return
        exchange.hear()
        try:
            self._reader.feed(data)
        except httpx.RemoteProtocolError as error:
            self.fail(error)
            return
        if self._reader.complete:
            self._complete(exchange)
        elif self._reader.between:  # only 1xx so far
            exchange.timing.enter(WAIT)
        elif self._reader.head_complete:
            exchange.wake()

    def eof_received(self) -> None:
        """The receiver will send no more; the event loop closes what is left."""
        self._ended()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed, by whomever."""
        self._transport = None
        self._keeper.lost(self)
        if exc is None:
            self._ended()
        else:
            self.fail(_in_words(exc, self._is_unsent))
        self._reader.close()

    def pause_writing(self) -> None:
        """Some of the request could not leave yet."""
        self._is_unsent = True

    def resume_writing(self) -> None:
        """All of it has left."""
        self._is_unsent = False
        if self._exchange is not None and not self._exchange.heard:
            self._exchange.timing.enter(WAIT)

    def _ended(self) -> None:
        exchange = self._exchange
        if exchange is None:
            self.abort()
            return
        try:
            self._reader.ended()
        except httpx.RemoteProtocolError as error:
            self.fail(error)
        else:
            self._complete(exchange)

    def _complete(self, exchange: Exchange) -> None:
        self._exchange = None
        exchange.finish()
        if self._reader.reusable and not self._is_unsent:
            self._keeper.release(self)
        else:
            self.abort()

    def _describe(self, timing: Timing) -> None:
        timing.reused = self.served > 0
        timing.peer = self.peer
        timing.tls_facts = self.tls_facts


def _peer_of(transport: asyncio.BaseTransport) -> str:
    host, port, *_ = transport.get_extra_info("peername") or ("?", 0)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _in_words(error: Exception, is_unsent: bool) -> httpx.NetworkError:
    """Say why a connection broke: map what asyncio reports, in this one place."""
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        sentence = "The receiver reset the connection."
    elif isinstance(error, ssl.SSLError):
        sentence = f"TLS broke: {reason_of(error)}."
    else:
        sentence = f"The connection broke: {getattr(error, 'strerror', None) or error}."
    made: httpx.NetworkError
    made = httpx.WriteError(sentence) if is_unsent else httpx.ReadError(sentence)
    made.__cause__ = error
    return made
