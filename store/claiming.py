"""Taking due deliveries, fairly between webhooks, with leases.

A delivery that is being sent is due again when its lease ends: that is all it takes to
pick up what a crashed worker held. Everything here is bounded by what is asked for and
by the number of webhooks, never by the backlog; a test reads the query plans.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, text, update

from core.errors import StoreProblem
from core.model import Delivery, DeliveryState
from core.work import Claim
from store.convert import (
    DELIVERY,
    EVENT,
    dumps,
    maybe_moment,
    micros,
    to_delivery,
    to_event,
)
from store.part import Opened
from store.tables import deliveries, events, webhooks, workspaces

_FIRST_DUE = (
    select(func.min(deliveries.c.due_at))
    .where(deliveries.c.webhook_id == webhooks.c.id, deliveries.c.due_at.is_not(None))
    .scalar_subquery()
)
_LANES = select(
    webhooks.c.id,
    webhooks.c.revision,
    webhooks.c.in_flight,
    workspaces.c.slug,
    webhooks.c.active,
    webhooks.c.deleted_at,
    _FIRST_DUE,
).join(workspaces, workspaces.c.id == webhooks.c.workspace_id)
_NEXT_DUE = select(func.min(_FIRST_DUE)).select_from(webhooks)

# SQLite has no LATERAL; an IN with a LIMIT inside is its way to say "some of each".
_PICK = text(
    """
    SELECT due.webhook_id, due.due_at, due.id
    FROM json_each(:webhooks) AS lane
    CROSS JOIN deliveries AS due
    WHERE due.id IN (
        SELECT first.id
        FROM deliveries AS first
        WHERE first.webhook_id = lane.value AND first.due_at <= :now
        ORDER BY first.due_at
        LIMIT :most
    )
    """
)
_TAKE = (
    update(deliveries)
    .where(deliveries.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        state=DeliveryState.SENDING.value,
        due_at=bindparam("lease"),
        claims=deliveries.c.claims + 1,
    )
    .returning(*DELIVERY)
)
_EVENTS = select(*EVENT).where(events.c.id.in_(bindparam("ids", expanding=True)))
_KEEP_BACK = (
    update(deliveries)
    .where(
        deliveries.c.webhook_id == bindparam("webhook"),
        deliveries.c.due_at <= bindparam("now"),
    )
    .values(state=bindparam("as_state"), due_at=None)
)


@dataclass(frozen=True, slots=True)
class _Lane:
    """A webhook with something due."""

    webhook_id: str
    revision: int
    in_flight: int
    workspace: str
    active: bool
    deleted_at: int | None
    first_due: int


def claim(
    connection: Connection,
    opened: Opened,
    now: datetime,
    lease_until: datetime,
    *,
    limit: int,
    room: Mapping[str, int],
) -> list[Claim]:
    """Take up to `limit` due deliveries.

    Raises:
        StoreProblem: no webhook that has something due can be read.
    """
    at = micros(now)
    lanes = _lanes(connection, at)
    open_lanes = [
        lane for lane in lanes if room.get(lane.webhook_id, lane.in_flight) > 0
    ]
    # With more webhooks than places, those that wait longest come first.
    readable = _readable(connection, opened, open_lanes[:limit])
    ids = _pick(connection, readable, at, limit, room)
    if not ids:
        return []
    taken = _take(connection, ids, micros(lease_until))
    found = _events(connection, taken)
    chosen = {lane.webhook_id: lane for lane in readable}
    webhook = opened.load(
        connection,
        [(key, chosen[key].revision) for key in {one.webhook_id for one in taken}],
    )
    return [
        Claim(
            one,
            found[one.event_id],
            webhook[one.webhook_id],
            chosen[one.webhook_id].workspace,
        )
        for one in taken
    ]


def next_due(connection: Connection) -> datetime | None:
    """When the next delivery is due, or the next lease ends."""
    return maybe_moment(connection.execute(_NEXT_DUE).scalar())


def _lanes(connection: Connection, now: int) -> list[_Lane]:
    """The webhooks with something due, those that wait longest first."""
    due = [
        _Lane(*row)
        for row in connection.execute(_LANES)
        if row[-1] is not None and row[-1] <= now
    ]
    for lane in due:
        if lane.deleted_at is not None or not lane.active:
            _keep_back(connection, lane, now)
    lanes = [lane for lane in due if lane.deleted_at is None and lane.active]
    return sorted(lanes, key=lambda lane: (lane.first_due, lane.webhook_id))


def _keep_back(connection: Connection, lane: _Lane, now: int) -> None:
    """A worker crashed while this webhook was switched off or deleted."""
    deleted = lane.deleted_at is not None
    state = DeliveryState.CANCELLED if deleted else DeliveryState.HELD
    connection.execute(
        _KEEP_BACK, {"webhook": lane.webhook_id, "now": now, "as_state": state.value}
    )


def _readable(
    connection: Connection, opened: Opened, lanes: Sequence[_Lane]
) -> Sequence[_Lane]:
    """Those whose webhook can be read: one that is damaged costs only itself."""
    problem: StoreProblem | None = None
    readable = []
    for lane in lanes:
        try:
            opened.load(connection, [(lane.webhook_id, lane.revision)])
        except StoreProblem as error:
            problem = error
        else:
            readable.append(lane)
    if problem and not readable:
        raise problem
    return readable


def _pick(
    connection: Connection,
    lanes: Sequence[_Lane],
    now: int,
    limit: int,
    room: Mapping[str, int],
) -> list[str]:
    """The ids to take: one of each webhook in turn, as long as it has room."""
    if not lanes or limit <= 0:
        return []
    # Twice its share of each, so that a short queue leaves its places to the others.
    most = min(limit, 2 * -(-limit // len(lanes)))
    queues: dict[str, list[tuple[int, str]]] = {lane.webhook_id: [] for lane in lanes}
    for webhook_id, due_at, delivery_id in connection.execute(
        _PICK, {"webhooks": dumps(list(queues)), "now": now, "most": most}
    ):
        queues[webhook_id].append((due_at, delivery_id))
    in_turn = _turns(
        [
            sorted(queues[lane.webhook_id])[: room.get(lane.webhook_id, lane.in_flight)]
            for lane in lanes
        ]
    )
    return [delivery_id for _, delivery_id in islice(in_turn, limit)]


def _turns(queues: Sequence[Sequence[Any]]) -> Iterator[Any]:
    """The first of each queue, then the second of each, and so on."""
    for turn in range(max(map(len, queues))):
        yield from (queue[turn] for queue in queues if turn < len(queue))


def _take(connection: Connection, ids: Sequence[str], lease: int) -> list[Delivery]:
    rows = connection.execute(_TAKE, {"ids": ids, "lease": lease}).all()
    taken = {row[0]: to_delivery(row) for row in rows}
    return [taken[delivery_id] for delivery_id in ids]


def _events(connection: Connection, taken: Sequence[Delivery]) -> dict[str, Any]:
    ids = list({delivery.event_id for delivery in taken})
    return {row[0]: to_event(row) for row in connection.execute(_EVENTS, {"ids": ids})}
