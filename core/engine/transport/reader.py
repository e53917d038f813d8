"""Reads HTTP/1.1 responses from bytes: no socket, no clock, no waiting.

llhttp (by httptools) does the grammar. What it leaves to its caller is here: the end
of input as the end of a body, 1xx, the caps, and whether the connection is still in
step afterwards. Nothing a receiver sends makes a reader grow: every path either hands
bytes on or counts towards a cap.
"""

from typing import Protocol

import httptools
import httpx

MAX_HEAD = 64 * 1024  # bytes, 1xx responses and trailers included
MAX_HEADERS = 200  # lines

RawHeaders = list[tuple[bytes, bytes]]

# The first bytes of a TLS alert, which is how a TLS port answers plain HTTP.
TLS_ALERT = b"\x15\x03"


class Sink(Protocol):
    """Who wants the response: `head` once, then `body` any number of times."""

    def head(self, status: int, reason: bytes, version: str, raw: RawHeaders) -> None:
        """The final response's head is complete."""

    def body(self, data: bytes) -> None:
        """Some bytes of the body, transfer coding removed, content coding kept."""


class ResponseReader:
    """The incoming side of one connection.

    `expect` a response, `feed` what arrives, and say when the input has `ended`.
    Afterwards `complete` tells whether the response is all here, and `reusable`
    whether the next one may follow on the same connection.
    """

    __slots__ = (
        "_chunked",
        "_headers",
        "_parser",
        "_reason",
        "_silent",
        "_sink",
        "_size",
        "between",
        "complete",
        "head_complete",
        "reusable",
    )

    def __init__(self, sink: Sink) -> None:
        self._parser = httptools.HttpResponseParser(self)
        # curl, Go and httpcore accept both: a bare LF is allowed by RFC 9112 §2.2, and
        # a Content-Length beside `chunked` is ignored (§6.3); we do not reuse after it.
        self._parser.set_dangerous_leniencies(
            lenient_optional_cr_before_lf=True, lenient_chunked_length=True
        )
        self.expect(sink)

    def expect(self, sink: Sink) -> None:
        """Be ready for the response to the request that goes out now."""
        self._sink = sink
        self._headers: RawHeaders = []
        self._reason = b""
        self._size = 0  # bytes of head and trailers so far
        self._silent = 0  # bytes since llhttp last reported anything that ends
        self._chunked = False
        self.between = True
        self.head_complete = False
        self.complete = False
        self.reusable = False

    def feed(self, data: bytes) -> None:
        """Read what arrived.

        Raises:
            httpx.RemoteProtocolError: it is not HTTP, or more than a cap allows.
        """
        self._silent += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not self.complete:
                raise self._in_words(error, data) from error
            # The response is whole; what follows it is nothing we asked for.
            self.reusable = False
        else:
            # llhttp collects an unfinished line without a word.
            if self._silent > MAX_HEAD and not self.complete:
                raise _too_large()

    def ended(self) -> None:
        """Take note that no more bytes will come.

        Raises:
            httpx.RemoteProtocolError: the response is not whole.
        """
        if self.between:
            raise httpx.RemoteProtocolError(
                "The receiver closed the connection without answering."
            )
        if not self.head_complete:
            raise httpx.RemoteProtocolError(
                "The receiver closed the connection in the middle of its headers."
            )
        if not _ends_with_the_input(self._headers):
            raise httpx.RemoteProtocolError(
                "The receiver closed the connection before its response was complete."
            )
        self.complete = True

    def close(self) -> None:
        """Let go of the parser: it and its callbacks hold each other."""
        del self._parser

    # What llhttp reports. An exception in here stops the parser at once.

    def on_message_begin(self) -> None:
        """The first byte of a response; after the final one it is an intruder's."""
        if self.complete:
            raise httpx.RemoteProtocolError("The receiver answered twice.")
        self.between = False

    def on_status(self, reason: bytes) -> None:
        """A part of the reason phrase."""
        self._reason += reason
        self._grow(len(reason))

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header line; or one trailer, which is counted and dropped."""
        self._silent = 0
        self._grow(len(name) + len(value) + 4)  # ": " and CRLF
        if self.head_complete:
            return
        if len(self._headers) == MAX_HEADERS:
            raise httpx.RemoteProtocolError(
                f"The receiver answered with more than {MAX_HEADERS} headers."
            )
        self._headers.append((name, value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        """The end of a head: the final response's, or that of a 1xx before it."""
        self._silent = 0
        status = self._parser.get_status_code()
        if status >= 200:
            self.head_complete = True
            version = self._parser.get_http_version()
            self._sink.head(status, self._reason, version, self._headers)
            return
        if status < 100 or status == 101:
            # RFC 9110 §15.2.2: 101 answers an Upgrade header, which we never send.
            raise httpx.RemoteProtocolError(
                f"The receiver answered {status:03}, which makes no sense here."
            )
        self._grow(len("HTTP/1.1 100 \r\n\r\n"))

    def on_chunk_header(self) -> None:
        """The line before a chunk."""
        self._chunked = True

    def on_body(self, data: bytes) -> None:
        """A piece of the body."""
        self._silent = 0
        self._sink.body(data)

    def on_message_complete(self) -> None:
        """The end of a response: the final one, or a 1xx before it."""
        if self.head_complete:
            self.complete = True
            self.reusable = self._parser.should_keep_alive() and not (
                self._chunked and _value(self._headers, b"content-length")
            )
            return
        self._headers = []
        self._reason = b""
        self.between = True

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > MAX_HEAD:
            raise _too_large()

    def _in_words(self, error: Exception, data: bytes) -> httpx.RemoteProtocolError:
        reason = error.__context__
        if isinstance(reason, httpx.RemoteProtocolError):  # raised by a callback above
            return reason
        if self.head_complete:
            return httpx.RemoteProtocolError(
                f"The receiver's response breaks off: {error}."
            )
        if data.startswith(TLS_ALERT):
            return httpx.RemoteProtocolError(
                "The receiver speaks TLS on this port, so its URL needs https."
            )
        return httpx.RemoteProtocolError(f"The receiver's answer is not HTTP: {error}.")


def _too_large() -> httpx.RemoteProtocolError:
    return httpx.RemoteProtocolError(
        f"The receiver's headers are larger than {MAX_HEAD // 1024} KiB."
    )


def _ends_with_the_input(headers: RawHeaders) -> bool:
    """Whether only the end of the connection ends the body (RFC 9112 §6.3, 4 to 8)."""
    coding = _value(headers, b"transfer-encoding")
    if coding is not None:
        return coding.rpartition(b",")[2].strip().lower() != b"chunked"
    return _value(headers, b"content-length") is None


def _value(headers: RawHeaders, wanted: bytes) -> bytes | None:
    """The last value of a header, by its lower-case name."""
    return next((v for k, v in reversed(headers) if k.lower() == wanted), None)
