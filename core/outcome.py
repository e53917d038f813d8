"""What an attempt produced: a response, or a failure with a kind. Both are values.

Standard Webhooks: 2xx is success, all else is not; 3xx is a failure and never followed.
"""

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

MAX_BODY = 64 * 1024  # bytes kept of a response
MAX_HEADERS = 100  # header lines kept of a response
MAX_HEADER_BYTES = 16 * 1024


class FailureKind(StrEnum):
    """Where an attempt that brought no response went wrong."""

    BLOCKED = "blocked"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"
    TEMPLATE = "template"


@dataclass(frozen=True, slots=True)
class TlsFacts:
    """What the handshake showed; the certificate's fields are None when unverified."""

    version: str
    cipher: str
    subject: str | None = None
    issuer: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Phases:
    """How long each part of an attempt took, in seconds; None if it did not happen."""

    dns: float | None = None
    connect: float | None = None
    tls: float | None = None
    send: float | None = None
    wait: float | None = None
    receive: float | None = None
    reused: bool = False
    peer: str | None = None
    tls_facts: TlsFacts | None = None

    @property
    def total(self) -> float:
        """The whole attempt, in seconds."""
        parts = (self.dns, self.connect, self.tls, self.send, self.wait, self.receive)
        return math.fsum(part for part in parts if part is not None)


@dataclass(frozen=True, slots=True)
class Response:
    """What the receiver answered; `body` holds at most `MAX_BODY` bytes of it."""

    status: int
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    truncated: bool = False
    phases: Phases = field(default=Phases())

    @property
    def is_success(self) -> bool:
        """Whether the receiver took the event (Standard Webhooks: any 2xx)."""
        return 200 <= self.status < 300

    def header(self, name: str) -> str | None:
        """The first value of a header, by its name in any case."""
        wanted = name.lower()
        return next((v for k, v in self.headers if k.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why no response came: the kind, and a sentence without secrets."""

    kind: FailureKind
    detail: str
    phases: Phases = field(default=Phases())

    @property
    def is_success(self) -> bool:
        """Never: there was no answer."""
        return False


Outcome = Response | Failure


def retry_after(outcome: Outcome, now: datetime) -> timedelta | None:
    """How long the receiver asked us to wait (RFC 9110 section 10.2.3), if it did.

    Seconds or an HTTP date; whatever else it says counts as nothing said.
    """
    if not isinstance(outcome, Response) or outcome.is_success:
        return None
    text = (outcome.header("retry-after") or "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:12]), 10**9))
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return max(_as_utc(when) - now, timedelta(0))


def _as_utc(when: datetime) -> datetime:
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when
