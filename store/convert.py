"""Rows to values and back: events, deliveries, audit entries, workers.

Deliveries travel in a hot path, so theirs is written out by hand and reads a row as the
tuple it is; the column list says its order. Webhooks, whose secrets are sealed, and
attempts have modules of their own.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import RowMapping

from core.audit import AuditEntry, Change
from core.explain import why
from core.history import LastAttempt, WorkerBeat
from core.model import Attempt, Delivery, DeliveryState, Event, Trigger
from core.outcome import Failure, FailureKind, Response
from core.work import Finished
from store import tables

Row = Sequence[Any]
Params = dict[str, Any]

DELIVERY = tables.columns(
    tables.deliveries,
    *("id", "workspace_id", "webhook_id", "event_id", "event_type", "state"),
    *("created_at", "due_at", "attempts", "claims", "trigger"),
)
EVENT = tables.columns(
    tables.events,
    *("id", "workspace_id", "type", "payload", "created_at", "idempotency_key"),
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_STATES = {state.value: state for state in DeliveryState}
TRIGGERS = {trigger.value: trigger for trigger in Trigger}
FAILURES = {kind.value: kind for kind in FailureKind}

dumps = json.JSONEncoder(separators=(",", ":")).encode


def micros(when: datetime) -> int:
    """A time as it is stored."""
    return (when - _EPOCH) // MICROSECOND


def maybe_micros(when: datetime | None) -> int | None:
    """A time as it is stored, if there is one."""
    return None if when is None else (when - _EPOCH) // MICROSECOND


def moment(stored: int) -> datetime:
    """The time that was stored."""
    return _EPOCH + timedelta(microseconds=stored)


def maybe_moment(stored: int | None) -> datetime | None:
    """The time that was stored, if one was."""
    return None if stored is None else _EPOCH + timedelta(microseconds=stored)


def text(outside: str) -> str:
    """Text that the database takes: half a surrogate pair becomes its escape."""
    if outside.isascii():
        return outside
    return outside.encode("utf-8", "backslashreplace").decode()


# Events and deliveries.


def event_params(event: Event) -> Params:
    """An event's row."""
    return {
        "id": event.id,
        "workspace_id": event.workspace_id,
        "type": event.type,
        "payload": event.payload,
        "created_at": micros(event.created_at),
        "idempotency_key": event.idempotency_key,
    }


def to_event(row: Row) -> Event:
    """The event of a row that begins with `EVENT`."""
    event_id, workspace_id, name, payload, created_at, key = row[:6]
    return Event(event_id, workspace_id, name, payload, moment(created_at), key)


def delivery_params(delivery: Delivery) -> Params:
    """A delivery's row, without what it keeps of an attempt."""
    return {
        "id": delivery.id,
        "workspace_id": delivery.workspace_id,
        "webhook_id": delivery.webhook_id,
        "event_id": delivery.event_id,
        "event_type": delivery.event_type,
        "state": delivery.state.value,
        "created_at": micros(delivery.created_at),
        "due_at": maybe_micros(delivery.due_at),
        "attempts": delivery.attempts,
        "claims": delivery.claims,
        "trigger": delivery.trigger.value,
    }


def to_delivery(row: Row) -> Delivery:
    """The delivery of a row that begins with `DELIVERY`."""
    return Delivery(
        row[0],
        row[1],
        row[2],
        row[3],
        row[4],
        _STATES[row[5]],
        moment(row[6]),
        maybe_moment(row[7]),
        row[8],
        row[9],
        TRIGGERS[row[10]],
    )


# The newest attempt, as lists show it.


def last_params(attempt: Attempt) -> Params:
    """The columns `tables.LAST` after an attempt."""
    outcome = attempt.outcome
    status, failure, detail = None, None, None
    if isinstance(outcome, Failure):
        failure, detail = outcome.kind.value, text(outcome.detail)
    else:
        status = outcome.status
    return {
        "last_number": attempt.number,
        "last_at": micros(attempt.started_at),
        "last_duration": attempt.duration // MICROSECOND,
        "last_status": status,
        "last_failure": failure,
        "last_detail": detail,
    }


def to_last(row: Row) -> LastAttempt | None:
    """The newest attempt, of the columns `tables.LAST`."""
    number, at, duration, status, failure, detail = row
    if number is None:
        return None
    return LastAttempt(
        number=number,
        at=moment(at),
        duration=timedelta(microseconds=duration),
        status=status,
        failure=None if failure is None else FAILURES[failure],
        why=detail if status is None else _why_status(status),
    )


@lru_cache(maxsize=600)
def _why_status(status: int) -> str:
    return why(Response(status))


# What an attempt leaves in its delivery.


def settled_params(finished: Finished, after: Delivery) -> Params:
    """What `record` writes into a delivery that is still held by this claim."""
    return {
        "held_id": after.id,
        "held_claims": after.claims,
        "state": after.state.value,
        "due_at": maybe_micros(after.due_at),
        "attempts": after.attempts,
        "trigger": after.trigger.value,
        **last_params(finished.attempt),
    }


# Audit and workers.


def audit_params(entry: AuditEntry) -> Params:
    """An audit entry's row."""
    changes = [(c.field, c.before, c.after) for c in entry.changes]
    return {
        "id": entry.id,
        "workspace_id": entry.workspace_id,
        "at": micros(entry.at),
        "login": entry.login,
        "action": entry.action,
        "subject": entry.subject,
        "changes": dumps(changes),
    }


def to_audit(row: RowMapping) -> AuditEntry:
    """The audit entry of a row of `audit`."""
    return AuditEntry(
        id=row["id"],
        workspace_id=row["workspace_id"],
        at=moment(row["at"]),
        login=row["login"],
        action=row["action"],
        subject=row["subject"],
        changes=tuple(Change(*change) for change in json.loads(row["changes"])),
    )


def beat_params(beat: WorkerBeat) -> Params:
    """A worker's row."""
    return {
        "id": beat.id,
        "host": beat.host,
        "pid": beat.pid,
        "version": beat.version,
        "started_at": micros(beat.started_at),
        "seen_at": micros(beat.seen_at),
        "in_flight": beat.in_flight,
        "delivered": beat.delivered,
    }


def to_beat(row: RowMapping) -> WorkerBeat:
    """The worker of a row of `workers`."""
    return WorkerBeat(
        id=row["id"],
        host=row["host"],
        pid=row["pid"],
        version=row["version"],
        started_at=moment(row["started_at"]),
        seen_at=moment(row["seen_at"]),
        in_flight=row["in_flight"],
        delivered=row["delivered"],
    )
