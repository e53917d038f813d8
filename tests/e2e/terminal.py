"""A real terminal to drive the console in: tmux, which says what is on the screen."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.programs import wait_until

WIDTH, HEIGHT = 120, 40
_COLOURS = re.compile(r"\x1b\[[\d;]*m")


@dataclass(frozen=True)
class Terminal:
    """A pane with one program in it."""

    socket: Path

    def screen(self) -> str:
        """What is on the screen now."""
        return self._tmux("capture-pane", "-p")

    def state(self, flags: str) -> str:
        """What tmux knows of the pane, by its names of formats."""
        return self._tmux("display-message", "-p", flags).strip()

    def press(self, *keys: str) -> None:
        """Press keys, by tmux's names of them."""
        self._tmux("send-keys", *keys)

    def write(self, text: str) -> None:
        """Type a text."""
        self._tmux("send-keys", "-l", text)

    def expect(self, *words: str) -> str:
        """Wait until all of these are on the screen, and return it."""
        try:
            wait_until(lambda: all(one in self.screen() for one in words))
        except AssertionError:
            raise AssertionError(
                f"{words} not on the screen:\n{self.screen()}"
            ) from None
        return self.screen()

    def move_to(self, label: str, *keys: str) -> None:
        """Press keys, and wait until the field with this label looks focused.

        Textual hands on a key before it has done the one before, so text that is typed
        right after Tab would still go to the field before.
        """
        unfocused = self._look_of(label)
        self.press(*keys)
        wait_until(lambda: self._look_of(label) != unfocused)

    def _look_of(self, label: str) -> str:
        """The line of a field with its colours, as far as the preview beside it."""
        for line in self._tmux("capture-pane", "-p", "-e").split("\n"):
            if _COLOURS.sub("", line).strip().startswith(label):
                return line.partition("▏")[0]
        return ""

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", self.socket, *arguments],
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout


@contextmanager
def terminal(folder: Path, *command: str) -> Iterator[Terminal]:
    """Run a command in a terminal of its own; `left 0` says how it ended."""
    script = '"$@"; echo "left $?"; cat'
    size = ("-x", str(WIDTH), "-y", str(HEIGHT))
    pane = Terminal(folder / "tmux")
    pane._tmux(
        *("-f", "/dev/null", "new-session", "-d", *size),
        *("sh", "-c", script, "sh", *command),
    )
    try:
        yield pane
    finally:
        pane._tmux("kill-server")
