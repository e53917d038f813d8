"""What the pictures show: the console over the furnished demo, at a time that stands.

The README's pictures and the snapshot tests are made from these same scenes, so a
picture that is out of date is a test that fails.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from textual import events, on
from textual.pilot import Pilot
from textual.screen import Screen

from core.actions.caller import enter
from core.history import WorkerBeat
from core.outcome import Outcome, Phases, Response
from core.ports import Store
from core.request import PreparedRequest
from hookline.demo.data import PICTURE_TIME, DemoWorld, furnish
from hookline.demo.storytime import StoryTime
from store import create_store, open_store
from tui.app import Surroundings
from tui.console import Console
from tui.desk import Desk, Place
from tui.lookout import LOOK_EVERY
from tui.screens.opening import OpeningScreen
from tui.widgets.table import Table

SIZES = {"120x40": (120, 40), "80x24": (80, 24)}
_WAITING = {"act", "leaving", "place"}  # groups of workers that wait for a person
_TURN = 0.02  # seconds
_QUIET = 4  # turns without a worker after which nothing more comes
_PATIENCE = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture: where the console opens, and what is pressed there."""

    name: str
    keys: tuple[str, ...] = ()
    delivery: str | None = None
    """Which of the furnished examples to open at."""


SCENES = (
    Scene("webhooks"),
    Scene("deliveries", ("2",)),
    Scene("events", ("3",)),
    Scene("audit", ("4",)),
    Scene("delivery", delivery="500"),
    Scene("delivery-tls", delivery="tls"),
    Scene("delivery-response", ("2",), delivery="429"),
    Scene("webhook", ("down", "down", "enter")),
    Scene("editor", (*["down"] * 6, "e", *["f6"] * 3)),
    Scene("editor-request", ("down", "down", "e")),
    Scene("editor-new", ("n",)),
    Scene("test", ("down", "down", "t", "ctrl+t")),
    Scene("activate", (*["down"] * 8, "a")),
    Scene("delete", ("D",)),
    Scene("keys", ("question_mark",)),
)


class StillWorker:
    """No worker process: in a picture nothing moves."""

    running = False

    async def start(self) -> None:
        """Stay still."""

    async def stop(self) -> None:
        """Stay still."""


ACCEPTED = Response(
    202,
    "Accepted",
    (("content-type", "application/json"), ("server", "nginx")),
    b'{"queued": true}',
    phases=Phases(
        dns=0.0031,
        connect=0.0123,
        tls=0.0311,
        send=0.0004,
        wait=0.0842,
        receive=0.0006,
        peer="203.0.113.9:443",
    ),
)


class StillConsole(Console):
    """A console that closes the store it was opened over."""

    store: Store | None = None

    @on(events.Unmount)
    async def _close_store(self) -> None:
        if self.store is not None:
            await self.store.close()


async def furnished(folder: Path) -> DemoWorld:
    """Make the demo's database and key in a folder."""
    store = await create_store(folder / "hookline.db", folder / "key")
    try:
        world = await furnish(store, PICTURE_TIME)
        await store.beat(_worker())
    finally:
        await store.close()
    return world


def _worker() -> WorkerBeat:
    return WorkerBeat(
        id="wrk_picture",
        host="hooks-1",
        pid=4711,
        version="0.1.0",
        started_at=PICTURE_TIME - timedelta(days=3),
        seen_at=PICTURE_TIME,
        in_flight=2,
        delivered=1_204_311,
    )


def console_for(scene: Scene, world: DemoWorld, home: Path, folder: Path) -> Console:
    """The console of a scene, over a copy of the furnished home in `folder`."""
    for name in ("hookline.db", "key"):
        shutil.copy(home / name, folder / name)
    example = scene.delivery and world.examples[scene.delivery].id

    async def open_desk() -> Desk:
        console.store = store = await open_store(folder / "hookline.db", folder / "key")
        time = StoryTime(PICTURE_TIME, Random(scene.name))
        caller = await enter(store, world.login, "acme", time.clock, time.new_id)

        async def accept(request: PreparedRequest) -> Outcome:
            time.at += timedelta(seconds=ACCEPTED.phases.total)
            return ACCEPTED

        return Desk(caller, accept, StillWorker())

    console = StillConsole(open_desk, Surroundings(folder), Place(None, example))
    return console


async def play(scene: Scene, pilot: Pilot[Any]) -> None:
    """Press the scene's keys, and wait until nothing moves any more."""
    async with asyncio.timeout(_PATIENCE):
        while not _has_opened(pilot.app.screen):
            await pilot.pause(0.01)
        await settle(pilot)
        for key in scene.keys:
            await pilot.press(key)
            await settle(pilot)
        # The console looks every quarter of a second whether something changed.
        await pilot.pause(2 * LOOK_EVERY)
        await settle(pilot)


def _has_opened(screen: Screen[Any]) -> bool:
    """Whether the first screen is there, with its rows."""
    tables = screen.query(Table)
    return not isinstance(screen, OpeningScreen) and all(t.visible_rows for t in tables)


async def settle(pilot: Pilot[Any]) -> None:
    """Wait for the workers that wait for no person, and for those they begin."""
    quiet = 0
    while quiet < _QUIET:
        await pilot.pause(_TURN)
        busy = [w for w in pilot.app.workers if w.group not in _WAITING]
        quiet = 0 if busy else quiet + 1
        # A worker that a later one replaced was cancelled, which is no fault.
        await asyncio.gather(*(w.wait() for w in busy), return_exceptions=True)


@asynccontextmanager
async def playing(
    console: Console, scene: Scene, size: tuple[int, int]
) -> AsyncIterator[Pilot[Any]]:
    """Run a console until its scene has been played."""
    async with console.run_test(size=size) as pilot:
        await play(scene, pilot)
        yield pilot
