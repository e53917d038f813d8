"""A prepared request becomes an outcome: one deadline over the whole attempt, a cap on
what is kept, and every error mapped to a failure once, here.

Any `httpx.AsyncBaseTransport` can carry it; `open_sender` uses Hookline's own.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import cast

import httpx

from core.engine.timing import CONNECT, DNS, RECEIVE, SEND, TLS, WAIT, Timing
from core.engine.transport import Blocked, HooklineTransport
from core.outcome import (
    MAX_BODY,
    MAX_HEADER_BYTES,
    MAX_HEADERS,
    Failure,
    FailureKind,
    Outcome,
    Response,
)
from core.ports import Send
from core.request import PreparedRequest
from core.url import WebhookUrl

CONNECT_TIMEOUT = 5.0  # seconds for name, TCP and TLS together

_DOING = {
    DNS: "looking up the name",
    CONNECT: "connecting",
    TLS: "in the TLS handshake",
    SEND: "sending the request",
    WAIT: "waiting for the answer",
    RECEIVE: "reading the answer",
    None: "starting",
}


@asynccontextmanager
async def open_sender() -> AsyncIterator[Send]:
    """Give a `Send` over Hookline's transport; its connections close at the end."""
    async with HooklineTransport() as transport:
        yield Sender(transport)


class Sender:
    """Sends prepared requests through an httpx transport; never raises."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def __call__(self, request: PreparedRequest) -> Outcome:
        """Make one attempt: a response, or a failure that says where it went wrong."""
        timing = Timing()
        try:
            async with asyncio.timeout(request.timeout):
                return await self._exchange(request, timing)
        # Whatever a transport raises is a failed attempt (security.md 1.1 lists a dozen
        # that are no httpx errors); it must not reach the worker.
        except Exception as error:
            timing.stop()
            return _failure(error, request, timing)

    async def _exchange(self, request: PreparedRequest, timing: Timing) -> Response:
        response = await self._transport.handle_async_request(_wire(request, timing))
        try:
            body, truncated = await _capped(response)
        finally:
            await response.aclose()
        timing.stop()
        reason = response.extensions.get("reason_phrase", b"")
        return Response(
            status=response.status_code,
            reason=reason.decode("latin-1"),
            headers=_kept_headers(response),
            body=body,
            truncated=truncated,
            phases=timing.phases(),
        )


def _wire(request: PreparedRequest, timing: Timing) -> httpx.Request:
    connect = min(CONNECT_TIMEOUT, request.timeout)
    return httpx.Request(
        request.method.value,
        _origin(request.url),
        headers=[(h.name.encode("ascii"), h.sent.encode()) for h in request.headers],
        stream=httpx.ByteStream(request.body),
        extensions={
            # The target as it was typed: httpx would normalise it.
            "target": request.url.target.encode("ascii"),
            "timeout": {"connect": connect},
            "hookline.timing": timing,
            "hookline.verify": request.verify_tls,
        },
    )


@lru_cache(maxsize=4096)
def _origin(url: WebhookUrl) -> httpx.URL:
    return httpx.URL(url.origin)


async def _capped(response: httpx.Response) -> tuple[bytes, bool]:
    """The body up to the cap, raw, and whether there was more."""
    body = bytearray()
    # The stream itself: nothing is decompressed, so nothing can explode.
    async for chunk in cast("httpx.AsyncByteStream", response.stream):
        body += chunk
        if len(body) > MAX_BODY:
            return bytes(body[:MAX_BODY]), True
    return bytes(body), False


def _kept_headers(response: httpx.Response) -> tuple[tuple[str, str], ...]:
    kept: list[tuple[str, str]] = []
    room = MAX_HEADER_BYTES
    for name, value in response.headers.raw[:MAX_HEADERS]:
        room -= len(name) + len(value)
        if room < 0:
            break
        kept.append((name.decode("latin-1"), value.decode("latin-1")))
    return tuple(kept)


def _failure(error: Exception, request: PreparedRequest, timing: Timing) -> Failure:
    kind = _kind(error, timing)
    if isinstance(error, TimeoutError):
        detail = f"No answer within {request.timeout:g} s: {_DOING[timing.phase]}."
    else:
        detail = _sentence(error, kind)
    return Failure(kind, detail, timing.phases())


def _kind(error: Exception, timing: Timing) -> FailureKind:
    if isinstance(error, Blocked):
        return FailureKind.BLOCKED
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return FailureKind.TIMEOUT
    causes = list(_causes(error))
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return FailureKind.DNS
    if any(isinstance(cause, ssl.SSLError) for cause in causes) or timing.phase == TLS:
        return FailureKind.TLS
    if isinstance(error, httpx.ConnectError):
        return FailureKind.DNS if timing.phase == DNS else FailureKind.CONNECT
    return FailureKind.PROTOCOL


def _causes(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    return chain


def _sentence(error: Exception, kind: FailureKind) -> str:
    if isinstance(error, httpx.TransportError) and str(error):
        return str(error)[:300]
    # Foreign words may quote the request, so only the name of the error is kept.
    return f"The attempt failed ({kind}): {type(error).__name__}."
