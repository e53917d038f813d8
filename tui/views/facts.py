"""Labels with sentences beside them, broken between words: panels and diagnoses.

Pure; the width is an argument.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len

from tui.text import SafeText, hard_wrap, safe
from tui.views.lines import Line, Piece, Tone, line

GAP = 2  # cells between a label and its text


class Fact(NamedTuple):
    """One labelled sentence; without a label it stands where the labels do, and with a
    blank one under the sentence above.
    """

    label: str
    text: str | Line
    """Outside text, which is made safe and wrapped; or a line that is not wrapped."""
    tone: Tone = ""


def fact_lines(facts: Sequence[Fact], width: int) -> list[Line]:
    """Lay the facts out below one another, their texts under each other."""
    margin = max(
        (cell_len(fact.label) + GAP for fact in facts if fact.label), default=0
    )
    return [one for fact in facts for one in _lines(fact, margin, width)]


def _lines(fact: Fact, margin: int, width: int) -> Iterator[Line]:
    if not fact.label:
        yield from _pieces(fact, width)
        return
    head = Piece(SafeText(fact.label.ljust(margin)), "muted")
    for body in _pieces(fact, max(1, width - margin)):
        yield (head, *body)
        head = Piece(SafeText(" " * margin))


def _pieces(fact: Fact, width: int) -> Iterator[Line]:
    if isinstance(fact.text, tuple):
        yield fact.text
        return
    for text in wrap_words(safe(fact.text, keep_newlines=True), width):
        yield line((text, fact.tone))


def wrap_words(text: SafeText, width: int) -> list[SafeText]:
    """Break a text between words; a word that is too long is broken anywhere."""
    return [part for one in text.split("\n") for part in _wrapped(one, width)]


def _wrapped(text: str, width: int) -> list[SafeText]:
    lines: list[str] = []
    for word in _short_words(text.split(" "), width):
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return [SafeText(one) for one in lines]


def _short_words(words: Iterable[str], width: int) -> Iterator[str]:
    for word in words:
        if cell_len(word) > width:
            yield from hard_wrap(SafeText(word), width)
        else:
            yield word
