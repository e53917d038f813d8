"""Opens connections: name, address policy, TCP, TLS, in that order, on one budget.

What is dialled is always a literal address that was vetted a moment before, never a
name that could resolve to something else meanwhile. The name goes only into SNI and the
certificate check.
"""

import asyncio
import errno
import ipaddress
import socket
import ssl
from collections.abc import Callable, Sequence

import httpx

from core.engine.timing import CONNECT, DNS, TLS, Timing
from core.engine.transport.connection import Connection, Keeper, Origin
from core.engine.transport.exchange import Exchange
from core.engine.transport.resolve import Address, Resolver
from core.engine.transport.tls import Trust, reason_of

DNS_BUDGET = 5.0  # seconds
MAX_ADDRESSES = 8  # tried of one name

Vet = Callable[[str, int, Sequence[Address]], None]
"""Judges a destination before it is dialled: host, port, all its addresses.

It returns, or raises `Blocked`.
"""

LATE = {
    DNS: "its name was still being looked up",
    CONNECT: "it did not accept a connection",
    TLS: "the TLS handshake did not end",
}


class Blocked(httpx.ConnectError):
    """The address policy forbids this destination; says so in a sentence."""


def allow_all(host: str, port: int, addresses: Sequence[Address]) -> None:
    """The policy that has no objections."""


class Dialer:
    """Opens connections under an address policy and two TLS policies."""

    def __init__(self, resolver: Resolver, trust: Trust, vet: Vet) -> None:
        self._resolver = resolver
        self._trust = trust
        self._vet = vet

    async def dial(
        self, origin: Origin, keeper: Keeper, exchange: Exchange, budget: float | None
    ) -> Connection:
        """A connection that waits for the exchange's request.

        Args:
            origin: where to.
            keeper: who is told when it opens, rests and closes.
            exchange: whose request it is for.
            budget: seconds for all of it.

        Raises:
            httpx.ConnectError: with the operating system's reason as its cause.
            httpx.ConnectTimeout: the budget was spent.
            Blocked: the policy refuses.
        """
        timing = exchange.timing
        try:
            async with asyncio.timeout(budget) as limit:
                addresses = await self._addresses(origin, timing)
                sock = await _connect(origin, addresses, timing, limit.when())
                return await self._wrap(sock, origin, keeper, exchange)
        except TimeoutError as error:
            late = LATE.get(timing.phase or DNS, LATE[CONNECT])
            raise httpx.ConnectTimeout(f"{origin} is too slow: {late}.") from error

    async def _addresses(self, origin: Origin, timing: Timing) -> Sequence[Address]:
        """Where the origin is, as far as the policy has no objections."""
        if not 0 < origin.dialled < 65536:
            raise httpx.LocalProtocolError(f"There is no port {origin.dialled}.")
        host = origin.host.decode("ascii")
        addresses: Sequence[Address]
        try:
            addresses = (ipaddress.ip_address(host),)
        except ValueError:
            addresses = await self._looked_up(origin, timing)
        if any("%" in str(address) for address in addresses):
            # A zone names one of our own network interfaces: never a receiver.
            raise httpx.ConnectError(f"{origin} is an address with a zone.")
        self._vet(host, origin.dialled, addresses)
        return addresses[:MAX_ADDRESSES]

    async def _looked_up(self, origin: Origin, timing: Timing) -> Sequence[Address]:
        timing.enter(DNS)
        async with asyncio.timeout(DNS_BUDGET):
            answer = await self._resolver.resolve(origin.host)
        if answer.addresses:
            return answer.addresses
        reason = getattr(answer.error, "strerror", None) or answer.error
        raise httpx.ConnectError(
            f"The name {origin.host.decode('ascii')} has no address: {reason}."
        ) from answer.error

    async def _wrap(
        self, sock: socket.socket, origin: Origin, keeper: Keeper, exchange: Exchange
    ) -> Connection:
        """Make a socket a connection, with TLS if the scheme says so, and own it."""
        loop = asyncio.get_running_loop()

        def protocol() -> Connection:
            return Connection(origin, keeper, exchange)

        if origin.scheme == "http":
            _, connection = await loop.create_connection(protocol, sock=sock)
            return connection
        exchange.timing.enter(TLS)
        try:
            _, connection = await loop.create_connection(
                protocol,
                sock=sock,
                ssl=self._trust.context(verify=origin.verify),
                # RFC 6066 §3: the name in SNI has no trailing dot.
                server_hostname=origin.host.decode("ascii").rstrip("."),
            )
        except TimeoutError:
            raise
        except (OSError, ValueError) as error:
            raise httpx.ConnectError(_why_no_tls(origin, error)) from error
        return connection


async def _connect(
    origin: Origin,
    addresses: Sequence[Address],
    timing: Timing,
    deadline: float | None,
) -> socket.socket:
    """The first address that accepts; each gets its share of the time that is left."""
    loop = asyncio.get_running_loop()
    timing.enter(CONNECT)
    reasons = []
    failure: OSError | None = None
    for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
        share = None if deadline is None else (deadline - loop.time()) / left
        try:
            async with asyncio.timeout(share):
                return await _open(address, origin.dialled)
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                raise httpx.LocalProtocolError(
                    "Hookline has as many files open as it may: see 'ulimit -n'."
                ) from error
            failure = error
            reasons.append(f"{address} {_why_no_connection(error)}")
    if isinstance(failure, TimeoutError):
        raise failure
    raise httpx.ConnectError(
        f"{origin} does not accept connections: {'; '.join(reasons)}."
    ) from failure


async def _open(address: Address, port: int) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, (str(address), port))
    except BaseException:
        sock.close()
        raise
    return sock


def _why_no_connection(error: OSError) -> str:
    match error:
        case ConnectionRefusedError():
            return "refused"
        case TimeoutError():
            return "did not answer"
        case _:
            return (error.strerror or str(error)).lower()


def _why_no_tls(origin: Origin, error: OSError | ValueError) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return f"The certificate of {origin} is not trusted: {reason_of(error)}."
        case ssl.SSLError():
            return f"The TLS handshake with {origin} failed: {reason_of(error)}."
        case ConnectionResetError() | BrokenPipeError():
            return f"{origin} hung up during the TLS handshake."
        case _:
            return f"The TLS handshake with {origin} failed: {error}."
