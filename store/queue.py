"""What workers do: claim, keep, give back, record, and say that they live."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from core.audit import AuditEntry
from core.history import WorkerBeat
from core.model import Delivery, DeliveryState, Trigger
from core.work import Claim, Finished
from store import refusals
from store.claiming import claim, next_due
from store.convert import DELIVERY, beat_params, micros, to_beat, to_delivery
from store.dialect import upsert
from store.part import Part, note
from store.recording import extend, record, release
from store.tables import deliveries, webhooks, workers

_BEAT = upsert(workers, lambda excluded: {c.name: excluded[c.name] for c in workers.c})


class SqlQueue(Part):
    """`core.ports.Queue`."""

    async def claim(
        self, now: datetime, lease_until: datetime, limit: int, room: Mapping[str, int]
    ) -> Sequence[Claim]:
        """Take up to `limit` due deliveries, fairly between webhooks."""
        return await self._database.write(
            claim, self._opened, now, lease_until, limit=limit, room=room
        )

    async def extend(self, claims: Collection[Delivery], until: datetime) -> None:
        """Move the end of leases that are still ours."""
        await self._database.write(extend, claims, until)

    async def release(self, claims: Collection[Delivery], now: datetime) -> None:
        """Give back what was claimed and not sent: due at once, as before."""
        await self._database.write(release, claims, now)

    async def record(self, finished: Sequence[Finished]) -> None:
        """Write attempts and the states they lead to, in one transaction."""
        await self._database.write(record, finished)

    async def next_due(self) -> datetime | None:
        """When the next delivery is due, or the next lease ends; None if none waits."""
        return await self._database.read(next_due)

    async def redeliver(
        self, delivery_id: str, now: datetime, audit: AuditEntry
    ) -> Delivery:
        """Make a delivery due again at once, by hand. Raises NotFound or Stale."""
        return await self._database.write(_redeliver, delivery_id, now, audit)

    async def beat(self, worker: WorkerBeat) -> None:
        """Note a worker's sign of life."""
        await self._database.write(_beat, worker)

    async def retire(self, worker_id: str) -> None:
        """Forget a worker that stopped."""
        await self._database.write(_retire, worker_id)

    async def workers(self) -> Sequence[WorkerBeat]:
        """All workers that said they live and did not say goodbye."""
        return await self._database.read(_workers)


def _redeliver(
    connection: Connection, delivery_id: str, now: datetime, entry: AuditEntry
) -> Delivery:
    _check_can_go_out(connection, delivery_id)
    row = connection.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id)
        .values(
            state=DeliveryState.PENDING.value,
            due_at=micros(now),
            trigger=Trigger.MANUAL.value,
        )
        .returning(*DELIVERY)
    ).one()
    note(connection, entry)
    return to_delivery(row)


def _check_can_go_out(connection: Connection, delivery_id: str) -> None:
    query = (
        select(
            deliveries.c.state,
            webhooks.c.name,
            webhooks.c.active,
            webhooks.c.deleted_at,
        )
        .join(webhooks, webhooks.c.id == deliveries.c.webhook_id)
        .where(deliveries.c.id == delivery_id)
    )
    found = connection.execute(query).first()
    if found is None:
        raise refusals.no_delivery(delivery_id)
    if found.state == DeliveryState.SENDING.value:
        raise refusals.being_sent(delivery_id)
    if found.deleted_at is not None:
        raise refusals.is_deleted(found.name)
    if not found.active:
        raise refusals.is_inactive(found.name)


def _beat(connection: Connection, worker: WorkerBeat) -> None:
    connection.execute(_BEAT, beat_params(worker))


def _retire(connection: Connection, worker_id: str) -> None:
    connection.execute(delete(workers).where(workers.c.id == worker_id))


def _workers(connection: Connection) -> list[WorkerBeat]:
    rows = connection.execute(select(workers).order_by(workers.c.id)).mappings()
    return [to_beat(row) for row in rows]
