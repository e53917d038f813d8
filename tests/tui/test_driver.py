import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.driver import Look, change, look_of, thrifty

PIECE = re.compile(r"\x1b\[([\d;]*)m|(\x1b\[\d+;\d+H)|(.)", re.DOTALL)


def seen(output: str) -> list[tuple[str, str, str, frozenset[str]]]:
    """What a terminal shows: each character with its colours and marks."""
    front, back, marks = "", "", set[str]()
    shown = []
    for attributes, move, character in PIECE.findall(output):
        if character or move:
            shown.append((character or move, front, back, frozenset(marks)))
            continue
        codes = attributes.split(";")
        while codes:
            code = codes.pop(0)
            if code in ("38", "48"):
                count = 2 if codes[0] == "5" else 4
                code = ";".join([code, *codes[:count]])
                del codes[:count]
            if code in ("", "0"):
                front, back, marks = "", "", set()
            elif code.startswith(("3", "9")) and len(code) > 1:
                front = "" if code == "39" else code
            elif code.startswith(("4", "10")) and len(code) > 1:
                back = "" if code == "49" else code
            else:
                marks.add(code)
    assert (front, back, marks) == ("", "", set()), "left in another state"
    return shown


fronts = st.sampled_from(["", "31", "39", "97", "38;5;7", "38;2;1;2;3"])
backs = st.sampled_from(["", "41", "49", "104", "48;5;7", "48;2;1;2;3"])
marks = st.sampled_from(["", "1", "7", "1;3", "1;4;7"])
attributes = st.builds(
    lambda *parts: ";".join(filter(None, parts)), marks, fronts, backs
).filter(bool)
texts = st.text("ab é语", max_size=4)
runs = st.builds(lambda a, t: f"\x1b[{a}m{t}\x1b[0m", attributes, texts)
others = st.sampled_from(["plain", "\n", "\x1b[2;1H", "\x1b[5mblink\x1b[0m"])


@given(st.lists(runs | others, max_size=12).map("".join))
def test_fewer_bytes_look_the_same(output: str) -> None:
    assert seen(thrifty(output)) == seen(output)
    assert len(thrifty(output)) <= len(output)


def test_neighbouring_runs_say_only_what_differs() -> None:
    output = "\x1b[31;48;2;1;2;3ma\x1b[0m\x1b[32;48;2;1;2;3mb\x1b[0m"

    assert thrifty(output) == "\x1b[31;48;2;1;2;3ma\x1b[32mb\x1b[0m"


@pytest.mark.parametrize("between", ["\n", "\x1b[2;1H", "x", "\x1b[53my\x1b[0m"])
def test_nothing_is_joined_across_anything_else(between: str) -> None:
    output = f"\x1b[41ma\x1b[0m{between}\x1b[41mb\x1b[0m"

    assert thrifty(output) == output


def test_attributes_that_are_not_known_are_left_alone() -> None:
    assert look_of("1;58;5;3") is None
    assert look_of("1;38;5;3;49") == Look("38;5;3", "", frozenset("1"))


def test_a_mark_that_ends_starts_afresh() -> None:
    bold, plain = Look("31", "", frozenset("1")), Look("31", "", frozenset())

    assert change(bold, plain) == "\x1b[0;31m"
    assert change(plain, bold) == "\x1b[1m"
