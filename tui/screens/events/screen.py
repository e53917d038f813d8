"""What happened, newest first and live; the data of the chosen event below."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from core.actions.events import list_event_types
from core.errors import Invalid, InvalidFilter
from core.history import EventRow
from core.matching import check_pattern
from tui import flows
from tui.actions import bindings_of
from tui.messages import DeskChanged, StoreChanged
from tui.screens.desk import DeskScreen
from tui.views.deliveries import following_words
from tui.views.events import (
    EVENT_COLUMNS,
    NO_EVENTS,
    NO_MATCH,
    event_cells,
    event_lines,
)
from tui.views.lines import line
from tui.views.window_pages import event_pages
from tui.widgets.code_view import CodeView
from tui.widgets.columns import Cell
from tui.widgets.filter_bar import FilterBar
from tui.widgets.table import Table

NO_ROW = (line(("↓ chooses an event; the newest stay on top", "muted")),)
NEEDS_ROW = ("open", "deliveries", "copy")


class EventsScreen(DeskScreen[None]):
    """The table of events under a pattern, and the data of one."""

    PLACE = "events"
    AT_TOP = True
    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = "Table"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("events", through="act")]

    def __init__(self) -> None:
        super().__init__()
        self._types: tuple[str, ...] = ()
        self._list: Table[EventRow] = Table(
            EVENT_COLUMNS, self._cells, lambda row: row.id, tail=True, empty=NO_EVENTS
        )

    def compose_body(self) -> Iterable[Widget]:
        """Yield the filter, the table and the data."""
        yield FilterBar(self._complete, placeholder="review.*")
        yield self._list
        yield CodeView(id="data")

    def on_mount(self) -> None:
        """Show the newest."""
        self._show_all()
        self.run_worker(self._read_types(), group="types", exit_on_error=False)

    async def _read_types(self) -> None:
        known = await list_event_types(self.desk.caller)
        families = {f"{one.name.partition('.')[0]}.*" for one in known}
        self._types = (*(one.name for one in known), *sorted(families))

    def on_screen_resume(self) -> None:
        """Show what changed while another screen was on top."""
        super().on_screen_resume()
        self._poke()

    # What is shown.

    @property
    def row(self) -> EventRow | None:
        """The event under the cursor."""
        return self._list.cursor_row

    def _cells(self, row: EventRow) -> list[Cell]:
        return event_cells(row, self.desk.caller.now)

    @on(StoreChanged)
    def _poke(self) -> None:
        self._list.poke()

    @on(DeskChanged)
    def _show_all(self) -> None:
        self.query_one(FilterBar).write("")
        self._show(None)

    def _show(self, pattern: str | None) -> None:
        self._list.empty = NO_MATCH if pattern else NO_EVENTS
        self._list.show(event_pages(self.desk.caller, pattern))

    @on(Table.FreshnessChanged)
    def _show_freshness(self) -> None:
        self.query_one(FilterBar).show_note(following_words(self._list.freshness))

    @on(Table.LoadFailed)
    def _say_failure(self, message: Table.LoadFailed) -> None:
        self.console.say(message.sentence, "warning")

    @on(Table.CursorMoved)
    def _show_data(self) -> None:
        row, data = self.row, self.query_one("#data", CodeView)
        lines = event_lines(row, self.desk.caller.now) if row else NO_ROW
        data.set_lines(lines, from_top=True)
        self.refresh_hints()

    def why_not(self, verb: str) -> str | None:
        """Say that there is no event to do this with."""
        if verb in NEEDS_ROW and self.row is None:
            return "No event is chosen: ↓ puts the cursor on the newest."
        return None

    # The filter.

    def _complete(self, text: str) -> str | None:
        return next((n for n in self._types if text and n.startswith(text)), None)

    @on(FilterBar.Changed)
    def _filter(self, message: FilterBar.Changed) -> None:
        bar, pattern = self.query_one(FilterBar), message.text.strip()
        try:
            wanted = check_pattern(pattern) if pattern else None
        except Invalid as problem:
            place = InvalidFilter(problem.message, problem.hint, end=len(message.text))
            bar.show_problem(place)
            return
        bar.show_problem(None)
        self._show(wanted)

    @on(FilterBar.Left)
    def _leave_filter(self, message: FilterBar.Left) -> None:
        if not (message.to_use_them and self.query_one(FilterBar).has_problem):
            self._list.focus()

    def step_back(self) -> bool:
        """Show all events again, before anything else."""
        bar = self.query_one(FilterBar)
        used = bool(bar.text)
        bar.write("")
        return used

    def action_filter(self) -> None:
        """Go to the filter."""
        self.query_one(FilterBar).focus()

    # What can be done.

    def action_follow(self) -> None:
        """Freeze the list, or let it go on."""
        self._list.toggle_follow()

    @on(Table.RowActivated)
    def action_open(self) -> None:
        """Read the data of the event."""
        self.query_one("#data").focus()

    def action_deliveries(self) -> None:
        """See its deliveries."""
        if self.row is not None:
            self.console.show_deliveries("event", self.row.id)

    def action_copy(self) -> None:
        """Copy its id or its data."""
        if self.row is not None:
            self.console.act(flows.copy_event(self.console, self.row.event))
