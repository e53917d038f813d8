"""Which headers an admin may set, and how they are kept.

A header whose value is a `Secret` is write-only: it is shown masked ever after.
"""

import re
from dataclasses import dataclass

from core.errors import InvalidHeader
from core.secret import Secret

MAX_HEADERS = 50
MAX_VALUE = 8192  # characters

# RFC 9110 section 5.6.2, token.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?")

# Framing and routing belong to the builder: a second Content-Length or a
# Transfer-Encoding beside it is request smuggling.
_RESERVED = {
    "accept-encoding": "Hookline asks for unencoded answers, so that it can cap them.",
    "connection": "Hookline manages connections itself.",
    "content-length": "Hookline counts the body itself.",
    "content-type": "Use the content type field.",
    "expect": "Hookline does not wait for 100 Continue.",
    "host": "The host comes from the URL.",
    "keep-alive": "Hookline manages connections itself.",
    "te": "Hookline manages transfer encodings itself.",
    "trailer": "Hookline sends no trailers.",
    "transfer-encoding": "Hookline always sends a Content-Length.",
    "upgrade": "Hookline speaks HTTP/1.1 only.",
}
_RESERVED_PREFIXES = {
    "proxy-": "Proxies are a platform setting.",
    "webhook-": "These names carry the Standard Webhooks signature.",
    "x-acr-": "These names carry the event, the delivery and the signature.",
}


@dataclass(frozen=True, slots=True)
class Header:
    """One header of a webhook or a request; a `Secret` value is shown masked."""

    name: str
    value: str | Secret

    @property
    def is_secret(self) -> bool:
        """Whether the value must never be shown."""
        return isinstance(self.value, Secret)

    @property
    def shown(self) -> str:
        """The value as it may be shown."""
        return self.value.masked if isinstance(self.value, Secret) else self.value

    @property
    def sent(self) -> str:
        """The value as it goes on the wire."""
        return self.value.reveal() if isinstance(self.value, Secret) else self.value


def check_header(header: Header) -> Header:
    """Return the header, or say why it cannot be sent.

    Raises:
        InvalidHeader: never with the value in its words, which may be secret.
    """
    name, value = header.name, header.sent
    if not _TOKEN.fullmatch(name):
        raise InvalidHeader(
            f"{name!r} is not a header name.",
            "Use letters, digits and hyphens, such as X-Team.",
        )
    if reason := _reserved(name.lower()):
        raise InvalidHeader(f"{name} cannot be set here.", reason)
    if not value or not _VALUE.fullmatch(value):
        raise InvalidHeader(
            f"The value of {name} cannot be sent.",
            "Use printable ASCII, with no line break and no space at either end.",
        )
    if len(value) > MAX_VALUE:
        raise InvalidHeader(f"The value of {name} is over {MAX_VALUE} characters.")
    return header


def check_headers(headers: tuple[Header, ...]) -> tuple[Header, ...]:
    """Check each header, their number, and that no name comes twice.

    Raises:
        InvalidHeader: for the first header that cannot be sent.
    """
    if len(headers) > MAX_HEADERS:
        raise InvalidHeader(f"A webhook has at most {MAX_HEADERS} headers.")
    seen: set[str] = set()
    for header in headers:
        check_header(header)
        if header.name.lower() in seen:
            raise InvalidHeader(f"{header.name} is set twice.", "Keep one of the two.")
        seen.add(header.name.lower())
    return headers


def parse_header(text: str) -> Header:
    """Read `Name: value` as a person types it.

    Raises:
        InvalidHeader: when there is no colon, or the header cannot be sent.
    """
    name, colon, value = text.partition(":")
    if not colon:
        raise InvalidHeader(
            "A header is written 'Name: value'.", "Example: 'X-Team: platform'"
        )
    return check_header(Header(name.strip(), value.strip()))


def _reserved(name: str) -> str | None:
    if reason := _RESERVED.get(name):
        return reason
    return next(
        (why for prefix, why in _RESERVED_PREFIXES.items() if name.startswith(prefix)),
        None,
    )
