"""A source of rows that are computed, not stored: any number of them, at no memory."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tui.widgets.columns import Cell, Column
from tui.widgets.pages import Count, Page

STATES = ("delivered", "delivered", "retrying", "exhausted", "held")
GLYPHS = {
    "delivered": Cell("● delivered", "ok"),
    "retrying": Cell("↻ retrying", "warn"),
    "exhausted": Cell("✖ exhausted", "bad"),
    "held": Cell("‖ held", "muted"),
}
COLUMNS = (
    Column("TIME (UTC)", 12, key="time"),
    Column("STATE", 11),
    Column("WEBHOOK", 14, flex=1),
    Column("EVENT", 18, flex=1),
    Column("CODE", 4, align="right"),
    Column("TOTAL", 7, align="right", drop=1),
    Column("TRY", 4, align="right", drop=2),
    Column("WHY", 12, flex=2, drop=3),
)


@dataclass(frozen=True, slots=True)
class FakeRow:
    """A delivery, more or less."""

    number: int
    state: str

    @property
    def id(self) -> str:
        return f"dlv_{self.number:012d}"


def key_of(row: FakeRow) -> str:
    return row.id


def cells(row: FakeRow) -> list[Cell]:
    seconds, milliseconds = divmod(row.number * 37, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    failed = row.state in ("retrying", "exhausted")
    return [
        Cell(f"{hours % 24:02}:{minutes:02}:{seconds:02}.{milliseconds:03}", "muted"),
        GLYPHS[row.state],
        Cell(f"orders-erp-{row.number % 12}", "strong"),
        Cell(("review.completed", "finding.created")[row.number % 2]),
        Cell("503" if failed else "200", "bad" if failed else ""),
        Cell(f"{row.number % 1700} ms"),
        Cell(f"{row.number % 8}/8"),
        Cell("upstream unavailable" if failed else "", "muted"),
    ]


class FakePages:
    """Rows `total`, …, 2, 1: the greatest number is the newest."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.questions = 0

    def _row(self, number: int) -> FakeRow:
        return FakeRow(number, STATES[number % len(STATES)])

    def _page(self, newest: int, limit: int) -> list[FakeRow]:
        oldest = max(0, newest - limit)
        return [self._row(number) for number in range(newest, oldest, -1)]

    async def _ask(self) -> None:
        self.questions += 1
        await asyncio.sleep(0)

    async def newest(self, limit: int) -> Page[FakeRow]:
        await self._ask()
        return Page(self._page(self.total, limit), self.total > limit)

    async def oldest(self, limit: int) -> Page[FakeRow]:
        await self._ask()
        return Page(self._page(min(limit, self.total), limit), self.total > limit)

    async def older(self, than: str, limit: int) -> Page[FakeRow]:
        await self._ask()
        newest = int(than[4:]) - 1
        return Page(self._page(newest, limit), newest > limit)

    async def newer(self, than: str, limit: int) -> Page[FakeRow]:
        await self._ask()
        newest = min(self.total, int(than[4:]) + limit)
        return Page(self._page(newest, newest - int(than[4:])), newest < self.total)

    async def rows(self, keys: Sequence[str]) -> Mapping[str, FakeRow]:
        await self._ask()
        return {key: self._row(int(key[4:])) for key in keys}

    async def count(self) -> Count:
        await self._ask()
        return Count(self.total)

    async def count_newer(self, than: str, at_most: int) -> int:
        await self._ask()
        return min(at_most, self.total - int(than[4:]))
