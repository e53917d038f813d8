"""What a filter looks like while it is typed, and how its last word could go on.

Pure; the grammar is that of `core.filter`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from textwrap import fill
from typing import Literal, NamedTuple

from core.errors import InvalidFilter
from core.filter import ALIASES, KEYS, term, terms
from core.model import DeliveryState
from core.outcome import FailureKind

_HELP_WIDTH = 70  # cells of the key help

Part = Literal["key", "problem"]


class Span(NamedTuple):
    """A stretch of the text that stands out."""

    start: int
    end: int
    part: Part


def spans(text: str, problem: InvalidFilter | None) -> Iterator[Span]:
    """The keys of the filter, and the term that cannot be used."""
    for found in terms(text):
        if found.key in KEYS:
            yield Span(found.start, found.start + len(found.key) + 1, "key")
    if problem is not None:
        yield Span(problem.start, problem.end, "problem")


def problem_words(problem: InvalidFilter) -> str:
    """The problem in one line."""
    return f"{problem.message} {problem.hint}".strip()


def completed(text: str, names: Iterable[str], types: Collection[str]) -> str | None:
    """The text with its last word completed, or None when nothing fits.

    Args:
        text: the filter, the cursor at its end.
        names: the webhooks.
        types: the event types.
    """
    start = _last_word(text)
    before, word = text[:start], text[start:]
    key, colon, value = word.partition(":")
    if not colon:
        found = _first(word, (f"{known}:" for known in KEYS))
        return found and before + found
    values = _values(key.lower(), names, types)
    done, comma, typed = value.rpartition(",") if key == "state" else ("", "", value)
    found = _first(typed.lstrip('"'), values)
    if found is None:
        return None
    whole = before + term(key, done + comma + found)
    # A field shows what follows the typed words, so a quote cannot come before them.
    return whole if whole.startswith(text) else None


def _last_word(text: str) -> int:
    """Where the last word begins; a space within quotes does not end a word."""
    quoted, start = False, 0
    for place, character in enumerate(text):
        quoted ^= character == '"'
        if character == " " and not quoted:
            start = place + 1
    return start


def _first(typed: str, known: Iterable[str]) -> str | None:
    if not typed:
        return None
    folded = typed.casefold()
    fitting = (one for one in known if one.casefold().startswith(folded))
    # A suggestion continues what was typed, letter for letter.
    return next((typed + one[len(typed) :] for one in fitting), None)


def _values(key: str, names: Iterable[str], types: Collection[str]) -> Iterable[str]:
    families = sorted({f"{name.partition('.')[0]}.*" for name in types})
    values: Mapping[str, Iterable[str]] = {
        "webhook": names,
        "state": (*ALIASES, *DeliveryState),
        "type": (*sorted(types), *families),
        "status": ("5xx", "4xx", "3xx", "2xx", *FailureKind),
        "since": ("15m", "1h", "24h", "7d"),
        "until": ("15m", "1h", "24h", "7d"),
    }
    return values.get(key, ())


def grammar_words(example: str) -> str:
    """The grammar as the key help explains it."""
    margin = max(map(len, KEYS)) + 4
    keys = (
        fill(
            words,
            width=_HELP_WIDTH,
            initial_indent=f"  {key}:".ljust(margin),
            subsequent_indent=" " * margin,
        )
        for key, words in KEYS.items()
    )
    return "\n".join(["Filter", f"  {example}", *keys])


STATE_CHOICES: Mapping[str, tuple[str, str]] = {
    "": ("All", "Every delivery."),
    "failed": ("Failed", "The last attempt failed: retrying or exhausted."),
    "retrying": ("Retrying", "Another attempt is to come."),
    "exhausted": ("Exhausted", "Given up: redeliver them when it is mended."),
    "held": ("Held", "Kept while their webhook is inactive."),
    "pending,sending": ("On the way", "Due now, or being sent."),
    "delivered": ("Delivered", "The receiver took them."),
}
"""Quick choices of states: what is written, what it is called, what it shows."""


def with_term(text: str, key: str, value: str) -> str:
    """The filter with this term in place of the one with the same key; "" removes."""
    kept = [text[found.start : found.end] for found in terms(text) if found.key != key]
    return " ".join([*kept, term(key, value)] if value else kept)


def value_of(text: str, key: str) -> str:
    """What a filter asks for under a key, or an empty text."""
    return next((found.value for found in terms(text) if found.key == key), "")
