"""Which URLs a webhook may have, and their one parsed form.

A URL is parsed once, here; what is refused is refused with a sentence.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import idna

from core.errors import InvalidUrl

MAX_LENGTH = 2048  # characters
DEFAULT_PORTS = {"http": 80, "https": 443}

_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\x9f\\\ud800-\udfff]")
# urlsplit reads [::1].example.com as ::1, and [v1.example.com] as a name.
_BRACKETED = re.compile(r"\[[0-9a-f:.]*:[^][]*\](:[^][]*)?", re.IGNORECASE)
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
# WHATWG URL, "ends in a number": resolvers read 127.1, 0x7f.1 and 2130706433 as IPv4.
_NUMERIC_LABEL = re.compile(r"\d+|0x[0-9a-f]*")


@dataclass(frozen=True, slots=True)
class WebhookUrl:
    """An absolute http(s) URL; `host` is ASCII, `target` goes into the request line."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def host_header(self) -> str:
        """The host, with brackets and the port where they are needed."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        if self.port == DEFAULT_PORTS[self.scheme]:
            return host
        return f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: what a secret header is bound to."""
        return f"{self.scheme}://{self.host_header}"

    @property
    def is_secure(self) -> bool:
        """Whether the request travels over TLS."""
        return self.scheme == "https"

    def __str__(self) -> str:
        return self.origin + self.target


def parse_url(text: str) -> WebhookUrl:
    """Parse what a person typed.

    Raises:
        InvalidUrl: with what is wrong and what would be right.
    """
    text = text.strip()
    _check_characters(text)
    parts = _split(text)
    if parts.scheme not in DEFAULT_PORTS:
        raise InvalidUrl("The URL must start with https:// or http://.")
    if parts.fragment:
        raise InvalidUrl("The URL has a #fragment, which is never sent. Remove it.")
    query = f"?{parts.query}" if parts.query else ""
    return WebhookUrl(
        scheme=parts.scheme,
        host=_parse_host(parts.hostname or ""),
        port=_parse_port(parts),
        target=_to_ascii((parts.path or "/") + query),
    )


def _split(text: str) -> SplitResult:
    """Split into parts; a refusal repeats nothing, for a password may be among them."""
    try:
        parts = urlsplit(text)
    except ValueError:
        raise _unreadable_host() from None
    if "@" in parts.netloc:
        raise InvalidUrl(
            "The URL contains a user name or password.",
            "Put credentials into a secret header, such as Authorization.",
        )
    if set("[]") & set(parts.netloc) and not _BRACKETED.fullmatch(parts.netloc):
        raise _unreadable_host()
    return parts


def _unreadable_host() -> InvalidUrl:
    return InvalidUrl(
        "The host of the URL cannot be read.",
        "Write a name, an IPv4 address, or an IPv6 address in [brackets].",
    )


def _parse_port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise InvalidUrl("A port is a number from 1 to 65535.")
    return port or DEFAULT_PORTS[parts.scheme]


def _check_characters(text: str) -> None:
    if not text:
        raise InvalidUrl(
            "The URL is empty.", "Example: https://hooks.example.com/review"
        )
    if len(text) > MAX_LENGTH:
        raise InvalidUrl(f"The URL is longer than {MAX_LENGTH} characters.")
    if found := _FORBIDDEN.search(text):
        raise InvalidUrl(
            f"The URL contains {found.group()!r} at character {found.start() + 1}.",
            "Write a space as %20; backslashes and control characters are refused.",
        )


def _parse_host(host: str) -> str:
    if not host:
        raise InvalidUrl(
            "The URL has no host.", "Example: https://hooks.example.com/review"
        )
    if ":" in host:
        return _parse_ipv6(host)
    host = _ascii_name(host).removesuffix(".")
    if _NUMERIC_LABEL.fullmatch(host.rpartition(".")[2]):
        return _parse_ipv4(host)
    if len(host) > 253 or not all(_NAME.fullmatch(label) for label in host.split(".")):
        raise InvalidUrl(
            f"{host!r} is not a host name.",
            "Labels have 1 to 63 letters, digits or hyphens, separated by dots.",
        )
    return host


def _ascii_name(host: str) -> str:
    if host.isascii():
        return host.lower()
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise InvalidUrl(f"{host!r} is not an international host name.") from error


def _parse_ipv4(host: str) -> str:
    try:
        return str(ipaddress.IPv4Address(host))
    except ValueError as error:
        raise InvalidUrl(
            f"{host!r} is not an IPv4 address.",
            "Write all four numbers in decimal, such as 192.0.2.7.",
        ) from error


def _parse_ipv6(host: str) -> str:
    try:
        address = ipaddress.IPv6Address(host)
    except ValueError as error:
        raise InvalidUrl(f"{host!r} is not an IPv6 address.") from error
    if address.scope_id:
        raise InvalidUrl("An IPv6 address with a zone (%) is refused.")
    return str(address)


def _to_ascii(target: str) -> str:
    """Percent-encode what is not ASCII; what is already encoded stays as typed."""
    return "".join(
        char if char.isascii() else "".join(f"%{byte:02X}" for byte in char.encode())
        for char in target
    )
