"""What the store costs: accepting, claiming, recording, and pages of a long history.

    python -m bench.store [--rows 1000000] [--rounds 40]

Batches of 100 over a durable SQLite store, in microseconds of wall time and of CPU for
each event or delivery; then the same claim with a million due, and pages, counts and
health at a million deliveries, as p50 and p95 of warm queries in milliseconds.
"""

import argparse
import asyncio
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from core.audit import AuditEntry
from core.engine.intake import fan_out
from core.history import DeliveryFilter, StatusRange, Window
from core.model import (
    Attempt,
    DeliveryState,
    Event,
    Limits,
    SentRequest,
    Signing,
    SigningSecret,
    Trigger,
    Webhook,
    Workspace,
)
from core.outcome import FailureKind, Phases, Response
from core.ports import Store
from core.retry import Delivered
from core.secret import Secret
from core.url import parse_url
from core.work import Claim, Finished
from hookline.wiring import new_id
from store import create_store, open_store

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MONTH = timedelta(days=30)
BATCH = 100
WEBHOOKS = [f"whk_{number:026}" for number in range(12)]
ACME = Workspace(f"wsp_{0:026}", "acme", "Acme")
PAYLOAD = b'{"text": "' + b"x" * 1000 + b'"}'
HEADERS = tuple((f"X-Header-{n}", "a value of some length") for n in range(10))
REQUEST = SentRequest("POST", "https://ci.example.com/hooks", HEADERS, "ab" * 32, 1200)
ANSWER = Response(
    200, "OK", HEADERS[:6], b"thank you", phases=Phases(send=0.0001, wait=0.012)
)

Work = Callable[[], Awaitable[object]]


@dataclass(slots=True)
class Cost:
    """Wall and CPU time of some rounds of work, in microseconds for each thing."""

    name: str
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    async def of(self, work: Work, things: int) -> None:
        """Do the work once more."""
        wall, cpu = time.perf_counter(), time.process_time()
        await work()
        self.wall.append((time.perf_counter() - wall) * 1e6 / things)
        self.cpu.append((time.process_time() - cpu) * 1e6 / things)

    def show(self) -> None:
        wall, cpu = statistics.median(self.wall), statistics.median(self.cpu)
        print(
            f"  {self.name:36} {wall:8.1f} µs (best {min(self.wall):.1f}), "
            f"CPU {cpu:6.1f} µs, {1e6 / wall:9,.0f}/s"
        )

    def show_spread(self) -> None:
        ordered, cpu = sorted(self.wall), statistics.median(self.cpu)
        p50, p95 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
        print(
            f"  {self.name:36} p50 {p50 / 1000:7.2f} ms, p95 {p95 / 1000:7.2f} ms, "
            f"CPU {cpu / 1000:7.2f} ms"
        )


async def furnish(store: Store) -> None:
    """Add a workspace whose webhooks want `kind.0`, …, and three of them `three.*`."""
    await store.add_workspace(ACME, [], an_audit())
    for number, webhook_id in enumerate(WEBHOOKS):
        wanted = (f"kind.{number}", *(("three.*",) if number < 3 else ()))
        await store.add_webhook(a_webhook(webhook_id, wanted), an_audit())


def an_audit() -> AuditEntry:
    return AuditEntry(new_id("aud"), ACME.id, NOW, "bench", "bench", "bench")


def a_webhook(webhook_id: str, events: tuple[str, ...]) -> Webhook:
    return Webhook(
        id=webhook_id,
        workspace_id=ACME.id,
        name=webhook_id,
        url=parse_url("https://ci.example.com/hooks"),
        events=events,
        created_at=NOW,
        updated_at=NOW,
        signing=Signing("acrity", (SigningSecret(Secret("k" * 32), NOW),)),
        limits=Limits(in_flight=256),
    )


def done(claim: Claim) -> Finished:
    attempt = Attempt(
        delivery_id=claim.delivery.id,
        number=1,
        trigger=Trigger.SCHEDULE,
        revision=1,
        started_at=NOW,
        duration=timedelta(milliseconds=12),
        request=REQUEST,
        outcome=ANSWER,
        verdict=Delivered(),
    )
    return Finished(claim.delivery, attempt)


async def accept(store: Store, kind: str, count: int) -> None:
    events = [Event(new_id("evt"), ACME.id, kind, PAYLOAD, NOW) for _ in range(count)]
    await store.accept(events, fan_out(lambda: NOW, new_id))


async def measure_flow(store: Store, rounds: int) -> None:
    """Accept, claim and record batches, as intake and a worker do."""
    await furnish(store)
    singly = Cost("accept 1 event, 3 deliveries")
    batched = Cost("accept 100 events, 3 deliveries each")
    for _ in range(rounds):
        await singly.of(lambda: accept(store, "three.x", 1), 1)
        await batched.of(lambda: accept(store, "three.x", BATCH), BATCH)
    for _ in range(rounds // 4):
        for number in range(len(WEBHOOKS)):
            await accept(store, f"kind.{number}", BATCH // 3)
    singly.show()
    batched.show()
    await measure_worker(store, rounds)


async def measure_worker(store: Store, rounds: int) -> None:
    """Claim and record batches of what is due."""
    claiming, recording = Cost("claim 100"), Cost("record 100")
    for _ in range(rounds):
        claims: list[Claim] = []

        async def claim(into: list[Claim] = claims) -> None:
            into += await store.claim(NOW, NOW + MINUTE, BATCH, {})

        await claiming.of(claim, BATCH)
        finished = [done(claim) for claim in claims]
        await recording.of(partial(store.record, finished), BATCH)
    claiming.show()
    recording.show()
    for name, ask in (("change_mark", store.change_mark), ("next_due", store.next_due)):
        asking = Cost(name)
        for _ in range(rounds):
            await asking.of(ask, 1)
        asking.show()


# A long history, written past the store: a million rows through it would take minutes.


def fill(path: Path, rows: int, *, backlog: bool) -> list[str]:
    """Write deliveries over the last month; returns some of their ids, oldest first."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA cache_size = -262144")
    connection.execute("BEGIN IMMEDIATE")
    ids: list[str] = []
    begun = time.perf_counter()
    connection.executemany(
        "INSERT INTO events (id, workspace_id, type, created_at, payload) "
        "VALUES (?, ?, 'review.completed', ?, '{}')",
        ((f"evt_{n:026}", ACME.id, created_at(n, rows)) for n in range(0, rows, 4)),
    )
    connection.executemany(
        f"INSERT INTO deliveries VALUES ({', '.join('?' * 17)})",
        many_deliveries(rows, ids, backlog=backlog),
    )
    connection.execute("COMMIT")
    connection.close()
    size = path.stat().st_size / rows
    print(
        f"  ({rows:,} rows in {time.perf_counter() - begun:.0f} s, {size:.0f} B each)"
    )
    return ids


def created_at(number: int, rows: int) -> int:
    start = (NOW - MONTH).timestamp()
    return int((start + MONTH.total_seconds() * number / rows) * 1e6)


def many_deliveries(
    rows: int, ids: list[str], *, backlog: bool
) -> Iterator[Sequence[object]]:
    draw = random.Random(1)
    states = ["delivered", "exhausted", "retrying", "cancelled", "held", "pending"]
    weights = [0, 0, 0, 0, 0, 1] if backlog else [989, 5, 3, 1, 1, 1]
    for number in range(rows):
        at = created_at(number, rows)
        delivery_id = f"dlv_{number:026}"
        if number % 997 == 0:
            ids.append(delivery_id)
        [state] = draw.choices(states, weights)
        tried = state in {"delivered", "exhausted", "retrying"}
        failure = "timeout" if tried and draw.random() < 0.3 else None
        status = 200 if state == "delivered" else 503 if not failure else None
        yield (
            delivery_id,
            ACME.id,
            WEBHOOKS[draw.randrange(len(WEBHOOKS))],
            f"evt_{number // 4 * 4:026}",
            "rare.kind" if number % 100_000 == 7 else f"kind.{number % 15}",
            state,
            at,
            at if state in {"pending", "retrying"} else None,
            int(tried),
            int(tried),
            "schedule",
            1 if tried else None,
            at if tried else None,
            12_000 if tried else None,
            status if tried else None,
            failure if state != "delivered" else None,
            "no answer within 15 s" if failure and state != "delivered" else None,
        )


def pages(ids: Sequence[str]) -> dict[str, Callable[[Store], Awaitable[object]]]:
    """What a person looks at, by its name."""
    draw = random.Random(2)
    exhausted = frozenset({DeliveryState.EXHAUSTED})
    several = exhausted | {DeliveryState.RETRYING, DeliveryState.HELD}
    middle = NOW - MONTH / 2
    filters = {
        "all": DeliveryFilter(),
        "one webhook": DeliveryFilter(webhook_id=WEBHOOKS[3]),
        "exhausted": DeliveryFilter(states=exhausted),
        "three states": DeliveryFilter(states=several),
        "pending": DeliveryFilter(states=frozenset({DeliveryState.PENDING})),
        "delivered": DeliveryFilter(states=frozenset({DeliveryState.DELIVERED})),
        "one webhook, exhausted": DeliveryFilter(WEBHOOKS[3], exhausted),
        "5xx": DeliveryFilter(status=StatusRange(500, 599)),
        "2xx": DeliveryFilter(status=StatusRange(200, 299)),
        "one webhook, 5xx": DeliveryFilter(
            webhook_id=WEBHOOKS[3], status=StatusRange(500, 599)
        ),
        "timeout": DeliveryFilter(failure=FailureKind.TIMEOUT),
        "last hour": DeliveryFilter(since=NOW - timedelta(hours=1)),
        "an hour two weeks ago": DeliveryFilter(
            since=middle, until=middle + timedelta(hours=1)
        ),
        "until two weeks ago, exhausted": DeliveryFilter(
            states=exhausted, until=middle
        ),
        "one event": DeliveryFilter(event_id=f"evt_{500 * 4:026}"),
        "kind.3": DeliveryFilter(event_type="kind.3"),
        "a rare type (reads all)": DeliveryFilter(event_type="rare.*"),
    }

    def page(wanted: DeliveryFilter) -> Callable[[Store], Awaitable[object]]:
        def at_some_depth(store: Store) -> Awaitable[object]:
            window = Window(older_than=draw.choice([None, *draw.sample(ids, 3)]))
            return store.deliveries(ACME.id, wanted, window)

        return at_some_depth

    def count(wanted: DeliveryFilter) -> Callable[[Store], Awaitable[object]]:
        return lambda store: store.count_deliveries(ACME.id, wanted)

    return {
        **{f"page: {name}": page(wanted) for name, wanted in filters.items()},
        **{f"count: {name}": count(filters[name]) for name in list(filters)[:9]},
        "health": lambda store: store.health(ACME.id, NOW),
        "200 rows by id": lambda store: store.delivery_rows(ACME.id, ids[-200:]),
        "events": lambda store: store.events(ACME.id, Window()),
    }


async def measure_history(folder: Path, rows: int, rounds: int) -> None:
    store = await create_store(folder / "history.db", folder / "key")
    await furnish(store)
    await store.close()
    ids = fill(folder / "history.db", rows, backlog=False)
    store = await open_store(folder / "history.db", folder / "key")
    for name, ask in pages(ids).items():
        asking = Cost(name)
        warm = partial(ask, store)
        await warm()
        for _ in range(rounds):
            await asking.of(warm, 1)
        asking.show_spread()
    await store.close()


async def measure_backlog(folder: Path, rows: int, rounds: int) -> None:
    store = await create_store(folder / "backlog.db", folder / "key2")
    await furnish(store)
    await store.close()
    fill(folder / "backlog.db", rows, backlog=True)
    store = await open_store(folder / "backlog.db", folder / "key2")
    await measure_worker(store, rounds)
    await store.close()


def import_time() -> float:
    """Seconds of CPU to load the store, in a fresh interpreter."""
    clock = "time.process_time()"
    code = f"import time; begun = {clock}; import store; print({clock} - begun)"
    command = [sys.executable, "-c", code]
    times = [
        float(subprocess.run(command, capture_output=True, check=True).stdout)
        for _ in range(5)
    ]
    return statistics.median(times)


async def main(rows: int, rounds: int) -> None:
    print(f"Loading the store: {import_time() * 1000:.0f} ms of CPU")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("A new database:")
        store = await create_store(folder / "flow.db", folder / "flow.key")
        await measure_flow(store, rounds)
        await store.close()
        print(f"{rows:,} deliveries due:")
        await measure_backlog(folder, rows, rounds)
        print(f"{rows:,} deliveries of a month:")
        await measure_history(folder, rows, rounds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    asyncio.run(main(options.rows, options.rounds))
