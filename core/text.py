"""Outside text, made safe to show and to print.

Names, URLs, headers and bodies come from strangers. What would steer a terminal or
deceive an eye becomes a visible symbol, here and nowhere else: the console and the
commands show `SafeText`.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NewType

SafeText = NewType("SafeText", str)
"""Text without anything that moves a cursor, hides, or reverses direction."""

TAB_CELLS = 4
BODY_LIMIT = 256 * 1024  # characters shown; the rest is said, never silently cut
MARKS_IN_A_ROW = 4  # real scripts stack two or three; more climbs over other lines

_PICTURES = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "\u2421"}
_LINE_PICTURES = {
    code: sign for code, sign in _PICTURES.items() if code not in (0x09, 0x0A)
}
_WIDE_SPACES = "\u00a0\u1680\u202f\u205f" + "".join(map(chr, range(0x2000, 0x200B)))
_VARIATION_SELECTORS = "\ufe0e\ufe0f"
# Printable by Unicode's categories, and yet they show nothing.
_BLANKS = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
) | frozenset(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))

_MARKS = re.compile(r"<U\+[0-9A-F]{4,6}>|[\u2400-\u2421]")


def safe(text: str, *, keep_newlines: bool = False) -> SafeText:
    """Return the text with every unprintable character made visible.

    Controls become their picture (`␛`), direction overrides, zero-width and other
    invisible characters become `<U+202E>`, tabs become spaces. A newline becomes
    `␊` unless it is kept.
    """
    if text.isascii() and text.isprintable():
        return SafeText(text)
    if keep_newlines:
        text = text.replace("\r\n", "\n")
    tabs_expanded = text.translate(_LINE_PICTURES).expandtabs(TAB_CELLS)
    if not keep_newlines:
        tabs_expanded = tabs_expanded.replace("\n", "␊")
    if tabs_expanded.isascii():
        return SafeText(tabs_expanded)
    return SafeText("".join(_visible(tabs_expanded)))


def _visible(text: str) -> Iterator[str]:
    before, marks = "", 0
    for character in text:
        if character == "\n":
            yield character
        elif character in _VARIATION_SELECTORS and _is_symbol(before):
            continue  # asks for an emoji or text look: nothing is hidden by it
        elif character in _WIDE_SPACES:
            yield "␣"
        elif not _shows(character):
            yield _code_point(character)
        elif unicodedata.category(character)[0] == "M":
            marks += 1
            yield from _combined(character, before, marks)
            before = before or character
            continue
        else:
            yield character
        marks, before = 0, "" if character == "\n" else character


def _shows(character: str) -> bool:
    if character == "\u3000":
        return True
    return character.isprintable() and character not in _BLANKS


def _combined(mark: str, before: str, marks: int) -> Iterator[str]:
    if marks > MARKS_IN_A_ROW:
        yield _code_point(mark)
    else:
        # A mark with nothing to sit on would sit on our own words.
        yield mark if before else "◌" + mark


def _is_symbol(character: str) -> bool:
    return bool(character) and unicodedata.category(character) in ("So", "Sm", "Po")


def _code_point(character: str) -> str:
    return f"<U+{ord(character):04X}>"


def symbols_in(text: SafeText) -> int:
    """Count the characters that are shown as a symbol instead of themselves."""
    return len(_MARKS.findall(text))


@dataclass(frozen=True, slots=True)
class Body:
    """A request or response body as it can be shown."""

    text: SafeText
    """The text with its line breaks, or a hex dump of a binary body."""
    note: SafeText
    """What the reader should know about it, such as a cut; empty when nothing."""
    binary: bool
    """Whether `text` is a hex dump."""


# Decoders by name from a stranger's header would also reach zip, rot13 and idna.
_CHARSETS = {
    *("ascii", "cp1251", "cp1252", "iso8859-1", "iso8859-15", "koi8-r"),
    *("utf-8", "utf-16", "utf-16-le", "utf-16-be"),
    *("big5", "euc_jp", "euc_kr", "gb18030", "shift_jis"),
}
_SAMPLE = 4096  # bytes looked at to tell text from binary
_HEX_LIMIT = 16 * 1024  # bytes; a dump is four times as long as its bytes


def decode_body(
    raw: bytes, *, charset: str | None = None, limit: int = BODY_LIMIT
) -> Body:
    """Turn body bytes into text, or into a hex dump when they are not text."""
    known = _known_charset(charset)
    if _is_binary(raw, known):
        return _dumped(raw, min(limit, _HEX_LIMIT))
    text = raw[: limit * 4].decode(known, errors="replace")
    shown = safe(text[:limit], keep_newlines=True)
    notes = list(_body_notes(raw, text, shown, limit, known))
    return Body(shown, SafeText(" · ".join(notes)), binary=False)


def _known_charset(name: str | None) -> str:
    try:
        found = codecs.lookup(name or "utf-8").name
    except (LookupError, ValueError):
        return "utf-8"
    return found if found in _CHARSETS else "utf-8"


def _is_binary(raw: bytes, charset: str) -> bool:
    sample = raw[:_SAMPLE]
    if charset.startswith("utf-16"):
        return False
    if b"\x00" in sample:
        return True
    text = sample.decode(charset, errors="replace")
    return text.count("\ufffd") > len(text) // 8


def _dumped(raw: bytes, limit: int) -> Body:
    note = f"binary, {len(raw):,} bytes"
    if len(raw) > limit:
        note += f", the first {limit:,} shown"
    lines = "\n".join(hex_dump(raw[:limit]))
    return Body(SafeText(lines), SafeText(note), binary=True)


def _body_notes(
    raw: bytes, text: str, shown: SafeText, limit: int, charset: str
) -> Iterator[str]:
    if len(text) > limit:
        yield f"the first {limit:,} characters of {len(raw):,} bytes shown"
    if broken := text.count("\ufffd") - raw.count("\ufffd".encode()):
        yield f"{broken:,} {_plural('byte', broken)} not valid {charset}, shown as �"
    if symbols := symbols_in(shown) - symbols_in(SafeText(text[:limit])):
        yield f"{symbols:,} control {_plural('character', symbols)} shown as symbols"


def _plural(word: str, count: int) -> str:
    return word if count == 1 else word + "s"


def hex_dump(raw: bytes) -> Iterator[SafeText]:
    """Yield lines of offset, sixteen bytes in hex, and their ASCII."""
    for offset in range(0, len(raw), 16):
        row = raw[offset : offset + 16]
        pairs = f"{row[:8].hex(' '):<23}  {row[8:].hex(' '):<23}"
        ascii_ = "".join(chr(byte) if 0x20 <= byte < 0x7F else "·" for byte in row)
        yield SafeText(f"{offset:08x}  {pairs}  {ascii_}")
