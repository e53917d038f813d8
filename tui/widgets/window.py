"""The part of a long table that is in memory: neighbouring rows, and its edges.

Rows are never compared or counted from the start; the window only knows which row
follows which, and whether it touches the newest or the oldest one.
"""

from collections.abc import Mapping
from typing import Generic

from tui.widgets.pages import KeyOf, Page, Row


class Window(Generic[Row]):
    """At most `capacity` neighbouring rows of a table, in display order."""

    def __init__(self, key_of: KeyOf[Row], capacity: int) -> None:
        self.rows: list[Row] = []
        self.capacity = capacity
        self.at_newest = True
        self.at_oldest = True
        self.rows_before = 0
        """How many rows are newer than the first one here: exact, or a good guess."""
        self._key_of = key_of
        self._places: dict[str, int] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def complete(self) -> bool:
        """Whether every row of the table is here."""
        return self.at_newest and self.at_oldest

    def key_at(self, place: int) -> str:
        """Return the key of the row at this place."""
        return self._key_of(self.rows[place])

    def place_of(self, key: str | None) -> int | None:
        """Return where the row with this key is, or None when it is not here."""
        if self._places is None:
            self._places = {self._key_of(row): n for n, row in enumerate(self.rows)}
        return None if key is None else self._places.get(key)

    def reset(
        self, rows: list[Row], *, at_newest: bool, at_oldest: bool, rows_before: int = 0
    ) -> None:
        """Forget everything and hold these rows."""
        self.at_newest, self.at_oldest = at_newest, at_oldest
        self.rows_before = 0 if at_newest else max(1, rows_before)
        self._hold(rows)

    def add_older(self, page: Page[Row]) -> int:
        """Append a page; return how many rows left at the front to make room."""
        self.at_oldest = not page.more
        surplus = max(0, len(self.rows) + len(page.rows) - self.capacity)
        if surplus:
            self.at_newest = False
            self.rows_before += surplus
        self._hold([*self.rows[surplus:], *page.rows])
        return surplus

    def add_newer(self, page: Page[Row]) -> int:
        """Put a page in front; return how many rows that moved the others down."""
        self.at_newest = not page.more
        guess = max(1, self.rows_before - len(page.rows))
        self.rows_before = 0 if self.at_newest else guess
        rows = [*page.rows, *self.rows]
        if len(rows) > self.capacity:
            self.at_oldest = False
        self._hold(rows[: self.capacity])
        return len(page.rows)

    def after_merging(self, page: Page[Row]) -> list[Row]:
        """Return the rows as they would be with this page of newest rows on top.

        Rows of the page that are here already are taken in their new state; rows
        that vanished from among them are gone; a page that touches nothing here
        replaces everything.
        """
        newest = list(page.rows)
        if not page.more:
            return newest
        for depth in range(len(newest) - 1, -1, -1):
            place = self.place_of(self._key_of(newest[depth]))
            if place is not None:
                return [*newest[: depth + 1], *self.rows[place + 1 :]]
        return newest

    def merge_newest(self, page: Page[Row]) -> None:
        """Put a page of newest rows on top of the rows it overlaps."""
        rows = self.after_merging(page)
        kept_tail = bool(rows) and len(rows) > len(page.rows)
        if not kept_tail:
            self.at_oldest = not page.more
        if len(rows) > self.capacity:
            self.at_oldest = False
        self.at_newest, self.rows_before = True, 0
        self._hold(rows[: self.capacity])

    def refresh(self, rows: Mapping[str, Row]) -> None:
        """Replace rows by their present state, where it differs."""
        for key, row in rows.items():
            place = self.place_of(key)
            if place is not None and self.rows[place] != row:
                self.rows[place] = row

    def note_newer(self, count: int) -> None:
        """Remember that this many rows are newer than the first one here."""
        if count:
            self.at_newest = False
            self.rows_before = max(self.rows_before, count)

    def _hold(self, rows: list[Row]) -> None:
        # Rows whose state is the same stay the same objects: what was drawn for
        # them stays good.
        old = {self._key_of(row): row for row in self.rows}
        self.rows = [_unchanged(old.get(self._key_of(row)), row) for row in rows]
        self._places = None


def _unchanged(old: Row | None, new: Row) -> Row:
    if old is None or old is new:
        return new
    return old if old == new else new
