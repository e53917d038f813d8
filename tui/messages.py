"""What the console is told by its workers, and what it tells its screens."""

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from tui.desk import Desk
    from tui.overview import Overview


class Opened(Message, bubble=False):
    """The desk is there, and was looked at once."""

    def __init__(self, desk: "Desk", overview: "Overview") -> None:
        super().__init__()
        self.desk = desk
        self.overview = overview


class Refused(Message, bubble=False):
    """Something could not be had, and why."""

    def __init__(self, what: str, problem: Exception) -> None:
        super().__init__()
        self.what = what
        self.problem = problem


class Looked(Message, bubble=False):
    """The store's mark, or None when it did not say."""

    def __init__(self, mark: int | None) -> None:
        super().__init__()
        self.mark = mark


class StoreChanged(Message, bubble=False):
    """Somebody committed something: what is on the screen may be old."""


class OverviewRead(Message, bubble=False):
    """How the whole workspace fares now."""

    def __init__(self, overview: "Overview") -> None:
        super().__init__()
        self.overview = overview


class DeskChanged(Message, bubble=False):
    """Another workspace is worked in."""


class WorkerChanged(Message, bubble=False):
    """The worker of this console starts, runs, stops or is gone."""
