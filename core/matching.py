"""Which webhooks want an event: exactly by name, by `prefix.*`, or all by `*`."""

import difflib
import re
from collections.abc import Iterable, Sequence

from core.errors import InvalidPattern

_NAME = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+)*")
MAX_NAME = 128  # characters


def is_type_name(text: str) -> bool:
    """Whether the text can name an event type: dotted lower-case words."""
    return len(text) <= MAX_NAME and _NAME.fullmatch(text) is not None


def check_pattern(pattern: str) -> str:
    """Return the pattern, or say what a pattern looks like.

    Raises:
        InvalidPattern: when it is neither a type name, `prefix.*` nor `*`.
    """
    if pattern == "*" or is_type_name(pattern.removesuffix(".*")):
        return pattern
    raise InvalidPattern(
        f"{pattern!r} is not an event type or pattern.",
        "Write a type such as review.completed, a family such as review.*, or *.",
    )


def parse_patterns(text: str) -> tuple[str, ...]:
    """Read patterns separated by commas or spaces, in order, each once.

    Raises:
        InvalidPattern: for the first that is none, or when there is none at all.
    """
    patterns = tuple(dict.fromkeys(text.replace(",", " ").split()))
    if not patterns:
        raise InvalidPattern(
            "No event is chosen.", "Write types such as review.completed, or * for all."
        )
    return tuple(check_pattern(pattern) for pattern in patterns)


def matches(patterns: Iterable[str], event_type: str) -> bool:
    """Whether one of the patterns wants this event type."""
    return any(_matches(pattern, event_type) for pattern in patterns)


def matches_nothing(patterns: Iterable[str], catalogue: Iterable[str]) -> list[str]:
    """The patterns that no event type of the catalogue can match."""
    names = list(catalogue)
    return [p for p in patterns if not any(_matches(p, name) for name in names)]


def nearest(name: str, known: Sequence[str]) -> list[str]:
    """Up to three known names that the given one may have meant."""
    return difflib.get_close_matches(name, known, n=3, cutoff=0.55)


def nearest_patterns(pattern: str, catalogue: Iterable[str]) -> list[str]:
    """Up to three types, or families, that a pattern may have meant."""
    if pattern.endswith(".*"):
        families = list(dict.fromkeys(name.rpartition(".")[0] for name in catalogue))
        return [f"{name}.*" for name in nearest(pattern.removesuffix(".*"), families)]
    names = list(catalogue)
    begun = [name for name in names if name.startswith(pattern)]
    return begun[:3] or nearest(pattern, names)


def _matches(pattern: str, event_type: str) -> bool:
    if pattern.endswith("*"):
        return event_type.startswith(pattern[:-1])
    return pattern == event_type
