"""When a field says what is wrong with it: not while somebody is typing in it.

Pure. Good news, that what was wrong is right now, may come at any time.
"""

from collections.abc import Collection


class Manners:
    """Remembers what was touched, what is being typed, and what was called wrong."""

    def __init__(self, known: Collection[str] = ()) -> None:
        """Begin with fields that may speak from the start."""
        self._touched = set(known)
        self._typing: set[str] = set()
        self._wrong: set[str] = set()

    def type(self, fields: Collection[str]) -> None:
        """Somebody types in these fields."""
        self._typing = set(fields)
        self._touched |= self._typing

    def stop(self, *fields: str) -> None:
        """Typing paused, or these fields were left."""
        self._typing = set()
        self._touched |= set(fields)

    def may_say(self, problems: Collection[str]) -> set[str]:
        """Which fields may say something now, if these have problems."""
        righted = self._typing & self._wrong - set(problems)
        return (self._touched - self._typing) | righted

    def said(self, problems: Collection[str]) -> None:
        """Note which problems people were told of."""
        self._wrong = self._touched & set(problems)

    @property
    def wrong(self) -> set[str]:
        """The fields that people know to be wrong."""
        return self._wrong
