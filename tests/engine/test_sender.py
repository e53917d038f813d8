"""The sender over a real socket: what comes back, and what becomes of what does not."""

import socket
from dataclasses import replace
from typing import Any

import httpx
import pytest

from core.engine.sender import Sender, open_sender
from core.engine.transport import HooklineTransport, Resolver
from core.model import Limits
from core.outcome import MAX_BODY, Failure, FailureKind, Phases, Response
from core.request import PreparedRequest, build_request
from tests.builders import NOON, a_webhook, an_event
from tests.engine.receivers import receiver


def prepared(url: str, timeout: float = 2.0) -> PreparedRequest:
    webhook = a_webhook(url, limits=Limits(timeout=timeout))
    return build_request(webhook, an_event(), "dlv_1", "acme", NOON)


async def outcome_of(answer: bytes, *, timeout: float = 2.0, hold: bool = False) -> Any:
    async with receiver(answer, then_hold=hold) as got, open_sender() as send:
        return await send(prepared(got.url + "/hook", timeout))


async def test_a_response_is_kept_whole() -> None:
    outcome = await outcome_of(
        b"HTTP/1.1 201 Made\r\nX-Id: 7\r\nContent-Length: 5\r\n\r\nhello"
    )

    assert replace(outcome, phases=Phases()) == Response(
        status=201,
        reason="Made",
        headers=(("X-Id", "7"), ("Content-Length", "5")),
        body=b"hello",
    )


async def test_the_phases_say_who_answered_and_how_long_it_took() -> None:
    outcome = await outcome_of(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    phases = outcome.phases
    assert phases.peer is not None
    assert phases.peer.startswith("127.0.0.1:")
    assert None not in (phases.connect, phases.send, phases.wait)
    assert (phases.dns, phases.tls, phases.reused) == (None, None, False)


async def test_the_bytes_prepared_are_the_bytes_received() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    async with receiver(answer) as got, open_sender() as send:
        request = prepared(got.url + '/a/../b?q={"x"}&y=%7e')
        await send(request)

    lines = [request.request_line]
    lines += [f"{header.name}: {header.sent}" for header in request.headers]
    head = "\r\n".join([*lines, "", ""]).encode()
    assert got.requests == [head + request.body]


async def test_a_redirect_is_returned_and_not_followed() -> None:
    async with (
        receiver(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as target,
        receiver(
            b"HTTP/1.1 302 Found\r\nLocation: %b/\r\nContent-Length: 0\r\n\r\n"
            % target.url.encode()
        ) as got,
        open_sender() as send,
    ):
        outcome = await send(prepared(got.url))

    assert isinstance(outcome, Response)
    assert (outcome.status, outcome.is_success) == (302, False)
    assert outcome.header("location") == target.url + "/"
    assert target.requests == []


async def test_a_large_body_is_cut_and_said_to_be() -> None:
    size = MAX_BODY + 1
    outcome = await outcome_of(
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size
    )

    assert (len(outcome.body), outcome.truncated) == (MAX_BODY, True)


async def test_a_compressed_body_is_kept_as_it_came() -> None:
    gzip = b"\x1f\x8b\x08\x00not really gzip"
    outcome = await outcome_of(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
        % len(gzip)
        + gzip
    )

    assert outcome.body == gzip


async def test_a_hundred_headers_are_kept_of_many() -> None:
    many = b"".join(b"X-%d: y\r\n" % i for i in range(150))
    outcome = await outcome_of(
        b"HTTP/1.1 200 OK\r\n" + many + b"Content-Length: 0\r\n\r\n"
    )

    assert len(outcome.headers) == 100


async def test_silence_ends_at_the_deadline_and_names_the_phase() -> None:
    outcome = await outcome_of(b"", timeout=0.2, hold=True)

    assert isinstance(outcome, Failure)
    assert (outcome.kind, outcome.detail) == (
        FailureKind.TIMEOUT,
        "No answer within 0.2 s: waiting for the answer.",
    )


async def test_a_body_that_never_ends_is_under_the_same_deadline() -> None:
    outcome = await outcome_of(
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", timeout=0.2, hold=True
    )

    assert outcome.kind is FailureKind.TIMEOUT
    assert "reading the answer" in outcome.detail


async def test_a_refused_connection_is_a_connect_failure() -> None:
    async with receiver(b"") as got:
        url = got.url

    async with open_sender() as send:
        outcome = await send(prepared(url))

    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.CONNECT


async def test_an_unknown_name_is_a_dns_failure() -> None:
    def refuse(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async with HooklineTransport(resolver=Resolver(refuse)) as transport:
        outcome = await Sender(transport)(prepared("http://nowhere.example/"))

    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.DNS


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH_9\r\n", b"", b"HTTP/1.1 2\r\n"])
async def test_what_does_not_speak_http_is_a_protocol_failure(answer: bytes) -> None:
    outcome = await outcome_of(answer)

    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.PROTOCOL


async def test_plain_http_on_an_https_url_is_a_tls_failure() -> None:
    answer = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    async with receiver(answer) as got, open_sender() as send:
        outcome = await send(prepared(got.url.replace("http", "https"), 1.0))

    assert isinstance(outcome, Failure)
    assert outcome.kind in {FailureKind.TLS, FailureKind.TIMEOUT}


class Exploding(httpx.AsyncBaseTransport):
    """A transport that raises what no transport should."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise self.error


@pytest.mark.parametrize(
    "error",
    [
        OverflowError("port must be 0-65535"),
        UnicodeError("label too long"),
        ExceptionGroup("many", [OSError("one")]),
        ValueError("Bearer s3cret"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_whatever_a_transport_raises_is_a_failed_attempt(
    error: Exception,
) -> None:
    outcome = await Sender(Exploding(error))(prepared("http://127.0.0.1/"))

    name = type(error).__name__
    assert replace(outcome, phases=Phases()) == Failure(
        FailureKind.PROTOCOL, f"The attempt failed (protocol): {name}."
    )


async def test_httpx_own_transport_can_take_its_place() -> None:
    answer = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok"
    async with receiver(answer) as got, httpx.AsyncHTTPTransport() as transport:
        outcome = await Sender(transport)(prepared(got.url + "/hook"))

    assert isinstance(outcome, Response)
    assert (outcome.status, outcome.body) == (202, b"ok")
