"""Columns as data, and which of them fit into a width.

Pure: numbers and words in, numbers out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Tone = Literal["", "ok", "bad", "warn", "muted", "accent", "strong"]
"""What a piece of text means; the theme decides how that looks."""

TONES: tuple[Tone, ...] = ("ok", "bad", "warn", "muted", "accent", "strong")
GUTTER = 2  # cells before the first column, for the cursor
ROOMY = 100  # cells; from here on columns stand two apart


class Cell(NamedTuple):
    """One value of a row as words; the table makes the text safe and clips it."""

    text: str
    tone: Tone = ""
    more: tuple["Cell", ...] = ()
    """Further words of the same cell, each with its own tone."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    title: str
    width: int
    """Cells; of a flexible column, the least it can do with."""
    flex: int = 0
    """Its share of the cells that are left over; 0 keeps the width."""
    drop: int = 0
    """0 always stays; of the others the highest leaves first when it gets narrow."""
    align: Literal["left", "right"] = "left"
    key: str = ""
    """What a click on the title reports, for sorting; empty when it cannot sort."""


class Placed(NamedTuple):
    """A column that fits: its place among all columns, and its width in cells."""

    place: int
    column: Column
    width: int


def gap_at(width: int) -> int:
    """Return how many cells stand between two columns of a table this wide."""
    return 2 if width >= ROOMY else 1


def place_columns(columns: Sequence[Column], width: int) -> tuple[Placed, ...]:
    """Choose the columns that fit and share out what is left among the flexible."""
    gap = gap_at(width)
    kept = list(enumerate(columns))
    while _needed(kept, gap) > width and (leaving := _first_to_leave(kept)):
        kept.remove(leaving)
    spare = max(0, width - _needed(kept, gap))
    shares = sum(column.flex for _, column in kept)
    placed = []
    for place, column in kept:
        extra = spare * column.flex // shares if column.flex else 0
        spare, shares = spare - extra, shares - column.flex
        placed.append(Placed(place, column, column.width + extra))
    return tuple(placed)


def _needed(kept: Sequence[tuple[int, Column]], gap: int) -> int:
    widths = sum(column.width for _, column in kept)
    return GUTTER + widths + gap * max(0, len(kept) - 1)


def _first_to_leave(kept: Sequence[tuple[int, Column]]) -> tuple[int, Column] | None:
    droppable = [item for item in kept if item[1].drop]
    return max(droppable, key=lambda item: (item[1].drop, item[0]), default=None)
