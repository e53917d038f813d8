"""What is printed, where, and in which of the two languages."""

import io
import json

import pytest

from core import errors
from core.errors import HooklineError, Invalid, InvalidTemplate
from hookline.output import (
    MEANINGS,
    ExitCode,
    Output,
    Usage,
    cells,
    exit_code_for,
    fields_lines,
    standard_output,
    table_lines,
)
from hookline.settings import InvalidSettings, Terminal
from tui.views.lines import line

HOSTILE = "a\x1b[31mb\u202ec\nd"


def an_output(*, as_json: bool = False, in_colour: bool = False) -> Output:
    return Output(io.StringIO(), io.StringIO(), as_json, in_colour)


def printed(output: Output) -> tuple[str, str]:
    assert isinstance(output.stdout, io.StringIO)
    assert isinstance(output.stderr, io.StringIO)
    return output.stdout.getvalue(), output.stderr.getvalue()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.Forbidden("x"), ExitCode.FORBIDDEN),
        (errors.NotFound("x"), ExitCode.NOT_FOUND),
        (errors.StoreProblem("x"), ExitCode.STORE),
        (errors.NotInitialised("x"), ExitCode.STORE),
        (errors.KeyProblem("x"), ExitCode.STORE),
        (errors.Invalid("x"), ExitCode.INVALID),
        (errors.NameTaken("x"), ExitCode.INVALID),
        (errors.UnknownEventType("x"), ExitCode.INVALID),
        (errors.IdempotencyConflict("x"), ExitCode.INVALID),
        (errors.Stale("x"), ExitCode.FAILED),
        (errors.TemplateFailed("x"), ExitCode.FAILED),
        (errors.NoMatchingSignature("x"), ExitCode.FAILED),
        (Usage("x"), ExitCode.INVALID),
        (InvalidSettings("x"), ExitCode.INVALID),
        (HooklineError("x"), ExitCode.FAILED),
    ],
)
def test_each_error_has_its_exit_code(error: HooklineError, code: ExitCode) -> None:
    assert exit_code_for(error) is code


def test_every_exit_code_is_explained() -> None:
    assert MEANINGS.keys() == set(ExitCode)


def test_data_goes_to_stdout_and_words_to_stderr() -> None:
    output = an_output()

    output.show({"id": "whk_1"}, ["one", "two"])
    output.say("by the way")
    output.warn("careful", "do this")
    output.fail(HooklineError("It broke.", "Mend it."))

    assert printed(output) == (
        "one\ntwo\n",
        "by the way\nWarning: careful\n  do this\nhookline: It broke.\n  Mend it.\n",
    )


def test_with_json_everything_is_json_and_chatter_is_left_out() -> None:
    output = an_output(as_json=True)

    output.show({"id": "whk_1"}, ["one", "two"])
    output.say("by the way")
    output.warn("careful", "do this")
    output.fail(Invalid("It is wrong.", field="url"))
    output.fail(InvalidTemplate("It is wrong.", "Mend it.", line=3))
    output.fail(HooklineError("It broke."), line=7)

    out, err = printed(output)
    assert json.loads(out) == {"id": "whk_1"}
    assert [json.loads(row) for row in err.splitlines()] == [
        {"warning": "careful", "hint": "do this"},
        {"error": "It is wrong.", "field": "url"},
        {"error": "It is wrong.", "hint": "Mend it.", "field": "template", "line": 3},
        {"error": "It broke.", "line": 7},
    ]


@pytest.mark.parametrize("as_json", [False, True])
def test_nothing_from_outside_steers_the_terminal(as_json: bool) -> None:
    output = an_output(as_json=as_json)

    output.show({"name": HOSTILE}, [HOSTILE])
    output.show_line({"name": HOSTILE}, HOSTILE)
    output.table([{"name": HOSTILE}], ["NAME"], [[HOSTILE]], "none")
    output.say(HOSTILE)
    output.warn(HOSTILE, HOSTILE)
    output.fail(HooklineError(HOSTILE, HOSTILE), line=1)

    text = "".join(printed(output))
    assert set(text) & {"\x1b", "\u202e"} == set()
    assert "d\n" not in text.replace("␊d\n", "")


def test_the_line_of_a_stream_is_one_object_on_one_line() -> None:
    output = an_output(as_json=True)

    output.show_line({"id": "evt_1", "key": None}, "evt_1")

    assert printed(output) == ('{"id": "evt_1", "key": null}\n', "")


def test_an_empty_list_is_words_for_people_and_an_array_for_programs() -> None:
    people, program = an_output(), an_output(as_json=True)

    people.table([], ["NAME"], [], "There is none.")
    program.table([], ["NAME"], [], "There is none.")

    assert printed(people) == ("", "There is none.\n")
    assert printed(program) == ("[]\n", "")


def test_a_table_lines_up_wide_and_combining_characters() -> None:
    rows = [("a", "1"), ("日本", "2"), ("e\u0301", "3")]

    assert table_lines(("NAME", "N"), rows) == [
        "NAME  N",
        "a     1",
        "日本  2",
        "e\u0301     3",
    ]


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("日本", 4), ("e\u0301", 1)])
def test_a_text_takes_as_many_cells_as_it_shows(text: str, width: int) -> None:
    assert cells(text) == width


def test_a_line_of_a_table_is_cut_where_a_terminal_would_wrap_it() -> None:
    narrow = Output(io.StringIO(), io.StringIO(), width=8)

    narrow.table([{}], ["NAME", "URL"], [["日本", "x"], ["ERP", "https://"]], "none")

    assert printed(narrow)[0] == "NAME  U…\n日本  x\nERP   h…\n"


def test_the_lines_of_one_field_stand_under_each_other() -> None:
    assert fields_lines([("id", "1"), ("headers", ["a", "b"])]) == [
        "id       1",
        "headers  a",
        "         b",
    ]


def test_tones_are_colours_only_where_colours_are_wanted() -> None:
    plain, coloured = an_output(), an_output(in_colour=True)

    plain.show({}, [line(("200 OK", "ok"), " plain")])
    coloured.show({}, [line(("200 OK", "ok"), " plain")])

    assert printed(plain)[0] == "200 OK plain\n"
    assert printed(coloured)[0] == "\x1b[32m200 OK\x1b[m plain\n"


def test_a_pipe_gets_no_colours() -> None:
    output = standard_output(Terminal("xterm-256color"), as_json=False)

    assert output.in_colour is False
