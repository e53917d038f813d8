"""Events and audit entries in cells and lines.

Pure: values in, words out.
"""

from collections.abc import Mapping
from datetime import datetime

from core.audit import AuditEntry, Change
from core.history import EventRow
from tui.views.lines import Line, body_lines, line, size_words
from tui.views.signs import NOTHING, moment
from tui.widgets.columns import Cell, Column

EVENT_COLUMNS = (
    Column("TIME (UTC)", 12),
    Column("TYPE", 20, flex=1),
    Column("DELIVERIES", 10, align="right"),
    Column("SIZE", 8, align="right", drop=1),
    Column("ID", 30, drop=3),
    Column("DATA", 16, flex=3, drop=2),
)
NO_EVENTS = "No event was emitted yet.\nhookline emit review.completed --data '{}'"
NO_MATCH = "No event has such a type.\nesc shows all of them again."

AUDIT_COLUMNS = (
    Column("TIME (UTC)", 12),
    Column("WHO", 10, flex=1),
    Column("WHAT", 20, flex=1),
    Column("SUBJECT", 14, flex=1, drop=1),
    Column("CHANGES", 20, flex=4, drop=2),
)
NO_AUDIT = "Nothing was changed yet."

_DATA_SHOWN = 200  # characters of the data in a line


def event_cells(row: EventRow, now: datetime) -> list[Cell]:
    """The line of an event."""
    event = row.event
    data = event.payload[: 4 * _DATA_SHOWN].decode("utf-8", "replace")[:_DATA_SHOWN]
    return [
        Cell(moment(event.created_at, now, milliseconds=True), "muted"),
        Cell(event.type, "strong"),
        Cell(f"{row.deliveries:,}") if row.deliveries else NOTHING,
        Cell(size_words(len(event.payload))),
        Cell(event.id, "muted"),
        Cell(data, "muted"),
    ]


def event_lines(row: EventRow, now: datetime) -> list[Line]:
    """The event and its data as it was given."""
    event = row.event
    when = moment(event.created_at, now, milliseconds=True)
    known = f"  {when} UTC  {size_words(len(event.payload))}"
    key = event.idempotency_key
    return [
        line((event.type, "strong"), "  ", event.id, (known, "muted")),
        *([line(("idempotency key ", "muted"), key)] if key else []),
        (),
        *body_lines(event.payload, "application/json"),
    ]


def audit_cells(
    entry: AuditEntry, now: datetime, names: Mapping[str, str]
) -> list[Cell]:
    """The line of an audit entry; `names` are those of the webhooks, by their ids."""
    return [
        Cell(moment(entry.at, now), "muted"),
        Cell(entry.login, "strong"),
        Cell(entry.action.replace(".", " ").replace("_", " ")),
        Cell(names.get(entry.subject, entry.subject), "muted"),
        Cell("; ".join(map(_change, entry.changes)), "muted"),
    ]


def audit_lines(entry: AuditEntry) -> list[Line]:
    """What was changed, one field a line."""
    head = line(
        (entry.login, "strong"),
        f" {entry.action} ",
        entry.subject,
        (f"  {entry.at:%F %T} UTC  {entry.id}", "muted"),
    )
    return [head, *(line("  ", _change(change)) for change in entry.changes)]


def _change(change: Change) -> str:
    if change.before is None:
        return f"{change.field} = {change.after}"
    if change.after is None:
        return f"{change.field} was {change.before}"
    if change.before == change.after:
        return f"{change.field} {change.after}"
    return f"{change.field}: {change.before} → {change.after}"
