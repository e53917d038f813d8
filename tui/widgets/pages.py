"""Where a table's rows come from: pages that continue from a row's key.

A key says where to go on, so a page costs the same at row ten and at row ten
million, and rows that arrive meanwhile shift nothing. Display order is "newest
first"; a list with another order calls its first row the newest.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

Row = TypeVar("Row")
T_co = TypeVar("T_co", covariant=True)
KeyOf = Callable[[Row], str]


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """Neighbouring rows in display order, and whether more follow."""

    rows: Sequence[T_co]
    more: bool
    """Whether rows exist beyond this page, in the direction that was asked for."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows there are, or at least how many."""

    value: int
    exact: bool = True

    def __str__(self) -> str:
        return f"{self.value:,}" if self.exact else f"≥ {self.value:,}"


class Pages(Protocol[T_co]):
    """A source of rows in one order and under one filter.

    Each method may raise an error whose text is a sentence for the reader.
    """

    async def newest(self, limit: int) -> Page[T_co]:
        """Return the first rows; `more` says whether older ones exist."""

    async def oldest(self, limit: int) -> Page[T_co]:
        """Return the last rows; `more` says whether newer ones exist."""

    async def older(self, than: str, limit: int) -> Page[T_co]:
        """Return the rows that follow this key, nearest first."""

    async def newer(self, than: str, limit: int) -> Page[T_co]:
        """Return the rows just before this key, in display order, nearest last."""

    async def rows(self, keys: Sequence[str]) -> Mapping[str, T_co]:
        """Return the present state of these rows; a row that is gone is left out."""

    async def count(self) -> Count:
        """Count all rows; a cheap lower bound is welcome."""

    async def count_newer(self, than: str, at_most: int) -> int:
        """Count the rows before this key, and stop counting at `at_most`."""


class ListPages(Generic[Row]):
    """Pages over rows in memory, for lists of hundreds, with a filter and an order."""

    def __init__(
        self,
        rows: Iterable[Row],
        key_of: KeyOf[Row],
        *,
        text_of: Callable[[Row], str] = str,
        order: Callable[[Row], Any] | None = None,
        descending: bool = False,
    ) -> None:
        """Take the rows; `text_of` is what `narrow` searches, `order` sorts."""
        self._all = list(rows)
        self._key_of = key_of
        self._text_of = text_of
        self._order = order
        self._descending = descending
        self._words: list[str] = []
        self._arrange()

    def replace(self, rows: Iterable[Row]) -> None:
        """Take other rows, keeping filter and order; tell the table with `poke`."""
        self._all = list(rows)
        self._arrange()

    def narrow(self, words: str) -> None:
        """Keep rows whose text holds every word; tell the table with `reload`."""
        self._words = words.casefold().split()
        self._arrange()

    def sort(
        self, order: Callable[[Row], Any] | None, *, descending: bool = False
    ) -> None:
        """Order the rows by this value; tell the table with `reload`."""
        self._order, self._descending = order, descending
        self._arrange()

    @property
    def total(self) -> int:
        """How many rows there are before the filter."""
        return len(self._all)

    @property
    def matching(self) -> int:
        """How many rows the filter lets through."""
        return len(self._shown)

    def _arrange(self) -> None:
        shown = [row for row in self._all if self._matches(row)]
        if self._order is not None:
            shown.sort(key=self._order, reverse=self._descending)
        self._shown = shown
        self._places = {self._key_of(row): place for place, row in enumerate(shown)}

    def _matches(self, row: Row) -> bool:
        if not self._words:
            return True
        text = self._text_of(row).casefold()
        return all(word in text for word in self._words)

    async def newest(self, limit: int) -> Page[Row]:
        """Return the first rows."""
        return Page(self._shown[:limit], len(self._shown) > limit)

    async def oldest(self, limit: int) -> Page[Row]:
        """Return the last rows."""
        return Page(self._shown[-limit:], len(self._shown) > limit)

    async def older(self, than: str, limit: int) -> Page[Row]:
        """Return the rows that follow this key."""
        start = self._places.get(than, len(self._shown) - 1) + 1
        return Page(
            self._shown[start : start + limit], len(self._shown) > start + limit
        )

    async def newer(self, than: str, limit: int) -> Page[Row]:
        """Return the rows just before this key."""
        end = self._places.get(than, 0)
        start = max(0, end - limit)
        return Page(self._shown[start:end], start > 0)

    async def rows(self, keys: Sequence[str]) -> Mapping[str, Row]:
        """Return the present state of these rows."""
        places = ((key, self._places.get(key)) for key in keys)
        return {key: self._shown[at] for key, at in places if at is not None}

    async def count(self) -> Count:
        """Count the rows under the filter."""
        return Count(len(self._shown))

    async def count_newer(self, than: str, at_most: int) -> int:
        """Count the rows before this key."""
        return min(self._places.get(than, 0), at_most)
