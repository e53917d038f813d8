"""`hookline emit`: events from an argument, a file, or a stream of JSON lines.

An id is printed once the event is on disk, and never before.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import click

from core.actions import events
from core.actions.caller import Caller
from core.engine.intake import Submission
from core.errors import HooklineError, Invalid
from core.model import MAX_PAYLOAD, Event
from hookline.cli.arrivals import Line, arrivals
from hookline.cli.json_lines import is_document, parse_data, parse_line, whole_text
from hookline.cli.session import Session, command
from hookline.cli.sources import STDIN
from hookline.forms import accepted_form
from hookline.output import ExitCode, Output, Usage, exit_code_for

BATCH = 100  # events in one transaction

Batches = AsyncIterator[Sequence[Line]]
Read = Callable[[Line], Submission]


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

    After a type, `-` takes the data from stdin: one JSON document, or one in each line
    if the first line is one by itself.

    Instead of a type, `-` takes whole events from stdin, one a line:
    {"type": …, "data": …, "idempotency_key": …}, the key being optional.

    A bad line of a stream is named and passed over, the good ones are kept, and it ends
    with 1.
    """
    given = [source for source in (stdin, data, data_file) if source is not None]
    if type == STDIN:
        if given or idempotency_key:
            raise Usage("'emit -' takes types, data and keys from the lines.")
        tally = await _emit_stream(session, arrivals(session.stdin), parse_line)
        return ExitCode.FAILED if tally.refused else ExitCode.OK
    if len(given) != 1 or stdin not in (None, STDIN):
        raise Usage(
            "One source of data is needed.", "Give --data JSON, --data-file FILE or -."
        )
    if STDIN in (stdin, data_file):
        return await _emit_stdin(session, type, idempotency_key)
    if data_file is not None:
        data = session.sources.text(data_file, MAX_PAYLOAD, "data")
    return await _emit_one(session, Submission(type, data or "", idempotency_key))


@dataclass(slots=True)
class Tally:
    """How a stream fared."""

    seen: int = 0
    refused: int = 0
    last_refusal: HooklineError | None = None

    def count(self, answer: Event | HooklineError) -> None:
        """Count an answer."""
        self.seen += 1
        if isinstance(answer, HooklineError):
            self.refused += 1
            self.last_refusal = answer


async def _emit_one(session: Session, submission: Submission) -> ExitCode:
    async with session.caller() as caller:
        [answer] = await events.emit(caller, [submission])
    if isinstance(answer, HooklineError):
        raise answer
    _show(session.output, answer)
    return ExitCode.OK


async def _emit_stdin(session: Session, type: str, key: str | None) -> ExitCode:
    """One document; or one in each line, when the first line is one by itself."""
    batches = arrivals(session.stdin)
    head = await anext(batches, list[Line]())
    first = next((line for line in head if line.text.strip()), None)
    if first is None or not is_document(first):
        return await _emit_one(
            session, Submission(type, await whole_text(head, batches), key)
        )
    read = partial(parse_data, type=type, idempotency_key=key)
    tally = await _emit_stream(session, _joined(head, batches), read)
    if tally.seen == 1 and tally.last_refusal:
        return exit_code_for(tally.last_refusal)
    return ExitCode.FAILED if tally.refused else ExitCode.OK


async def _joined(head: Sequence[Line], more: Batches) -> Batches:
    yield head
    async for lines in more:
        yield lines


async def _emit_stream(session: Session, batches: Batches, read: Read) -> Tally:
    tally = Tally()
    async with session.caller() as caller:
        async for arrived in batches:
            lines = [line for line in arrived if line.text.strip()]
            for start in range(0, len(lines), BATCH):
                batch = lines[start : start + BATCH]
                for number, answer in await _emit_batch(caller, batch, read):
                    tally.count(answer)
                    _show(session.output, answer, number)
    if tally.refused and tally.seen > 1:
        session.output.say(f"Refused: {tally.refused}. All others were accepted.")
    return tally


async def _emit_batch(
    caller: Caller, lines: Sequence[Line], read: Read
) -> Sequence[tuple[int, Event | HooklineError]]:
    """Accept what can be accepted; one answer for each line, by its number."""
    answers: dict[int, Event | HooklineError] = {}
    submissions: dict[int, Submission] = {}
    for line in lines:
        try:
            submissions[line.number] = read(line)
        except Invalid as problem:
            answers[line.number] = problem
    accepted = await events.emit(caller, list(submissions.values()))
    answers |= zip(submissions, accepted, strict=True)
    return sorted(answers.items())


def _show(output: Output, answer: Event | HooklineError, line: int = 1) -> None:
    if isinstance(answer, HooklineError):
        output.fail(answer, line=line)
    else:
        output.show_line(accepted_form(answer), answer.id)
