"""One webhook: how it fares, how it is set up, and what was sent to it last."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget

from core.actions.webhooks import find_webhook
from core.history import DeliveryFilter, DeliveryRow, WebhookRow
from tui import flows
from tui.actions import bindings_of
from tui.messages import OverviewRead, StoreChanged
from tui.screens.desk import DeskScreen
from tui.views.deliveries import COLUMNS, cells
from tui.views.webhooks import health_facts, set_up_facts
from tui.views.window_pages import DeliveryPages
from tui.widgets.columns import Cell
from tui.widgets.confirm import Answer, Choose
from tui.widgets.facts import Facts
from tui.widgets.table import Table

EMPTY = "Nothing was sent to it yet.\nt sends a test event."
WEBHOOK = 2  # the place of the column that says the same in every line here


class WebhookScreen(DeskScreen[None]):
    """The page of a webhook, with its latest deliveries."""

    PLACE = "webhook"
    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = "Table"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("webhook", through="act")]

    def __init__(self, webhook_id: str) -> None:
        super().__init__()
        self._webhook_id = webhook_id

    def compose_body(self) -> Iterable[Widget]:
        """Yield the facts, and the deliveries below them."""
        with Horizontal(id="facts"):
            yield Facts(id="health")
            yield Facts(id="set-up")
        columns = [c for place, c in enumerate(COLUMNS) if place != WEBHOOK]
        yield Table(columns, self._cells, lambda row: row.id, tail=True, empty=EMPTY)

    def _cells(self, row: DeliveryRow) -> list[Cell]:
        line = cells(row, self.desk.caller.now)
        return line[:WEBHOOK] + line[WEBHOOK + 1 :]

    def on_mount(self) -> None:
        """Show what the console knows already, and the newest deliveries."""
        wanted = DeliveryFilter(webhook_id=self._webhook_id)
        self.query_one(Table).show(DeliveryPages(self.desk.caller, wanted))
        self._show()

    def on_screen_resume(self) -> None:
        """Show what changed while another screen was on top."""
        super().on_screen_resume()
        self._show()
        self._poke()

    @property
    def row(self) -> WebhookRow | None:
        """The webhook as it was last read; None once it is deleted."""
        overview = self.console.overview
        return overview.row(self._webhook_id) if overview else None

    @on(StoreChanged)
    def _poke(self) -> None:
        self.query_one(Table).poke()

    @on(OverviewRead)
    def _show(self) -> None:
        row, now = self.row, self.desk.caller.now
        if row is not None:
            self.status_line.title = row.webhook.name
            self.query_one("#health", Facts).show(health_facts(row, now))
            self.query_one("#set-up", Facts).show(set_up_facts(row.webhook, now))
        self.refresh_hints()

    def why_not(self, verb: str) -> str | None:
        """Say that it is gone."""
        return "This webhook was deleted." if self.row is None else None

    @on(Table.RowActivated)
    def _open_delivery(self, message: Table.RowActivated) -> None:
        from tui.screens.delivery import DeliveryScreen  # noqa: PLC0415

        wanted = DeliveryFilter(webhook_id=self._webhook_id)
        self.app.push_screen(DeliveryScreen(message.key, wanted))

    def action_edit(self) -> None:
        """Change it."""
        self.console.act(self._edit())

    async def _edit(self) -> None:
        await flows.edit(self.console, self._webhook_id)

    def action_test(self) -> None:
        """Send a test event to it."""
        self.console.act(flows.test(self.console, self._webhook_id))

    def action_switch(self) -> None:
        """Activate or deactivate it."""
        self.console.act(self._switch())

    async def _switch(self) -> None:
        await flows.switch(
            self.console, await find_webhook(self.desk.caller, self._webhook_id)
        )

    def action_deliveries(self) -> None:
        """See all that was sent to it, with the filter."""
        if self.row is not None:
            self.console.show_deliveries("webhook", self.row.webhook.name)

    def action_delete(self) -> None:
        """Delete it, and leave its page."""
        if self.row is not None:
            self.console.act(self._delete(self.row))

    async def _delete(self, row: WebhookRow) -> None:
        if await flows.delete(self.console, row) and self.is_current:
            self.console.go_back()

    def action_copy(self) -> None:
        """Copy its id or its URL."""
        self.console.act(self._copy())

    async def _copy(self) -> None:
        row = self.row
        if row is None:
            return
        texts = {"id": row.id, "url": str(row.webhook.url), "name": row.webhook.name}
        answers = [
            Answer(name, name.capitalize(), text, key=name[0])
            for name, text in texts.items()
        ]
        chosen = await self.app.push_screen_wait(Choose("Copy", "", answers))
        if chosen is not None:
            await self.console.copy(texts[chosen])
