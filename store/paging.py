"""Keyset pages: a window over ids that sort by time. There is no OFFSET anywhere."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import Column, Select

from core.history import Window

Row = TypeVar("Row")


def within(
    query: Select[tuple[Any, ...]], key: Column[Any], window: Window
) -> Select[tuple[Any, ...]]:
    """The rows of a window, in the order that finds them soonest."""
    if window.older_than is not None:
        query = query.where(key < window.older_than)
    if window.newer_than is not None:
        query = query.where(key > window.newer_than)
    order = key.asc() if goes_up(window) else key.desc()
    return query.order_by(order).limit(window.limit)


def newest_first(rows: Sequence[Row], window: Window) -> Sequence[Row]:
    """The rows as every page gives them."""
    return rows[::-1] if goes_up(window) else rows


def goes_up(window: Window) -> bool:
    """Whether the window is found by going up from its lower end."""
    return window.newer_than is not None and window.older_than is None
