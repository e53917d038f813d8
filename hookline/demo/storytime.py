"""The time of a story: a clock that stands where it is, and ids that carry it."""

from datetime import datetime
from random import Random

from hookline.wiring import spell_id

_SEQUENCES = 1 << 12  # ids of one millisecond that still sort as they were drawn


class StoryTime:
    """Set `at` to move the story; `clock` and `new_id` follow."""

    def __init__(self, at: datetime, chance: Random) -> None:
        self.at = at
        self._chance = chance
        self._drawn = 0

    def clock(self) -> datetime:
        """The time in the story."""
        return self.at

    def new_id(self, prefix: str) -> str:
        """An id as of the story's time (UUIDv7), the same for the same chance."""
        self._drawn += 1
        milliseconds = int(self.at.timestamp() * 1000)
        number = milliseconds << 80 | 0x7 << 76 | (self._drawn % _SEQUENCES) << 64
        number |= 0b10 << 62 | self._chance.getrandbits(62)
        return spell_id(prefix, number)
