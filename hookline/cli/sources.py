"""Where values come from that do not belong on a command line: files, stdin, prompts.

A secret is never an argument: others could read it in the list of processes, and the
shell keeps it in its history.
"""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from core.errors import Invalid
from core.headers import Header
from core.secret import Secret
from hookline.cli.session import hearing_ctrl_c

STDIN = "-"
MAX_SECRET = 16 * 1024  # bytes


class Sources:
    """Reads files, and stdin once; asks for a secret where stdin is a person."""

    def __init__(self, stdin: BinaryIO, ask: Callable[[str], str] | None) -> None:
        """Take stdin, and a way to ask where stdin is a person."""
        self._stdin = stdin
        self._ask = ask
        self._stdin_is_read = False

    def read(self, name: str, limit: int, option: str) -> bytes:
        """The bytes of a file, or of stdin for `-`.

        Raises:
            Invalid: it cannot be read, is larger than `limit`, or stdin is taken.
        """
        try:
            raw = self._read(name, limit + 1, option)
        except OSError as error:
            raise Invalid(
                f"{option}: {_called(name)} cannot be read: {error.strerror}.",
                field=option,
            ) from error
        if len(raw) > limit:
            raise Invalid(
                f"{option}: {_called(name)} has more than {limit:,} bytes.",
                field=option,
            )
        return raw

    def text(self, name: str, limit: int, option: str) -> str:
        """The text of a file or of stdin. Raises Invalid, also when it is not UTF-8."""
        try:
            return self.read(name, limit, option).decode()
        except UnicodeDecodeError as error:
            raise Invalid(
                f"{option}: {_called(name)} is not UTF-8: byte {error.start + 1} "
                "cannot be read.",
                field=option,
            ) from error

    def secret(self, name: str, option: str, what: str = "Secret") -> Secret:
        """A secret from a file, stdin, or typed unseen; a line's end is cut off.

        Raises:
            Invalid: as `text`, or when there is nothing in it.
        """
        if name == STDIN and self._ask:
            return Secret(self._ask(what))
        text = self.text(name, MAX_SECRET, option)
        value = text.removesuffix("\n").removesuffix("\r")
        if not value:
            raise Invalid(f"{option}: {_called(name)} is empty.", field=option)
        return Secret(value)

    def secret_header(self, text: str, option: str) -> Header:
        """A secret header from `Name=FILE`. Raises Invalid."""
        name, equals, source = text.partition("=")
        if not (name.strip() and equals and source):
            raise Invalid(
                f"{option} is written Name=FILE, or Name=- for stdin.",
                "Example: --secret-header-file Authorization=token.txt",
                field=option,
            )
        return Header(name.strip(), self.secret(source, option, name.strip()))

    def _read(self, name: str, limit: int, option: str) -> bytes:
        if name != STDIN:
            with Path(name).open("rb") as file:
                return file.read(limit)
        if self._stdin_is_read:
            raise Invalid(
                f"{option}: stdin is read for another option already.",
                "Put one of the two into a file.",
                field=option,
            )
        self._stdin_is_read = True
        with hearing_ctrl_c():
            return self._stdin.read(limit)


def _called(name: str) -> str:
    return "stdin" if name == STDIN else name
