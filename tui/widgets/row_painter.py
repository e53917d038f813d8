"""Strips for the rows of a table, drawn once per row and state.

The one place where a cell's words are made safe and given their width.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Generic

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.text import SafeText, clip, fit, safe
from tui.widgets.columns import (
    GUTTER,
    Cell,
    Column,
    Placed,
    Tone,
    gap_at,
    place_columns,
)
from tui.widgets.pages import Row

CURSOR = "▸"
STRIPS_KEPT = 1000

StyleOf = Callable[..., Style]
"""Gives the style of component classes, the last one on top."""


class RowPainter(Generic[Row]):
    """Draws header, rows and sentences at one width, and remembers the rows."""

    def __init__(
        self,
        columns: Sequence[Column],
        cells: Callable[[Row], Sequence[Cell]],
        style_of: StyleOf,
    ) -> None:
        self._columns = columns
        self._cells = cells
        self._style_of = style_of
        self._width = 0
        self._placed: tuple[Placed, ...] = ()
        self._drawn: dict[str, tuple[Row, bool, Strip]] = {}

    def resize(self, width: int) -> None:
        """Choose the columns that fit into this many cells."""
        self._width = width
        self._placed = place_columns(self._columns, width)
        self.forget()

    def forget(self) -> None:
        """Draw everything anew: the theme, the clock or the columns changed."""
        self._drawn.clear()

    def row(self, key: str, row: Row, chosen: bool) -> Strip:
        """Return the strip of a row, drawn again only if it changed."""
        cached = self._drawn.get(key)
        if cached is not None and cached[0] is row and cached[1] == chosen:
            return cached[2]
        if len(self._drawn) >= STRIPS_KEPT:
            self._drawn.pop(next(iter(self._drawn)))
        strip = self._draw(self._cells(row), chosen)
        self._drawn[key] = (row, chosen, strip)
        return strip

    def _draw(self, cells: Sequence[Cell], chosen: bool) -> Strip:
        under = ("table--cursor",) if chosen else ()
        plain = self._style_of(*under)
        gap = " " * gap_at(self._width)
        segments = [Segment(f"{CURSOR} " if chosen else " " * GUTTER, plain)]
        for placed in self._placed:
            segments += self._cell(cells[placed.place], placed, under)
            segments.append(Segment(gap, plain))
        filled = Strip(segments).adjust_cell_length(self._width, plain)
        return Strip(_thrifty(filled), self._width)

    def _cell(
        self, cell: Cell, placed: Placed, under: tuple[str, ...]
    ) -> list[Segment]:
        room = placed.width
        segments = []
        for text, tone, _ in (cell, *cell.more):
            words, cells = _shown(text, room)
            room -= cells
            segments.append(Segment(words, self._style_of(*_component(tone), *under)))
        padding = Segment(" " * room, self._style_of(*under))
        if placed.column.align == "right":
            return [padding, *segments]
        return [*segments, padding]

    def header(self, sorted_by: str, descending: bool) -> Strip:
        """Return the strip of the titles; the sorted column carries an arrow."""
        style = self._style_of("table--header")
        gap = " " * gap_at(self._width)
        arrow = " ▾" if descending else " ▴"
        words = [" " * GUTTER]
        for _, column, width in self._placed:
            mark = arrow if column.key and column.key == sorted_by else ""
            words.append(fit(SafeText(column.title + mark), width, column.align) + gap)
        line = Strip([Segment("".join(words), style)])
        return line.adjust_cell_length(self._width, style)

    def column_at(self, x: int) -> Column | None:
        """Return the column at this cell of a line."""
        left = GUTTER
        for placed in self._placed:
            right = left + placed.width + gap_at(self._width)
            if left <= x < right:
                return placed.column
            left = right
        return None

    def sentence(self, text: str, tone: Tone, height: int) -> list[Strip]:
        """Return lines that say something instead of rows, a third of the way down."""
        style = self._style_of(*_component(tone))
        lines = safe(text, keep_newlines=True).split("\n")
        above = [self.blank()] * max(0, (height - len(lines)) // 3)
        centred = (
            Strip([Segment(clip(SafeText(line), self._width - 2), style)])
            .text_align(self._width, "center")
            .adjust_cell_length(self._width, style)
            for line in lines
        )
        return [*above, *centred][:height]

    def blank(self) -> Strip:
        """Return an empty line."""
        return Strip.blank(self._width, self._style_of())

    def finish(self, line: Strip, in_thumb: bool) -> Strip:
        """Return the line with its cell of the scrollbar."""
        names = ("table--thumb",) if in_thumb else ()
        cell = Segment("▐" if in_thumb else " ", self._style_of(*names))
        return Strip.join([line, Strip([cell])])


# States, names and event types repeat from row to row.
@lru_cache(maxsize=4096)
def _shown(text: str, room: int) -> tuple[SafeText, int]:
    words = clip(safe(text), room)
    return words, cell_len(words)


def _thrifty(segments: Iterable[Segment]) -> list[Segment]:
    """Let blanks take a neighbour's style: each change of style costs 40 bytes."""
    kept: list[Segment] = []
    for text, style, _ in segments:
        if kept and _may_merge(kept[-1], text, style):
            before, old, _ = kept[-1]
            kept[-1] = Segment(before + text, old if text.isspace() else style)
        else:
            kept.append(Segment(text, style))
    return kept


def _may_merge(before: Segment, text: str, style: Style | None) -> bool:
    if before.style is style:
        return True
    blank = text.isspace() or before.text.isspace()
    return blank and _same_on_blanks(before.style, style)


def _same_on_blanks(one: Style | None, other: Style | None) -> bool:
    if one is None or other is None:
        return one is other
    marks = (one.underline, one.strike, one.reverse)
    if marks != (other.underline, other.strike, other.reverse) or any(marks):
        return one == other
    return one.bgcolor == other.bgcolor


def thumb(height: int, first: int, total: int) -> range:
    """Return the lines a scrollbar's thumb covers; none when all rows are shown."""
    if total <= height:
        return range(0)
    size = max(1, height * height // total)
    start = round((height - size) * min(1.0, first / (total - height)))
    return range(start, start + size)


def _component(tone: Tone) -> tuple[str, ...]:
    return (f"table--{tone}",) if tone else ()
