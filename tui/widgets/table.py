"""A table of any length: it holds a few pages of rows and paints the visible ones.

Which rows are visible is `Viewport`'s business, reading them `Reader`'s, how they
look `RowPainter`'s; this widget connects them to keys, mouse and screen, and paints
only the lines that changed.
"""

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeAlias

from rich.style import Style
from textual import events, on
from textual.binding import BindingType
from textual.strip import Strip
from textual.widget import Widget

from tui.actions import bindings_of
from tui.text import SafeText
from tui.widgets import table_messages
from tui.widgets.changed_lines import changed_regions
from tui.widgets.columns import TONES, Cell, Column, Tone
from tui.widgets.pages import KeyOf, Pages, Row
from tui.widgets.reader import Answered, Reader
from tui.widgets.row_painter import RowPainter, thumb
from tui.widgets.table_messages import Freshness
from tui.widgets.viewport import Viewport

__all__ = ["Freshness", "Table"]

WHEEL_LINES = 3


class Table(Widget, Generic[Row], can_focus=True):
    """A virtual table over `Pages`, with a cursor, live rows and a header."""

    DEFAULT_CSS = """
    Table {
        height: 1fr;
        width: 1fr;
        background: $background;
        color: $foreground;
        & > .table--header { color: $foreground-muted; text-style: bold; }
        & > .table--cursor { background: $surface; }
        &:focus > .table--cursor { background: $primary-muted; text-style: bold; }
        & > .table--ok { color: $text-success; }
        & > .table--bad { color: $text-error; text-style: bold; }
        & > .table--warn { color: $text-warning; }
        & > .table--muted { color: $foreground-muted; }
        & > .table--accent { color: $text-accent; }
        & > .table--strong { text-style: bold; }
        & > .table--thumb { color: $scrollbar; }
        &:ansi > .table--cursor { background: $background; text-style: underline; }
        &:ansi:focus > .table--cursor {
            background: $background;
            color: $foreground;
            text-style: reverse;
        }
    }
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--header",
        "table--cursor",
        "table--thumb",
        *(f"table--{tone}" for tone in TONES),
    }

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("list")]
    # Its lines move while one selects; a key copies what belongs to a row.
    ALLOW_SELECT = False

    RowActivated: TypeAlias = table_messages.RowActivated
    CursorMoved: TypeAlias = table_messages.CursorMoved
    FreshnessChanged: TypeAlias = table_messages.FreshnessChanged
    HeaderClicked: TypeAlias = table_messages.HeaderClicked
    LoadFailed: TypeAlias = table_messages.LoadFailed

    def __init__(
        self,
        columns: Sequence[Column],
        cells: Callable[[Row], Sequence[Cell]],
        key_of: KeyOf[Row],
        *,
        tail: bool = False,
        empty: str = "Nothing here yet.",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """Describe the table; `show` gives it rows.

        Args:
            columns: All columns; those that do not fit are left out.
            cells: The words of a row, one cell for each of `columns`.
            key_of: The key by which `Pages` continue and the cursor stays.
            tail: Whether rows keep arriving on top. Such a table has no cursor until
                the first key, and only counts new rows while the reader is elsewhere.
            empty: What to say, and which key to press, when there are no rows.
            id: The id of the widget.
            classes: The CSS classes of the widget.
        """
        super().__init__(id=id, classes=classes)
        self.empty = empty
        self._key_of = key_of
        self._reader: Reader[Row] = Reader(
            self,
            key_of,
            tail=tail,
            looks_different=self._repaint,
            failed=self._tell_failure,
        )
        self._painter: RowPainter[Row] = RowPainter(columns, cells, self._style_of)
        self._styles_by_names: dict[tuple[str, ...], Style] = {}
        self._sorted_by = ("", False)
        self._lines: list[tuple[Strip, bool]] = []
        self._keys: list[str] = []
        self._told: tuple[str | None, object] = (None, None)
        self._told_freshness: Freshness | None = None

    @property
    def _view(self) -> Viewport[Row]:
        return self._reader.view

    # What a screen asks and tells.

    @property
    def cursor_key(self) -> str | None:
        """The key of the row under the cursor, if there is a cursor."""
        return self._view.cursor

    @property
    def cursor_row(self) -> Row | None:
        """The row under the cursor as it was last read."""
        return self._view.cursor_row

    @property
    def visible_rows(self) -> Sequence[Row]:
        """The rows on the screen, in display order."""
        return self._view.rows

    @property
    def freshness(self) -> Freshness:
        """Whether the table follows, and what waits to be shown."""
        view = self._view
        return Freshness(view.following, view.frozen, view.new, self._reader.total)

    def show(self, pages: Pages[Row]) -> None:
        """Take another source and load its newest rows."""
        self._reader.take(pages)
        self._painter.forget()

    def reload(self) -> None:
        """Read the newest rows again; the cursor stays on its row if that is there."""
        self._reader.newest()

    def poke(self) -> None:
        """Say that the store changed; the table reads again, not too often."""
        self._reader.poke()

    def redraw(self) -> None:
        """Ask for the words of the visible rows again, as when the clock moved on."""
        self._painter.forget()
        self._repaint()

    def go_to(self, key: str) -> None:
        """Put the cursor on the row with this key, loading around it if needed."""
        if self._view.to_key(key):
            self._moved()
        else:
            self._reader.around(key)

    def follow(self) -> None:
        """Show the newest rows and let new ones appear; the cursor is put away."""
        self._view.frozen = False
        self._view.cursor = None
        self.reload()

    def freeze(self) -> None:
        """Let nothing new appear until `follow`; new rows are counted."""
        self._view.frozen = True
        self._tell()

    def toggle_follow(self) -> None:
        """Freeze a table that follows, else follow."""
        if self._view.following:
            self.freeze()
        else:
            self.follow()

    def mark_sorted(self, key: str, *, descending: bool = False) -> None:
        """Show by which column the rows are sorted."""
        self._sorted_by = (key, descending)
        self._repaint()

    @on(Answered)
    def _use_answer(self, message: Answered) -> None:
        if self._reader.use(message):
            self._moved()

    def _moved(self) -> None:
        """Paint what a move or an answer changed, and read on at an edge."""
        self._reader.read_on()
        self._repaint()

    # Keys and mouse.

    def action_move(self, lines: int) -> None:
        """Move the cursor by rows."""
        self._view.move(lines)
        self._moved()

    def action_page(self, halves: int) -> None:
        """Move by half screens."""
        self._view.page(halves * max(1, self._view.height // 2))
        self._moved()

    def action_first(self) -> None:
        """Go to the newest row."""
        if self._view.to_first():
            self._moved()
        else:
            self._reader.first()

    def action_last(self) -> None:
        """Go to the oldest row."""
        if self._view.to_last():
            self._moved()
        else:
            self._reader.last()

    def action_activate(self) -> None:
        """Open the row under the cursor, or the first visible one."""
        if self._view.cursor is None:
            self.action_move(0)
        key, row = self._view.cursor, self._view.cursor_row
        if key is not None and row is not None:
            self.post_message(self.RowActivated(self, key, row))

    def _on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, WHEEL_LINES)

    def _on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, -WHEEL_LINES)

    def _wheel(self, event: events.MouseEvent, lines: int) -> None:
        event.stop()
        event.prevent_default()
        self._view.scroll(lines)
        self._moved()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the row that was painted there; open it on two clicks."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y == 0:
            column = self._painter.column_at(offset.x)
            if column is not None and column.key:
                self.post_message(self.HeaderClicked(self, column.key))
        elif offset.y <= len(self._keys) and self._view.to_key(
            self._keys[offset.y - 1]
        ):
            self._moved()
            if event.chain == 2:
                self.action_activate()

    # Painting.

    def on_resize(self) -> None:
        """Choose columns for the new width and keep the cursor on the screen."""
        self._painter.resize(self.size.width - 1)
        self._view.resize(self.size.height - 1)
        self._moved()

    def notify_style_update(self) -> None:
        """Forget what was drawn in the old theme."""
        super().notify_style_update()
        self._styles_by_names.clear()
        self._painter.forget()
        self._lines = []

    def _style_of(self, *names: str) -> Style:
        if names not in self._styles_by_names:
            style = self.get_visual_style(*names).rich_style
            # Textual leaves this one mark out, and it is all a cursor has without
            # colours.
            marks = [self.get_component_styles(name).text_style for name in names]
            if any(mark.reverse for mark in marks):
                style += Style(reverse=True)
            self._styles_by_names[names] = style
        return self._styles_by_names[names]

    def render_line(self, y: int) -> Strip:
        """Return one line as it was last looked at."""
        if not self._lines:
            self._look()
        if y >= len(self._lines):
            return Strip.blank(self.size.width, self._style_of())
        return self._painter.finish(*self._lines[y])

    def _repaint(self) -> None:
        """Look at the rows again and paint the lines that differ."""
        before = self._lines
        self._look()
        if changed := changed_regions(before, self._lines, self.size.width):
            self.refresh(*changed)
        self._tell()

    def _look(self) -> None:
        rows = self._view.rows
        height = max(0, self.size.height - 1)
        self._keys = [self._key_of(row) for row in rows]
        body = [
            self._painter.row(key, row, key == self._view.cursor)
            for key, row in zip(self._keys, rows, strict=True)
        ] or self._painter.sentence(*self._words_instead(), height)
        body += [self._painter.blank()] * (height - len(body))
        shown = self._thumb(height)
        self._lines = [(self._painter.header(*self._sorted_by), False)]
        self._lines += [(strip, y in shown) for y, strip in enumerate(body)]

    def _thumb(self, height: int) -> range:
        """Return the scrollbar's thumb; a guess where rows were not counted."""
        window = self._view.window
        known = window.rows_before + len(window)
        total = max(known, self._reader.total.value if self._reader.total else 0)
        return thumb(height, window.rows_before + self._view.top, total)

    def _words_instead(self) -> tuple[str, Tone]:
        match self._reader.phase:
            case "ready":
                return self.empty, "muted"
            case "loading":
                return "Loading …", "muted"
            case "failed":
                return f"✖ {self._reader.problem}", "bad"
            case _:
                return "", ""

    def _tell_failure(self, words: SafeText) -> None:
        self.post_message(self.LoadFailed(self, words))

    def _tell(self) -> None:
        """Tell the screen what changed since it was last told."""
        now = (self._view.cursor, self._view.cursor_row)
        if now[0] != self._told[0] or now[1] is not self._told[1]:
            self._told = now
            self.post_message(self.CursorMoved(self, *now))
        if self.freshness != self._told_freshness:
            self._told_freshness = self.freshness
            self.post_message(self.FreshnessChanged(self, self.freshness))
