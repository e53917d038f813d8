"""The history, and what an on-call engineer does with it."""

from collections.abc import Collection, Sequence

from core.access import Capability
from core.actions.caller import Caller, needs
from core.history import (
    Count,
    DeliveryDetail,
    DeliveryFilter,
    DeliveryRow,
    Window,
    WorkerBeat,
)
from core.model import Delivery

MANAGE = Capability.MANAGE_WEBHOOKS


@needs(MANAGE)
async def list_deliveries(
    caller: Caller, wanted: DeliveryFilter, window: Window
) -> Sequence[DeliveryRow]:
    """A page of the history, newest first."""
    return await caller.store.deliveries(caller.workspace.id, wanted, window)


@needs(MANAGE)
async def delivery_rows(caller: Caller, ids: Collection[str]) -> Sequence[DeliveryRow]:
    """These lines as they are now."""
    return await caller.store.delivery_rows(caller.workspace.id, ids)


@needs(MANAGE)
async def count_deliveries(caller: Caller, wanted: DeliveryFilter) -> Count:
    """How many deliveries match, counted up to a cap."""
    return await caller.store.count_deliveries(caller.workspace.id, wanted)


@needs(MANAGE)
async def find_delivery(caller: Caller, delivery_id: str) -> DeliveryDetail:
    """One delivery with its event, webhook and attempts. Raises NotFound."""
    return await caller.store.delivery(caller.workspace.id, delivery_id)


@needs(MANAGE)
async def redeliver(caller: Caller, delivery_id: str) -> Delivery:
    """Send it again as soon as a worker can. Raises NotFound or Stale."""
    detail = await caller.store.delivery(caller.workspace.id, delivery_id)
    entry = caller.audit("delivery.redelivered", detail.delivery.id)
    return await caller.store.redeliver(detail.delivery.id, caller.now, entry)


@needs(MANAGE)
async def list_workers(caller: Caller) -> Sequence[WorkerBeat]:
    """The workers that are alive now."""
    now = caller.now
    return [beat for beat in await caller.store.workers() if beat.is_alive(now)]
