"""The stores under test, and a workspace with a webhook in each."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from core.ports import Store
from store import create_store, open_store
from tests.builders import a_webhook, a_workspace, an_audit_entry, an_event_type
from tests.memory_store import MemoryStore

DATABASE = "hookline.db"
KEY_FILE = "hookline.key"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a new store, made once: the migrations take their time."""
    folder = tmp_path_factory.mktemp("store")
    await (await create_store(folder / DATABASE, folder / KEY_FILE)).close()
    return folder


@pytest.fixture
def database(made: Path, tmp_path: Path) -> Path:
    """A new database of the test's own; its key is beside it."""
    shutil.copy2(made / KEY_FILE, tmp_path / KEY_FILE)
    return Path(shutil.copy2(made / DATABASE, tmp_path / DATABASE))


@pytest.fixture
def key_file(database: Path) -> Path:
    """The key of `database`."""
    return database.with_name(KEY_FILE)


@pytest.fixture
async def sqlite_store(database: Path, key_file: Path) -> AsyncIterator[Store]:
    """A SQLite store on the event loop, with the workspace acme and its webhook CI."""
    store = await open_store(database, key_file)
    yield await furnish(store)
    await store.close()


@pytest.fixture(params=["memory", "sqlite"])
async def empty_store(
    request: pytest.FixtureRequest, database: Path, key_file: Path
) -> AsyncIterator[Store]:
    """A store of each kind, with nothing in it."""
    store: Store = MemoryStore()
    if request.param == "sqlite":
        store = await open_store(database, key_file)
    yield store
    await store.close()


@pytest.fixture
async def store(empty_store: Store) -> Store:
    """A store of each kind, with the workspace acme and its webhook CI."""
    return await furnish(empty_store)


async def furnish(store: Store) -> Store:
    """Add the workspace acme, one event type and the webhook CI."""
    types = [an_event_type()]
    await store.add_workspace(a_workspace(), types, an_audit_entry(id="aud_0a"))
    await store.add_webhook(a_webhook(), an_audit_entry(id="aud_0b"))
    return store
