"""How webhooks fare, read from tallies and counters: never from attempts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    bindparam,
    func,
    literal,
    select,
)
from sqlalchemy.sql.elements import TextClause

from core.history import BUCKET, BUCKETS, Bucket, WebhookHealth
from store.convert import maybe_moment, micros, to_last
from store.tables import (
    IS_HELD,
    LAST,
    columns,
    deliveries,
    tallies,
    webhook_status,
    webhooks,
)

COUNT_CAP = 100_000
"""Waiting and held deliveries are counted up to here: counting costs time."""

MINUTE = 60_000_000  # microseconds
_BUCKET = int(BUCKET.total_seconds()) // 60  # minutes


def _counted(condition: ColumnElement[bool] | TextClause) -> ScalarSelect[Any]:
    """How many deliveries of a row of `webhooks` are so, counted up to the cap."""
    found = (
        select(literal(1))
        .select_from(deliveries)
        .where(deliveries.c.webhook_id == webhooks.c.id, condition)
        .limit(COUNT_CAP)
        .correlate(webhooks)
        .subquery()
    )
    return select(func.count()).select_from(found).scalar_subquery()


_COUNTS = (
    select(
        webhooks.c.id,
        _counted(deliveries.c.due_at.is_not(None)),
        _counted(IS_HELD),
        webhook_status.c.failing_since,
        *columns(webhook_status, *LAST),
    )
    .outerjoin(webhook_status, webhook_status.c.webhook_id == webhooks.c.id)
    .where(
        webhooks.c.workspace_id == bindparam("workspace_id"),
        webhooks.c.deleted_at.is_(None),
    )
)

_PLACE = tallies.c.minute // _BUCKET
_HOUR = (
    select(
        tallies.c.webhook_id,
        _PLACE,
        func.sum(tallies.c.delivered),
        func.sum(tallies.c.failed),
    )
    .where(
        tallies.c.webhook_id.in_(
            select(webhooks.c.id).where(
                webhooks.c.workspace_id == bindparam("workspace_id"),
                webhooks.c.deleted_at.is_(None),
            )
        ),
        tallies.c.minute.between(bindparam("first"), bindparam("last")),
    )
    .group_by(tallies.c.webhook_id, _PLACE)
)


def read_health(
    connection: Connection, workspace_id: str, now: datetime
) -> Mapping[str, WebhookHealth]:
    """The health of each webhook of a workspace, by its id."""
    hours = _hours(connection, workspace_id, micros(now) // MINUTE)
    idle = (Bucket(),) * BUCKETS
    return {
        webhook_id: WebhookHealth(
            hour=tuple(hours.get(webhook_id, idle)),
            last=to_last(last),
            waiting=waiting,
            held=held,
            failing_since=maybe_moment(failing_since),
        )
        for webhook_id, waiting, held, failing_since, *last in connection.execute(
            _COUNTS, {"workspace_id": workspace_id}
        )
    }


def _hours(
    connection: Connection, workspace_id: str, minute: int
) -> dict[str, list[Bucket]]:
    """The last hour in buckets on the clock's fives, the newest one still filling."""
    newest = minute // _BUCKET
    first = newest - BUCKETS + 1
    hours: dict[str, list[Bucket]] = {}
    span = {"first": first * _BUCKET, "last": newest * _BUCKET + _BUCKET - 1}
    for webhook_id, bucket, delivered, failed in connection.execute(
        _HOUR, {"workspace_id": workspace_id, **span}
    ):
        hour = hours.setdefault(webhook_id, [Bucket()] * BUCKETS)
        hour[bucket - first] = Bucket(delivered, failed)
    return hours
