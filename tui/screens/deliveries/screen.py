"""The history, newest first and live, under one filter."""

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget

from core.actions.deliveries import list_deliveries
from core.actions.events import list_event_types
from core.errors import InvalidFilter
from core.filter import parse_filter
from core.history import DeliveryFilter, DeliveryRow, Window
from tui import flows
from tui.actions import bindings_of
from tui.messages import DeskChanged, OverviewRead, StoreChanged, WorkerChanged
from tui.screens.desk import DeskScreen
from tui.views.deliveries import (
    COLUMNS,
    EMPTY,
    FAILED,
    NO_MATCH,
    cells,
    following_words,
    peek_facts,
)
from tui.views.facts import Fact
from tui.views.filter import (
    STATE_CHOICES,
    completed,
    grammar_words,
    value_of,
    with_term,
)
from tui.views.window_pages import DeliveryPages
from tui.widgets.banner import Banner
from tui.widgets.columns import Cell
from tui.widgets.confirm import Answer, Choose
from tui.widgets.facts import Facts
from tui.widgets.filter_bar import FilterBar
from tui.widgets.table import Table

EXAMPLE = "webhook:erp state:failed type:review.* status:5xx since:15m"
NO_ROW = (Fact("", "↓ chooses a delivery; the newest stay on top", "muted"),)
NEEDS_ROW = ("open", "redeliver", "copy", "webhook")


class DeliveriesScreen(DeskScreen[None]):
    """The table over the history, the filter above and a peek below."""

    PLACE = "deliveries"
    AT_TOP = True
    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = "Table"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("deliveries", through="act")]

    class FailureFound(Message, bubble=False):
        """The next failed delivery, if there is one."""

        def __init__(self, row: DeliveryRow | None) -> None:
            super().__init__()
            self.row = row

    def __init__(self) -> None:
        super().__init__()
        self._wanted = DeliveryFilter()
        self._types: tuple[str, ...] = ()
        self._list: Table[DeliveryRow] = Table(
            COLUMNS, self._cells, lambda row: row.id, tail=True, empty=EMPTY
        )

    def compose_body(self) -> Iterable[Widget]:
        """Yield the filter, the table and the peek."""
        yield Banner()
        yield FilterBar(self._complete, placeholder=EXAMPLE)
        yield self._list
        yield Facts(id="peek")

    def on_mount(self) -> None:
        """Show the newest."""
        self._show_all()
        self.run_worker(self._read_types(), group="types", exit_on_error=False)

    async def _read_types(self) -> None:
        known = await list_event_types(self.desk.caller)
        self._types = tuple(one.name for one in known)

    def on_screen_resume(self) -> None:
        """Show what changed while another screen was on top."""
        super().on_screen_resume()
        self._poke()
        self._say_worker()

    # What is shown.

    @property
    def row(self) -> DeliveryRow | None:
        """The delivery under the cursor."""
        return self._list.cursor_row

    def _cells(self, row: DeliveryRow) -> list[Cell]:
        return cells(row, self.desk.caller.now)

    @on(StoreChanged)
    def _poke(self) -> None:
        self._list.poke()

    @on(OverviewRead)
    @on(WorkerChanged)
    def _say_worker(self) -> None:
        overview = self.console.overview
        self.query_one(Banner).say_worker(
            alive=overview is None or bool(overview.workers),
            on_its_way=self.console.worker_on_its_way,
        )
        self._show_selected()

    @on(DeskChanged)
    def _show_all(self) -> None:
        self.query_one(FilterBar).write("")
        self._show(DeliveryFilter())

    def _show(self, wanted: DeliveryFilter) -> None:
        self._wanted = wanted
        self._list.empty = EMPTY if wanted == DeliveryFilter() else NO_MATCH
        self._list.show(DeliveryPages(self.desk.caller, wanted))

    @on(Table.FreshnessChanged)
    def _show_freshness(self) -> None:
        self.query_one(FilterBar).show_note(following_words(self._list.freshness))

    @on(Table.LoadFailed)
    def _say_failure(self, message: Table.LoadFailed) -> None:
        self.console.say(message.sentence, "warning")

    @on(Table.CursorMoved)
    def _show_selected(self) -> None:
        row, peek = self.row, self.query_one("#peek", Facts)
        peek.show(peek_facts(row, self.desk.caller.now) if row else NO_ROW)
        self.refresh_hints()

    def why_not(self, verb: str) -> str | None:
        """Say that there is no delivery to do this with."""
        if verb in NEEDS_ROW and self.row is None:
            return "No delivery is chosen: ↓ puts the cursor on the newest."
        return None

    @property
    def help_more(self) -> str:
        """Explain the filter."""
        return grammar_words(EXAMPLE)

    # The filter.

    def ask(self, text: str) -> None:
        """Show what these words want."""
        self.query_one(FilterBar).write(text)

    def _complete(self, text: str) -> str | None:
        overview = self.console.overview
        names = overview.names.values() if overview else ()
        return completed(text, names, self._types)

    @on(FilterBar.Changed)
    def _filter(self, message: FilterBar.Changed) -> None:
        overview, bar = self.console.overview, self.query_one(FilterBar)
        names = overview.names if overview else {}
        try:
            wanted = parse_filter(message.text, names, self.desk.caller.now)
        except InvalidFilter as problem:
            bar.show_problem(problem)
            return
        bar.show_problem(None)
        if wanted != self._wanted:
            self._show(wanted)

    @on(FilterBar.Left)
    def _leave_filter(self, message: FilterBar.Left) -> None:
        # Keys typed to mend the words must not reach the list, where r redelivers.
        if not (message.to_use_them and self.query_one(FilterBar).has_problem):
            self._list.focus()

    def action_filter(self) -> None:
        """Go to the filter."""
        self.query_one(FilterBar).focus()

    def action_clear(self) -> None:
        """Show everything again."""
        self.ask("")

    def action_states(self) -> None:
        """Choose which states are shown."""
        self.console.act(self._choose_states())

    async def _choose_states(self) -> None:
        text = self.query_one(FilterBar).text
        choices = [
            Answer(value or "all", name, does)
            for value, (name, does) in STATE_CHOICES.items()
        ]
        chosen = await self.app.push_screen_wait(
            Choose(
                "Which deliveries?",
                "",
                choices,
                chosen=value_of(text, "state") or "all",
            )
        )
        if chosen is not None:
            self.ask(with_term(text, "state", "" if chosen == "all" else chosen))

    # Moving.

    def action_follow(self) -> None:
        """Freeze the list, or let it go on."""
        self._list.toggle_follow()

    def action_next_failure(self) -> None:
        """Go to the next failed delivery below the cursor, or to the newest one."""
        failed = frozenset(FAILED)
        states = (self._wanted.states & failed) if self._wanted.states else failed
        if not states:
            self.console.say("This filter shows no failed delivery. x shows all.")
            return
        wanted = replace(self._wanted, states=states)
        self.console.look_up(self._find_failure(wanted, self._list.cursor_key))

    async def _find_failure(self, wanted: DeliveryFilter, below: str | None) -> None:
        caller = self.desk.caller
        found: list[DeliveryRow] = []
        for start in dict.fromkeys((below, None)):
            window = Window(older_than=start, limit=1)
            found = found or [*await list_deliveries(caller, wanted, window)]
        self.post_message(self.FailureFound(found[0] if found else None))

    @on(FailureFound)
    def _go_to_failure(self, message: FailureFound) -> None:
        if message.row is None:
            self.console.say("No delivery has failed. Nothing to look at.")
        else:
            self._list.go_to(message.row.id)

    # What can be done.

    @on(Table.RowActivated)
    def action_open(self) -> None:
        """See every attempt of the delivery."""
        from tui.screens.delivery import DeliveryScreen  # noqa: PLC0415

        if self.row is not None:
            self.app.push_screen(DeliveryScreen(self.row.id, self._wanted))

    def action_webhook(self) -> None:
        """See its webhook."""
        if self.row is not None:
            self.console.act(
                flows.see_webhook(self.console, self.row.delivery.webhook_id)
            )

    def action_redeliver(self) -> None:
        """Send it again."""
        if self.row is not None:
            self.console.act(flows.redeliver(self.console, self.row.id))

    def action_copy(self) -> None:
        """Copy something of it."""
        if self.row is not None:
            self.console.act(flows.copy_delivery(self.console, self.row.id))
