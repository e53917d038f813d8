"""A console in a process of its own, for what only a terminal shows: its bytes.

Run as `python probe.py FOLDER`. It shows hostile text in every kind of widget and
says `ready`; `^x` makes it crash with a secret in a local variable.
"""

import sys
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable, Input, Label, Log, Static, TextArea

from tui.app import ConsoleApp, Surroundings
from tui.text import showable
from tui.views.lines import line
from tui.widgets.code_view import CodeView
from tui.widgets.columns import Cell, Column
from tui.widgets.pages import ListPages
from tui.widgets.table import Table

HOSTILE = "H\x1b]52;c;SE9PSw==\x07\x9b31m\x1b[2J\u202e\u200b[/x][@click=app.quit]E"


class Probe(ConsoleApp):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+x", "fail", priority=True)]

    def compose(self) -> ComposeResult:
        table: Table[str] = Table([Column("X", 60)], lambda row: [Cell(row)], str)
        table.styles.height = 3
        self.table = table
        yield table
        yield CodeView()
        yield Static(showable(HOSTILE))
        yield Static(HOSTILE, markup=False)
        yield Label(HOSTILE, markup=False)
        yield Input(HOSTILE)
        yield TextArea(HOSTILE)
        yield Log()
        yield DataTable[str]()

    def on_ready(self) -> None:
        self.table.show(ListPages([HOSTILE], str))
        self.query_one(CodeView).set_lines([line(HOSTILE)])
        for widget in self.query("CodeView, TextArea, Log, DataTable"):
            widget.styles.height = 3
        self.query_one(Log).write_line(HOSTILE)
        self.query_one(DataTable).add_columns("X")
        self.say(HOSTILE, "error")
        self.call_after_refresh(self.call_later, self._say_ready)

    def _say_ready(self) -> None:
        self.query_one(Label).update("probe is ready")

    def action_fail(self) -> None:
        secret = "whsec_" + "canary"
        raise RuntimeError(f"{len(secret)} characters")


if __name__ == "__main__":
    probe = Probe(Surroundings(Path(sys.argv[1]), no_color="--no-color" in sys.argv))
    probe.run()
    sys.exit(probe.return_code)
