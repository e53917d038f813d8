"""One delivery: the diagnosis first, then each attempt as it was sent and answered."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget

from core.actions.deliveries import find_delivery, list_deliveries
from core.diagnosis import diagnose
from core.errors import problem_words
from core.history import DeliveryDetail, DeliveryFilter, Window
from core.model import Attempt
from core.reproduce import attempt_of, request_of
from core.request import PreparedRequest
from tui import flows
from tui.actions import bindings_of
from tui.messages import OverviewRead, StoreChanged
from tui.screens.desk import DeskScreen
from tui.views.delivery import (
    ATTEMPT_COLUMNS,
    NO_ATTEMPT,
    PARTS,
    attempt_cells,
    attempt_words,
    diagnosis_facts,
    event_lines,
    request_lines,
    response_lines,
    timing_lines,
    title,
)
from tui.views.facts import Fact
from tui.views.lines import Line
from tui.widgets.code_view import CodeView
from tui.widgets.columns import Cell
from tui.widgets.facts import Facts, Fitted
from tui.widgets.pages import ListPages
from tui.widgets.tab_strip import TabStrip
from tui.widgets.table import Table


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows: a delivery, one of its attempts, its request built again."""

    detail: DeliveryDetail
    attempt: Attempt | None
    request: PreparedRequest | None


class DeliveryScreen(DeskScreen[None]):
    """The page of a delivery; `wanted` is the filter whose neighbours [ and ] visit."""

    PLACE = "delivery"
    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = "#text"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("delivery", through="act")]

    class Loaded(Message, bubble=False):
        """The delivery as it is now."""

        def __init__(self, shown: Shown) -> None:
            super().__init__()
            self.shown = shown

    class NotLoaded(Message, bubble=False):
        """The delivery could not be read, and why."""

        def __init__(self, problem: Exception) -> None:
            super().__init__()
            self.problem = problem

    class NeighbourFound(Message, bubble=False):
        """The delivery beside this one, if there is one."""

        def __init__(self, delivery_id: str | None, by: int) -> None:
            super().__init__()
            self.delivery_id = delivery_id
            self.by = by

    def __init__(self, delivery_id: str, wanted: DeliveryFilter | None = None) -> None:
        super().__init__()
        self._delivery_id = delivery_id
        self._wanted = wanted or DeliveryFilter()
        self._number: int | None = None
        """The attempt that was chosen; None follows the newest."""
        self._shown: Shown | None = None
        self._loading = False
        self._changed = False
        """Whether the store changed while it was read."""
        self._part = PARTS[0]
        self._attempts: ListPages[Attempt] = ListPages((), _key)

    def compose_body(self) -> Iterable[Widget]:
        """Yield diagnosis, attempts and timing at the left, and the texts."""
        yield Facts(id="diagnosis")
        with Horizontal(id="body"):
            with Vertical(id="left"):
                attempts = Table(ATTEMPT_COLUMNS, self._cells, _key, empty="")
                attempts.can_focus = False
                yield attempts
                yield Fitted(id="timing")
            with Vertical(id="right"):
                yield TabStrip(PARTS)
                yield CodeView(id="text")

    def on_mount(self) -> None:
        """Load the delivery."""
        self.status_line.title = self._delivery_id
        self.query_one(Table).show(self._attempts)
        self._load()

    # Loading.

    @on(StoreChanged)
    def _load_anew(self) -> None:
        """Read again, but let a reading end: changes may come faster than it does."""
        if self._loading:
            self._changed = True
        else:
            self._load()

    def _load(self) -> None:
        self._loading, self._changed = True, False
        self.run_worker(
            self._read(self._delivery_id, self._number),
            group="load",
            exclusive=True,
            exit_on_error=False,
        )

    async def _read(self, delivery_id: str, number: int | None) -> None:
        caller = self.desk.caller
        try:
            detail = await find_delivery(caller, delivery_id)
        except Exception as problem:
            self.post_message(self.NotLoaded(problem))
            return
        attempt = attempt_of(detail, number)
        # A template may be slow, so it is rendered away from the event loop.
        request = await asyncio.to_thread(
            request_of, detail, attempt, caller.workspace.slug, caller.now
        )
        self.post_message(self.Loaded(Shown(detail, attempt, request)))

    def _loading_ended(self) -> None:
        self._loading = False
        if self._changed:
            self._load()

    @on(Loaded)
    def _loaded(self, message: Loaded) -> None:
        self._loading_ended()
        self._shown = shown = message.shown
        self.status_line.title = title(shown.detail)
        self._attempts.replace(reversed(shown.detail.attempts))
        table = self.query_one(Table)
        # Before the delivery was read, nothing is known of its attempts.
        table.empty = NO_ATTEMPT
        table.poke()
        if shown.attempt is not None:
            table.go_to(_key(shown.attempt))
        self._diagnose()
        self._show_part()
        timing = self.query_one("#timing", Fitted)
        timing.fit(partial(timing_lines, shown.attempt))
        self.refresh_hints()

    @on(NotLoaded)
    def _say_why_not(self, message: NotLoaded) -> None:
        self._loading_ended()
        words = Fact("", f"✖ {problem_words(message.problem)}", "bad")
        self.query_one("#diagnosis", Facts).show([words])

    # What is shown.

    def _cells(self, attempt: Attempt) -> list[Cell]:
        return attempt_cells(attempt, self.desk.caller.now)

    @on(OverviewRead)
    def _diagnose(self) -> None:
        if self._shown is None:
            return
        overview, detail = self.console.overview, self._shown.detail
        row = overview.row(detail.delivery.webhook_id) if overview else None
        now = self.desk.caller.now
        found = diagnose(detail, now, row.health if row else None)
        self.query_one("#diagnosis", Facts).show(diagnosis_facts(detail, found))

    def _show_part(self, *, from_top: bool = False) -> None:
        if self._shown is None:
            return
        strip = self.query_one(TabStrip)
        strip.here = self._part
        strip.note = attempt_words(self._shown.detail, self._shown.attempt)
        text = self.query_one("#text", CodeView)
        text.set_lines(self._lines(self._shown, text.size.width - 1), from_top=from_top)

    def _lines(self, shown: Shown, width: int) -> list[Line]:
        match self._part:
            case "Request":
                return request_lines(shown.detail, shown.attempt, shown.request)
            case "Timing":
                return timing_lines(shown.attempt, width)
            case "Event":
                return event_lines(shown.detail.event, self.desk.caller.now)
            case _:
                return response_lines(shown.attempt)

    def on_resize(self) -> None:
        """Draw the bars of the timing at the new width."""
        self.call_after_refresh(self._show_part)

    def why_not(self, verb: str) -> str | None:
        """Say that there are not as many attempts."""
        attempts = self._shown.detail.attempts if self._shown else ()
        if verb.startswith("attempt") and len(attempts) < 2:
            return "There is no other attempt."
        return None

    # Going about.

    @on(TabStrip.Chosen)
    def _open_part(self, message: TabStrip.Chosen) -> None:
        self._part = message.title
        self._show_part(from_top=True)

    def action_next_part(self) -> None:
        """Show the next text."""
        self._part = PARTS[(PARTS.index(self._part) + 1) % len(PARTS)]
        self._show_part(from_top=True)

    def action_attempt(self, by: int) -> None:
        """Show the attempt before or after this one."""
        if self._shown is None or self._shown.attempt is None:
            return
        attempts = self._shown.detail.attempts
        place = attempts.index(self._shown.attempt) + by
        self._choose(attempts[max(0, min(place, len(attempts) - 1))])

    @on(Table.CursorMoved)
    def _attempt_clicked(self, message: Table.CursorMoved) -> None:
        shown = self._shown.attempt if self._shown else None
        if message.row is not None and shown and _key(shown) != message.key:
            self._choose(message.row)

    def _choose(self, attempt: Attempt) -> None:
        assert self._shown is not None
        newest = attempt == self._shown.detail.attempts[-1]
        self._number = None if newest else attempt.number
        self._load()

    def action_other(self, by: int) -> None:
        """Go to the newer or the older delivery under the same filter."""
        newer = Window(newer_than=self._delivery_id, limit=1)
        window = newer if by < 0 else Window(older_than=self._delivery_id, limit=1)
        self.console.look_up(self._find(window, by))

    async def _find(self, window: Window, by: int) -> None:
        rows = await list_deliveries(self.desk.caller, self._wanted, window)
        self.post_message(self.NeighbourFound(rows[0].id if rows else None, by))

    @on(NeighbourFound)
    def _go_there(self, message: NeighbourFound) -> None:
        if message.delivery_id is None:
            end = "newest" if message.by < 0 else "oldest"
            self.console.say(f"This is the {end} delivery of the list.")
            return
        self._delivery_id, self._number = message.delivery_id, None
        self._load()

    # What can be done.

    def action_redeliver(self) -> None:
        """Send it again."""
        self.console.act(flows.redeliver(self.console, self._delivery_id))

    def action_copy(self) -> None:
        """Copy something of it."""
        self.console.act(
            flows.copy_delivery(self.console, self._delivery_id, self._number)
        )

    def action_webhook(self) -> None:
        """See its webhook."""
        if self._shown is not None:
            webhook_id = self._shown.detail.delivery.webhook_id
            self.console.act(flows.see_webhook(self.console, webhook_id))


def _key(attempt: Attempt) -> str:
    return f"{attempt.number:06}"
