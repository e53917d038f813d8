"""Outside text on the console: made safe by `core.text`, then cut to fit a terminal.

Textual passes escape sequences, direction overrides and markup straight through. So
widgets are given `SafeText` or `Content`, in which square brackets are never markup.
`SafeFilter` is the last line of defence, between any widget and the terminal.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.content import Content
from textual.filter import LineFilter
from textual.style import Style

from core.text import Body, SafeText, decode_body, hex_dump, safe, symbols_in

__all__ = [
    "Body",
    "SafeFilter",
    "SafeText",
    "clip",
    "clip_start",
    "decode_body",
    "fit",
    "hard_wrap",
    "hex_dump",
    "safe",
    "showable",
    "symbols_in",
]

ELLIPSIS = "…"
_STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff\ud800-\udfff]"
)


def showable(
    text: str, style: str | Style = "", *, keep_newlines: bool = False
) -> Content:
    """Return outside text as content for a widget; brackets in it stay brackets."""
    return Content.styled(safe(text, keep_newlines=keep_newlines), style)


def clip(text: SafeText, cells: int) -> SafeText:
    """Shorten one line to at most this many terminal cells, ending in `…` if cut."""
    if cells <= 0:
        return SafeText("")
    if cell_len(text) <= cells:
        return text
    return SafeText(set_cell_size(text, cells - 1) + ELLIPSIS)


def clip_start(text: SafeText, cells: int) -> SafeText:
    """Shorten one line from its left, for paths and ids whose end tells them apart."""
    if cells <= 0:
        return SafeText("")
    if cell_len(text) <= cells:
        return text
    mirrored = set_cell_size(text[::-1], cells - 1)
    return SafeText(ELLIPSIS + mirrored[::-1])


def fit(
    text: SafeText, cells: int, align: Literal["left", "right"] = "left"
) -> SafeText:
    """Clip or pad one line to exactly this many terminal cells."""
    clipped = clip(text, cells)
    padding = " " * max(0, cells - cell_len(clipped))
    return SafeText(padding + clipped if align == "right" else clipped + padding)


def hard_wrap(text: SafeText, cells: int) -> list[SafeText]:
    """Break a text into lines no wider than this, at characters, keeping all of it."""
    return [
        SafeText(piece) for line in text.split("\n") for piece in _chopped(line, cells)
    ]


def _chopped(line: str, cells: int) -> list[str]:
    pieces = chop_cells(line, cells) or [""]
    # chop_cells forgets a last piece that has no width of its own.
    pieces[-1] += line[sum(map(len, pieces)) :]
    return pieces


class SafeFilter(LineFilter):
    """Drops what could steer a terminal from every line of every widget.

    `safe` has already made such characters visible; this one catches text that
    reached a widget by another way, such as a paste into a field.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments without steering characters and without links."""
        if all(map(_is_harmless, segments)):
            return segments
        return list(_cleaned(segments))


def _is_harmless(segment: Segment) -> bool:
    text, style, control = segment
    if control or (style is not None and style.link):
        return False
    return (text.isascii() and text.isprintable()) or _without_steering(text) == text


def _cleaned(segments: Iterable[Segment]) -> Iterator[Segment]:
    for text, style, control in segments:
        if control:
            continue
        unlinked = (
            style.update_link(None) if style is not None and style.link else style
        )
        yield Segment(_without_steering(text), unlinked)


@lru_cache(maxsize=4096)
def _without_steering(text: str) -> str:
    return _STEERING.sub("", text)
