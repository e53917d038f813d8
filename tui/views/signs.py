"""The signs of states: a glyph, a word, and a tone; never one of them alone."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from core.explain import remedy
from core.history import Bucket, LastAttempt, WebhookRow
from core.model import DeliveryState
from core.outcome import Failure, Response
from tui.widgets.columns import Cell, Tone


class Sign(NamedTuple):
    """How a state is shown."""

    glyph: str
    word: str
    tone: Tone = ""

    @property
    def text(self) -> str:
        """Glyph and word."""
        return f"{self.glyph} {self.word}"

    @property
    def cell(self) -> Cell:
        """The sign as a cell of a table."""
        return Cell(self.text, self.tone)


STATES: Mapping[DeliveryState, Sign] = MappingProxyType(
    {
        DeliveryState.PENDING: Sign("○", "pending", "muted"),
        DeliveryState.SENDING: Sign("◐", "sending", "accent"),
        DeliveryState.DELIVERED: Sign("●", "delivered", "ok"),
        DeliveryState.RETRYING: Sign("↻", "retrying", "warn"),
        DeliveryState.EXHAUSTED: Sign("✖", "exhausted", "bad"),
        DeliveryState.CANCELLED: Sign("⊘", "cancelled", "muted"),
        DeliveryState.HELD: Sign("‖", "held", "warn"),
    }
)

ACTIVE = Sign("●", "active", "ok")
INACTIVE = Sign("‖", "inactive", "muted")
DISABLED = Sign("⊘", "disabled", "warn")
FAILING = Sign("✖", "failing", "bad")
TLS_OFF = "TLS OFF"
NOTHING = Cell("–", "muted")

_HEIGHTS = " ▁▂▃▄▅▆▇█"


def sign_of(row: WebhookRow) -> Sign:
    """How a webhook fares: active, failing, inactive, or disabled by its receiver."""
    if not row.webhook.active:
        return DISABLED if row.webhook.disabled_reason else INACTIVE
    return FAILING if row.health.failing_since is not None else ACTIVE


def answer_cell(last: LastAttempt | None) -> Cell:
    """What came of the last attempt: its status, or the kind of its failure."""
    if last is None:
        return NOTHING
    text = str(last.status) if last.status is not None else last.failure or "–"
    return Cell(text, "" if last.is_success else "bad")


def todo(last: LastAttempt) -> str:
    """What to do about the last attempt, empty after a success."""
    if last.failure is not None:
        return remedy(Failure(last.failure, last.why))
    return remedy(Response(last.status or 0))


def spark_cells(hour: tuple[Bucket, ...]) -> tuple[Cell, ...]:
    """One bar per bucket, as high as it was busy; its tone tells how it went."""
    busiest = max((b.delivered + b.failed for b in hour), default=0)
    return tuple(_bar(bucket, busiest) for bucket in hour)


def _bar(bucket: Bucket, busiest: int) -> Cell:
    total = bucket.delivered + bucket.failed
    if not total:
        return Cell("·", "muted")
    height = -(-8 * total // busiest)  # rounded up: something is never nothing
    if not bucket.failed:
        return Cell(_HEIGHTS[height], "ok")
    return Cell(
        _HEIGHTS[height], "bad" if bucket.failed >= bucket.delivered else "warn"
    )


def moment(when: datetime, now: datetime, *, milliseconds: bool = False) -> str:
    """A time in UTC: today's by the clock, an earlier one with its day."""
    if when.date() != now.date():
        return f"{when:%d %b} {when:%H:%M}"
    clock = f"{when:%H:%M:%S}"
    return f"{clock}.{when.microsecond // 1000:03}" if milliseconds else clock
