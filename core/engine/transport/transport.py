"""Carries one httpx request and brings its response: take or dial, write, wait.

Every path out of here leaves the timing stopped and the connection idle or closed.
"""

from collections.abc import Mapping

import httpx

from core.engine.timing import Timing
from core.engine.transport.connection import Origin
from core.engine.transport.dial import Dialer, Vet, allow_all
from core.engine.transport.exchange import Exchange
from core.engine.transport.pool import Pool, closed
from core.engine.transport.resolve import Resolver
from core.engine.transport.tls import Trust
from core.engine.transport.wire import as_bytes

VERIFY = "hookline.verify"
"""Request extension, bool: check the certificate? Without it, yes."""

TIMING = "hookline.timing"
"""Request extension, `Timing`: filled while the request is carried."""

CONNECT_TIMEOUT = 5.0  # seconds for name, TCP and TLS, unless the request says


class HooklineTransport(httpx.AsyncBaseTransport):
    """An `httpx.AsyncBaseTransport` for HTTP/1.1 over asyncio or uvloop.

    It takes httpx's `timeout` extension: `connect` bounds name, TCP and TLS together,
    `read` every wait for the head or for more body (and thereby the sending). It has no
    deadline over the whole: put `asyncio.timeout` around it, for cancelling is safe at
    any instant. It belongs to the event loop that first uses it.

    Args:
        vet: the address policy, asked before every dial.
        resolver: looks names up.
        trust: makes the TLS contexts.
        pool: keeps the connections.
    """

    def __init__(
        self,
        *,
        vet: Vet = allow_all,
        resolver: Resolver | None = None,
        trust: Trust | None = None,
        pool: Pool | None = None,
    ) -> None:
        self._pool = pool or Pool()
        self._dialer = Dialer(resolver or Resolver(), trust or Trust(), vet)

    def __repr__(self) -> str:
        return f"<HooklineTransport {self._pool!r}>"

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return its response as soon as the head is here.

        Raises:
            httpx.TransportError: a sentence without URL or header values; its cause is
                what the operating system or the TLS library said.
        """
        url = request.url
        if url.scheme not in ("http", "https") or not url.raw_host:
            raise httpx.UnsupportedProtocol("The URL must be http:// or https://.")
        extensions = request.extensions
        # Only a plain False switches the check off, never a None that slipped in.
        verify = extensions.get(VERIFY) is not False
        origin = Origin(url.scheme, url.raw_host, url.port, verify)
        wire = await as_bytes(request)
        exchange = await self._carry(
            origin,
            wire,
            extensions.get(TIMING) or Timing(),
            extensions.get("timeout", {}),
        )
        return httpx.Response(
            exchange.status,
            headers=exchange.headers,
            stream=exchange,
            extensions={
                "http_version": b"HTTP/" + exchange.version.encode(),
                "reason_phrase": exchange.reason,
            },
        )

    async def _carry(
        self,
        origin: Origin,
        wire: bytes,
        timing: Timing,
        timeout: Mapping[str, float | None],
    ) -> Exchange:
        """Send over an idle connection, or over a new one; return when answered."""
        if self._pool.is_closed:
            raise closed()
        patience = timeout.get("read")
        connection = self._pool.take(origin)
        if connection is not None:
            exchange = Exchange(timing, patience)
            connection.send(exchange, wire)
            try:
                await exchange.answered()
            except (httpx.NetworkError, httpx.RemoteProtocolError):
                # It was closed while it rested, and we could not know (RFC 9112 §9.5).
                # Should it have read the request, at-least-once covers a second one.
                if exchange.heard:
                    raise
            else:
                return exchange
        exchange = Exchange(timing, patience)
        budget = timeout.get("connect", CONNECT_TIMEOUT)
        try:
            connection = await self._dialer.dial(origin, self._pool, exchange, budget)
        except BaseException:
            exchange.abandon()
            raise
        self._pool.add(connection)
        connection.send(exchange, wire)
        await exchange.answered()
        return exchange

    async def aclose(self) -> None:
        """Close all connections, also the busy ones: their requests fail."""
        await self._pool.aclose()
