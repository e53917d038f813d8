"""The headers of a webhook as a small table with a cursor; secret values are masked."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from core.errors import Invalid
from core.headers import Header, check_header
from tui.actions import bindings_of
from tui.text import clip, fit, safe

NAME_CELLS = (12, 24)  # least and most of the first column
_ADD = "+ add a header"


class HeaderList(Widget, can_focus=True):
    """One line for each header, and one to add another."""

    DEFAULT_CSS = """
    HeaderList {
        height: auto;
        width: 100%;
        & > .headers--name { color: $text-primary; }
        & > .headers--muted { color: $foreground-muted; }
        & > .headers--bad { color: $text-error; text-style: bold; }
        & > .headers--cursor { background: $surface; }
        &:focus > .headers--cursor { background: $primary-muted; text-style: bold; }
        &:ansi:focus > .headers--cursor { text-style: reverse; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "headers--name",
        "headers--muted",
        "headers--bad",
        "headers--cursor",
    }
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("headers")]

    headers: reactive[tuple[Header, ...]] = reactive((), layout=True)
    cursor: reactive[int] = reactive(0, init=False)

    class Wanted(Message):
        """What a person wants done: `verb` is add, edit, remove or secret."""

        def __init__(self, verb: str) -> None:
            super().__init__()
            self.verb = verb

    class Moved(Message):
        """The cursor is on another header."""

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on a header or on the line below them."""
        return max(0, min(cursor, len(self.headers)))

    def watch_cursor(self) -> None:
        """Tell that the cursor moved."""
        self.post_message(self.Moved())

    @property
    def chosen(self) -> Header | None:
        """The header under the cursor."""
        return self.headers[self.cursor] if self.cursor < len(self.headers) else None

    def render(self) -> Content:
        """Return the table."""
        lines = [self._line(i, header) for i, header in enumerate(self.headers)]
        style = "headers--muted", *self._under(len(lines))
        lines.append(
            Content.assemble(
                self._sign(len(lines)),
                (fit(safe(_ADD), self.size.width - 2), self.get_visual_style(*style)),
            )
        )
        return Content("\n").join(lines)

    def _line(self, place: int, header: Header) -> Content:
        under = self._under(place)
        wide = self._name_cells()
        mark = "" if _is_right(header) else " ✖"
        note = (" secret" if header.is_secret else "") + mark
        room = self.size.width - wide - 4 - cell_len(note)
        value = clip(safe(header.shown), room)
        tone = "headers--bad" if mark else "headers--muted"
        rest = self.size.width - wide - 4 - cell_len(value)
        return Content.assemble(
            self._sign(place),
            (
                fit(safe(header.name or "(no name)"), wide),
                self.get_visual_style("headers--name", *under),
            ),
            ("  ", self.get_visual_style(*under)),
            (value, self.get_visual_style(*under)),
            (f"{note:>{max(rest, 0)}}", self.get_visual_style(tone, *under)),
        )

    def _sign(self, place: int) -> Content:
        sign = "▸ " if place == self.cursor else "  "
        return Content.styled(sign, self.get_visual_style(*self._under(place)))

    def _under(self, place: int) -> Sequence[str]:
        return ("headers--cursor",) if place == self.cursor else ()

    def _name_cells(self) -> int:
        least, most = NAME_CELLS
        widest = max((cell_len(safe(h.name)) for h in self.headers), default=least)
        return max(least, min(widest, most))

    # Keys and mouse.

    def action_move(self, by: int) -> None:
        """Move the cursor; beyond the ends the focus moves on."""
        if by < 0 and self.cursor == 0:
            self.screen.focus_previous()
        else:
            self.cursor += by

    def action_want(self, verb: str) -> None:
        """Ask for something to be done with the header under the cursor."""
        adding = self.chosen is None and verb == "edit"
        if self.chosen is not None or verb == "add" or adding:
            self.post_message(self.Wanted("add" if adding else verb))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the line; on the last line or by two clicks, act."""
        self.cursor = event.y
        if self.chosen is None:
            self.action_want("add")
        elif event.chain == 2:
            self.action_want("edit")


def _is_right(header: Header) -> bool:
    try:
        check_header(header)
    except Invalid:
        return False
    return True
