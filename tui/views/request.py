"""A request as lines: request line, every header in sending order, body, size.

Pure. What will be sent and what was sent look alike; secret values are masked in both.
"""

import hashlib
from collections.abc import Iterable, Iterator

from core.errors import InvalidUrl
from core.model import SentRequest
from core.request import PreparedRequest
from core.signing import STYLES
from core.url import parse_url
from tui.views.lines import Line, Tone, body_lines, line, size_words

_SIGNATURE = frozenset(
    name.lower()
    for style in STYLES.values()
    for name in (style.header, style.id_header, style.timestamp_header)
    if name
)
_EVENT = frozenset({"x-acr-event", "x-acr-delivery"})


def prepared_lines(request: PreparedRequest) -> list[Line]:
    """The request as it will go out, its body byte for byte."""
    return [
        _request_line(request.method.value, request.url.target),
        *(
            header_line(header.name, header.shown, secret=header.is_secret)
            for header in request.headers
        ),
        (),
        *body_lines(request.body, content_type_of(_shown(request))),
    ]


def sent_lines(request: SentRequest, body: bytes | None) -> list[Line]:
    """The request of an attempt; `body` is what was built again, None if it cannot be.

    Bytes that are not those of the attempt are shown too, and said to be others.
    """
    return [
        _request_line(request.method, _target(request.url)),
        *(header_line(name, value) for name, value in request.headers),
        (),
        *_sent_body(request, body),
    ]


def header_line(name: str, value: str, *, secret: bool = False) -> Line:
    """One header; the signature and what it signs stand out."""
    return line((name, "name"), (": ", "mark"), (value, _tone(name.lower(), secret)))


def content_type_of(headers: Iterable[tuple[str, str]]) -> str:
    """The content type among the headers, or an empty text."""
    return next((v for k, v in headers if k.lower() == "content-type"), "")


def size_line(request: PreparedRequest) -> Line:
    """What a title says about a request: `POST erp.example.com · 782 B`."""
    return line(
        (request.method.value, "strong"),
        f" {request.url.host_header}",
        (f" · {size_words(len(request.body))}", "muted"),
    )


def _request_line(method: str, target: str) -> Line:
    return line((method, "strong"), " ", target, (" HTTP/1.1", "muted"))


def _tone(name: str, secret: bool) -> Tone:
    if secret:
        return "muted"
    if name in _SIGNATURE:
        return "accent"
    return "strong" if name in _EVENT else ""


def _shown(request: PreparedRequest) -> Iterator[tuple[str, str]]:
    return ((header.name, header.shown) for header in request.headers)


def _target(url: str) -> str:
    try:
        return parse_url(url).target
    except InvalidUrl:
        return url


def _sent_body(request: SentRequest, body: bytes | None) -> list[Line]:
    if body is None:
        kept = f"{request.body_size:,} bytes were sent; they are not kept"
        digest = f"sha256 {request.body_sha256}"
        return [line((kept, "muted")), line((digest, "muted"))]
    lines = body_lines(body, content_type_of(request.headers))
    if hashlib.sha256(body).hexdigest() == request.body_sha256:
        return lines
    warning = "Built again, this is not the body that was sent: the webhook changed."
    return [line((f"▲ {warning}", "warn")), (), *lines]
