"""The values Hookline speaks of, by the words of docs/architecture.md.

All are frozen; times are aware and UTC. Nothing here reads a clock or draws an id.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from core.headers import Header
from core.outcome import Outcome
from core.retry import RetryPolicy, Verdict
from core.secret import Secret
from core.url import WebhookUrl

MAX_PAYLOAD = 256 * 1024  # bytes
DEFAULT_TIMEOUT = 15.0  # seconds for a whole attempt
TIMEOUTS = (1.0, 30.0)  # seconds, shortest and longest
DEFAULT_IN_FLIGHT = 16
MAX_IN_FLIGHT = 256


class Method(StrEnum):
    """The request methods a webhook may use."""

    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"
    GET = "GET"


CONTENT_TYPES = (
    "application/json",
    "application/x-www-form-urlencoded",
    "text/plain",
    "application/xml",
)


@dataclass(frozen=True, slots=True)
class Workspace:
    """A tenant; `slug` is its name in commands and in the envelope."""

    id: str
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class EventType:
    """A kind of event: what it means, and a sample of its data as JSON text."""

    name: str
    description: str = ""
    sample: str = "{}"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; `payload` is its data, JSON byte for byte as given."""

    id: str
    workspace_id: str
    type: str
    payload: bytes
    created_at: datetime
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class SigningSecret:
    """A shared key; after `expires_at` it signs no more."""

    secret: Secret
    created_at: datetime
    expires_at: datetime | None = None

    def is_active(self, now: datetime) -> bool:
        """Whether the key signs at this time."""
        return self.expires_at is None or now < self.expires_at


@dataclass(frozen=True, slots=True)
class Signing:
    """How requests are signed: a style's name and its secrets, newest first."""

    style: str
    secrets: tuple[SigningSecret, ...]

    def active(self, now: datetime) -> tuple[Secret, ...]:
        """The secrets that sign at this time, newest first."""
        return tuple(key.secret for key in self.secrets if key.is_active(now))


@dataclass(frozen=True, slots=True)
class Limits:
    """What one webhook may cost: seconds for an attempt, requests at the same time."""

    timeout: float = DEFAULT_TIMEOUT
    in_flight: int = DEFAULT_IN_FLIGHT


@dataclass(frozen=True, slots=True)
class Webhook:
    """A configured receiver, as of one revision."""

    id: str
    workspace_id: str
    name: str
    url: WebhookUrl
    events: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    method: Method = Method.POST
    content_type: str = CONTENT_TYPES[0]
    headers: tuple[Header, ...] = ()
    signing: Signing | None = None
    template: str | None = None
    ignore_ssl: bool = False
    active: bool = True
    disabled_reason: str | None = None
    retry: RetryPolicy = field(default=RetryPolicy())
    limits: Limits = field(default=Limits())
    revision: int = 1


class DeliveryState(StrEnum):
    """Where a delivery stands.

    pending → sending → delivered | retrying → … → exhausted | cancelled; held while its
    webhook is inactive.
    """

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    RETRYING = "retrying"
    EXHAUSTED = "exhausted"
    CANCELLED = "cancelled"
    HELD = "held"


class Trigger(StrEnum):
    """Why an attempt was made."""

    SCHEDULE = "schedule"
    MANUAL = "manual"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Delivery:
    """The whole effort to bring one event to one webhook.

    `due_at` is when a worker may take it next: the next attempt, or while sending the
    end of the lease; None when nothing is to be done. `claims` counts how often it was
    taken: the fencing token of whoever holds it.
    """

    id: str
    workspace_id: str
    webhook_id: str
    event_id: str
    event_type: str
    state: DeliveryState
    created_at: datetime
    due_at: datetime | None
    attempts: int = 0
    claims: int = 0
    trigger: Trigger = Trigger.SCHEDULE


@dataclass(frozen=True, slots=True)
class SentRequest:
    """The request of an attempt as it may be shown: secret values are masked already.

    `body_sha256` proves whether a body built again is the one that was sent.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body_sha256: str
    body_size: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One HTTP request of a delivery, and what came of it; `request` is None if none
    could be built (a broken template).
    """

    delivery_id: str
    number: int
    trigger: Trigger
    revision: int
    started_at: datetime
    duration: timedelta
    request: SentRequest | None
    outcome: Outcome
    verdict: Verdict
