"""The history in cells, and the delivery under the cursor in two lines.

Pure: values in, words out.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from core.history import DeliveryRow, LastAttempt
from core.model import Delivery, DeliveryState, Trigger
from core.spans import span_words
from tui.views.facts import Fact
from tui.views.lines import line
from tui.views.response import duration_words
from tui.views.signs import NOTHING, STATES, answer_cell, moment, todo
from tui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from tui.widgets.table import Freshness

COLUMNS = (
    Column("TIME (UTC)", 12),
    Column("STATE", 11),
    Column("WEBHOOK", 12, flex=2),
    Column("EVENT", 16, flex=2),
    Column("ANSWER", 8),
    Column("TOOK", 7, align="right", drop=2),
    Column("TRY", 3, align="right", drop=3),
    Column("NEXT", 12, drop=4),
    Column("WHY", 20, flex=3, drop=5),
)

FAILED = (DeliveryState.RETRYING, DeliveryState.EXHAUSTED)
EMPTY = (
    "Nothing was delivered yet.\n"
    "Events become deliveries as soon as an active webhook wants them:\n"
    "hookline emit review.completed --data '{}'"
)
NO_MATCH = "No delivery matches this filter.\nx shows all of them again; / changes it."


def cells(row: DeliveryRow, now: datetime) -> list[Cell]:
    """The line of a delivery."""
    delivery, last = row.delivery, row.last
    return [
        Cell(moment(delivery.created_at, now, milliseconds=True), "muted"),
        STATES[delivery.state].cell,
        Cell(row.webhook_name, "strong"),
        _event(delivery),
        answer_cell(last),
        Cell(duration_words(last.duration.total_seconds())) if last else NOTHING,
        Cell(str(delivery.attempts)) if delivery.attempts else NOTHING,
        Cell(moment(due, now)) if (due := next_at(delivery)) else NOTHING,
        Cell(_why(delivery, last), "muted"),
    ]


def _event(delivery: Delivery) -> Cell:
    if delivery.trigger is Trigger.TEST:
        return Cell(delivery.event_type, "", (Cell(" test", "accent"),))
    return Cell(delivery.event_type)


def next_at(delivery: Delivery) -> datetime | None:
    """When the next attempt is due; a lease's end is none."""
    waits = delivery.state in (DeliveryState.PENDING, DeliveryState.RETRYING)
    return delivery.due_at if waits else None


def _why(delivery: Delivery, last: LastAttempt | None) -> str:
    if delivery.state is DeliveryState.HELD:
        return "its webhook is inactive"
    return "" if last is None or last.is_success else last.why


def peek_facts(row: DeliveryRow, now: datetime) -> list[Fact]:
    """The delivery under the cursor: id, next attempt, cause and remedy."""
    delivery, last, sign = row.delivery, row.last, STATES[row.delivery.state]
    tries = f"attempt {delivery.attempts}" if delivery.attempts else "nothing sent yet"
    first = line(
        (sign.text, sign.tone),
        "  ",
        (delivery.id, "strong"),
        f"  {tries}",
        _then(row, now),
    )
    if last is None or last.is_success:
        why = last.why if last else _why(delivery, last)
        return [Fact("", first), Fact("", why, "muted")]
    return [Fact("", first), Fact("", last.why, "bad"), Fact("", todo(last))]


def _then(row: DeliveryRow, now: datetime) -> str:
    due = next_at(row.delivery)
    if due is None:
        return ""
    return ", due now" if due <= now else f", next in {span_words(due - now)}"


def following_words(freshness: "Freshness") -> str:
    """Whether new rows appear, and how many wait."""
    words = []
    if freshness.total is not None and freshness.total.value:
        words.append(f"{freshness.total} match")
    if freshness.frozen:
        words.append("‖ frozen")
    elif freshness.following:
        words.append("● following")
    if freshness.new:
        words.append(f"+{freshness.new:,} new")
    if not freshness.following:
        words.append("f follows")
    return " · ".join(words)
