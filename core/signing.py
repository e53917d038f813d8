"""Signatures, as data: a style says what is signed, with which key, and where it goes.

What is signed is the bytes that are sent. The time is always an argument.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from core.errors import (
    InvalidSecret,
    MalformedSignature,
    MissingHeader,
    NoMatchingSignature,
    StaleTimestamp,
)
from core.secret import Secret

TOLERANCE = timedelta(minutes=5)  # Standard Webhooks
_TIMESTAMP_DIGITS = 11  # up to the year 5138
_WHSEC = "whsec_"
_WHSEC_BYTES = (24, 64)  # Standard Webhooks: size of a secret


@dataclass(frozen=True, slots=True)
class Message:
    """What a style may sign: the message's id, the time, and the body's bytes."""

    id: str
    timestamp: int
    body: bytes


def _raw_key(text: str) -> bytes:
    if not text:
        raise InvalidSecret("The secret is empty.", "Generate one, or paste one.")
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise InvalidSecret(
            "The secret is not UTF-8 text.", "Generate one, or paste it as text."
        ) from None


def _whsec_key(text: str) -> bytes:
    encoded = text.removeprefix(_WHSEC).rstrip("=")
    padding = "=" * (-len(encoded) % 4)  # receivers' libraries do without it
    try:
        key = base64.b64decode(encoded + padding, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    shortest, longest = _WHSEC_BYTES
    if not shortest <= len(key) <= longest:
        raise InvalidSecret(
            "A Standard Webhooks secret is whsec_ and base64 of 24 to 64 bytes.",
            "Generate one, or copy the receiver's whole secret.",
        )
    return key


def _hex(digest: bytes) -> str:
    return digest.hex()


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode("ascii")


def _body(message: Message) -> bytes:
    return message.body


def _id_timestamp_body(message: Message) -> bytes:
    head = f"{message.id}.{message.timestamp}."
    return head.encode(errors="surrogateescape") + message.body


@dataclass(frozen=True, slots=True)
class Style:
    """How one family of receivers expects HMAC-SHA256 signatures.

    `separator` joins the signatures of several secrets; a style without one carries
    only the newest. `id_header` and `timestamp_header` are what else is signed.
    """

    name: str
    title: str
    header: str
    prefix: str
    signed: Callable[[Message], bytes]
    key: Callable[[str], bytes]
    encode: Callable[[bytes], str]
    id_header: str | None = None
    timestamp_header: str | None = None
    separator: str | None = None


ACRITY = Style(
    name="acrity",
    title="Acrity",
    header="X-ACR-Signature-256",
    prefix="sha256=",
    signed=_body,
    key=_raw_key,
    encode=_hex,
)
STANDARD = Style(
    name="standard",
    title="Standard Webhooks",
    header="webhook-signature",
    prefix="v1,",
    signed=_id_timestamp_body,
    key=_whsec_key,
    encode=_base64,
    id_header="webhook-id",
    timestamp_header="webhook-timestamp",
    separator=" ",
)
STYLES: Mapping[str, Style] = MappingProxyType(
    {style.name: style for style in (ACRITY, STANDARD)}
)


def style_named(name: str) -> Style:
    """The style with this name.

    Raises:
        InvalidSecret: with the names there are.
    """
    try:
        return STYLES[name]
    except KeyError:
        known = ", ".join(STYLES)
        raise InvalidSecret(
            f"{name!r} is not a signing style.", f"Known: {known}.", field="style"
        ) from None


def check_secret(style: Style, secret: Secret) -> Secret:
    """Return the secret, or say why the style cannot use it.

    Raises:
        InvalidSecret: never with the secret in its words.
    """
    style.key(secret.reveal())
    return secret


def new_secret(style: Style, entropy: bytes) -> Secret:
    """Write 32 random bytes, drawn by the caller, as a secret of the style."""
    if style.key is _whsec_key:
        return Secret(_WHSEC + _base64(entropy))
    return Secret(entropy.hex())


def sign(
    style: Style, secrets: Iterable[Secret], message: Message
) -> tuple[tuple[str, str], ...]:
    """The style's headers for a message, in sending order; secrets are newest first.

    Raises:
        InvalidSecret: when there is none, so that nothing goes out unsigned.
    """
    signatures = [_signature(style, secret, message) for secret in secrets]
    if not signatures:
        raise InvalidSecret(
            "No signing secret is active: all have expired.",
            "Set a new secret, or switch HMAC off.",
        )
    if style.separator is None:
        signatures = signatures[:1]
    headers: list[tuple[str, str]] = []
    if style.id_header:
        headers.append((style.id_header, message.id))
    if style.timestamp_header:
        headers.append((style.timestamp_header, str(message.timestamp)))
    headers.append((style.header, (style.separator or "").join(signatures)))
    return tuple(headers)


def verify(
    style: Style,
    secrets: Iterable[Secret],
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> None:
    """Return if one of the secrets signed these bytes, as a receiver would check it.

    Raises:
        NotVerified: one of its kinds, which says what does not hold.
        InvalidSecret: when the style cannot use a secret.
    """
    given = {name.lower(): value for name, value in headers.items()}
    message = Message(
        id=_required(given, style.id_header),
        timestamp=_timestamp(given, style, now, tolerance),
        body=body,
    )
    received = _required(given, style.header)
    signatures = _split(style, received)
    for secret in secrets:
        expected = _signature(style, secret, message).encode()
        if any(hmac.compare_digest(expected, one) for one in signatures):
            return
    raise NoMatchingSignature(
        f"No signature in {style.header} was made with this secret over these bytes.",
        f"The body has {len(body)} bytes: compare it, and the secret, byte for byte.",
    )


def _signature(style: Style, secret: Secret, message: Message) -> str:
    key = style.key(secret.reveal())
    digest = hmac.digest(key, style.signed(message), hashlib.sha256)
    return style.prefix + style.encode(digest)


def _required(headers: Mapping[str, str], name: str | None) -> str:
    if name is None:
        return ""
    if name.lower() not in headers:
        raise MissingHeader(
            f"The header {name} is missing.",
            "Did a proxy drop it, or is it another signing style?",
        )
    return headers[name.lower()].strip()


def _timestamp(
    headers: Mapping[str, str], style: Style, now: datetime, tolerance: timedelta
) -> int:
    if style.timestamp_header is None:
        return 0
    text = _required(headers, style.timestamp_header)
    if not (text.isascii() and text.isdigit() and len(text) <= _TIMESTAMP_DIGITS):
        raise MalformedSignature(
            f"{style.timestamp_header} is not a Unix time in seconds.",
            "Is it in milliseconds, or another signing style?",
        )
    age = now.timestamp() - int(text)
    if abs(age) > tolerance.total_seconds():
        direction = "old" if age > 0 else "in the future"
        raise StaleTimestamp(
            f"The timestamp is {abs(age):.0f} s {direction}; "
            f"{tolerance.total_seconds():.0f} s are tolerated.",
            f"It was signed at {datetime.fromtimestamp(int(text), UTC):%F %T}Z. "
            "Check both clocks, or verify with a larger tolerance.",
        )
    return int(text)


def _split(style: Style, received: str) -> list[bytes]:
    parts = received.split(style.separator) if style.separator else [received]
    mine = [
        part.encode(errors="replace") for part in parts if part.startswith(style.prefix)
    ]
    if not mine:
        raise MalformedSignature(
            f"{style.header} has no part that starts with {style.prefix}",
            "Is it another signing style?",
        )
    return mine
