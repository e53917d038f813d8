"""The same receiver twice: our transport sees what httpx.AsyncHTTPTransport sees."""

import asyncio
import ssl
from collections.abc import Callable

import httpx
import pytest

from core.engine.transport import HooklineTransport
from tests.engine.scripted import (
    OK,
    Script,
    Visit,
    answers,
    answers_and_closes,
    answers_and_stays,
    body_of,
    receiver,
    request_to,
)

Seen = tuple[int, bytes, list[tuple[bytes, bytes]], bytes]
Outcome = Seen | str
"""Status, reason, headers and body; or the name of the exception."""

MakeTransport = Callable[[], httpx.AsyncBaseTransport]

TRUST = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # made once: httpx's own costs 30 ms


def head(*lines: bytes, status: bytes = b"200 OK") -> bytes:
    return b"\r\n".join([b"HTTP/1.1 " + status, *lines, b"", b""])


LENGTH = b"Content-Length: 2"
CLOSE = b"Connection: close"
CODING = b"Transfer-Encoding: chunked"
CHUNKED = head(CODING)
UNTIL_CLOSE = head(b"Server: old")


async def hangs_up(visit: Visit) -> None:
    await visit.request()


async def hangs_up_at_once(visit: Visit) -> None:
    pass


async def resets(visit: Visit) -> None:
    await visit.request()
    visit.reset()


async def resets_in_the_body(visit: Visit) -> None:
    await visit.request()
    await visit.send(head(b"Content-Length: 9"), b"ok")
    visit.reset()


async def answers_before_the_body_is_read(visit: Visit) -> None:
    await visit.head_only()
    await visit.send(head(LENGTH, status=b"413 Too Large") + b"no")


async def half_closes_after_the_answer(visit: Visit) -> None:
    await visit.request()
    await visit.send(OK)
    visit.half_close()
    await visit.gone()


async def half_closes_until_close(visit: Visit) -> None:
    await visit.request()
    await visit.send(UNTIL_CLOSE + b"ok")
    visit.half_close()
    await visit.gone()


SCRIPTS: dict[str, Script] = {
    "a length": answers(OK),
    "a length, byte by byte": answers(*[bytes([byte]) for byte in OK]),
    "no body, length 0": answers(head(b"Content-Length: 0")),
    "an empty reason": answers(head(LENGTH, status=b"200 ") + b"ok"),
    "no reason": answers(head(LENGTH, status=b"200") + b"ok"),
    "a strange status": answers(head(LENGTH, status=b"999 Odd") + b"ok"),
    "an error status": answers(head(LENGTH, status=b"500 Oh No") + b"ok"),
    "a redirect": answers(head(LENGTH, b"Location: /a", status=b"302 Found") + b"ok"),
    "204": answers(head(status=b"204 No Content")),
    "204 with a length": answers(head(LENGTH, status=b"204 No Content")),
    "304": answers(head(b"ETag: 1", status=b"304 Not Modified")),
    "205": answers(head(b"Content-Length: 0", status=b"205 Reset Content")),
    "chunks": answers(CHUNKED + b"2\r\nok\r\n0\r\n\r\n"),
    "chunks, apart": answers(CHUNKED, b"2\r\n", b"ok", b"\r\n0\r", b"\n\r\n"),
    "chunks with extensions": answers(CHUNKED + b"2;a=b\r\nok\r\n0;c\r\n\r\n"),
    "chunks with trailers": answers(CHUNKED + b"2\r\nok\r\n0\r\nX: 1\r\n\r\n"),
    "an upper-case chunk size": answers(CHUNKED + b"A\r\n0123456789\r\n0\r\n\r\n"),
    "a chunk size that is none": answers(CHUNKED + b"xy\r\nok\r\n0\r\n\r\n"),
    "chunks that stop": answers_and_closes(CHUNKED + b"2\r\nok\r\n"),
    "until the end": answers_and_closes(UNTIL_CLOSE + b"ok"),
    "until the end, empty": answers_and_closes(UNTIL_CLOSE),
    "until the end, half-closed": half_closes_until_close,
    "HTTP/1.0": answers_and_closes(b"HTTP/1.0 200 OK\r\n" + LENGTH + b"\r\n\r\nok"),
    "HTTP/1.0, no length": answers_and_closes(b"HTTP/1.0 200 OK\r\n\r\nok"),
    "HTTP/1.0, kept alive": answers(
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + LENGTH + b"\r\n\r\nok"
    ),
    "Connection: close": answers_and_closes(head(CLOSE, LENGTH) + b"ok"),
    "Connection: close, not closed": answers(head(CLOSE, LENGTH) + b"ok"),
    "half-closed after the answer": half_closes_after_the_answer,
    "100": answers(head(status=b"100 Continue") + OK),
    "100, apart": answers(head(status=b"100 Continue"), OK),
    "102 and 103": answers(
        head(status=b"102 Processing")
        + head(b"Link: </a>", status=b"103 Early Hints")
        + OK
    ),
    "1xx and then nothing": answers_and_closes(head(status=b"100 Continue")),
    "101": answers_and_stays(
        head(
            b"Connection: upgrade",
            b"Upgrade: websocket",
            status=b"101 Switching Protocols",
        )
    ),
    "an upgrade offered": answers(
        head(b"Connection: upgrade", b"Upgrade: h2c", LENGTH) + b"ok"
    ),
    "headers twice": answers(head(b"A: 1", b"B: 2", b"a: 3", LENGTH) + b"ok"),
    "headers with blanks": answers(head(b"A:  1 \t", b"B:", LENGTH) + b"ok"),
    "headers in latin-1": answers(head(b"A: \xe4\xf6", LENGTH) + b"ok"),
    "gzip, kept as it is": answers(head(b"Content-Encoding: gzip", LENGTH) + b"\0\1"),
    "no answer": answers_and_closes(b""),
    "hung up": hangs_up,
    "hung up at once": hangs_up_at_once,
    "reset": resets,
    "reset in the body": resets_in_the_body,
    "half a head": answers_and_closes(b"HTTP/1.1 200 OK\r\nServer: x\r\n"),
    "half a body": answers_and_closes(head(b"Content-Length: 9") + b"ok"),
    "a second answer": answers(OK + OK),
    "HTML without a head": answers_and_closes(b"<html>502</html>"),
    "TLS": answers_and_closes(b"\x15\x03\x03\x00\x02\x02\x46"),
    "a header without a colon": answers(head(b"nothing", LENGTH) + b"ok"),
    "a blank before the colon": answers(head(b"A : 1", LENGTH) + b"ok"),
    "a NUL in a header": answers(head(b"A: 1\x002", LENGTH) + b"ok"),
    "a negative length": answers(head(b"Content-Length: -2") + b"ok"),
    "a length in words": answers(head(b"Content-Length: two") + b"ok"),
    "two lengths": answers(head(LENGTH, b"Content-Length: 3") + b"ok"),
    "bare line feeds": answers(head(LENGTH).replace(b"\r\n", b"\n") + b"ok"),
    "a status of four digits": answers(head(LENGTH, status=b"2000 OK") + b"ok"),
    "a huge head": answers(head(b"A: " + b"a" * 200_000, LENGTH) + b"ok"),
    "a length and chunks": answers(
        head(b"Content-Length: 9", CODING) + b"2\r\nok\r\n0\r\n\r\n"
    ),
}


SILENT: dict[str, Script] = {
    "chunks that stall": answers_and_stays(CHUNKED + b"2\r\nok\r\n"),
    "until an end that does not come": answers_and_stays(UNTIL_CLOSE + b"ok"),
    "silence": answers_and_stays(b""),
    "half a head, and silence": answers_and_stays(b"HTTP/1.1 200 OK\r\nServer: x\r\n"),
    "half a body, and silence": answers_and_stays(head(b"Content-Length: 9") + b"ok"),
}

SAW_OK: Outcome = (200, b"OK", [(b"Content-Length", b"2")], b"ok")

# What differs, and should: what we see, twice, and what they say to it.
DIFFERENT: dict[str, tuple[Script, Outcome]] = {
    # They hand out a connection that is about to close: ReadError for the second.
    "closed without a word": (answers_and_closes(OK), SAW_OK),
    # Likewise: what is left unread of the first request makes the receiver reset.
    "an early answer": (
        answers_before_the_body_is_read,
        (413, b"Too Large", [(b"Content-Length", b"2")], b"no"),
    ),
    # They keep the connection, and take the tail for the start of the next answer.
    "a tail": (answers(OK + b"tail"), SAW_OK),
    # They wait for a line that ends a head; we see at once that it is none.
    "SSH": (answers_and_stays(b"SSH-2.0-OpenSSH_9.6\r\n"), "RemoteProtocolError"),
    # They take any version for 1.1; llhttp knows those that exist.
    "HTTP/3.7": (answers(OK.replace(b"/1.1", b"/3.7")), "RemoteProtocolError"),
    # They join the lines; RFC 9112 §5.2 lets us refuse, as llhttp does.
    "a folded header": (
        answers(head(b"A: 1\r\n 2", LENGTH) + b"ok"),
        "RemoteProtocolError",
    ),
    # They let it pass; RFC 9112 §6.3 lets us refuse, as llhttp does.
    "a length said twice": (
        answers(head(LENGTH, LENGTH) + b"ok"),
        "RemoteProtocolError",
    ),
}


def httpcore() -> httpx.AsyncBaseTransport:
    return httpx.AsyncHTTPTransport(verify=TRUST, trust_env=False)


async def seen_by(
    transport: httpx.AsyncBaseTransport, url: httpx.URL, patience: float
) -> Outcome:
    timeout = httpx.Timeout(5.0, read=patience).as_dict()
    request = request_to(url, timeout=timeout)
    try:
        response = await transport.handle_async_request(request)
        body = await body_of(response)
    except httpx.TransportError as error:
        return type(error).__name__
    reason = response.extensions["reason_phrase"]
    return response.status_code, reason, response.headers.raw, body


async def two_requests(
    make: MakeTransport, script: Script, patience: float = 5.0
) -> list[Outcome]:
    """What two requests in a row see; the second may go over the same connection."""
    async with receiver(script) as there, make() as transport:
        return [await seen_by(transport, there.url, patience) for _ in range(2)]


@pytest.mark.parametrize("name", SCRIPTS)
async def test_two_requests_in_a_row_see_the_same(name: str) -> None:
    ours = await two_requests(HooklineTransport, SCRIPTS[name])

    assert ours == await two_requests(httpcore, SCRIPTS[name])


@pytest.mark.parametrize("name", SILENT)
async def test_silence_is_a_timeout_to_both(name: str) -> None:
    for make in (HooklineTransport, httpcore):
        assert await two_requests(make, SILENT[name], 0.03) == ["ReadTimeout"] * 2


@pytest.mark.parametrize("name", DIFFERENT)
async def test_where_we_differ_we_mean_to(name: str) -> None:
    script, expected = DIFFERENT[name]

    assert await two_requests(HooklineTransport, script) == [expected] * 2


def test_on_uvloop_everything_looks_the_same() -> None:
    uvloop = pytest.importorskip("uvloop")

    async def all_scripts() -> list[list[Outcome]]:
        scripts = [*SCRIPTS.values(), *(script for script, _ in DIFFERENT.values())]
        seen = [await two_requests(HooklineTransport, script) for script in scripts]
        # Of FIN and RST, which come together, the loops notice either first.
        return [["failed" if isinstance(o, str) else o for o in two] for two in seen]

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        on_uvloop = runner.run(all_scripts())

    assert on_uvloop == asyncio.run(all_scripts())
