"""The one place that prints: data to stdout, words to stderr.

For people, everything that came from outside is made safe for the terminal first. With
`--json` data and errors are JSON, in ASCII only, which no terminal can be steered by.
"""

import io
import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import IntEnum
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any, TextIO

from core.errors import (
    Forbidden,
    HooklineError,
    IdempotencyConflict,
    Invalid,
    NotFound,
    StoreProblem,
    UnknownEventType,
)
from core.text import safe
from hookline.settings import InvalidSettings, Terminal

if TYPE_CHECKING:
    # Only for types: the lines of the console load more than help may wait for.
    from tui.views.lines import Line, Piece


class ExitCode(IntEnum):
    """How a command ended; scripts may rely on the numbers."""

    OK = 0
    FAILED = 1
    INVALID = 2
    NOT_FOUND = 3
    FORBIDDEN = 4
    STORE = 5
    CRASHED = 70
    INTERRUPTED = 130
    BROKEN_PIPE = 141


MEANINGS: Mapping[ExitCode, str] = {
    ExitCode.OK: "done",
    ExitCode.FAILED: "the thing itself failed: a test, a verification, a check",
    ExitCode.INVALID: "usage, or a value that cannot be used",
    ExitCode.NOT_FOUND: "nothing has this id or name",
    ExitCode.FORBIDDEN: "you may not do this",
    ExitCode.STORE: "the database or its key cannot be used",
    ExitCode.CRASHED: "a mistake of Hookline's own; a report was written",
    ExitCode.INTERRUPTED: "interrupted",
    ExitCode.BROKEN_PIPE: "nobody read the output to its end",
}


class ReaderGone(Exception):
    """Nobody reads stdout any more, as in `hookline … | head -1`."""


class OutputLost(HooklineError):
    """What was printed could not be written, as on a full disk."""


class Usage(HooklineError):
    """A command that was called in a way that cannot be."""


_CODES: tuple[tuple[type[HooklineError], ExitCode], ...] = (
    (Forbidden, ExitCode.FORBIDDEN),
    (NotFound, ExitCode.NOT_FOUND),
    (StoreProblem, ExitCode.STORE),
    (Invalid, ExitCode.INVALID),
    (UnknownEventType, ExitCode.INVALID),
    (IdempotencyConflict, ExitCode.INVALID),
    (InvalidSettings, ExitCode.INVALID),
    (Usage, ExitCode.INVALID),
)


def exit_code_for(error: HooklineError) -> ExitCode:
    """The code a command ends with after this error."""
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code
    return ExitCode.FAILED


@dataclass(frozen=True, slots=True)
class Output:
    """Where a command prints, and in which of its two languages."""

    stdout: TextIO
    stderr: TextIO
    as_json: bool = False
    in_colour: bool = False
    width: int | None = None
    """Cells of the terminal that data goes to; None where there is none."""

    def show(self, form: Any, lines: "Iterable[str | Line]") -> None:
        """Print one value: its JSON form, or its lines for people."""
        if self.as_json:
            self._print(json.dumps(form, indent=2), self.stdout)
        else:
            self._lines(lines, self.stdout)

    def show_line(self, form: Any, line: str) -> None:
        """Print one value of a stream, on a line of its own, and flush it."""
        text = json.dumps(form) if self.as_json else safe(line)
        self._print(text, self.stdout)
        self.flush()

    def table(
        self,
        forms: Sequence[Any],
        columns: Sequence[str],
        rows: Iterable[Sequence[str]],
        none: str,
    ) -> None:
        """Print a list: an array, or a table; `none` are the words when it is empty."""
        if self.as_json:
            self._print(json.dumps(forms, indent=2), self.stdout)
        elif forms:
            lines = table_lines(columns, rows)
            self._lines((clipped(line, self.width) for line in lines), self.stdout)
        else:
            self.say(none)

    def raw(self, text: str) -> None:
        """Print text of Hookline's own as it is: a completion script, a page."""
        self._print(text, self.stdout)

    def flush(self) -> None:
        """Let everything be written. Raises ReaderGone or OutputLost."""
        with _told_in_words():
            self.stdout.flush()

    def say(self, *words: str) -> None:
        """Say something to the person, beside the data; programs are not told."""
        if not self.as_json:
            self._lines(words, self.stderr)

    def warn(self, words: str, hint: str = "") -> None:
        """Say what went well enough, and yet wants a look."""
        if self.as_json:
            self._print(_json_words("warning", words, hint), self.stderr)
        else:
            self._lines(("Warning: " + words, *_indented(hint)), self.stderr)

    def fail(self, error: HooklineError, **where: Any) -> None:
        """Say what is wrong and what to do; `where` says it to programs as well."""
        if self.as_json:
            more = {"field": getattr(error, "field", ""), **where}
            more["line"] = more.get("line") or getattr(error, "line", None)
            self._print(
                _json_words("error", error.message, error.hint, **more), self.stderr
            )
            return
        if "line" not in where and (line := getattr(error, "line", None)):
            where["template line"] = line
        place = "".join(f"{name} {value}: " for name, value in where.items())
        lines = ("hookline: " + place + error.message, *_indented(error.hint))
        self._lines(lines, self.stderr)

    def _lines(self, lines: "Iterable[str | Line]", stream: TextIO) -> None:
        for line in lines:
            if isinstance(line, str):
                self._print(safe(line), stream)
            else:
                self._print("".join(map(self._painted, line)), stream)

    def _painted(self, piece: "Piece") -> str:
        code = _COLOURS.get(piece.tone) if self.in_colour else None
        return f"\x1b[{code}m{piece.text}\x1b[m" if code else piece.text

    def _print(self, text: str, stream: TextIO) -> None:
        if stream is self.stderr:
            # Or words would come before the data they follow. What cannot be written
            # is found again by the last flush.
            with suppress(OSError):
                self.stdout.flush()
        with _told_in_words():
            print(text, file=stream)


_COLOURS = {
    "muted": "2",
    "strong": "1",
    "accent": "36",
    "ok": "32",
    "warn": "33",
    "bad": "31",
    "name": "34",
    "string": "32",
    "number": "36",
    "word": "35",
    "mark": "2",
}
"""What a tone of the console is in a terminal's own sixteen colours."""


def standard_output(terminal: Terminal, *, as_json: bool) -> Output:
    """Print to the process's own streams."""
    # A stream is None where whoever started us closed it.
    stdout, stderr = sys.stdout or io.StringIO(), sys.stderr or io.StringIO()
    for stream in (stdout, stderr):
        # A terminal that cannot show a sign must not end a command.
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    plain = terminal.no_colour or terminal.is_dumb or not is_terminal(stdout)
    columns = get_terminal_size().columns if is_terminal(stdout) else None
    return Output(stdout, stderr, as_json, in_colour=not plain, width=columns)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person is at the other end of one of the process's streams."""
    return stream is not None and stream.isatty()


def table_lines(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table, each column as wide as its widest cell."""
    table = [tuple(map(safe, row)) for row in (columns, *rows)]
    widths = [max(map(cells, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(
            cell + " " * (width - cells(cell))
            for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in table
    ]


def clipped(line: str, width: int | None) -> str:
    """A line that a terminal need not wrap; it ends in `…` if something is cut off."""
    if width is None or cells(line) <= width:
        return line
    while cells(line) > width - 1:
        line = line[:-1]
    return line + "…"


def fields_lines(fields: Iterable[tuple[str, str | Sequence[str]]]) -> list[str]:
    """The lines of named values; the lines of one value stand under each other."""
    named = [(name, [v] if isinstance(v, str) else list(v)) for name, v in fields]
    width = max((len(name) for name, _ in named), default=0)
    return [
        f"{'' if number else name:<{width}}  {line}"
        for name, lines in named
        for number, line in enumerate(lines)
    ]


def cells(text: str) -> int:
    """How many cells of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(sign) else _WIDTHS.get(_width_class(sign), 1)
        for sign in text
    )


_WIDTHS = {"W": 2, "F": 2}
_width_class = unicodedata.east_asian_width


@contextmanager
def _told_in_words() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise ReaderGone from None
    except OSError as error:
        raise OutputLost(f"The output cannot be written: {error.strerror}.") from error


def _indented(hint: str) -> tuple[str, ...]:
    return ("  " + hint,) if hint else ()


def _json_words(kind: str, words: str, hint: str, **more: Any) -> str:
    known = {"hint": hint, **more}
    return json.dumps({kind: words} | {k: v for k, v in known.items() if v})
