"""The reader, without a socket: what it makes of bytes, and where it stops."""

from dataclasses import dataclass, field

import httpx
import pytest

from core.engine.transport.reader import MAX_HEAD, MAX_HEADERS, ResponseReader

Headers = list[tuple[bytes, bytes]]


@dataclass
class Seen:
    """A sink that keeps everything, and so what a whole response looks like."""

    status: int = 0
    reason: bytes = b""
    version: str = ""
    headers: Headers = field(default_factory=list)
    content: bytes = b""
    reusable: bool = False

    def head(self, status: int, reason: bytes, version: str, raw: Headers) -> None:
        self.status, self.reason, self.version = status, reason, version
        self.headers = raw

    def body(self, data: bytes) -> None:
        self.content += data


def read(*pieces: bytes, ends: bool = False) -> Seen:
    """What a fresh reader makes of these pieces; it must be complete."""
    seen = Seen()
    reader = ResponseReader(seen)
    for piece in pieces:
        reader.feed(piece)
    if ends and not reader.complete:
        reader.ended()
    assert reader.complete
    seen.reusable = reader.reusable
    return seen


def refusal(*pieces: bytes, ends: bool = False) -> str:
    """Why a reader did not like these pieces."""
    with pytest.raises(httpx.RemoteProtocolError) as caught:
        read(*pieces, ends=ends)
    return str(caught.value)


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LENGTH_2 = (b"Content-Length", b"2")
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
IS_CHUNKED = (b"Transfer-Encoding", b"chunked")

WHOLE = {
    "a length": (OK, Seen(200, b"OK", "1.1", [LENGTH_2], b"ok", True)),
    "chunks": (
        CHUNKED + b"2\r\nok\r\n3;ext=1\r\nyes\r\n0\r\n\r\n",
        Seen(200, b"OK", "1.1", [IS_CHUNKED], b"okyes", True),
    ),
    "trailers, which are dropped": (
        CHUNKED + b"2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n",
        Seen(200, b"OK", "1.1", [IS_CHUNKED], b"ok", True),
    ),
    "1xx before the answer": (
        b"HTTP/1.1 100 Continue\r\n\r\n"
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK,
        Seen(200, b"OK", "1.1", [LENGTH_2], b"ok", True),
    ),
    "no content": (
        b"HTTP/1.1 204 No Content\r\n\r\n",
        Seen(204, b"No Content", "1.1", [], b"", True),
    ),
    "HTTP/1.0": (
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        Seen(200, b"OK", "1.0", [LENGTH_2], b"ok", False),
    ),
    "no reason": (
        b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok",
        Seen(200, b"", "1.1", [LENGTH_2], b"ok", True),
    ),
    "bare line feeds": (
        b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
        Seen(200, b"OK", "1.1", [LENGTH_2], b"ok", True),
    ),
    "a length beside chunked: it is not reused": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"2\r\nok\r\n0\r\n\r\n",
        Seen(200, b"OK", "1.1", [(b"Content-Length", b"9"), IS_CHUNKED], b"ok", False),
    ),
}

FOLLOWED = {
    "a second response, which nobody asked for": (
        OK + OK,
        Seen(200, b"OK", "1.1", [LENGTH_2], b"ok", False),
    ),
    "a tail": (OK + b"tail", Seen(200, b"OK", "1.1", [LENGTH_2], b"ok", False)),
    "a tail after close": (
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\noktail",
        Seen(200, b"OK", "1.1", [(b"Connection", b"close"), LENGTH_2], b"ok", False),
    ),
}

UNTIL_THE_END = {
    "no length": (
        b"HTTP/1.1 200 OK\r\n\r\nok",
        Seen(200, b"OK", "1.1", [], b"ok", False),
    ),
    "an unknown transfer coding": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 9\r\n\r\nok",
        Seen(
            200,
            b"OK",
            "1.1",
            [(b"Transfer-Encoding", b"gzip"), (b"Content-Length", b"9")],
            b"ok",
            False,
        ),
    ),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_response_is_read_however_its_bytes_are_split(name: str) -> None:
    data, expected = WHOLE[name]

    assert read(data) == expected
    for at in range(1, len(data)):
        assert read(data[:at], data[at:]) == expected, data[:at]


@pytest.mark.parametrize("name", [*WHOLE, *UNTIL_THE_END])
def test_a_response_is_read_byte_by_byte(name: str) -> None:
    data, expected = (WHOLE | UNTIL_THE_END)[name]

    assert read(*[bytes([byte]) for byte in data], ends=True) == expected


@pytest.mark.parametrize("name", FOLLOWED)
def test_a_connection_with_bytes_nobody_asked_for_is_not_reused(name: str) -> None:
    data, expected = FOLLOWED[name]

    assert read(data) == expected


@pytest.mark.parametrize("name", UNTIL_THE_END)
def test_the_end_of_the_input_can_be_the_end_of_the_body(name: str) -> None:
    data, expected = UNTIL_THE_END[name]

    assert read(data, ends=True) == expected


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "The receiver closed the connection without answering."),
        (
            b"HTTP/1.1 100 Continue\r\n\r\n",
            "The receiver closed the connection without answering.",
        ),
        (b"HTTP", "The receiver closed the connection in the middle of its headers."),
        (
            b"HTTP/1.1 200 OK\r\nServer: x\r\n",
            "The receiver closed the connection in the middle of its headers.",
        ),
        (
            OK[:-1],
            "The receiver closed the connection before its response was complete.",
        ),
        (
            CHUNKED + b"2\r\nok\r\n0\r\n",
            "The receiver closed the connection before its response was complete.",
        ),
    ],
)
def test_a_response_cut_short_is_no_response(data: bytes, why: str) -> None:
    assert refusal(data, ends=True) == why


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (
            b"SSH-2.0-OpenSSH_9.6\r\n",
            "The receiver's answer is not HTTP: Expected HTTP/, RTSP/ or ICE/.",
        ),
        (
            b"\x15\x03\x03\x00\x02\x02\x46",
            "The receiver speaks TLS on this port, so its URL needs https.",
        ),
        (
            b"HTTP/1.1 200 OK\r\nX-Bad : 1\r\n\r\n",
            "The receiver's answer is not HTTP: Invalid header token.",
        ),
        (
            b"HTTP/1.1 101 Switching Protocols\r\n"
            b"Connection: upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x00",
            "The receiver answered 101, which makes no sense here.",
        ),
        (
            b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
            "The receiver answered 101, which makes no sense here.",
        ),
        (
            b"HTTP/1.1 099 Early\r\n\r\n",
            "The receiver answered 099, which makes no sense here.",
        ),
        (
            CHUNKED + b"xyz\r\n",
            "The receiver's response breaks off: Invalid character in chunk size.",
        ),
    ],
)
def test_what_is_not_http_is_refused_in_words(data: bytes, why: str) -> None:
    assert refusal(data) == why


TOO_LARGE = "The receiver's headers are larger than 64 KiB."
START = b"HTTP/1.1 200 OK\r\n"


def test_headers_may_fill_the_cap_and_no_more() -> None:
    room = MAX_HEAD - len(b"OK") - len(b"Content-Length: 0\r\n")
    line = b"X: " + b"x" * (room - 5) + b"\r\n"
    head = START + b"Content-Length: 0\r\n"

    assert read(head + line + b"\r\n").status == 200
    assert refusal(head + b"x" + line + b"\r\n") == TOO_LARGE


def test_header_lines_may_fill_the_cap_and_no_more() -> None:
    head = START + b"Content-Length: 0\r\n"

    seen = read(head + b"X: 1\r\n" * (MAX_HEADERS - 1) + b"\r\n")

    assert len(seen.headers) == MAX_HEADERS
    assert (
        refusal(head + b"X: 1\r\n" * MAX_HEADERS + b"\r\n")
        == "The receiver answered with more than 200 headers."
    )


@pytest.mark.parametrize(
    ("before", "piece"),
    [
        (START + b"X: ", b"x"),
        (START, b"x"),
        (b"HTTP/1.1 200 ", b"x"),
        (START, b"X: 1\r\n"),
        (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
        (b"", b"HTTP/1.1 100\r\n\r\n"),
        (b"", b"\r\n"),
        (CHUNKED + b"2\r\nok\r\n0\r\nX: ", b"x"),
        (CHUNKED + b"2\r\nok\r\n0\r\n", b"X: 1\r\n"),
        (CHUNKED + b"2;", b"x"),
    ],
    ids=[
        "a header's value",
        "a header's name",
        "the reason",
        "headers",
        "1xx with a reason",
        "bare 1xx",
        "empty lines",
        "a trailer's value",
        "trailers",
        "a chunk's extension",
    ],
)
def test_whatever_never_ends_is_cut_off(before: bytes, piece: bytes) -> None:
    reader = ResponseReader(Seen())
    reader.feed(before)
    burst = piece * (1024 // len(piece))

    def feed_for_long() -> None:
        for _ in range(2 * MAX_HEAD // 1024):
            reader.feed(burst)

    with pytest.raises(httpx.RemoteProtocolError):
        feed_for_long()


def test_a_reader_is_used_for_one_response_after_another() -> None:
    first, second = Seen(), Seen()
    reader = ResponseReader(first)
    reader.feed(b"HTTP/1.1 500 Oh\r\nX: 1\r\nContent-Length: 3\r\n\r\nbad")

    reader.expect(second)
    reader.feed(OK)

    assert (first.status, first.content) == (500, b"bad")
    assert second == Seen(200, b"OK", "1.1", [LENGTH_2], b"ok")
