"""The demo's data: the same each time, and something of everything."""

from core.history import DeliveryFilter, Window
from core.model import DeliveryState
from core.outcome import FailureKind
from hookline.demo.data import PICTURE_TIME, DemoWorld, furnish
from tests.memory_store import MemoryStore

ALL = Window(limit=10_000)


async def told(store: MemoryStore) -> tuple[DemoWorld, list[object]]:
    world = await furnish(store, PICTURE_TIME)
    rows: list[object] = []
    for workspace in world.workspaces:
        rows += await store.deliveries(workspace.id, DeliveryFilter(), ALL)
        rows += await store.audit_entries(workspace.id, ALL)
    return world, rows


async def test_the_same_story_is_told_each_time() -> None:
    assert await told(MemoryStore()) == await told(MemoryStore())


async def test_there_is_an_example_of_everything() -> None:
    world = await furnish(MemoryStore(), PICTURE_TIME)

    settled = set(DeliveryState) - {DeliveryState.PENDING, DeliveryState.SENDING}
    wanted = {*settled, *FailureKind, "retried", "manual", "test"}
    statuses = {"200", "202", "204", "301", "404", "410", "429", "500", "503"}
    assert {str(kind) for kind in wanted} | statuses <= world.examples.keys()
