import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from tui.text import (
    Body,
    SafeFilter,
    SafeText,
    clip,
    clip_start,
    decode_body,
    fit,
    hard_wrap,
    hex_dump,
    safe,
    showable,
    symbols_in,
)

HOSTILE = st.one_of(
    st.text(),
    st.text(st.characters(min_codepoint=0, max_codepoint=0x2100)),
    st.text(st.sampled_from("\x1b\x9b]52;c\u202e\u200b\ufe0f❤\u0301a\t\r\n[/x]\udc80")),
)


def is_steering(character: str) -> bool:
    return not character.isprintable() and character != "\u3000"


@given(HOSTILE)
def test_no_text_steers_the_terminal_after_it_was_made_safe(text: str) -> None:
    assert not [c for c in safe(text) if is_steering(c)]


@given(HOSTILE)
def test_only_the_newline_survives_when_it_is_asked_for(text: str) -> None:
    kept = safe(text, keep_newlines=True)

    assert not [c for c in kept if is_steering(c) and c != "\n"]
    assert kept.count("\n") == text.count("\n")


@given(HOSTILE)
def test_making_safe_twice_changes_nothing_more(text: str) -> None:
    assert safe(safe(text)) == safe(text)


@given(HOSTILE, st.integers(min_value=0, max_value=40))
def test_a_clipped_text_never_exceeds_its_cells(text: str, cells: int) -> None:
    assert cell_len(clip(safe(text), cells)) <= cells
    assert cell_len(clip_start(safe(text), cells)) <= cells


@given(HOSTILE, st.integers(min_value=1, max_value=40))
def test_a_fitted_text_fills_its_cells_exactly(text: str, cells: int) -> None:
    assert cell_len(fit(safe(text), cells)) == cells
    assert cell_len(fit(safe(text), cells, "right")) == cells


@given(HOSTILE, st.integers(min_value=2, max_value=40))
def test_hard_wrapping_loses_no_character(text: str, cells: int) -> None:
    line = safe(text)

    assert "".join(hard_wrap(line, cells)) == line


@given(HOSTILE)
def test_markup_in_outside_text_is_only_text(text: str) -> None:
    assert showable(text).plain == safe(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain [/x] text", "plain [/x] text"),
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("\x9b2J", "<U+009B>2J"),
        ("\x7f", "␡"),
        ("evil\u202egnp.exe", "evil<U+202E>gnp.exe"),
        ("pay\u200bpal", "pay<U+200B>pal"),
        ("\U000e0041", "<U+E0041>"),
        ("\ud800", "<U+D800>"),
        ("\ue000", "<U+E000>"),
        ("\u3164", "<U+3164>"),
        ("10\u00a0€", "10␣€"),
        ("❤\ufe0f", "❤"),
        ("a\ufe0f", "a<U+FE0F>"),
        ("e\u0301", "e\u0301"),
        ("\u0301", "◌\u0301"),
        ("a" + "\u0301" * 5, "a" + "\u0301" * 4 + "<U+0301>"),
        ("a\tb", "a   b"),
        ("a\r\nb", "a␍␊b"),
        ("日本語", "日本語"),
    ],
)
def test_hidden_characters_become_visible(text: str, expected: str) -> None:
    assert safe(text) == expected


def test_windows_line_ends_are_line_ends() -> None:
    assert safe("a\r\nb\rc", keep_newlines=True) == "a\nb␍c"


def test_the_ellipsis_stands_for_what_was_cut() -> None:
    assert clip(SafeText("review.completed"), 8) == "review.…"
    assert clip_start(SafeText("review.completed"), 8) == "…mpleted"
    assert clip(SafeText("日本語"), 4) == "日 …"


def test_symbols_are_counted() -> None:
    assert symbols_in(safe("\x1b[2J\u202eab")) == 2


def test_a_text_body_is_shown_as_it_is() -> None:
    assert decode_body(b'{"a": 1}\n') == Body(
        SafeText('{"a": 1}\n'), SafeText(""), binary=False
    )


def test_a_binary_body_is_shown_as_a_hex_dump() -> None:
    body = decode_body(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")

    assert body == Body(
        SafeText(
            "00000000  89 50 4e 47 0d 0a 1a 0a  00 00 00 0d 49 48 44 52"
            "  ·PNG········IHDR"
        ),
        SafeText("binary, 16 bytes"),
        binary=True,
    )


@pytest.mark.parametrize(
    ("raw", "charset", "text", "note"),
    [
        (b"abc" * 9 + b"\xff", None, "abc" * 9 + "�", "1 byte not valid utf-8"),
        (b"gr\xfc\xdf dich", "latin-1", "grüß dich", ""),
        (b"abcdefghi\xff", "zip", "abcdefghi�", "1 byte not valid utf-8"),
        (b"ab\x1b[2J", None, "ab␛[2J", "1 control character shown as symbols"),
        (b"x" * 40, None, "x" * 32, "the first 32 characters of 40 bytes shown"),
    ],
)
def test_a_body_says_what_was_done_to_it(
    raw: bytes, charset: str | None, text: str, note: str
) -> None:
    body = decode_body(raw, charset=charset, limit=32)

    assert body.text == text
    assert body.note.startswith(note)
    assert bool(body.note) == bool(note)


@given(st.binary(max_size=200), st.sampled_from([None, "utf-16", "nope", "latin-1"]))
def test_no_body_steers_the_terminal(raw: bytes, charset: str | None) -> None:
    body = decode_body(raw, charset=charset, limit=64)

    assert not [c for c in body.text + body.note if is_steering(c) and c != "\n"]


def test_a_hex_dump_shows_every_byte() -> None:
    raw = bytes(range(256))

    dumped = "".join(line[10:58] for line in hex_dump(raw))

    assert bytes.fromhex(dumped) == raw


BLACK = Color(0, 0, 0)


@given(HOSTILE)
def test_the_filter_drops_what_steers_whatever_reached_a_widget(text: str) -> None:
    (segment,) = SafeFilter().apply([Segment(text)], BLACK)

    shown = set(segment.text) & set("\x1b\x9b\u202e\u200b\udc80\r\n\t\x00")
    assert not shown


def test_the_filter_leaves_ordinary_lines_alone() -> None:
    line = [Segment("│ ", Style(bold=True)), Segment(string.printable[:94])]

    assert SafeFilter().apply(line, BLACK) is line


def test_the_filter_drops_controls_and_links() -> None:
    line = [Segment("a", Style(link="http://x")), Segment("\x1b[2J", None, [(1,)])]  # type: ignore[list-item]

    assert SafeFilter().apply(line, BLACK) == [Segment("a", Style())]
