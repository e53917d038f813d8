"""When to look whether the store changed, and how old what is on the screen may be.

Pure: it is told the time, in seconds that only go forward, and what was heard.
"""

from dataclasses import dataclass

from tui.widgets.status_line import STALE_AFTER, Liveness

LOOK_EVERY = 0.25  # seconds between two looks whether the store changed
OVERVIEW_EVERY = 1.0  # seconds, at the most often
OVERVIEW_AT_LEAST = 5.0  # seconds: an hour moves on, and a worker may be gone
LOST_AFTER = 60.0  # seconds without an answer


@dataclass(slots=True)
class Lookout:
    """Remembers what was asked and heard; one question of each kind at a time."""

    mark: int | None = None
    """The store's mark as it was last heard."""
    _asking: bool = False
    _heard_at: float | None = None
    _reading: bool = False
    _read_at: float = 0.0
    _changed: bool = False

    def may_ask(self) -> bool:
        """Say whether to ask for the mark now; then it is being asked."""
        asking, self._asking = self._asking, True
        return not asking

    def heard(self, mark: int | None, now: float) -> bool:
        """Take the answer, None when there was none; say whether the store changed."""
        self._asking = False
        if mark is None:
            return False
        self._heard_at = now
        before, self.mark = self.mark, mark
        self._changed = self._changed or before not in (None, mark)
        return before != mark

    def liveness(self, now: float) -> Liveness:
        """How fresh the screen is."""
        if self._heard_at is None:
            return Liveness()
        silent = now - self._heard_at
        if silent <= STALE_AFTER:
            return Liveness("live")
        return Liveness("lost" if silent > LOST_AFTER else "stale", int(silent))

    def may_read(self, now: float) -> bool:
        """Say whether to read the overview now."""
        pause = OVERVIEW_EVERY if self._changed else OVERVIEW_AT_LEAST
        return not self._reading and now - self._read_at >= pause

    def reads(self) -> None:
        """Note that the overview is being read."""
        self._reading, self._changed = True, False

    def read(self, now: float) -> None:
        """Note that it was read, or refused."""
        self._reading, self._read_at = False, now
