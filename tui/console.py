"""The console at work: it opens the desk after its first paint, looks whether the
store changed, and tells the screens.

What loads the domain is imported once something is on the screen.
"""

import asyncio
import importlib
from collections.abc import Awaitable
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on, work
from textual.message import Message
from textual.screen import Screen

from core.errors import HooklineError, problem_words
from tui.app import ConsoleApp, Surroundings
from tui.lookout import LOOK_EVERY, Lookout
from tui.messages import (
    DeskChanged,
    Looked,
    Opened,
    OverviewRead,
    Refused,
    StoreChanged,
    WorkerChanged,
)
from tui.screens.base import ConsoleScreen
from tui.screens.opening import OpeningScreen
from tui.widgets.status_line import Tab

if TYPE_CHECKING:
    from tui.desk import Desk, OpenDesk, Place
    from tui.overview import Overview


class Console(ConsoleApp):
    """The console with its screens; `open_desk` is called once it has painted."""

    TABS: ClassVar[tuple[Tab, ...]] = (
        Tab("1", "Webhooks", "webhooks"),
        Tab("2", "Deliveries", "deliveries"),
        Tab("3", "Events", "events"),
        Tab("4", "Audit", "audit"),
    )

    def __init__(
        self,
        open_desk: "OpenDesk",
        surroundings: Surroundings,
        place: "Place | None" = None,
    ) -> None:
        super().__init__(surroundings)
        self._open_desk = open_desk
        self._place = place
        self._desk: Desk | None = None
        self.overview: Overview | None = None
        """The workspace as it was last read."""
        self.worker_on_its_way = False
        """Whether a worker of this console is starting or stopping."""
        self._lookout = Lookout()

    # The desk.

    @property
    def desk(self) -> "Desk":
        """What the screens work with; there is one before any of them is shown."""
        assert self._desk is not None
        return self._desk

    def get_default_screen(self) -> Screen[Any]:
        """Return what is painted first."""
        return OpeningScreen()

    def on_ready(self) -> None:
        """Open the desk, now that there is something to look at."""
        self.open()

    @work(group="open", exclusive=True)
    async def open(self) -> None:
        """Load the screens and the store side by side; also called to try again."""
        loading = asyncio.to_thread(importlib.import_module, "tui.places")
        try:
            _, desk = await asyncio.gather(loading, self._open_desk())
            overview = await _read_overview(desk)
        except Exception as problem:
            self.post_message(Refused("desk", problem))
        else:
            self.post_message(Opened(desk, overview))

    @on(Opened)
    async def _opened(self, message: Opened) -> None:
        from tui.places import PLACES  # noqa: PLC0415

        self._take_desk(message.desk, message.overview)
        for name, screen in PLACES.items():
            self.add_mode(name, screen)
        await self._open_place(message.overview)
        self.set_interval(LOOK_EVERY, self._look)
        self._look()

    async def _open_place(self, overview: "Overview") -> None:
        from tui.places import opened_at  # noqa: PLC0415

        try:
            start, above = opened_at(self._place, overview)
        except HooklineError as problem:
            start, above = "webhooks", []
            self.say(str(problem), "warning")
        await self.switch_mode(start)
        for one in above:
            await self.push_screen(one)

    def _take_desk(self, desk: "Desk", overview: "Overview") -> None:
        self._desk = desk
        caller = desk.caller
        self.show_status(workspace=caller.workspace.slug, who=caller.actor.login)
        self._take_overview(overview)

    def action_workspace(self) -> None:
        """Work in another workspace."""
        if self._desk is not None:
            self.act(self._change_workspace())

    async def _change_workspace(self) -> None:
        from tui.flows import choose_workspace  # noqa: PLC0415
        from tui.places import PLACES  # noqa: PLC0415

        caller = await choose_workspace(self)
        if caller is None or not await self._may_leave_screen():
            return
        await self._close_to_top()
        for place in PLACES.keys() - {self.current_mode}:
            await self.remove_mode(place)
            self.add_mode(place, PLACES[place])
        desk = replace(self.desk, caller=caller)
        self._take_desk(desk, await _read_overview(desk))
        self._tell(DeskChanged())

    @on(Refused)
    def _say_why_not(self, message: Refused) -> None:
        if message.what == "overview":
            self._lookout.read(monotonic())
        if isinstance(self.screen, OpeningScreen):
            self.screen.show_problem(message.problem)
        else:
            self.say(problem_words(message.problem), "error")

    # Looking whether anything changed.

    def _look(self) -> None:
        """Ask for the store's mark, and say how old things are."""
        self.show_status(liveness=self._lookout.liveness(monotonic()))
        if self._lookout.may_ask():
            self.run_worker(self._ask_mark(), group="look")

    async def _ask_mark(self) -> None:
        try:
            mark = await self.desk.caller.store.change_mark()
        except Exception:
            # Said by its silence: the line at the top shows how old things are.
            self.post_message(Looked(None))
        else:
            self.post_message(Looked(mark))

    @on(Looked)
    def _looked(self, message: Looked) -> None:
        now = monotonic()
        if self._lookout.heard(message.mark, now):
            self._tell(StoreChanged())
        self.show_status(liveness=self._lookout.liveness(now))
        if self._lookout.may_read(now):
            self.read_overview()

    def _tell(self, message: Message) -> None:
        if self.screen_stack:  # no longer while the console ends
            self.screen.post_message(message)

    def read_overview(self) -> None:
        """Read the overview now, as after a change that was made here."""
        self._lookout.reads()
        self.run_worker(self._ask_overview(), group="overview", exclusive=True)

    async def _ask_overview(self) -> None:
        try:
            overview = await _read_overview(self.desk)
        except Exception as problem:
            self.post_message(Refused("overview", problem))
        else:
            self.post_message(OverviewRead(overview))

    @on(OverviewRead)
    def _overview_read(self, message: OverviewRead) -> None:
        self._take_overview(message.overview)
        self._tell(OverviewRead(message.overview))

    def _take_overview(self, overview: "Overview") -> None:
        from tui.overview import counters  # noqa: PLC0415

        self.overview = overview
        self._lookout.read(monotonic())
        self.show_status(counters=counters(overview))

    # Doing things.

    def act(self, doing: Awaitable[None]) -> None:
        """Change something in a worker; a refusal is said, and ends nothing."""
        self.run_worker(self._act(doing), group="act")

    def look_up(self, question: Awaitable[None]) -> None:
        """Ask something in a worker, likewise."""
        self.run_worker(self._try(question), group="look_up")

    async def _act(self, doing: Awaitable[None]) -> None:
        if await self._try(doing):
            self.read_overview()

    async def _try(self, doing: Awaitable[None]) -> bool:
        try:
            await doing
        except Exception as problem:
            self.post_message(Refused("act", problem))
            return False
        return True

    def action_worker(self) -> None:
        """Start a worker in this console, or stop the one that it runs."""
        if self._desk is not None and not self.worker_on_its_way:
            self._tell_worker(on_its_way=True)
            self.act(self._start_or_stop_worker())

    async def _start_or_stop_worker(self) -> None:
        from core.access import Capability, require  # noqa: PLC0415

        caller, worker = self.desk.caller, self.desk.worker
        try:
            require(caller.actor, Capability.RUN_WORKER, None)
            if worker.running:
                await worker.stop()
                self.say("The worker of this console has stopped.")
            else:
                await worker.start()
                self.say("A worker runs in this console; it ends with it. F8 stops it.")
        finally:
            self._tell_worker(on_its_way=False)

    def _tell_worker(self, *, on_its_way: bool) -> None:
        self.worker_on_its_way = on_its_way
        self._tell(WorkerChanged())

    @property
    def runs_worker(self) -> bool:
        """Whether this console runs a worker."""
        return self._desk is not None and self._desk.worker.running

    @on(events.Unmount)
    async def _leave_no_worker(self) -> None:
        if self.runs_worker:
            await self.desk.worker.stop()

    # Going about.

    def action_place(self, place: str) -> None:
        """Go to a screen behind a digit; from the same one, back to its top."""
        self.run_worker(self._go_to(place), group="place", exclusive=True)

    async def _go_to(self, place: str) -> None:
        if place not in self._modes or not await self._may_leave_screen():
            return
        if place == self.current_mode:
            await self._close_to_top()
            return
        if isinstance(self.screen, ConsoleScreen) and self.screen.PLACE == "editor":
            # Whoever left it gave up what was typed; it must not come back later.
            await self.screen.dismiss(None)
        await self.switch_mode(place)

    async def _may_leave_screen(self) -> bool:
        screen = self.screen
        return isinstance(screen, ConsoleScreen) and await screen.may_leave()

    async def _close_to_top(self) -> None:
        while len(self.screen_stack) > 1:
            await self.screen.dismiss(None)

    def show_deliveries(self, key: str, value: str) -> None:
        """Go to the deliveries for which this holds, such as `webhook`, its name."""
        self.run_worker(self._show_deliveries(key, value), group="place")

    async def _show_deliveries(self, key: str, value: str) -> None:
        from core.filter import term  # noqa: PLC0415
        from tui.screens.deliveries import DeliveriesScreen  # noqa: PLC0415

        await self.switch_mode("deliveries")
        await self._close_to_top()
        if isinstance(self.screen, DeliveriesScreen):
            self.screen.ask(term(key, value))


async def _read_overview(desk: "Desk") -> "Overview":
    from tui.overview import read_overview  # noqa: PLC0415

    return await read_overview(desk.caller)
