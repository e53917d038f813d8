"""Who changed what, newest first; every field of the chosen change below."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from core.audit import AuditEntry
from tui.actions import bindings_of
from tui.messages import DeskChanged, StoreChanged
from tui.screens.desk import DeskScreen
from tui.views.events import AUDIT_COLUMNS, NO_AUDIT, audit_cells, audit_lines
from tui.views.lines import line
from tui.views.window_pages import audit_pages
from tui.widgets.code_view import CodeView
from tui.widgets.columns import Cell
from tui.widgets.table import Table

NO_ROW = (line(("↓ chooses a change", "muted")),)


class AuditScreen(DeskScreen[None]):
    """The table of changes, and one of them."""

    PLACE = "audit"
    AT_TOP = True
    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = "Table"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("audit", through="act")]

    def compose_body(self) -> Iterable[Widget]:
        """Yield the table and the chosen change."""
        yield Table(
            AUDIT_COLUMNS, self._cells, lambda row: row.id, tail=True, empty=NO_AUDIT
        )
        yield CodeView(id="change")

    def _cells(self, entry: AuditEntry) -> list[Cell]:
        overview = self.console.overview
        names = overview.names if overview else {}
        return audit_cells(entry, self.desk.caller.now, names)

    def on_mount(self) -> None:
        """Show the newest."""
        self._show_all()

    @on(DeskChanged)
    def _show_all(self) -> None:
        self.query_one(Table).show(audit_pages(self.desk.caller))

    def on_screen_resume(self) -> None:
        """Show what changed while another screen was on top."""
        super().on_screen_resume()
        self._poke()

    @on(StoreChanged)
    def _poke(self) -> None:
        self.query_one(Table).poke()

    @on(Table.CursorMoved)
    def _show_change(self, message: Table.CursorMoved) -> None:
        change = self.query_one("#change", CodeView)
        lines = audit_lines(message.row) if message.row else NO_ROW
        change.set_lines(lines, from_top=True)

    @on(Table.RowActivated)
    def action_open(self) -> None:
        """Read the change."""
        self.query_one("#change").focus()
