"""Events: accepted with their deliveries in one transaction, and read in pages."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, insert, select

from core.errors import HooklineError
from core.history import EventRow, Window
from core.model import Event
from core.ports import FanOut
from store import refusals
from store.convert import DELIVERY, EVENT, delivery_params, event_params, to_event
from store.dialect import ForMany
from store.paging import newest_first, within
from store.part import Part
from store.patterns import fits
from store.tables import deliveries, events, webhooks

_INSERT_EVENTS = ForMany(insert(events))
_INSERT_DELIVERIES = ForMany(
    insert(deliveries).values(
        {column.name: bindparam(column.name) for column in DELIVERY}
    )
)
_SUBSCRIPTIONS = (
    select(webhooks.c.id, webhooks.c.events, webhooks.c.active)
    .where(
        webhooks.c.workspace_id == bindparam("workspace_id"),
        webhooks.c.deleted_at.is_(None),
    )
    .order_by(webhooks.c.id)
)
_KEYS = select(*EVENT).where(
    events.c.workspace_id == bindparam("workspace_id"),
    events.c.idempotency_key.in_(bindparam("keys", expanding=True)),
)
_FANNED_OUT = (
    select(func.count())
    .select_from(deliveries)
    .where(deliveries.c.event_id == events.c.id)
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A webhook as matching sees it."""

    id: str
    events: tuple[str, ...]
    active: bool


class SqlIntake(Part):
    """`core.ports.Intake`."""

    async def accept(
        self, events: Sequence[Event], fan_out: FanOut
    ) -> Sequence[Event | HooklineError]:
        """Store events and their deliveries in one transaction; durable on return."""
        return await self._database.write(_accept, events, fan_out)

    async def event(self, workspace_id: str, event_id: str) -> Event:
        """One event. Raises NotFound."""
        return await self._database.read(_event, workspace_id, event_id)

    async def events(
        self, workspace_id: str, window: Window, event_type: str | None = None
    ) -> Sequence[EventRow]:
        """A page of events, of types that match the pattern."""
        return await self._database.read(_events, workspace_id, window, event_type)


def _accept(
    connection: Connection, arrived: Sequence[Event], fan_out: FanOut
) -> list[Event | HooklineError]:
    earlier = _earlier(connection, arrived)
    answers = [_answer(event, earlier) for event in arrived]
    new = [
        event for event, answer in zip(arrived, answers, strict=True) if answer is event
    ]
    found = _subscribers(connection, {event.workspace_id for event in new})
    fanned_out = [
        delivery_params(delivery)
        for event in new
        for delivery in fan_out(event, found[event.workspace_id])
    ]
    if new:
        _INSERT_EVENTS(connection, [event_params(event) for event in new])
    if fanned_out:
        _INSERT_DELIVERIES(connection, fanned_out)
    return answers


Keys = dict[tuple[str, str], Event]


def _earlier(connection: Connection, arrived: Iterable[Event]) -> Keys:
    """The events that used these idempotency keys before, by workspace and key."""
    keys: dict[str, list[str]] = {}
    for event in arrived:
        if event.idempotency_key is not None:
            keys.setdefault(event.workspace_id, []).append(event.idempotency_key)
    found = (
        to_event(row)
        for workspace_id, used in keys.items()
        for row in connection.execute(
            _KEYS, {"workspace_id": workspace_id, "keys": used}
        )
    )
    return {(event.workspace_id, event.idempotency_key or ""): event for event in found}


def _answer(event: Event, earlier: Keys) -> Event | HooklineError:
    """The event itself when it is new, the earlier one when it is the same again."""
    if event.idempotency_key is None:
        return event
    first = earlier.setdefault((event.workspace_id, event.idempotency_key), event)
    if (first.type, first.payload) == (event.type, event.payload):
        return first
    return refusals.key_used(event.idempotency_key, first.id)


def _subscribers(
    connection: Connection, workspace_ids: Iterable[str]
) -> Mapping[str, Sequence[Subscriber]]:
    return {
        workspace_id: [
            Subscriber(webhook_id, tuple(json.loads(patterns)), active)
            for webhook_id, patterns, active in connection.execute(
                _SUBSCRIPTIONS, {"workspace_id": workspace_id}
            )
        ]
        for workspace_id in workspace_ids
    }


def _event(connection: Connection, workspace_id: str, event_id: str) -> Event:
    query = select(*EVENT).where(
        events.c.id == event_id, events.c.workspace_id == workspace_id
    )
    row = connection.execute(query).first()
    if row is None:
        raise refusals.no_event(event_id)
    return to_event(row)


def _events(
    connection: Connection, workspace_id: str, window: Window, event_type: str | None
) -> Sequence[EventRow]:
    query = select(*EVENT, _FANNED_OUT).where(events.c.workspace_id == workspace_id)
    if event_type is not None:
        query = query.where(fits(events.c.type, event_type))
    rows = connection.execute(within(query, events.c.id, window)).all()
    return [EventRow(to_event(row), row[-1]) for row in newest_first(rows, window)]
