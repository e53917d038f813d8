"""The demo, alive: a furnished home, a receiver, a worker and a stream of events."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from core.actions.caller import Caller, enter
from core.actions.events import emit
from core.engine.intake import Submission
from core.engine.receiver import Receiver, SigningKey, open_receiver
from core.engine.worker import Worker
from core.errors import StoreProblem
from core.ports import Store
from core.signing import style_named
from hookline.demo.cast import PARTS, PLACES, Place
from hookline.demo.data import SEED, DemoWorld, furnish
from hookline.demo.happenings import happenings
from hookline.demo.tally import OutcomeTally, SignatureTally
from hookline.wiring import Wiring, worker_identity

SPEED = 12.0  # the stream is played so many times faster than the story was
_UNDER_WAY = 600.0  # seconds of the stream that have passed when the curtain opens


@dataclass(frozen=True, slots=True)
class Stage:
    """What is alive, and the counts of what it does."""

    world: DemoWorld
    store: Store
    receiver: Receiver
    outcomes: OutcomeTally
    signatures: SignatureTally
    events: "EventCount"


@dataclass
class EventCount:
    """How many events were accepted."""

    value: int = 0


@asynccontextmanager
async def open_stage(wiring: Wiring, home: Path) -> AsyncIterator[Stage]:
    """Furnish a home, which is a private folder with nothing in it yet, and deliver in
    it until the end of the block.
    """
    signatures, events = SignatureTally(), EventCount()
    settings = replace(wiring.settings, home=home)
    async with (
        open_receiver(wiring.clock, tls_port=0, keys=_keys(), watch=signatures) as ours,
        wiring.create_store(settings) as store,
        wiring.open_sender() as send,
    ):
        trust(ours)
        world = await furnish(store, wiring.clock(), ours.bases, wiring.login)
        outcomes = OutcomeTally(send)
        worker = _worker(wiring, store, outcomes)
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(worker.run())
            playing = []
            for place in PLACES:
                caller = await enter(
                    store, wiring.login, place.slug, wiring.clock, wiring.new_id
                )
                playing.append(tasks.create_task(_play(caller, place, events)))
            yield Stage(world, store, ours, outcomes, signatures, events)
            for one in playing:
                one.cancel()
            worker.stop()
            ours.hang_up()  # what is in flight need not be waited for
            await working


def trust(receiver: Receiver) -> None:
    """Let this process trust the receiver's good certificate."""
    if receiver.authority is not None:
        # OpenSSL reads it when the first context is made.
        os.environ["SSL_CERT_FILE"] = str(receiver.authority)


def _keys() -> tuple[SigningKey, ...]:
    return tuple(
        SigningKey(style_named(part.draft.style), part.draft.secret)
        for part in PARTS
        if part.draft.style is not None and part.draft.secret is not None
    )


def _worker(wiring: Wiring, store: Store, send: OutcomeTally) -> Worker:
    return Worker(
        store,
        send,
        clock=wiring.clock,
        new_id=wiring.new_id,
        jitter=wiring.jitter,
        identity=worker_identity(wiring),
    )


async def _play(caller: Caller, place: Place, events: EventCount) -> None:
    """Emit what happens in a workspace, in time."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    chance = Random(f"{SEED} live {place.slug}")
    for one in happenings(chance, place.slug, place.pace):
        if one.after < _UNDER_WAY:
            continue
        due = begin + (one.after - _UNDER_WAY) / SPEED
        await asyncio.sleep(max(0.0, due - loop.time()))
        with contextlib.suppress(StoreProblem):
            accepted = await emit(caller, [Submission(one.type, one.data)])
            events.value += len(accepted)
