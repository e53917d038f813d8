"""Every webhook of the workspace, how it fares, and what can be done with it."""

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Container, Horizontal
from textual.widget import Widget
from textual.widgets import Input, Static

from core.history import WebhookRow
from core.model import Webhook
from tui import flows
from tui.actions import bindings_of
from tui.messages import DeskChanged, OverviewRead, WorkerChanged
from tui.screens.desk import DeskScreen
from tui.text import showable
from tui.views.webhooks import (
    COLUMNS,
    EMPTY,
    NO_MATCH,
    ORDERS,
    cells,
    health_facts,
    peek_facts,
    set_up_facts,
    text_of,
)
from tui.widgets.banner import Banner
from tui.widgets.facts import Facts
from tui.widgets.pages import ListPages
from tui.widgets.table import Table

NEEDS_ROW = ("open", "edit", "test", "switch", "deliveries", "duplicate", "delete")


class WebhooksScreen(DeskScreen[None]):
    """The list, the selected webhook beside it, and a filter over both."""

    PLACE = "webhooks"
    AT_TOP = True
    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = "Table"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("webhooks", through="act")]

    def __init__(self) -> None:
        super().__init__()
        self._order = 0
        self._wanted: str | None = None
        """A webhook that was just saved: the cursor goes there once it is read."""
        self._pages: ListPages[WebhookRow] = ListPages(
            (), lambda row: row.id, text_of=text_of, order=ORDERS[0][2]
        )
        self._list: Table[WebhookRow] = Table(
            COLUMNS, cells, lambda row: row.id, empty=EMPTY
        )

    def compose_body(self) -> Iterable[Widget]:
        """Yield the filter, the list and the panel."""
        yield Banner()
        with Horizontal(id="filter"):
            yield Static("/", id="slash")
            yield Input(placeholder="words to look for", compact=True)
            yield Static(id="count")
        with Container(id="webhooks"):
            yield self._list
            with Container(id="panel"):
                yield Facts(id="health")
                yield Facts(id="set-up")
            yield Facts(id="peek")

    def on_mount(self) -> None:
        """Show what the console knows already."""
        self._list.show(self._pages)
        self._show_rows()

    def on_screen_resume(self) -> None:
        """Show what changed while another screen was on top."""
        super().on_screen_resume()
        self._show_rows()

    # What is shown.

    @property
    def row(self) -> WebhookRow | None:
        """The webhook under the cursor."""
        return self._list.cursor_row

    @on(OverviewRead)
    @on(WorkerChanged)
    @on(DeskChanged)
    def _show_rows(self) -> None:
        overview = self.console.overview
        rows = overview.rows if overview else ()
        self._pages.replace(rows)
        self._list.poke()
        if overview and self._wanted and overview.row(self._wanted):
            self._list.go_to(self._wanted)
            self._wanted = None
        self._show_counts()
        self._show_selected()
        self.query_one(Banner).say_worker(
            alive=overview is None or bool(overview.workers),
            on_its_way=self.console.worker_on_its_way,
        )

    def _show_counts(self) -> None:
        shown, total = self._pages.matching, self._pages.total
        counted = f"{shown} of {total}" if self._words else f"{total}"
        noun = "webhook" if total == 1 else "webhooks"
        words = f"{counted} {noun}, {ORDERS[self._order][1]}"
        self.query_one("#count", Static).update(showable(words))

    @on(Table.CursorMoved)
    def _show_selected(self) -> None:
        row, now = self.row, self.desk.caller.now
        self.set_class(row is None, "-empty")
        if row is not None:
            panel = self.query_one("#panel")
            panel.border_title = showable(row.webhook.name)
            self.query_one("#health", Facts).show(health_facts(row, now))
            self.query_one("#set-up", Facts).show(set_up_facts(row.webhook, now))
            self.query_one("#peek", Facts).show(peek_facts(row, now))
        self.refresh_hints()

    def why_not(self, verb: str) -> str | None:
        """Say that there is no webhook to do this with."""
        if verb in NEEDS_ROW and self.row is None:
            return "There is no webhook under the cursor. n creates one."
        return None

    # The filter and the order.

    @property
    def _words(self) -> str:
        return self.query_one(Input).value

    def action_filter(self) -> None:
        """Go to the filter."""
        self.query_one("#filter").add_class("-open")
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _narrow(self, message: Input.Changed) -> None:
        self._list.empty = NO_MATCH if message.value else EMPTY
        self._pages.narrow(message.value)
        self._list.reload()
        self._show_counts()

    @on(Input.Submitted)
    def _leave_filter(self) -> None:
        self.query_one("#filter").set_class(bool(self._words), "-open")
        self._list.focus()

    def step_back(self) -> bool:
        """Leave the filter, and show everything again."""
        if self.focused is self._list and not self._words:
            return False
        self.query_one(Input).value = ""
        self._leave_filter()
        return True

    def action_sort(self) -> None:
        """Take the next order."""
        self._sort((self._order + 1) % len(ORDERS))

    @on(Table.HeaderClicked)
    def _sort_by(self, message: Table.HeaderClicked) -> None:
        keys = [order[0] for order in ORDERS]
        self._sort(keys.index(message.key))

    def _sort(self, number: int) -> None:
        self._order = number
        key, _, value, descending = ORDERS[number]
        self._pages.sort(value, descending=descending)
        self._list.mark_sorted(key, descending=descending)
        self._list.reload()
        self._show_counts()

    # What can be done.

    @on(Table.RowActivated)
    def action_open(self) -> None:
        """See the webhook under the cursor."""
        from tui.screens.webhook import WebhookScreen  # noqa: PLC0415

        if self.row is not None:
            self.app.push_screen(WebhookScreen(self.row.id))

    def action_deliveries(self) -> None:
        """See what was sent to it."""
        if self.row is not None:
            self.console.show_deliveries("webhook", self.row.webhook.name)

    def action_new(self) -> None:
        """Create a webhook."""
        self._fill_in(partial(flows.create, self.console))

    def action_duplicate(self) -> None:
        """Create one like this one."""
        if self.row is not None:
            self._fill_in(partial(flows.duplicate, self.console, self.row.webhook))

    def action_edit(self) -> None:
        """Change it."""
        if self.row is not None:
            self._fill_in(partial(flows.edit, self.console, self.row.id))

    def _fill_in(self, form: Callable[[], Awaitable[Webhook | None]]) -> None:
        async def fill_in() -> None:
            saved = await form()
            self._wanted = saved.id if saved else None

        self.console.act(fill_in())

    def action_test(self) -> None:
        """Send a test event."""
        if self.row is not None:
            self.console.act(flows.test(self.console, self.row.id))

    def action_switch(self) -> None:
        """Activate or deactivate it."""
        if self.row is not None:
            self.console.act(flows.switch(self.console, self.row.webhook))

    def action_delete(self) -> None:
        """Delete it."""
        if self.row is not None:
            self.console.act(self._delete(self.row))

    async def _delete(self, row: WebhookRow) -> None:
        await flows.delete(self.console, row)
