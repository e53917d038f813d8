"""Deliveries per second and CPU per delivery of the worker, beside a plain loop.

    python -m bench.worker [--deliveries 20000] [--rounds 3]

Both work on a durable SQLite store, sign, record in batches and have 64 requests in
flight to a sink in another process. The plain loop posts through one shared
`httpx.AsyncClient`, as one would write it first; it gets fewer deliveries, for it is
slow, and both are measured in turn in the same run.
"""

import argparse
import asyncio
import itertools
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from bench.sink import sink
from core.actions.workspaces import found
from core.audit import AuditEntry
from core.catalogue import default_catalogue
from core.engine.attempt import make_attempt
from core.engine.intake import Submission, submit
from core.engine.sender import open_sender
from core.engine.worker import Worker
from core.history import WorkerBeat
from core.model import Limits, Signing, SigningSecret, Webhook, Workspace
from core.outcome import Outcome, Response
from core.ports import Store
from core.request import PreparedRequest
from core.secret import Secret
from core.url import parse_url
from core.work import Finished
from hookline.wiring import new_id, utc_now
from store import create_store

IN_FLIGHT = 64
WEBHOOKS = 16
DATA = '{"review": {"id": "rev_41"}, "text": "' + "x" * 800 + '"}'
BATCH = 500  # events accepted at once

Deliver = Callable[[Store], Awaitable[None]]


async def by_worker(store: Store) -> None:
    """Hookline's worker, as the command runs it."""
    now = utc_now()
    identity = WorkerBeat("wrk_bench", "bench", 1, "0", now, now)
    async with open_sender() as send:
        worker = Worker(
            store,
            send,
            clock=utc_now,
            new_id=new_id,
            jitter=lambda: 1.0,
            identity=identity,
            limit=IN_FLIGHT,
        )
        await worker.run_until_idle()


async def by_plain_loop(store: Store) -> None:
    """Claim a batch, post it through one client, record it, and again."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(trust_env=False, limits=limits) as client:

        async def send(request: PreparedRequest) -> Outcome:
            answer = await client.request(
                request.method,
                str(request.url),
                headers=[(h.name, h.sent) for h in request.headers],
                content=request.body,
            )
            return Response(answer.status_code, body=answer.content)

        while claims := await store.claim(utc_now(), lease(), IN_FLIGHT, {}):
            attempts = await asyncio.gather(
                *(
                    make_attempt(claim, send=send, clock=utc_now, jitter=1.0)
                    for claim in claims
                )
            )
            pairs = zip(claims, attempts, strict=True)
            await store.record([Finished(c.delivery, attempt) for c, attempt in pairs])


def lease() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=60)


async def furnish(store: Store, port: int, deliveries: int) -> None:
    """A workspace with webhooks that take every event in turn, and their deliveries."""
    workspace = await found(
        store, "bench", slug="bench", name="Bench", clock=utc_now, new_id=new_id
    )
    for webhook in webhooks(workspace, port):
        entry = AuditEntry(new_id("aud"), workspace.id, utc_now(), "bench", "add", "")
        await store.add_webhook(webhook, entry)
    types = [known.name for known in await store.event_types(workspace.id)]
    chosen = itertools.cycle(types[:WEBHOOKS])
    for start in range(0, deliveries, BATCH):
        count = min(BATCH, deliveries - start)
        batch = [Submission(next(chosen), DATA) for _ in range(count)]
        await submit(store, workspace, batch, utc_now, new_id)


def webhooks(workspace: Workspace, port: int) -> list[Webhook]:
    types = sorted(known.name for known in default_catalogue())[:WEBHOOKS]
    now = utc_now()
    key = SigningSecret(Secret("a secret of the benchmark"), created_at=now)
    return [
        Webhook(
            id=new_id("whk"),
            workspace_id=workspace.id,
            name=f"sink {number}",
            url=parse_url(f"http://127.0.0.{number + 1}:{port}/hook"),
            events=(name,),
            created_at=now,
            updated_at=now,
            signing=Signing("acrity", (key,)),
            limits=Limits(in_flight=16),
        )
        for number, name in enumerate(types)
    ]


async def measure(deliver: Deliver, port: int, deliveries: int) -> tuple[float, float]:
    """Deliveries per second, and CPU milliseconds for each."""
    with tempfile.TemporaryDirectory() as folder:
        store = await create_store(Path(folder) / "bench.db", Path(folder) / "key")
        try:
            await furnish(store, port, deliveries)
            wall, cpu = time.perf_counter(), time.process_time()
            await deliver(store)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        finally:
            await store.close()
    return deliveries / wall, cpu * 1000 / deliveries


def report(name: str, figures: list[tuple[float, float]]) -> tuple[float, float]:
    rate, cpu = (statistics.median(column) for column in zip(*figures, strict=True))
    print(f"{name:32}{rate:>10,.0f} deliveries/s{cpu:>10.3f} CPU ms each", flush=True)
    return rate, cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=20_000)
    parser.add_argument("--plain", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    ours: list[tuple[float, float]] = []
    plain: list[tuple[float, float]] = []
    with sink() as port:
        for _ in range(asked.rounds):
            ours.append(asyncio.run(measure(by_worker, port, asked.deliveries)))
            plain.append(asyncio.run(measure(by_plain_loop, port, asked.plain)))
    print(f"{IN_FLIGHT} in flight to {WEBHOOKS} webhooks, 1 KiB, median of rounds")
    our_rate, our_cpu = report("worker", ours)
    plain_rate, plain_cpu = report("plain loop, one httpx client", plain)
    print(f"ratio{our_rate / plain_rate:>37.1f} ×{plain_cpu / our_cpu:>20.1f} × less")


if __name__ == "__main__":
    main()
