"""What a line of a stream of events says, and whether stdin is such a stream.

The data of an event stays as it was written, digit by digit.
"""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from core.engine.intake import Submission
from core.errors import Invalid
from core.model import MAX_PAYLOAD
from hookline.cli.arrivals import MAX_LINE, Line

NEEDED, KNOWN = {"type", "data"}, {"type", "data", "idempotency_key"}


def parse_line(line: Line) -> Submission:
    """Read an event from a JSON line.

    Raises:
        Invalid: with what a line must be.
    """
    _check_length(line)
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


def parse_data(line: Line, type: str, idempotency_key: str | None) -> Submission:
    """Take a line as the data of an event. Raises Invalid."""
    _check_length(line)
    return Submission(type, _decoded(line.text), idempotency_key)


def is_document(line: Line) -> bool:
    """Whether a line is JSON by itself, so that more can follow it."""
    try:
        json.loads(line.text)
    except (ValueError, RecursionError):
        return False
    return True


async def whole_text(head: Sequence[Line], more: AsyncIterator[Sequence[Line]]) -> str:
    """All lines as one text again. Raises Invalid when an event cannot hold it."""
    parts = [line.text for line in head]
    size = sum(map(len, parts))
    async for lines in more:
        parts += [line.text for line in lines]
        size += sum(len(line.text) for line in lines)
        if size > MAX_PAYLOAD:
            raise Invalid(f"stdin has more than {MAX_PAYLOAD:,} bytes.", field="data")
    return _decoded(b"\n".join(parts))


def _check_length(line: Line) -> None:
    if line.too_long:
        raise Invalid(f"The line has more than {MAX_LINE:,} bytes.")


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Invalid(
            f"The data is not UTF-8: byte {error.start + 1} cannot be read.",
            field="data",
        ) from error


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
