"""Writing down what was sent, a batch in one transaction.

A worker that lost its lease still has its attempt kept; the delivery's state belongs to
whoever took it last: `claims` tells them apart.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    case,
    func,
    insert,
    select,
    update,
)

from core.audit import AuditEntry
from core.model import Attempt, Delivery, DeliveryState, Event, Trigger
from core.work import Finished, delivery_after
from store.attempt_rows import attempt_params
from store.convert import (
    Params,
    delivery_params,
    event_params,
    last_params,
    maybe_micros,
    micros,
    settled_params,
)
from store.dialect import Excluded, ForMany, insert_new, upsert
from store.health import MINUTE
from store.part import note
from store.tables import (
    IS_SENDING,
    LAST,
    attempts,
    deliveries,
    events,
    tallies,
    webhook_status,
    webhooks,
)

_STILL_HELD = (
    deliveries.c.id == bindparam("held_id"),
    deliveries.c.claims == bindparam("held_claims"),
    IS_SENDING,
)
_INSERT_NEW_EVENT = insert_new(events)
_INSERT_NEW_DELIVERY = insert_new(deliveries)
_INSERT_ATTEMPT = insert(attempts)
_INSERT_NEW_ATTEMPTS = ForMany(insert_new(attempts))
_KEPT = select(attempts.c.number, attempts.c.started_at).where(
    attempts.c.delivery_id == bindparam("delivery")
)
_SETTLE = ForMany(
    update(deliveries)
    .where(*_STILL_HELD)
    .values(
        {
            name: bindparam(name)
            for name in ("state", "due_at", "attempts", "trigger", *LAST)
        }
    )
)
_EXTEND = update(deliveries).where(*_STILL_HELD).values(due_at=bindparam("until"))
_RELEASE = (
    update(deliveries)
    .where(*_STILL_HELD)
    .values(state=bindparam("as_state"), due_at=bindparam("until"))
)
_OFF = select(webhooks.c.id, webhooks.c.deleted_at).where(
    webhooks.c.id.in_(bindparam("ids", expanding=True)),
    webhooks.c.active.is_(False) | webhooks.c.deleted_at.is_not(None),
)


def _added(excluded: Excluded) -> Mapping[str, ColumnElement[Any]]:
    return {
        "delivered": tallies.c.delivered + excluded.delivered,
        "failed": tallies.c.failed + excluded.failed,
    }


def _newer(excluded: Excluded) -> Mapping[str, ColumnElement[Any]]:
    newer = excluded.last_at >= webhook_status.c.last_at
    return {
        "failing_since": func.coalesce(
            webhook_status.c.failing_since, excluded.failing_since
        ),
        **{
            name: case((newer, excluded[name]), else_=webhook_status.c[name])
            for name in LAST
        },
    }


_ADD_TALLIES = upsert(tallies, _added)
_KEEP_STATUS = upsert(webhook_status, _newer)
_FAILS_NO_MORE = (
    update(webhook_status)
    .where(webhook_status.c.webhook_id == bindparam("webhook"))
    .values(failing_since=None)
)


def record(connection: Connection, finished: Sequence[Finished]) -> None:
    """Write attempts and the states they lead to."""
    if not finished:
        return
    finished = _keep_attempts(connection, finished)
    after = [delivery_after(one) for one in finished]
    off = _switched_off(
        connection,
        {one.webhook_id for one in after if one.state is DeliveryState.RETRYING},
    )
    _SETTLE(
        connection,
        [
            settled_params(one, _kept_back(settled, off))
            for one, settled in zip(finished, after, strict=True)
        ],
    )
    _add_tallies(connection, finished)
    _keep_status(connection, finished)


def record_test(
    connection: Connection,
    event: Event,
    delivery: Delivery,
    finished: Finished,
    entry: AuditEntry,
) -> None:
    """Keep a test; of a recorded event and delivery, only the attempt is new."""
    connection.execute(_INSERT_NEW_EVENT, event_params(event))
    settled = delivery_params(delivery_after(finished))
    connection.execute(
        _INSERT_NEW_DELIVERY, {**settled, **last_params(finished.attempt)}
    )
    _keep_status(connection, _keep_attempts(connection, [finished]))
    note(connection, entry)


def extend(
    connection: Connection, claims: Collection[Delivery], until: datetime
) -> None:
    """Move the end of leases that are still ours."""
    if claims:
        connection.execute(
            _EXTEND, [{**_fence(one), "until": micros(until)} for one in claims]
        )


def release(
    connection: Connection, claims: Collection[Delivery], now: datetime
) -> None:
    """Give back what was claimed and not sent: due at once, as before."""
    if not claims:
        return
    off = _switched_off(connection, {one.webhook_id for one in claims})
    released = [_kept_back(_released(one, now), off) for one in claims]
    connection.execute(
        _RELEASE,
        [
            {
                **_fence(one),
                "as_state": one.state.value,
                "until": maybe_micros(one.due_at),
            }
            for one in released
        ],
    )


def _released(claimed: Delivery, now: datetime) -> Delivery:
    tried = claimed.attempts and claimed.trigger is Trigger.SCHEDULE
    state = DeliveryState.RETRYING if tried else DeliveryState.PENDING
    return replace(claimed, state=state, due_at=now)


def _fence(claimed: Delivery) -> Params:
    return {"held_id": claimed.id, "held_claims": claimed.claims}


def _switched_off(
    connection: Connection, webhook_ids: Collection[str]
) -> dict[str, DeliveryState]:
    """The webhooks nothing may go back to, and what becomes of what would."""
    if not webhook_ids:
        return {}
    return {
        webhook_id: DeliveryState.HELD
        if deleted_at is None
        else DeliveryState.CANCELLED
        for webhook_id, deleted_at in connection.execute(
            _OFF, {"ids": list(webhook_ids)}
        )
    }


def _kept_back(delivery: Delivery, off: Mapping[str, DeliveryState]) -> Delivery:
    """The delivery, but what would wait for a webhook that is off is held instead."""
    if delivery.due_at is None or delivery.webhook_id not in off:
        return delivery
    return replace(delivery, state=off[delivery.webhook_id], due_at=None)


# Attempts.


def _keep_attempts(
    connection: Connection, finished: Sequence[Finished]
) -> Sequence[Finished]:
    """Write the attempts; returns them under the numbers they are kept by."""
    rows = [attempt_params(one.attempt) for one in finished]
    if _INSERT_NEW_ATTEMPTS(connection, rows) == len(rows):
        return finished
    return [
        replace(one, attempt=replace(one.attempt, number=_number(connection, row)))
        for one, row in zip(finished, rows, strict=True)
    ]


def _number(connection: Connection, row: Params) -> int:
    """The number of an attempt; the next one if another worker's has its number."""
    kept = connection.execute(_KEPT, {"delivery": row["delivery_id"]}).all()
    for number, started_at in kept:
        if started_at == row["started_at"]:
            return int(number)
    free = 1 + int(max(number for number, _ in kept))
    connection.execute(_INSERT_ATTEMPT, {**row, "number": free})
    return free


# Tallies and status.


def _add_tallies(connection: Connection, finished: Iterable[Finished]) -> None:
    sums: dict[tuple[str, int], list[int]] = {}
    for one in finished:
        minute = micros(one.attempt.started_at) // MINUTE
        tally = sums.setdefault((one.delivery.webhook_id, minute), [0, 0])
        tally[not one.attempt.outcome.is_success] += 1
    rows = [
        {
            "webhook_id": webhook_id,
            "minute": minute,
            "delivered": delivered,
            "failed": failed,
        }
        for (webhook_id, minute), (delivered, failed) in sums.items()
    ]
    connection.execute(_ADD_TALLIES, rows)


def _keep_status(connection: Connection, finished: Iterable[Finished]) -> None:
    newest: dict[str, Attempt] = {}
    failing_since: dict[str, int | None] = {}
    for one in finished:
        webhook_id, attempt = one.delivery.webhook_id, one.attempt
        before = newest.setdefault(webhook_id, attempt)
        if attempt.started_at > before.started_at:
            newest[webhook_id] = attempt
        if attempt.trigger is Trigger.TEST:
            continue  # a test says nothing about how deliveries fare
        if attempt.outcome.is_success:
            failing_since[webhook_id] = None
        elif failing_since.get(webhook_id) is None:
            failing_since[webhook_id] = micros(attempt.started_at)
    _end_failing(connection, finished)
    connection.execute(
        _KEEP_STATUS,
        [
            {
                "webhook_id": webhook_id,
                "failing_since": failing_since.get(webhook_id),
                **last_params(attempt),
            }
            for webhook_id, attempt in newest.items()
        ],
    )


def _end_failing(connection: Connection, finished: Iterable[Finished]) -> None:
    delivered = {
        one.delivery.webhook_id
        for one in finished
        if one.attempt.outcome.is_success and one.attempt.trigger is not Trigger.TEST
    }
    if delivered:
        connection.execute(_FAILS_NO_MORE, [{"webhook": one} for one in delivered])
