"""Lines of coloured text as a code view shows them: what is in them, not how it looks.

Pure. A line is a tuple of pieces, so two lines compare whole and one that did not
change is not painted again. All text in them is safe.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from core.body import FORM, media_type
from core.text import SafeText, decode_body, safe

Tone = Literal[
    "",
    "muted",
    "strong",
    "accent",
    "ok",
    "warn",
    "bad",
    "name",
    "string",
    "number",
    "word",
    "mark",
    "prose",
]
"""What a piece means: how good or loud it is, or its part in a body's grammar."""

LONGEST_COLOURED = 16 * 1024  # characters; a longer line is shown in one tone


class Piece(NamedTuple):
    """Some text of a line, all of one tone."""

    text: SafeText
    tone: Tone = ""


Line = tuple[Piece, ...]


def line(*parts: str | tuple[str, Tone]) -> Line:
    """Make a line of outside text, bare or with a tone; empty parts are left out."""
    pairs = ((part, "") if isinstance(part, str) else part for part in parts)
    return tuple(Piece(safe(text), tone) for text, tone in pairs if text)  # type: ignore[arg-type]


def plain(lines: Iterable[Line]) -> str:
    """The words of the lines, for a clipboard or a search."""
    return "\n".join("".join(piece.text for piece in one) for one in lines)


def dimmed(lines: Iterable[Line]) -> list[Line]:
    """The same words without their colours, as something that no longer holds."""
    return [tuple(Piece(piece.text, "muted") for piece in one) for one in lines]


def noted(lines: Sequence[Line], number: int, words: str) -> list[Line]:
    """The lines with a remark at the end of one of them, counted from 0."""
    at = min(max(number, 0), len(lines) - 1)
    note = Piece(safe(f"  ◂ {words}"), "warn")
    return [*lines[:at], (*lines[at], note), *lines[at + 1 :]]


def body_lines(body: bytes, content_type: str) -> list[Line]:
    """The bytes of a body as they are, coloured by what they claim to be.

    Nothing is formatted anew. What is not text becomes a hex dump, what is invisible a
    symbol; a last line says so.
    """
    if not body:
        return [line(("no body", "muted"))]
    shown = decode_body(body, charset=_charset(content_type))
    colour = _plain_line if shown.binary else _colouring(media_type(content_type))
    lines = [colour(text) for text in shown.text.split("\n")]
    notes = [shown.note, _line_breaks(body) if not shown.binary else ""]
    if note := " · ".join(filter(None, notes)):
        lines.append(line((note, "muted")))
    return lines


def size_words(size: int) -> str:
    """A size as a person reads it: `782 B`, `1.2 KiB`."""
    if size < 1024:
        return f"{size} B"
    if size < 1024 * 1024:
        return f"{size / 1024:.1f} KiB"
    return f"{size / 1024 / 1024:.1f} MiB"


def _charset(content_type: str) -> str | None:
    found = re.search(r"charset=\"?([\w.:-]+)", content_type, re.IGNORECASE)
    return found[1] if found else None


def _line_breaks(body: bytes) -> str:
    count = body.count(b"\r\n")
    if not count:
        return ""
    return "1 line break is CRLF" if count == 1 else f"{count:,} line breaks are CRLF"


_JSON = re.compile(
    r'(?P<name>"(?:[^"\\]++|\\.)*+")(?=\s*+:)'
    r'|(?P<string>"(?:[^"\\]++|\\.)*+"?)'
    r"|(?P<number>-?\d[\d.eE+-]*+)"
    r"|(?P<word>\b(?:true|false|null)\b)"
    r"|(?P<mark>[{}\[\],:]++)"
)
_XML = re.compile(
    r"(?P<mark></?|/?>|[?]>|<[?!])"
    r"|(?P<name>(?<=[</])[\w:.-]++)"
    r'|(?P<string>"[^"]*+"|\'[^\']*+\')'
)
_FORM = re.compile(r"(?P<mark>[&=])|(?P<name>[^&=]++)(?==)|(?P<number>%[0-9A-Fa-f]{2})")


def _colouring(media: str) -> Callable[[str], Line]:
    if media == "application/json" or media.endswith("+json"):
        return _json_line
    if media.endswith(("/xml", "+xml")):
        return _xml_line
    return _form_line if media == FORM else _plain_line


def _plain_line(text: str) -> Line:
    return (Piece(SafeText(text)),) if text else ()


# While somebody types, all lines of a body but one are the lines it had before.
@lru_cache(maxsize=4096)
def _json_line(text: str) -> Line:
    return tuple(_pieces(_JSON, text))


@lru_cache(maxsize=1024)
def _xml_line(text: str) -> Line:
    return tuple(_pieces(_XML, text))


@lru_cache(maxsize=64)
def _form_line(text: str) -> Line:
    return tuple(_pieces(_FORM, text))


def _pieces(grammar: re.Pattern[str], text: str) -> Iterator[Piece]:
    if len(text) > LONGEST_COLOURED:
        yield Piece(SafeText(text))
        return
    done = 0
    for found in grammar.finditer(text):
        if found.start() > done:
            yield Piece(SafeText(text[done : found.start()]))
        yield Piece(SafeText(found.group()), found.lastgroup)  # type: ignore[arg-type]
        done = found.end()
    if done < len(text):
        yield Piece(SafeText(text[done:]))
