"""What a table tells its screen; `Table` has these messages as attributes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.message import Message

from tui.text import SafeText
from tui.widgets.pages import Count

if TYPE_CHECKING:
    from tui.widgets.table import Table


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


class TableMessage(Message):
    """Something a table tells its screen."""

    def __init__(self, table: "Table[Any]") -> None:
        super().__init__()
        self.table = table

    @property
    def control(self) -> "Table[Any]":
        """The table, for selectors in `@on`."""
        return self.table


class RowActivated(TableMessage, namespace="table"):
    """Enter or a double click on a row."""

    def __init__(self, table: "Table[Any]", key: str, row: Any) -> None:
        super().__init__(table)
        self.key = key
        self.row = row


class CursorMoved(TableMessage, namespace="table"):
    """The cursor is on another row, on none, or its row changed."""

    def __init__(self, table: "Table[Any]", key: str | None, row: Any) -> None:
        super().__init__(table)
        self.key = key
        self.row = row


class FreshnessChanged(TableMessage, namespace="table"):
    """The table follows or holds, was counted, or rows wait to be shown."""

    def __init__(self, table: "Table[Any]", freshness: Freshness) -> None:
        super().__init__(table)
        self.freshness = freshness


class HeaderClicked(TableMessage, namespace="table"):
    """A click on the title of a column that has a key."""

    def __init__(self, table: "Table[Any]", key: str) -> None:
        super().__init__(table)
        self.key = key


class LoadFailed(TableMessage, namespace="table"):
    """A page could not be read; the sentence is safe to show."""

    def __init__(self, table: "Table[Any]", sentence: SafeText) -> None:
        super().__init__(table)
        self.sentence = sentence
