"""`hookline emit`: events from an argument, a file, or a stream of JSON lines."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from core.engine.intake import Submission
from core.errors import Invalid
from hookline.cli.arrivals import MAX_LINE, Line, Splitter, arrivals
from hookline.cli.emit import BATCH
from hookline.cli.json_lines import parse_line
from tests.builders import a_webhook
from tests.cli.program import Ended, Program


def lines(*events: object) -> str:
    return "".join(f"{json.dumps(event)}\n" for event in events)


def an_event(**changes: object) -> dict[str, object]:
    return {"type": "review.completed", "data": {"id": 1}, **changes}


def test_the_id_is_printed_alone_so_that_a_script_can_take_it(
    hookline: Program,
) -> None:
    ended = hookline("emit", "review.completed", "--data", '{"id": 1}')

    assert ended == Ended(0, out="evt_000001\n")
    assert hookline("events", "show", "evt_000001", "--json").json["data"] == {"id": 1}


def test_with_json_the_event_is_an_object(hookline: Program) -> None:
    ended = hookline(
        *("emit", "review.completed", "--data", "{}", "--idempotency-key", "k"),
        "--json",
    )

    assert ended.json == {
        "id": "evt_000001",
        "type": "review.completed",
        "created_at": "2026-11-23T12:00:00.000Z",
        "idempotency_key": "k",
    }


@pytest.mark.parametrize("source", [["--data-file", "FILE"], ["-"], ["--data-file=-"]])
def test_data_comes_from_a_file_or_stdin(
    hookline: Program, tmp_path: Path, source: Sequence[str]
) -> None:
    file = tmp_path / "data.json"
    file.write_text('{"price": 1.10}\n')
    args = [str(file) if word == "FILE" else word for word in source]

    ended = hookline("emit", "review.completed", *args, stdin=file.read_text())

    assert ended == Ended(0, out="evt_000001\n")
    assert hookline.payload("evt_000001") == b'{"price": 1.10}'


def test_a_document_on_stdin_may_have_many_lines(hookline: Program) -> None:
    document = '{\n  "n": 1,\n\n  "m": [\n    2\n  ]\n}\n'

    ended = hookline("emit", "review.completed", "-", stdin=document)

    assert ended == Ended(0, out="evt_000001\n")
    assert hookline.payload("evt_000001") == document.strip().encode()


def test_a_broken_document_is_one_refusal_with_its_place(hookline: Program) -> None:
    """Its last lines could be taken for events of their own."""
    document = '[\n  {"n": 1},\n  {"n": 2}\n'

    ended = hookline("emit", "review.completed", "-", stdin=document)

    assert ended == Ended(
        2,
        err="hookline: The data is not JSON: Expecting ',' delimiter at line 3, "
        "column 11.\n",
    )


def test_a_document_a_line_makes_an_event_of_each(hookline: Program) -> None:
    stream = '{"n": 1.0}\n\nnonsense\n{"n": 2}'

    ended = hookline("emit", "review.completed", "-", stdin=stream)

    assert ended == Ended(
        1,
        out="evt_000001\nevt_000002\n",
        err="hookline: line 3: The data is not JSON: Expecting value at line 1, "
        "column 1.\nRefused: 1. All others were accepted.\n",
    )
    assert hookline.payload("evt_000001") == b'{"n": 1.0}'


@pytest.mark.parametrize(
    ("stdin", "words"),
    [
        (b"", "The data is not JSON: Expecting value at line 1, column 1."),
        (b"{", "The data is not JSON: Expecting property name"),
        (b"\xff", "The data is not UTF-8: byte 1 cannot be read."),
        (b"{\n" + b" " * 300_000, "stdin has more than 262,144 bytes."),
    ],
)
def test_stdin_without_a_document_is_refused(
    hookline: Program, stdin: bytes, words: str
) -> None:
    ended = hookline("emit", "review.completed", "-", stdin=stdin)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"hookline: {words}")


def test_a_single_line_has_the_exit_code_of_its_refusal(hookline: Program) -> None:
    ended = hookline("emit", "nope", "-", stdin="{}\n")

    assert ended == Ended(
        2,
        err="hookline: line 1: 'nope' is not an event type of this workspace.\n"
        "  'hookline event-types list' shows them all.\n",
    )


def test_the_same_key_gives_the_same_event(hookline: Program) -> None:
    given = ("emit", "review.completed", "--idempotency-key", "k", "--data")

    first, again = hookline(*given, "{}"), hookline(*given, "{}")
    other = hookline(*given, "[]")

    assert first == again == Ended(0, out="evt_000001\n")
    assert other == Ended(
        2,
        err="hookline: The idempotency key 'k' was used for evt_000001, with another "
        "type or other data.\n  Use a new key for a new event.\n",
    )


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (
            ("review.complete", "--data", "{}"),
            "'review.complete' is not an event type of this workspace.",
        ),
        (
            ("review.completed", "--data", '{"a": }'),
            "The data is not JSON: Expecting value at line 1, column 7.",
        ),
        (
            ("review.completed", "--data-file", "/nowhere"),
            "data: /nowhere cannot be read: No such file or directory.",
        ),
        (("review.completed",), "One source of data is needed."),
        (("review.completed", "x"), "One source of data is needed."),
        (("review.completed", "-", "--data", "{}"), "One source of data is needed."),
        (("-", "--data", "{}"), "'emit -' takes types, data and keys from the lines."),
    ],
)
def test_what_cannot_be_emitted_is_said(
    hookline: Program, args: Sequence[str], words: str
) -> None:
    ended = hookline("emit", *args)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines()[0] == f"hookline: {words}"


def test_data_that_is_too_large_is_refused(hookline: Program, tmp_path: Path) -> None:
    file = tmp_path / "large.json"
    file.write_text(json.dumps("x" * 256 * 1024))

    assert hookline("emit", "review.completed", "--data-file", str(file)) == Ended(
        2, err=f"hookline: data: {file} has more than 262,144 bytes.\n"
    )


def test_bad_lines_are_named_and_the_good_ones_are_kept(hookline: Program) -> None:
    stream = (
        lines(an_event(idempotency_key="a"))
        + "nonsense\n\n"
        + lines(an_event(type="nope"), an_event(more=1), {"type": "review.failed"})
        + '{"type": 7, "data": 1}\n[]\n'
        + lines(an_event())
    )

    ended = hookline("emit", "-", stdin=stream)

    assert (ended.code, ended.out) == (1, "evt_000001\nevt_000002\n")
    assert ended.err == (
        "hookline: line 2: The line is not JSON: Expecting value at column 1.\n"
        "hookline: line 4: 'nope' is not an event type of this workspace.\n"
        "  'hookline event-types list' shows them all.\n"
        "hookline: line 5: A line has type and data, and may have idempotency_key; "
        "this one has type, data, more.\n"
        "hookline: line 6: A line has type and data, and may have idempotency_key; "
        "this one has type.\n"
        "hookline: line 7: type must be text in quotes.\n"
        "hookline: line 8: A line is a JSON object: {…}.\n"
        "Refused: 6. All others were accepted.\n"
    )


def test_half_a_surrogate_pair_in_a_key_costs_only_its_line(hookline: Program) -> None:
    stream = lines(an_event(), an_event(idempotency_key="\ud800"), an_event())

    assert hookline("emit", "-", stdin=stream) == Ended(
        1,
        out="evt_000001\nevt_000002\n",
        err="hookline: line 2: The idempotency key holds half of a surrogate pair.\n"
        "Refused: 1. All others were accepted.\n",
    )


def test_bad_lines_are_objects_with_json(hookline: Program) -> None:
    ended = hookline("emit", "-", "--json", stdin="{}\n" + lines(an_event()))

    assert ended.code == 1
    assert ended.json["id"] == "evt_000001"
    assert json.loads(ended.err) == {
        "error": "A line has type and data, and may have idempotency_key; this one has "
        "nothing.",
        "line": 1,
    }


def test_a_stream_is_accepted_in_batches(hookline: Program) -> None:
    count = 2 * BATCH + 1

    ended = hookline("emit", "-", stdin=lines(*(an_event() for _ in range(count))))

    assert (ended.code, len(ended.out.split())) == (0, count)
    assert ended.out.split() == sorted(set(ended.out.split()))


def test_an_empty_stream_is_no_mistake(hookline: Program) -> None:
    assert hookline("emit", "-", stdin="\n\n") == Ended(0)


def test_events_lead_to_deliveries(hookline: Program) -> None:
    hookline.add(a_webhook(events=("review.*",)))

    hookline("emit", "-", stdin=lines(an_event(), an_event(type="member.added")))

    rows = hookline("events", "list", "--json").json
    assert [(row["type"], row["deliveries"]) for row in rows] == [
        ("member.added", 0),
        ("review.completed", 1),
    ]


@pytest.mark.parametrize(
    "data",
    [
        '{"price": 1.10, "n": 12345678901234567890.5}',
        '[1, {"a" : "}, \\" ]"}]',
        '"text: , {"',
        "null",
        "1e400",
    ],
)
def test_the_data_of_a_line_stays_as_it_was_written(data: str) -> None:
    text = f' {{ "data" : {data} , "type":"review.failed" }} '

    submission = parse_line(Line(1, text.encode()))

    assert submission == Submission("review.failed", data)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"\xff", "The line is not UTF-8 at byte 1."),
        (b"[" * 100_000, "The line is nested too deeply."),
        (b'{"type": "a", "data": %b}' % (b"9" * 5000), "has too long a number"),
        (b'{"type": "a", "data": 1, "idempotency_key": 1}', "idempotency_key must be"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused(raw: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        parse_line(Line(1, raw))


def test_a_line_without_end_costs_no_more_than_a_line() -> None:
    splitter = Splitter()

    for _ in range(4):
        assert splitter.feed(b"x" * MAX_LINE) == []
    [long, short] = splitter.feed(b"x\nshort\n")

    assert (long.number, long.too_long, len(long.text)) == (1, True, MAX_LINE)
    assert short == Line(2, b"short")
    with pytest.raises(Invalid, match="more than 2,097,152 bytes"):
        parse_line(long)


async def test_what_has_arrived_does_not_wait_for_more() -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as stream:
        arriving = arrivals(stream)
        os.write(writer, b"one\ntwo\nthr")
        first = await anext(arriving)
        os.write(writer, b"ee\n")
        second = await anext(arriving)
        os.write(writer, b"four")
        os.close(writer)
        rest = [line async for batch in arriving for line in batch]

    assert first == [Line(1, b"one"), Line(2, b"two")]
    assert second == [Line(3, b"three")]
    assert rest == [Line(4, b"four")]
