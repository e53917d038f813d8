"""Which rows of a table are on the screen, and which one the cursor is on.

Pure: moves and pages in, rows out. The cursor is a row's key, so it stays with its
row whatever arrives around it.
"""

from collections.abc import Mapping, Sequence
from typing import Generic

from tui.widgets.pages import KeyOf, Page, Row
from tui.widgets.window import Window

PAGE = 200  # rows asked for at once
PAGES_HELD = 5
PREFETCH = 120  # rows left before an edge when the next page is asked for


class Viewport(Generic[Row]):
    """A window of rows, the first line of the screen in it, and a cursor."""

    def __init__(self, key_of: KeyOf[Row], *, tail: bool) -> None:
        """Start empty; a `tail` lets new rows in at the top while that is shown."""
        self.window: Window[Row] = Window(key_of, PAGE * PAGES_HELD)
        self.tail = tail
        self.top = 0
        self.height = 1
        self.cursor: str | None = None
        self.frozen = False
        """Whether the reader stopped new rows by hand."""
        self.new = 0
        """Rows newer than those the reader was shown, as far as counted."""
        self._key_of = key_of
        self._seen: str | None = None
        self._line = 0
        self._owed = 0

    @property
    def rows(self) -> Sequence[Row]:
        """The rows on the screen."""
        return self.window.rows[self.top : self.top + self.height]

    @property
    def cursor_place(self) -> int | None:
        """Where the cursor's row is in the window."""
        return self.window.place_of(self.cursor)

    @property
    def cursor_row(self) -> Row | None:
        """The row under the cursor as it was last read."""
        place = self.cursor_place
        return None if place is None else self.window.rows[place]

    @property
    def following(self) -> bool:
        """Whether new rows may appear: the newest are shown, and nothing is frozen."""
        at_top = self.top == 0 and self.window.at_newest
        return self.tail and at_top and not self.frozen

    @property
    def seen(self) -> str | None:
        """The newest key the reader was shown, if any; newer rows are only counted."""
        if self._seen is None and self.window.rows and self.window.at_newest:
            self._seen = self.window.key_at(0)
        return self._seen

    @property
    def needs_older(self) -> bool:
        """Whether the end of what is loaded is near."""
        left = len(self.window) - self.top - self.height
        return left < PREFETCH and not self.window.at_oldest

    @property
    def needs_newer(self) -> bool:
        """Whether the start of what is loaded is near, and the reader wants more."""
        # Held at the top, newer rows are only counted until a move goes for them.
        wanted = self.top > 0 or self._owed < 0
        return self.top < PREFETCH and wanted and not self.window.at_newest

    def resize(self, height: int) -> None:
        """Take another number of lines and keep the cursor among them."""
        self.height = max(1, height)
        self.window.capacity = max(PAGE * PAGES_HELD, 8 * self.height)
        self._scroll_to(self.top if self.cursor_place is None else self.cursor_place)

    # Moves.

    def move(self, lines: int) -> None:
        """Move the cursor by rows; the first move only brings it."""
        place = self.cursor_place
        if place is None:
            self._put_cursor(self.top)
            return
        wanted = place + lines
        reached = max(0, min(wanted, len(self.window) - 1))
        self._owe(wanted - reached)
        self._put_cursor(reached)

    def page(self, lines: int) -> None:
        """Move screen and cursor together."""
        self._scroll_by(lines)
        self.move(lines)

    def scroll(self, lines: int) -> None:
        """Move the screen; the cursor is taken along when it would leave."""
        place = self.cursor_place
        self._scroll_by(lines)
        if self.top == 0 and lines < 0:
            self._owe(-1)
        if place is not None:
            bottom = min(self.top + self.height, len(self.window)) - 1
            self._put_cursor(max(self.top, min(place, bottom)))
        self._note_following()

    def to_key(self, key: str) -> bool:
        """Put the cursor on this row, if it is loaded."""
        place = self.window.place_of(key)
        if place is not None:
            self._put_cursor(place)
        return place is not None

    def to_first(self) -> bool:
        """Put the cursor on the newest row, if that is loaded."""
        if not self.window.at_newest:
            return False
        self._put_cursor(0)
        return True

    def to_last(self) -> bool:
        """Put the cursor on the oldest row, if that is loaded."""
        if not self.window.at_oldest:
            return False
        self._put_cursor(len(self.window) - 1)
        return True

    def _put_cursor(self, place: int) -> None:
        if not self.window.rows:
            self.cursor = None
            return
        self.cursor = self.window.key_at(place)
        self._scroll_to(place)
        self._note_following()

    def _scroll_to(self, place: int) -> None:
        lowest = place - self.height + 1
        self._scroll_by(max(lowest, min(self.top, place)) - self.top)
        self._line = place - self.top

    def _scroll_by(self, lines: int) -> None:
        last_top = max(0, len(self.window) - self.height)
        self.top = max(0, min(self.top + lines, last_top))

    def _owe(self, lines: int) -> None:
        """Remember how far a move still has to go beyond what is loaded."""
        at_end = self.window.at_oldest if lines > 0 else self.window.at_newest
        self._owed = 0 if at_end else lines

    def _pay(self, direction: int) -> None:
        owed, self._owed = self._owed, 0
        if owed * direction > 0:
            self.move(owed) if self.cursor is not None else self._scroll_by(owed)
        self._note_following()

    def _leave_newest(self) -> None:
        """Remember what was seen, before the newest rows leave the window."""
        self._seen = self.seen

    def _note_following(self) -> None:
        if self.following:
            self.new, self._seen = 0, None

    # Pages.

    def take_newest(self, page: Page[Row], *, with_cursor: bool = False) -> None:
        """Show the newest rows; keep the cursor if its row is among them."""
        self.window.reset(list(page.rows), at_newest=True, at_oldest=not page.more)
        self.top, self._owed = 0, 0
        self.new, self._seen = 0, None
        if with_cursor:
            self._put_cursor(0)
        elif self.cursor_place is not None:
            self._put_cursor(self.cursor_place)
        else:
            self.cursor = None
            if not self.tail:
                self._put_cursor(0)

    def take_oldest(self, page: Page[Row], total: int) -> None:
        """Show the oldest rows, with the cursor on the last one."""
        self._leave_newest()
        self.window.reset(
            list(page.rows),
            at_newest=not page.more,
            at_oldest=True,
            rows_before=total - len(page.rows),
        )
        self._owed = 0
        self._put_cursor(len(self.window) - 1)

    def take_around(self, newer: Page[Row], row: Row, older: Page[Row]) -> None:
        """Show a row among its neighbours, with the cursor on it."""
        self._leave_newest()
        rows = [*newer.rows, row, *older.rows]
        self.window.reset(rows, at_newest=not newer.more, at_oldest=not older.more)
        self._owed, self.top = 0, max(0, len(newer.rows) - self.height // 3)
        self._put_cursor(len(newer.rows))

    def add_older(self, page: Page[Row]) -> None:
        """Continue at the end, and finish a move that waited for it."""
        self._leave_newest()
        self.top = max(0, self.top - self.window.add_older(page))
        self._pay(1)

    def add_newer(self, page: Page[Row]) -> None:
        """Continue at the start; what is on the screen stays on its lines."""
        self.top += self.window.add_newer(page)
        self._scroll_by(0)
        self._pay(-1)

    # Changes while the reader looks.

    def merge(self, page: Page[Row]) -> bool:
        """Let new rows in, unless they would push the cursor's row off the screen.

        Returns:
            Whether the newest rows are shown; if not, they are to be counted.
        """
        if self._pushes_cursor_away(page):
            self._seen = self.window.key_at(0)
            self.window.refresh({self._key_of(row): row for row in page.rows})
            self.note_newer(1)
            return False
        self.window.merge_newest(page)
        if self.cursor_place is None:
            self.cursor = None
        return True

    def _pushes_cursor_away(self, page: Page[Row]) -> bool:
        if self.cursor is None:
            return False
        shown = self.window.after_merging(page)[: self.height]
        if any(self._key_of(row) == self.cursor for row in shown):
            return False
        return self.cursor_place is not None

    def replace(self, page: Page[Row]) -> None:
        """Take a whole short list anew, with the cursor's row on the line it had."""
        before = self.cursor_place
        self.window.reset(list(page.rows), at_newest=True, at_oldest=not page.more)
        place = self.cursor_place
        if place is None and before is not None:
            place = min(before, len(self.window) - 1)
        line = self._line
        if place is not None and place >= 0:
            self.top = 0
            self._scroll_by(place - line)
        self._put_cursor(max(0, place or 0))

    def refresh(self, rows: Mapping[str, Row]) -> None:
        """Take the present state of rows that are here."""
        self.window.refresh(rows)

    def note_newer(self, count: int) -> None:
        """Take how many rows are newer than those the reader was shown."""
        self.new = count
        if self.window.place_of(self._seen) == 0:
            self.window.note_newer(count)
