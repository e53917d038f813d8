"""What is asked of the history, and what it answers: filters, windows, rows, health."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.errors import Invalid
from core.explain import why
from core.model import Attempt, Delivery, DeliveryState, Event, Webhook
from core.outcome import Failure, FailureKind, Response

PAGE = 200  # rows
BUCKETS = 12  # of the last hour
BUCKET = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Window:
    """A keyset page, always answered newest first.

    Neither key: the newest rows. `older_than`: the rows just below that id.
    `newer_than`: the rows just above it, so the empty id asks for the oldest rows.
    """

    older_than: str | None = None
    newer_than: str | None = None
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class StatusRange:
    """Statuses from `low` to `high`, both included."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries are wanted; an empty field wants all.

    `event_type` is a pattern as in a webhook; `status` is the last attempt's, and
    `failure` its kind where no response came.
    """

    webhook_id: str | None = None
    states: frozenset[DeliveryState] = frozenset()
    event_type: str | None = None
    event_id: str | None = None
    status: StatusRange | None = None
    failure: FailureKind | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class LastAttempt:
    """The newest attempt of a delivery or webhook, as a list shows it."""

    number: int
    at: datetime
    duration: timedelta
    status: int | None
    failure: FailureKind | None
    why: str

    @property
    def is_success(self) -> bool:
        """Whether the receiver took the event."""
        return self.status is not None and 200 <= self.status < 300


def last_attempt(attempt: Attempt) -> LastAttempt:
    """An attempt as a list shows it."""
    outcome = attempt.outcome
    return LastAttempt(
        number=attempt.number,
        at=attempt.started_at,
        duration=attempt.duration,
        status=outcome.status if isinstance(outcome, Response) else None,
        failure=outcome.kind if isinstance(outcome, Failure) else None,
        why=why(outcome),
    )


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A line of the history."""

    delivery: Delivery
    webhook_name: str
    last: LastAttempt | None = None

    @property
    def id(self) -> str:
        """The delivery's id, which sorts by time."""
        return self.delivery.id


@dataclass(frozen=True, slots=True)
class DeliveryDetail:
    """A delivery with all that belongs to it; `webhook` is None once deleted."""

    delivery: Delivery
    event: Event
    webhook_name: str
    webhook: Webhook | None
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class EventRow:
    """A line of the events list."""

    event: Event
    deliveries: int

    @property
    def id(self) -> str:
        """The event's id, which sorts by time."""
        return self.event.id


@dataclass(frozen=True, slots=True)
class Count:
    """A number of rows; when not exact there are at least so many."""

    value: int
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Bucket:
    """Attempts of one stretch of time, by how they ended."""

    delivered: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class WebhookHealth:
    """How a webhook fares: the last hour in `BUCKETS` buckets, oldest first, and what
    waits or is held for it.
    """

    hour: tuple[Bucket, ...] = (Bucket(),) * BUCKETS
    last: LastAttempt | None = None
    waiting: int = 0
    held: int = 0
    failing_since: datetime | None = None

    @property
    def success_rate(self) -> float | None:
        """The share of the last hour's attempts that were delivered, None if none."""
        delivered = sum(bucket.delivered for bucket in self.hour)
        total = delivered + sum(bucket.failed for bucket in self.hour)
        return delivered / total if total else None


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """A line of the webhooks list."""

    webhook: Webhook
    health: WebhookHealth

    @property
    def id(self) -> str:
        """The webhook's id."""
        return self.webhook.id


@dataclass(frozen=True, slots=True)
class WorkerBeat:
    """A sign of life of a worker."""

    id: str
    host: str
    pid: int
    version: str
    started_at: datetime
    seen_at: datetime
    in_flight: int = 0
    delivered: int = 0

    def is_alive(self, now: datetime) -> bool:
        """Whether the worker was seen within three of its heartbeats."""
        return now - self.seen_at <= 3 * HEARTBEAT


HEARTBEAT = timedelta(seconds=5)


def parse_status(text: str) -> StatusRange | FailureKind:
    """Read a status filter: `503`, `5xx`, or a failure's kind such as `timeout`.

    Raises:
        Invalid: with what can be written.
    """
    text = text.strip().lower()
    if len(text) == 3 and text[0] in "12345":
        if text[1:] == "xx":
            return StatusRange(int(text[0]) * 100, int(text[0]) * 100 + 99)
        if text.isascii() and text.isdigit():
            return StatusRange(int(text), int(text))
    try:
        return FailureKind(text)
    except ValueError:
        kinds = ", ".join(FailureKind)
        raise Invalid(
            f"{text!r} is not a status.",
            f"Write 503, 5xx, or one of {kinds}.",
            field="status",
        ) from None
