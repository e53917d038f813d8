"""What the console tells its screens; each handles what it shows."""

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from tui.overview import Overview


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
