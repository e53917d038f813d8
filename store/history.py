"""The history: pages, counts, one delivery with all that belongs to it."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, literal, select

from core.audit import AuditEntry
from core.history import Count, DeliveryDetail, DeliveryFilter, DeliveryRow, Window
from core.model import Delivery, Event
from core.work import Finished
from store import refusals
from store.attempt_rows import to_attempt
from store.convert import DELIVERY, EVENT, to_delivery, to_event, to_last
from store.filtering import Conditions, one_of_each, plan_for
from store.paging import newest_first, within
from store.part import Opened, Part
from store.recording import record_test
from store.tables import LAST, attempts, columns, deliveries, events, webhooks

_ROW = select(*DELIVERY, webhooks.c.name, *columns(deliveries, *LAST)).join(
    webhooks, webhooks.c.id == deliveries.c.webhook_id
)
_BY_ID = _ROW.where(
    deliveries.c.workspace_id == bindparam("workspace_id"),
    deliveries.c.id.in_(bindparam("ids", expanding=True)),
).order_by(deliveries.c.id.desc())


class SqlHistory(Part):
    """`core.ports.History`."""

    async def deliveries(
        self, workspace_id: str, wanted: DeliveryFilter, window: Window
    ) -> Sequence[DeliveryRow]:
        """A page of the history, newest first."""
        return await self._database.read(_page, workspace_id, wanted, window)

    async def delivery_rows(
        self, workspace_id: str, ids: Collection[str]
    ) -> Sequence[DeliveryRow]:
        """These lines as they are now; the missing are left out."""
        return await self._database.read(_rows, workspace_id, ids)

    async def count_deliveries(
        self, workspace_id: str, wanted: DeliveryFilter, cap: int = 10_000
    ) -> Count:
        """How many there are, counted up to `cap`."""
        return await self._database.read(_count, workspace_id, wanted, cap)

    async def delivery(self, workspace_id: str, delivery_id: str) -> DeliveryDetail:
        """One delivery with its attempts. Raises NotFound."""
        return await self._database.read(
            _detail, workspace_id, delivery_id, self._opened
        )

    async def record_test(
        self, event: Event, delivery: Delivery, finished: Finished, audit: AuditEntry
    ) -> None:
        """Keep a test: its event, its delivery and its one attempt."""
        await self._database.write(record_test, event, delivery, finished, audit)

    async def change_mark(self) -> int:
        """A number that is another one after anybody committed anything."""
        return self._database.change_mark()


def _page(
    connection: Connection, workspace_id: str, wanted: DeliveryFilter, window: Window
) -> Sequence[DeliveryRow]:
    plan = plan_for(connection, workspace_id, wanted)
    if not plan:
        return []
    rows = connection.execute(page_query(plan, window)).all()
    return [_row(row) for row in newest_first(rows, window)]


def page_query(plan: Sequence[Conditions], window: Window) -> Select[tuple[Any, ...]]:
    """The query of a page: the ids first, for which an index is enough, then the rows.

    Several states are read one by one and merged.
    """
    key = deliveries.c.id
    ids = one_of_each([within(select(key).where(*one), key, window) for one in plan])
    return within(_ROW.where(key.in_(ids)), key, window)


def _row(row: Sequence[Any]) -> DeliveryRow:
    width = len(DELIVERY)
    return DeliveryRow(to_delivery(row), row[width], to_last(row[width + 1 :]))


def _rows(
    connection: Connection, workspace_id: str, ids: Collection[str]
) -> list[DeliveryRow]:
    wanted = {"workspace_id": workspace_id, "ids": list(ids)}
    return [_row(row) for row in connection.execute(_BY_ID, wanted)]


def _count(
    connection: Connection, workspace_id: str, wanted: DeliveryFilter, cap: int
) -> Count:
    found = 0
    for conditions in plan_for(connection, workspace_id, wanted):
        some = select(literal(1)).select_from(deliveries).where(*conditions)
        one_too_many = some.limit(cap + 1 - found).subquery()
        counted = select(func.count()).select_from(one_too_many)
        found += connection.execute(counted).scalar_one()
    return Count(min(found, cap), exact=found <= cap)


def _detail(
    connection: Connection, workspace_id: str, delivery_id: str, opened: Opened
) -> DeliveryDetail:
    query = select(*DELIVERY, *EVENT).join(events, events.c.id == deliveries.c.event_id)
    row = connection.execute(
        query.where(
            deliveries.c.id == delivery_id, deliveries.c.workspace_id == workspace_id
        )
    ).first()
    if row is None:
        raise refusals.no_delivery(delivery_id)
    delivery = to_delivery(row)
    receiver = select(webhooks).where(webhooks.c.id == delivery.webhook_id)
    webhook = connection.execute(receiver).mappings().one()
    made = select(attempts).where(attempts.c.delivery_id == delivery_id)
    rows = connection.execute(made.order_by(attempts.c.number)).mappings()
    return DeliveryDetail(
        delivery=delivery,
        event=to_event(row[len(DELIVERY) :]),
        webhook_name=webhook["name"],
        webhook=opened.of(webhook) if webhook["deleted_at"] is None else None,
        attempts=tuple(to_attempt(attempt) for attempt in rows),
    )
