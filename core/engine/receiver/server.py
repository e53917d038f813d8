"""The listeners of the receiver, all on loopback, and what they share."""

import asyncio
import errno
import socket
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from ssl import SSLContext
from types import MappingProxyType

from core.engine.receiver.behaviour import Answer, Question, answer_to, is_fixed
from core.engine.receiver.connection import Babble, Client, Connection
from core.engine.receiver.ledger import Received, SigningKey, check
from core.errors import HooklineError
from core.ports import Clock

LOOPBACK = "127.0.0.1"
_REMEMBERED = 256  # targets whose answer is kept


class Listener(StrEnum):
    """What may be dialled."""

    HTTP = "http"
    HTTPS = "https"  # a good certificate, of the receiver's own authority
    EXPIRED = "expired"
    SELF_SIGNED = "self-signed"
    WRONG_HOST = "wrong-host"
    BROKEN_TLS = "broken-tls"
    CLOSED = "closed"  # a port that nobody listens on


TLS_LISTENERS = (
    Listener.HTTPS,
    Listener.EXPIRED,
    Listener.SELF_SIGNED,
    Listener.WRONG_HOST,
    Listener.BROKEN_TLS,
)
"""In the order of their ports."""


class PortTaken(HooklineError):
    """Somebody else listens on the port."""


class Receiver:
    """A running receiver.

    `bases` has the URL of each listener by its name; `authority` is the file with the
    certificate to trust, None without TLS.
    """

    def __init__(
        self,
        clock: Clock,
        keys: Sequence[SigningKey],
        watch: Callable[[Received], None] | None,
    ) -> None:
        self.bases: Mapping[str, str] = MappingProxyType({})
        self.authority: Path | None = None
        self.received = 0
        self._clock = clock
        self._keys = keys
        self._watch = watch
        self._asked: Counter[str] = Counter()
        self._fixed: dict[str, Answer] = {}  # by target
        self._clients: set[Client] = set()

    def __repr__(self) -> str:
        return f"<Receiver {self.received} received, {len(self._clients)} clients>"

    def connection(self, listener: str) -> Callable[[], Connection]:
        """What serves a client of this listener."""

        def ask(question: Question) -> Answer:
            return self._ask(listener, question)

        return partial(Connection, ask, self._clients)

    def babble(self) -> Babble:
        """What breaks a TLS handshake."""
        return Babble(self._clients)

    def hang_up(self) -> None:
        """End all connections at once."""
        for client in tuple(self._clients):
            client.abort()

    def _ask(self, listener: str, question: Question) -> Answer:
        answer = self._fixed.get(question.target) or self._found(question)
        self.received += 1
        if self._watch is not None:
            now = self._clock()
            found = check(question, self._keys, now)
            self._watch(Received(now, listener, question, found, answer.words))
        return answer

    def _found(self, question: Question) -> Answer:
        target = question.target
        answer = answer_to(question, self._asked[target])
        self._asked[target] += 1
        if is_fixed(target) and len(self._fixed) < _REMEMBERED:
            self._fixed[target] = answer
        return answer


@asynccontextmanager
async def open_receiver(
    clock: Clock,
    *,
    port: int = 0,
    tls_port: int | None = None,
    keys: Sequence[SigningKey] = (),
    watch: Callable[[Received], None] | None = None,
) -> AsyncIterator[Receiver]:
    """Listen until the end of the block.

    Args:
        clock: the time, for signatures and certificates.
        port: of HTTP; 0 takes a free one.
        tls_port: of the first of `TLS_LISTENERS`, the others follow on the ports after
            it; 0 takes free ones, None leaves TLS out.
        keys: the secrets it checks signatures with.
        watch: told of each request before it is answered.

    Raises:
        PortTaken: somebody else listens there.
    """
    receiver = Receiver(clock, keys, watch)
    async with AsyncExitStack() as stack:
        stack.callback(receiver.hang_up)
        sockets = _sockets(port, tls_port, stack)
        if tls_port is not None:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            await _serve_tls(receiver, Path(folder), clock(), sockets, stack)
        serve = receiver.connection(Listener.HTTP)
        await _serve(sockets[Listener.HTTP], serve, stack)
        receiver.bases = MappingProxyType(
            {name: _url(name, sock) for name, sock in sockets.items()}
        )
        yield receiver
        # A moment for each transport to close its socket.
        receiver.hang_up()
        await asyncio.sleep(0)


def _sockets(
    port: int, tls_port: int | None, stack: AsyncExitStack
) -> dict[str, socket.socket]:
    """A bound socket for each listener; a closed one is bound and never listens."""
    ports = {Listener.HTTP: port, Listener.CLOSED: 0}
    if tls_port is not None:
        for number, listener in enumerate(TLS_LISTENERS):
            ports[listener] = tls_port + number if tls_port else 0
    return {
        listener.value: stack.enter_context(_bound(one))
        for listener, one in ports.items()
    }


def _bound(port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((LOOPBACK, port))
    except (OSError, OverflowError) as error:
        sock.close()
        raise _no_port(port, error) from error
    return sock


def _no_port(port: int, error: OSError | OverflowError) -> PortTaken:
    taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
    reason = "is in use" if taken else f"cannot be had: {error}"
    return PortTaken(
        f"Port {port} {reason}.", "Choose another one; 0 takes one that is free."
    )


async def _serve_tls(
    receiver: Receiver,
    folder: Path,
    now: datetime,
    sockets: Mapping[str, socket.socket],
    stack: AsyncExitStack,
) -> None:
    # Only here: the import takes its time, and without TLS nothing is made.
    from core.engine.receiver import certificates  # noqa: PLC0415

    authority = certificates.make_authority(folder, now)
    receiver.authority = authority.file
    contexts = {
        Listener.HTTPS: certificates.good(folder, authority, now),
        Listener.EXPIRED: certificates.expired(folder, authority, now),
        Listener.SELF_SIGNED: certificates.self_signed(folder, now),
        Listener.WRONG_HOST: certificates.wrong_host(folder, authority, now),
    }
    for listener, context in contexts.items():
        serve = receiver.connection(listener)
        await _serve(sockets[listener], serve, stack, context)
    await _serve(sockets[Listener.BROKEN_TLS], receiver.babble, stack)


async def _serve(
    sock: socket.socket,
    make: Callable[[], asyncio.Protocol],
    stack: AsyncExitStack,
    context: SSLContext | None = None,
) -> None:
    loop = asyncio.get_running_loop()
    try:
        server = await loop.create_server(make, sock=sock, ssl=context, backlog=1024)
    except OSError as error:
        # Two may bind a port at once with SO_REUSEADDR; only one may listen.
        raise _no_port(sock.getsockname()[1], error) from error
    stack.callback(server.close)


def _url(listener: str, sock: socket.socket) -> str:
    scheme = "http" if listener in (Listener.HTTP, Listener.CLOSED) else "https"
    return f"{scheme}://{LOOPBACK}:{sock.getsockname()[1]}"
