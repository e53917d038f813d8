"""What the contract cannot ask: settings, query plans, sentences, crashes, threads."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from core.errors import (
    DatabaseLocked,
    DatabaseUnusable,
    Invalid,
    NotInitialised,
    StoreProblem,
)
from core.history import DeliveryFilter, StatusRange, Window
from core.model import DeliveryState
from core.outcome import FailureKind
from core.ports import Held, Store
from store import in_threads, inline, open_store
from store.database import Database, connect
from store.keyfile import read_key_file
from store.problems import problem_of
from store.sqlite import SqliteStore
from tests.builders import (
    DAY,
    MINUTE,
    NOON,
    WORKSPACE_ID,
    a_beat,
    a_webhook,
    an_audit_entry,
    an_event,
    counting_ids,
    fan_out,
)
from tests.installed import ROOT
from tests.store.conftest import furnish


def pragma(connection: sqlite3.Connection, name: str) -> object:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


async def accept(store: Store, count: int) -> None:
    """Accept events, each with one delivery."""
    events = [an_event(id=f"evt_{number:04}") for number in range(count)]
    await store.accept(events, fan_out(counting_ids()))


# Settings.


def test_every_connection_is_durable_and_forgets_what_is_deleted(
    database: Path,
) -> None:
    connection = connect(database)

    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": 10_000,
    }
    assert {name: pragma(connection, name) for name in wanted} == wanted
    connection.close()


def test_reading_and_writing_use_such_connections(database: Path) -> None:
    opened = Database(database, inline)

    def durable(connection: Connection) -> tuple[object, ...]:
        names = ("synchronous", "journal_mode")
        return tuple(
            connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names
        )

    assert opened.write_now(durable) == opened.read_now(durable) == (2, "wal")
    opened.close_now()


def test_a_path_may_hold_anything(database: Path) -> None:
    odd = database.rename(database.with_name("a b?c#d%20e.db"))

    connection = connect(odd)
    connection.execute("SELECT * FROM webhooks")
    connection.close()

    assert odd.exists()


# Query plans: at a million rows the wrong index is an outage.


@contextmanager
def plans(database: Path) -> Iterator[list[str]]:
    """How SQLite goes about `deliveries` in whatever is done meanwhile."""
    found: list[str] = []
    explainer = sqlite3.connect(database)

    def explain(_: Any, __: Any, sql: str, values: Any, ___: Any, many: bool) -> None:
        if sql.startswith(("SELECT", "UPDATE", "WITH", "\n")):
            one = values[0] if many else values
            rows = explainer.execute(f"EXPLAIN QUERY PLAN {sql}", one).fetchall()
            found.extend(row[3] for row in rows)

    event.listen(Engine, "before_cursor_execute", explain)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", explain)
        explainer.close()


TABLES = ("deliveries", "due", "first")
S = DeliveryState
Ask = Callable[[Store], Awaitable[object]]


def page(**wanted: Any) -> Ask:
    """Ask for a page in the middle."""
    window = Window(older_than="dlv_9")
    return lambda s: s.deliveries(WORKSPACE_ID, DeliveryFilter(**wanted), window)


def count(**wanted: Any) -> Ask:
    """Ask how many there are."""
    return lambda s: s.count_deliveries(WORKSPACE_ID, DeliveryFilter(**wanted))


PAGE = "ix_deliveries_page (workspace_id=? AND id<?)"
WEBHOOK = "ix_deliveries_webhook_page (webhook_id=? AND id<?)"
STATE = "ix_deliveries_state_page (workspace_id=? AND state=? AND id<?)"
FIVE_HUNDRED = StatusRange(500, 599)
EVERY_PAGE = [
    (page(), f"COVERING INDEX {PAGE}"),
    (page(webhook_id="w"), f"COVERING INDEX {WEBHOOK}"),
    (page(states=frozenset({S.HELD})), f"COVERING INDEX {STATE}"),
    (page(states=frozenset({S.HELD, S.PENDING})), f"COVERING INDEX {STATE}"),
    (page(states=frozenset({S.HELD}), webhook_id="w"), f"COVERING INDEX {STATE}"),
    (page(states=frozenset({S.DELIVERED})), f"INDEX {PAGE}"),
    (page(states=frozenset({S.DELIVERED}), webhook_id="w"), f"INDEX {WEBHOOK}"),
    (page(status=FIVE_HUNDRED), f"COVERING INDEX {STATE}"),
    (page(status=FIVE_HUNDRED, webhook_id="w"), f"COVERING INDEX {STATE}"),
    (page(failure=FailureKind.DNS), f"COVERING INDEX {STATE}"),
    (page(event_type="review.*"), f"INDEX {PAGE}"),
    (page(event_id="e"), "INDEX ix_deliveries_event (event_id=? AND id<?)"),
    (
        page(event_id="e", webhook_id="w"),
        "INDEX ix_deliveries_event (event_id=? AND id<?)",
    ),
    (count(), "COVERING INDEX ix_deliveries_page (workspace_id=?)"),
    (count(webhook_id="w"), "COVERING INDEX ix_deliveries_webhook_page (webhook_id=?)"),
    (
        count(states=frozenset({S.HELD, S.EXHAUSTED})),
        "COVERING INDEX ix_deliveries_state_page (workspace_id=? AND state=?)",
    ),
]


@pytest.mark.parametrize(("ask", "index"), EVERY_PAGE)
async def test_a_page_walks_the_index_that_knows_its_filter(
    sqlite_store: Store, database: Path, ask: Ask, index: str
) -> None:
    await accept(sqlite_store, 3)

    with plans(database) as found:
        await ask(sqlite_store)

    walked = {line for line in found if "deliveries" in line}
    rows_by_key = {"SEARCH deliveries USING PRIMARY KEY (id=?)"}
    assert walked - rows_by_key == {f"SEARCH deliveries USING {index}"}
    assert [line for line in found if "TEMP B-TREE" in line] == []


async def test_a_time_ends_the_walk_by_ids(sqlite_store: Store, database: Path) -> None:
    """Where the time is in the history costs two looks into an index of times."""
    earlier = [an_event(id="evt_0", created_at=NOON - DAY)]
    await sqlite_store.accept(earlier, fan_out(lambda _: "dlv_000000"))
    await accept(sqlite_store, 3)
    ask = page(since=NOON - MINUTE, until=NOON + MINUTE)

    with plans(database) as found:
        await ask(sqlite_store)

    assert {line for line in found if "ix_" in line} == {
        "SEARCH deliveries USING COVERING INDEX ix_deliveries_time "
        "(workspace_id=? AND created_at<?)",
        "SEARCH deliveries USING COVERING INDEX ix_deliveries_time "
        "(workspace_id=? AND created_at>?)",
        "SEARCH deliveries USING INDEX ix_deliveries_page "
        "(workspace_id=? AND id>? AND id<?)",
    }


async def test_a_claim_never_reads_the_backlog(
    sqlite_store: Store, database: Path
) -> None:
    await accept(sqlite_store, 3)

    with plans(database) as found:
        await sqlite_store.claim(NOON, NOON + MINUTE, 2, {})
        await sqlite_store.next_due()

    due = "COVERING INDEX ix_deliveries_due (webhook_id=? AND due_at"
    assert {line for line in found if line.split()[1] in TABLES} == {
        f"SEARCH deliveries USING {due}>?)",
        f"SEARCH first USING {due}<?)",
        "SEARCH due USING PRIMARY KEY (id=?)",
        "SEARCH deliveries USING PRIMARY KEY (id=?)",
    }
    assert [line for line in found if "TEMP B-TREE" in line] == []


async def test_switching_and_health_read_only_what_waits_or_is_held(
    sqlite_store: Store, database: Path
) -> None:
    await accept(sqlite_store, 3)

    with plans(database) as found:
        await sqlite_store.deactivate(a_webhook(revision=2), an_audit_entry(id="a1"))
        await sqlite_store.health(WORKSPACE_ID, NOON)
        await sqlite_store.activate(
            a_webhook(revision=3), Held.DELIVER, NOON, an_audit_entry(id="a2")
        )
        await sqlite_store.delete_webhook("whk_ci", an_audit_entry(id="a3"))

    due = "INDEX ix_deliveries_due (webhook_id=? AND due_at>?)"
    held = "INDEX ix_deliveries_held (webhook_id=? AND state=?)"
    assert {line for line in found if " deliveries " in line} == {
        f"SEARCH deliveries USING {due}",
        f"SEARCH deliveries USING COVERING {due}",
        f"SEARCH deliveries USING COVERING {held}",
    }


# Sentences.


async def test_a_locked_database_is_said_so(
    sqlite_store: Store, database: Path
) -> None:
    opened = Database(database, inline, patience=0.01)

    with holding(database), pytest.raises(DatabaseLocked):
        opened.write_now(lambda _: None)

    opened.write_now(lambda _: None)
    opened.close_now()


@contextmanager
def holding(database: Path) -> Iterator[None]:
    """Somebody else writes, and takes their time."""
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


async def test_a_batch_that_has_no_space_is_not_written_in_part(
    database: Path, key_file: Path
) -> None:
    opened = Database(database, inline)
    store = SqliteStore(opened, read_key_file(key_file))
    await furnish(store)
    opened.write_now(set_pragma, "max_page_count = 1")

    with pytest.raises(DatabaseUnusable, match="no space left"):
        await accept(store, 500)

    opened.write_now(set_pragma, "max_page_count = 1000000")
    assert await store.events(WORKSPACE_ID, Window()) == []
    await accept(store, 500)
    assert len(await store.events(WORKSPACE_ID, Window(limit=1000))) == 500
    await store.close()


async def test_a_read_only_database_is_read_and_says_why_it_is_not_written(
    database: Path, key_file: Path
) -> None:
    opened = Database(database, inline)
    store = SqliteStore(opened, read_key_file(key_file))
    await furnish(store)
    opened.write_now(set_pragma, "query_only = ON")

    with pytest.raises(DatabaseUnusable, match="cannot be written"):
        await store.beat(a_beat())

    assert await store.workers() == []
    await store.close()


def set_pragma(connection: Connection, setting: str) -> None:
    """Make the connection that writes as poor as the test needs it."""
    connection.exec_driver_sql(f"PRAGMA {setting}")


def an_error(name: str) -> sqlite3.Error:
    """An error as SQLite raises it."""
    error = sqlite3.OperationalError("its own words")
    error.sqlite_errorcode = getattr(sqlite3, name)
    return error


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("SQLITE_BUSY", DatabaseLocked, "Another process"),
        ("SQLITE_BUSY_SNAPSHOT", DatabaseLocked, "Another process"),
        ("SQLITE_LOCKED", DatabaseLocked, "Another process"),
        ("SQLITE_FULL", DatabaseUnusable, "no space left"),
        ("SQLITE_IOERR_WRITE", DatabaseUnusable, "fails to read or write"),
        ("SQLITE_READONLY_DBMOVED", DatabaseUnusable, "cannot be written"),
        ("SQLITE_CORRUPT_INDEX", DatabaseUnusable, "is damaged"),
        ("SQLITE_NOTADB", DatabaseUnusable, "not a Hookline database"),
        ("SQLITE_CANTOPEN", NotInitialised, "no database"),
    ],
)
def test_sqlites_errors_are_sentences_that_name_the_file(
    tmp_path: Path, name: str, kind: type[StoreProblem], words: str
) -> None:
    path = tmp_path / "hookline.db"

    problem = problem_of(an_error(name), path)

    assert type(problem) is kind
    assert words in problem.message
    assert str(path) in problem.message
    assert problem.hint


@pytest.mark.parametrize(
    "words",
    [
        "no such table: keys",
        "no such column: deliveries.claims",
        "table attempts has no column named dns",
        "malformed database schema (keys)",
    ],
)
def test_a_schema_that_is_not_as_declared_is_damage(tmp_path: Path, words: str) -> None:
    problem = problem_of(sqlite3.OperationalError(words), tmp_path)

    assert problem is not None
    assert "is damaged" in problem.message


def test_a_mistake_of_ours_is_no_problem_of_the_database(tmp_path: Path) -> None:
    assert problem_of(an_error("SQLITE_ERROR"), tmp_path) is None
    assert problem_of(an_error("SQLITE_CONSTRAINT"), tmp_path) is None


# Processes and threads.

CLAIM_ALL = """
import asyncio, sys
from datetime import timedelta
from pathlib import Path
from store import open_store
from tests.builders import NOON

async def main():
    store = await open_store(Path(sys.argv[1]), Path(sys.argv[2]))
    print("ready", flush=True)
    sys.stdin.readline()
    while claims := await store.claim(NOON, NOON + timedelta(hours=1), 3, {}):
        for claim in claims:
            print(claim.delivery.id)
    await store.close()

asyncio.run(main())
"""
ACCEPT_FOREVER = """
import asyncio, itertools, sys
from pathlib import Path
from store import open_store
from tests.builders import an_event, counting_ids, fan_out

async def main():
    store = await open_store(Path(sys.argv[1]), Path(sys.argv[2]))
    ids = counting_ids()
    deliver = fan_out(ids)
    while True:
        [event] = await store.accept([an_event(id=ids("evt"))], deliver)
        print(event.id, flush=True)

asyncio.run(main())
"""


def run(code: str, database: Path, key_file: Path) -> subprocess.Popen[str]:
    """A process of its own over the same files."""
    return subprocess.Popen(
        [sys.executable, "-c", code, str(database), str(key_file)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


async def test_two_processes_never_claim_the_same_delivery(
    sqlite_store: Store, database: Path, key_file: Path
) -> None:
    await accept(sqlite_store, 120)
    workers = [run(CLAIM_ALL, database, key_file) for _ in range(2)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"

    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    claimed = [worker.communicate(timeout=30)[0].split() for worker in workers]

    assert [worker.returncode for worker in workers] == [0, 0]
    assert Counter(claimed[0] + claimed[1]) == {
        f"dlv_{number:06}": 1 for number in range(1, 121)
    }


async def test_what_was_accepted_survives_a_kill(
    sqlite_store: Store, database: Path, key_file: Path
) -> None:
    intake = run(ACCEPT_FOREVER, database, key_file)
    assert intake.stdout is not None
    accepted = [intake.stdout.readline().strip() for _ in range(50)]

    intake.send_signal(signal.SIGKILL)
    rest, _ = intake.communicate(timeout=30)

    accepted += rest.split()
    rows = await sqlite_store.events(WORKSPACE_ID, Window(limit=1_000_000))
    kept = {row.id: row.deliveries for row in rows}
    assert {event_id: kept.get(event_id) for event_id in accepted} == dict.fromkeys(
        accepted, 1
    )


async def test_in_threads_nobody_waits_for_a_writer_that_waits(
    database: Path, key_file: Path
) -> None:
    store = await open_store(database, key_file, in_threads())
    await furnish(store)

    with holding(database):
        writing = asyncio.create_task(store.beat(a_beat()))
        mark = await store.change_mark()
        assert await store.workers() == []
        assert not writing.done()
    await writing

    assert await store.workers() == [a_beat()]
    assert await store.change_mark() != mark
    await store.close()


async def test_in_threads_writers_take_turns_and_readers_see_whole_changes(
    database: Path, key_file: Path
) -> None:
    store = await open_store(database, key_file, in_threads())
    await furnish(store)
    beats = [a_beat(id=f"wrk_{number:02}") for number in range(20)]

    seen = await asyncio.gather(
        *(work for beat in beats for work in (store.beat(beat), store.workers()))
    )

    assert await store.workers() == beats
    lives = [set(found) for found in seen[1::2] if found is not None]
    assert all(found <= set(beats) for found in lives)
    await store.close()


async def test_a_read_nobody_waits_for_is_broken_off(
    database: Path, key_file: Path
) -> None:
    opened = Database(database, in_threads())
    begun, ended = threading.Event(), threading.Event()

    def count_forever(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        driver.create_function("begin_to_count", 0, begun.set)
        try:
            connection.exec_driver_sql(COUNT_FOREVER)
        finally:
            ended.set()

    reading = asyncio.create_task(opened.read(count_forever))
    await asyncio.to_thread(begun.wait)
    reading.cancel()

    with pytest.raises(asyncio.CancelledError):
        await reading
    assert await asyncio.to_thread(ended.wait, 5)
    assert await opened.read(lambda c: c.exec_driver_sql("SELECT 1").scalar()) == 1
    await opened.close()


COUNT_FOREVER = """
    WITH RECURSIVE forever(n) AS (
        SELECT coalesce(begin_to_count(), 1) UNION ALL SELECT n + 1 FROM forever
    )
    SELECT count(*) FROM forever
"""


async def test_a_text_that_is_none_is_refused_in_words(sqlite_store: Store) -> None:
    with pytest.raises(Invalid, match="surrogate"):
        await sqlite_store.beat(a_beat(host="\udc80"))


async def test_a_change_by_another_process_moves_the_mark(
    sqlite_store: Store, database: Path, key_file: Path
) -> None:
    other = await open_store(database, key_file)
    before = await sqlite_store.change_mark()

    await other.beat(a_beat())

    assert await sqlite_store.change_mark() != before
    await other.close()
