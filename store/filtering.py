"""From a filter to conditions that an index answers.

The history grows to millions, so what decides is which index walks it: newest first,
and through as few rows as possible that the filter does not want. Planners without
statistics guess, so columns that must not choose the index are hidden from them.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    TextClause,
    select,
    union_all,
)

from core.history import DeliveryFilter, StatusRange
from core.model import DeliveryState
from store.convert import MICROSECOND, micros
from store.patterns import fits
from store.tables import NOT_DELIVERED, deliveries, webhooks

Conditions = list[ColumnElement[bool] | TextClause]

_SKEW = timedelta(minutes=10) // MICROSECOND
"""How far the order of ids and of times may differ: ids are drawn when a delivery is
created, but clocks of two machines differ, and clocks are set."""

_C = deliveries.c
_ALL = frozenset(DeliveryState)


def plan_for(
    connection: Connection, workspace_id: str, wanted: DeliveryFilter
) -> list[Conditions]:
    """The conditions of the filter: once, or once for each state, and never if nothing
    can match.
    """
    states = _states(wanted)
    rest = [*_details(wanted), *_times(connection, workspace_id, wanted)]
    if wanted.event_id is not None:
        return [[*_of_event(workspace_id, wanted), *_in(states), *rest]]
    if DeliveryState.DELIVERED not in states:
        return [
            [*_in_state(workspace_id, state, wanted), *rest] for state in sorted(states)
        ]
    return [[*_of_webhook_or_all(workspace_id, wanted), *_in(states), *rest]]


def one_of_each(
    pages: Sequence[Select[tuple[Any, ...]]],
) -> CompoundSelect[tuple[Any, ...]]:
    """The ids of several pages together."""
    # A part of a UNION may have an ORDER BY only as a query of its own.
    return union_all(*(select(page.subquery()) for page in pages))


def _states(wanted: DeliveryFilter) -> frozenset[DeliveryState]:
    """The states that can match: what is delivered was answered with a 2xx."""
    states = wanted.states or _ALL
    failed = wanted.failure is not None or _is_failure(wanted.status)
    return states - {DeliveryState.DELIVERED} if failed else states


def _is_failure(status: StatusRange | None) -> bool:
    return status is not None and (status.low >= 300 or status.high < 200)


def _of_event(workspace_id: str, wanted: DeliveryFilter) -> Conditions:
    conditions: Conditions = [
        _C.event_id == wanted.event_id,
        _hidden(_C.workspace_id) == workspace_id,
    ]
    if wanted.webhook_id is not None:
        conditions.append(_hidden(_C.webhook_id) == wanted.webhook_id)
    return conditions


def _of_webhook_or_all(workspace_id: str, wanted: DeliveryFilter) -> Conditions:
    if wanted.webhook_id is None:
        return [_C.workspace_id == workspace_id]
    is_theirs = select(webhooks.c.id).where(
        webhooks.c.id == wanted.webhook_id, webhooks.c.workspace_id == workspace_id
    )
    return [_C.webhook_id == wanted.webhook_id, is_theirs.exists()]


def _in_state(
    workspace_id: str, state: DeliveryState, wanted: DeliveryFilter
) -> Conditions:
    conditions: Conditions = [
        _C.workspace_id == workspace_id,
        _C.state == state.value,
        NOT_DELIVERED,
    ]
    if wanted.webhook_id is not None:
        conditions.append(_hidden(_C.webhook_id) == wanted.webhook_id)
    return conditions


def _in(states: frozenset[DeliveryState]) -> Conditions:
    if states == _ALL:
        return []
    return [_C.state.in_(sorted(state.value for state in states))]


def _details(wanted: DeliveryFilter) -> Conditions:
    conditions: Conditions = []
    if wanted.event_type is not None:
        conditions.append(fits(_C.event_type, wanted.event_type))
    if wanted.status is not None:
        conditions.append(_C.last_status.between(wanted.status.low, wanted.status.high))
    if wanted.failure is not None:
        conditions.append(_C.last_failure == wanted.failure.value)
    return conditions


def _times(
    connection: Connection, workspace_id: str, wanted: DeliveryFilter
) -> Conditions:
    """The times, and the ids around them: only ids can end a walk early."""
    conditions: Conditions = []
    there = select(_C.id).where(_C.workspace_id == workspace_id).limit(1)
    if wanted.since is not None:
        since = micros(wanted.since)
        conditions.append(_C.created_at >= since)
        before = there.where(_C.created_at < since - _SKEW)
        below = connection.execute(before.order_by(_C.created_at.desc())).scalar()
        if below is not None:
            conditions.append(_C.id > below)
    if wanted.until is not None:
        until = micros(wanted.until)
        conditions.append(_C.created_at < until)
        after = there.where(_C.created_at > until + _SKEW)
        above = connection.execute(after.order_by(_C.created_at)).scalar()
        if above is not None:
            conditions.append(_C.id < above)
    return conditions


def _hidden(column: Column[Any]) -> ColumnElement[Any]:
    """The column as an expression, which no index answers."""
    return column.concat("")
