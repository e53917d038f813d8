"""A table of any length: it holds a few pages of rows and paints the visible ones.

Pages are read by workers; each answer carries the epoch of its question, and one
that comes too late is dropped. Which rows are visible is `Viewport`'s business, how
they look is `RowPainter`'s; this widget connects both to keys, mouse and screen, and
paints only the lines that changed.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Generic, Literal, TypeVar

from rich.style import Style
from textual import events, on
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.actions import bindings_of
from tui.text import SafeText, safe
from tui.widgets.changed_lines import changed_regions
from tui.widgets.columns import TONES, Cell, Column, Tone
from tui.widgets.pages import Count, KeyOf, Page, Pages, Row
from tui.widgets.row_painter import RowPainter, thumb
from tui.widgets.viewport import PAGE, Viewport

POKE_EVERY = 0.25  # seconds between two readings of a live table
COUNT_EVERY = 2.0  # seconds; counting a filter may cost more than a page
LOADING_AFTER = 0.15  # seconds of silence before the table says it is loading
MERGE_MARGIN = 50  # newest rows read beyond the visible ones, for late arrivals
COUNT_NEWER_TO = 1000  # beyond this many, "1,000+ new" says enough
WHEEL_LINES = 3

T = TypeVar("T")
Phase = Literal["idle", "loading", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class Freshness:
    """What a table can say about itself in a status line."""

    following: bool
    """Whether new rows appear as they arrive."""
    frozen: bool
    """Whether the reader stopped new rows by hand."""
    new: int
    """Rows that arrived and are not shown yet; at most `COUNT_NEWER_TO`."""
    total: Count | None
    """All rows under the filter, once counted."""


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
        &:ansi > .table--cursor { text-style: reverse; }
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

    class Said(Message):
        """Something a table tells its screen."""

        def __init__(self, table: "Table[Any]") -> None:
            super().__init__()
            self.table = table

        @property
        def control(self) -> "Table[Any]":
            """The table, for selectors in `@on`."""
            return self.table

    class RowActivated(Said):
        """Enter or a double click on a row."""

        def __init__(self, table: "Table[Any]", key: str, row: Any) -> None:
            super().__init__(table)
            self.key = key
            self.row = row

    class CursorMoved(Said):
        """The cursor is on another row, on none, or its row changed."""

        def __init__(self, table: "Table[Any]", key: str | None, row: Any) -> None:
            super().__init__(table)
            self.key = key
            self.row = row

    class FreshnessChanged(Said):
        """The table follows or holds, was counted, or rows wait to be shown."""

        def __init__(self, table: "Table[Any]", freshness: Freshness) -> None:
            super().__init__(table)
            self.freshness = freshness

    class HeaderClicked(Said):
        """A click on the title of a column that has a key."""

        def __init__(self, table: "Table[Any]", key: str) -> None:
            super().__init__(table)
            self.key = key

    class LoadFailed(Said):
        """A page could not be read; the sentence is safe to show."""

        def __init__(self, table: "Table[Any]", sentence: SafeText) -> None:
            super().__init__(table)
            self.sentence = sentence

    class Answered(Message, bubble=False):
        """A worker's answer, to be used if its epoch is still the present one."""

        def __init__(self, epoch: int, what: str, use: Callable[[], None]) -> None:
            super().__init__()
            self.epoch = epoch
            self.what = what
            self.use = use

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
        self._tail = tail
        self._view: Viewport[Row] = Viewport(key_of, tail=tail)
        self._painter: RowPainter[Row] = RowPainter(columns, cells, self._style_of)
        self._styles_by_names: dict[tuple[str, ...], Style] = {}
        self._pages: Pages[Row] | None = None
        self._phase: Phase = "idle"
        self._problem = SafeText("")
        self._total: Count | None = None
        self._epoch = 0
        self._asking: set[str] = set()
        self._resting: set[str] = set()
        self._poked = False
        self._sorted_by = ("", False)
        self._lines: list[tuple[Strip, bool]] = []
        self._keys: list[str] = []
        self._told: tuple[str | None, object] = (None, None)
        self._told_freshness: Freshness | None = None

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
        return Freshness(view.following, view.frozen, view.new, self._total)

    def show(self, pages: Pages[Row]) -> None:
        """Take another source and load its newest rows."""
        self._pages = pages
        height = self._view.height
        self._view = Viewport(self._key_of, tail=self._tail)
        self._view.resize(height)
        self._painter.forget()
        self.reload()

    def reload(self) -> None:
        """Read the newest rows again; the cursor stays on its row if that is there."""
        self._load(lambda pages: pages.newest(PAGE), self._loaded_newest)

    def poke(self) -> None:
        """Say that the store changed; the table reads again, not too often."""
        self._poked = True
        if self._rest("poke", POKE_EVERY, self._poke_again):
            self._read_again()

    def redraw(self) -> None:
        """Ask for the words of the visible rows again, as when the clock moved on."""
        self._painter.forget()
        self._repaint()

    def go_to(self, key: str) -> None:
        """Put the cursor on the row with this key, loading around it if needed."""
        if self._view.to_key(key):
            self._moved()
        else:
            self._load(partial(_around, key), partial(self._loaded_around, key))

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

    # Reading pages.

    def _load(
        self,
        question: Callable[[Pages[Row]], Awaitable[T]],
        use: Callable[[T], None],
    ) -> None:
        """Ask for rows that replace the present ones; older questions are void."""
        self._epoch += 1
        self._asking.clear()
        if self._phase != "ready":
            self._phase = "idle"
        self._ask("load", question, use)
        self.set_timer(LOADING_AFTER, partial(self._say_loading, self._epoch))

    def _say_loading(self, epoch: int) -> None:
        if epoch == self._epoch and "load" in self._asking and self._phase == "idle":
            self._phase = "loading"
            self._repaint()

    def _ask(
        self,
        what: str,
        question: Callable[[Pages[Row]], Awaitable[T]],
        use: Callable[[T], None],
    ) -> bool:
        """Put a question in a worker, one of each kind at a time; say if it was put."""
        if self._pages is None or what in self._asking:
            return False
        self._asking.add(what)
        answer = question(self._pages)
        self.run_worker(
            self._fetch(self._epoch, what, answer, use), group=what, exit_on_error=False
        )
        return True

    async def _fetch(
        self, epoch: int, what: str, answer: Awaitable[T], use: Callable[[T], None]
    ) -> None:
        try:
            found = partial(use, await answer)
        except Exception as error:
            found = partial(self._failed, error)
        self.post_message(self.Answered(epoch, what, found))

    @on(Answered)
    def _use_answer(self, message: Answered) -> None:
        if message.epoch == self._epoch:
            self._asking.discard(message.what)
            message.use()
            self._moved()

    def _failed(self, error: Exception) -> None:
        self._problem = safe(str(error) or type(error).__name__)
        self._phase = "ready" if self._view.rows else "failed"
        self.post_message(self.LoadFailed(self, self._problem))

    def _loaded_newest(self, page: Page[Row]) -> None:
        self._phase = "ready"
        self._view.take_newest(page)
        self._count()

    def _loaded_first(self, page: Page[Row]) -> None:
        self._phase = "ready"
        self._view.take_newest(page, with_cursor=True)

    def _loaded_last(self, page: Page[Row]) -> None:
        self._phase = "ready"
        self._view.take_oldest(page, self._total.value if self._total else 0)

    def _loaded_around(self, key: str, found: "_Around[Row]") -> None:
        if found.row is not None:
            self._phase = "ready"
            self._view.take_around(found.newer, found.row, found.older)
            self._count()
            return
        if self._phase != "ready":
            self.reload()
        sentence = safe(f"{key} is not here: it was pruned, or a filter hides it.")
        self.post_message(self.LoadFailed(self, sentence))

    def _moved(self) -> None:
        """Read on where the edge of what is loaded is near, and paint."""
        view = self._view
        if view.needs_older and view.window.rows:
            last = view.window.key_at(-1)
            self._ask("older", lambda pages: pages.older(last, PAGE), view.add_older)
        if view.needs_newer and view.window.rows:
            first = view.window.key_at(0)
            self._ask("newer", lambda pages: pages.newer(first, PAGE), view.add_newer)
        self._repaint()

    def _count(self) -> None:
        if self._rest("count", COUNT_EVERY, lambda: None):
            self._ask("count", lambda pages: pages.count(), self._counted)

    def _counted(self, count: Count) -> None:
        self._total = count

    # Live rows.

    def _rest(self, what: str, seconds: float, then: Callable[[], None]) -> bool:
        """Say whether it is time for this, and start a rest after which `then` runs."""
        if what in self._resting or not self.is_attached:
            return False

        def rested() -> None:
            self._resting.discard(what)
            then()

        self._resting.add(what)
        self.set_timer(seconds, rested)
        return True

    def _poke_again(self) -> None:
        if self._poked:
            self.poke()

    def _read_again(self) -> None:
        if "load" in self._asking:
            return
        self._poked = not self._ask_what_changed()
        self._count()

    def _ask_what_changed(self) -> bool:
        view = self._view
        if not view.window.rows:
            return self._ask("load", lambda p: p.newest(PAGE), self._loaded_newest)
        if view.following:
            limit = view.height + MERGE_MARGIN
            return self._ask("live", lambda p: p.newest(limit), self._merge)
        if view.window.complete and not self._tail:
            limit = view.window.capacity
            return self._ask("live", lambda p: p.newest(limit), view.replace)
        keys = [self._key_of(row) for row in view.rows]
        self._ask_how_many_are_new()
        return self._ask("live", lambda p: p.rows(keys), self._refresh)

    def _refresh(self, rows: Mapping[str, Row]) -> None:
        self._view.refresh(rows)

    def _merge(self, page: Page[Row]) -> None:
        if self._view.following and not self._view.merge(page):
            self._ask_how_many_are_new()

    def _ask_how_many_are_new(self) -> None:
        seen = self._view.seen
        if self._tail and seen is not None:
            self._ask(
                "new",
                lambda pages: pages.count_newer(seen, COUNT_NEWER_TO),
                self._view.note_newer,
            )

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
            self._load(lambda pages: pages.newest(PAGE), self._loaded_first)

    def action_last(self) -> None:
        """Go to the oldest row."""
        if self._view.to_last():
            self._moved()
        else:
            self._load(lambda pages: pages.oldest(PAGE), self._loaded_last)

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
            self._styles_by_names[names] = self.get_visual_style(*names).rich_style
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
        total = max(known, self._total.value if self._total else 0)
        return thumb(height, window.rows_before + self._view.top, total)

    def _words_instead(self) -> tuple[str, Tone]:
        match self._phase:
            case "ready":
                return self.empty, "muted"
            case "loading":
                return "Loading …", "muted"
            case "failed":
                return f"✖ {self._problem}", "bad"
            case _:
                return "", ""

    def _tell(self) -> None:
        """Tell the screen what changed since it was last told."""
        now = (self._view.cursor, self._view.cursor_row)
        if now[0] != self._told[0] or now[1] is not self._told[1]:
            self._told = now
            self.post_message(self.CursorMoved(self, *now))
        if self.freshness != self._told_freshness:
            self._told_freshness = self.freshness
            self.post_message(self.FreshnessChanged(self, self.freshness))


@dataclass(frozen=True, slots=True)
class _Around(Generic[Row]):
    newer: Page[Row]
    row: Row | None
    older: Page[Row]


async def _around(key: str, pages: Pages[Row]) -> _Around[Row]:
    return _Around(
        newer=await pages.newer(key, PAGE // 2),
        row=(await pages.rows([key])).get(key),
        older=await pages.older(key, PAGE // 2),
    )
