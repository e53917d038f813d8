"""`hookline emit`: events from an argument, a file, or a stream of JSON lines.

An id is printed once the event is on disk, and never before.
"""

import json
from collections.abc import Sequence
from typing import Any

import click

from core.actions import events
from core.actions.caller import Caller
from core.engine.intake import Submission
from core.errors import HooklineError, Invalid
from core.model import MAX_PAYLOAD, Event
from hookline.cli.arrivals import MAX_LINE, Line, arrivals
from hookline.cli.session import Session, command
from hookline.cli.sources import STDIN
from hookline.forms import accepted_form
from hookline.output import ExitCode, Usage

BATCH = 100  # events in one transaction
NEEDED, KNOWN = {"type", "data"}, {"type", "data", "idempotency_key"}


@command(
    "emit",
    """hookline emit review.completed --data '{"review": {"id": "rev_41"}}'""",
    "hookline emit review.completed --data-file review.json --idempotency-key rev_41",
    "curl -s https://api.example.com/reviews/41 | hookline emit review.completed -",
    "tail -f events.jsonl | hookline emit -",
)
@click.argument("type", metavar="TYPE|-")
@click.argument("stdin", required=False, metavar="[-]")
@click.option("--data", metavar="JSON", help="The event's data.")
@click.option("--data-file", metavar="FILE", help="The event's data, from a file.")
@click.option(
    "--idempotency-key",
    metavar="KEY",
    help="Emitting again with the same key and data gives the same event.",
)
async def emit(
    session: Session,
    *,
    type: str,
    stdin: str | None,
    data: str | None,
    data_file: str | None,
    idempotency_key: str | None,
) -> ExitCode:
    """Hand in an event, and print its id once it is on disk.

    With `-` instead of a type, stdin is a stream of JSON lines, one event each:
    {"type": …, "data": …, "idempotency_key": …}, the key being optional. A bad line is
    named and passed over, the good ones are kept, and it ends with 1.
    """
    given = [source for source in (stdin, data, data_file) if source is not None]
    if type == STDIN:
        if given or idempotency_key:
            raise Usage("'emit -' takes types, data and keys from the lines.")
        return await _emit_lines(session)
    if len(given) != 1 or stdin not in (None, STDIN):
        raise Usage(
            "One source of data is needed.", "Give --data JSON, --data-file FILE or -."
        )
    if data is None:
        data = session.sources.text(data_file or STDIN, MAX_PAYLOAD, "data")
    await _emit_one(session, Submission(type, data, idempotency_key))
    return ExitCode.OK


async def _emit_one(session: Session, submission: Submission) -> None:
    async with session.caller() as caller:
        [answer] = await events.emit(caller, [submission])
    if isinstance(answer, HooklineError):
        raise answer
    session.output.show_line(accepted_form(answer), answer.id)


async def _emit_lines(session: Session) -> ExitCode:
    refused = 0
    async with session.caller() as caller:
        async for lines in arrivals(session.stdin):
            for start in range(0, len(lines), BATCH):
                batch = lines[start : start + BATCH]
                refused += await _emit_batch(session, caller, batch)
    if refused:
        session.output.say(f"Refused: {refused}. All others were accepted.")
    return ExitCode.FAILED if refused else ExitCode.OK


async def _emit_batch(session: Session, caller: Caller, lines: Sequence[Line]) -> int:
    """Accept what can be accepted; returns how many lines were refused."""
    answers: dict[int, Event | HooklineError] = {}
    submissions: dict[int, Submission] = {}
    for line in lines:
        try:
            submissions[line.number] = parse_line(line)
        except Invalid as problem:
            answers[line.number] = problem
    accepted = await events.emit(caller, list(submissions.values()))
    answers |= zip(submissions, accepted, strict=True)
    for number, answer in sorted(answers.items()):
        _answer(session, number, answer)
    return sum(isinstance(answer, HooklineError) for answer in answers.values())


def _answer(session: Session, number: int, answer: Event | HooklineError) -> None:
    if isinstance(answer, HooklineError):
        session.output.fail(answer, line=number)
    else:
        session.output.show_line(accepted_form(answer), answer.id)


def parse_line(line: Line) -> Submission:
    """Read one JSON line; the data stays as it was written, digit by digit.

    Raises:
        Invalid: with what a line must be.
    """
    if line.too_long:
        raise Invalid(f"The line has more than {MAX_LINE:,} bytes.")
    members = _members(line.text)
    if members.keys() - KNOWN or NEEDED - members.keys():
        raise Invalid(
            "A line has type and data, and may have idempotency_key; this one has "
            f"{', '.join(members) or 'nothing'}."
        )
    return Submission(
        type=_text(members, "type") or "",
        data=members["data"],
        idempotency_key=_text(members, "idempotency_key"),
    )


def _text(members: dict[str, str], name: str) -> str | None:
    value = json.loads(members.get(name, "null"))
    if value is None or isinstance(value, str):
        return value
    raise Invalid(f"{name} must be text in quotes.")


def _members(raw: bytes) -> dict[str, str]:
    """The members of a JSON object, each value as the text it was written with."""
    try:
        text = raw.decode()
        if not isinstance(json.loads(text), dict):
            raise Invalid("A line is a JSON object: {…}.")
    except json.JSONDecodeError as error:
        raise Invalid(
            f"The line is not JSON: {error.msg} at column {error.colno}."
        ) from error
    except UnicodeDecodeError as error:
        raise Invalid(f"The line is not UTF-8 at byte {error.start + 1}.") from error
    except ValueError as error:  # Python reads integers of up to 4,300 digits
        raise Invalid("The line has too long a number.") from error
    except RecursionError as error:
        raise Invalid("The line is nested too deeply.") from error
    return dict(_scan(text))


def _scan(text: str) -> Any:
    decoder = json.JSONDecoder()
    at = text.index("{") + 1
    while (at := _skip(text, at, ",")) < len(text) and text[at] != "}":
        name, at = decoder.raw_decode(text, at)
        start = _skip(text, at, ":")
        _, at = decoder.raw_decode(text, start)
        yield name, text[start:at]


def _skip(text: str, at: int, sign: str) -> int:
    while at < len(text) and text[at] in " \t\r\n" + sign:
        at += 1
    return at
