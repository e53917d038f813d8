"""The console as a program: its screens, its way out, and how it speaks.

It must paint before the store is loaded, so nothing here imports more than Textual.
It ends in order on signals, and shows no local variable when it ends in disorder.
"""

import asyncio
import signal
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from rich.text import Text
from textual import events, on, work
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.filter import LineFilter
from textual.notifications import SeverityLevel
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.actions import bindings_of
from tui.clipboard import Clipboard, Copied
from tui.crash import last_words
from tui.driver import ThriftyDriver
from tui.palette import ActionCommands
from tui.screens.base import ConsoleScreen
from tui.text import SafeFilter, safe
from tui.theme import CHOICES, DEFAULT, THEMES, WITHOUT_COLOUR
from tui.widgets.confirm import Answer, Choose
from tui.widgets.key_help import KeyHelp
from tui.widgets.status_line import Status, StatusLine, Tab

LEAST = (60, 16)  # cells and lines below which no screen makes sense
ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
"""Signals on which the console leaves the terminal as it found it."""
ERRORS_STAY = 12.0  # seconds
WORDS_STAY = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the console must know about where it runs; the command finds it out."""

    state_folder: Path
    """Where crash reports and copies go that fit nowhere else."""
    in_tmux: bool = False
    no_color: bool = False
    theme: str = DEFAULT
    editor: str = ""
    """The command of the person's own editor, empty when none is set."""


class ConsoleApp(App[None]):
    """The base of the console: everything but its screens."""

    CSS_PATH = Path(__file__).with_name("console.tcss")
    TITLE = "hookline"
    COMMANDS: ClassVar[set[Any]] = {ActionCommands}
    COMMAND_PALETTE_BINDING: ClassVar[str] = "ctrl+p"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("everywhere")]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-medium"), (140, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012
    TABS: ClassVar[Sequence[Tab]] = ()

    def __init__(self, surroundings: Surroundings) -> None:
        # Textual turns colours to grey under NO_COLOR unless it starts with the
        # terminal's own; leaving the terminal's own alone is what people ask for.
        super().__init__(ansi_color=True if surroundings.no_color else None)
        self.surroundings = surroundings
        self.status = Status()
        self.animation_level = "none"
        self._safe_filter = SafeFilter()
        self._copies = Clipboard(
            surroundings.state_folder, self._send_osc_52, in_tmux=surroundings.in_tmux
        )
        for theme in THEMES:
            self.register_theme(theme)
        wanted = WITHOUT_COLOUR if surroundings.no_color else surroundings.theme
        self.theme = wanted if wanted in self.available_themes else DEFAULT

    @property
    def tabs(self) -> Sequence[Tab]:
        """The screens behind the digits."""
        return self.TABS

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return Textual's filters, and ours as the last one."""
        return [*super().get_line_filters(), self._safe_filter]

    def get_driver_class(self) -> type[Driver]:
        """Return the driver for a real terminal, in its thrifty kind."""
        chosen = super().get_driver_class()
        return ThriftyDriver if chosen is LinuxDriver else chosen

    # Beginning and end.

    def on_mount(self) -> None:
        """End in order when the terminal goes away or an operator says so."""
        loop = asyncio.get_running_loop()
        for number in ENDING:
            loop.add_signal_handler(number, partial(self._leave_on, number))

    def on_unmount(self) -> None:
        """Give the signals back."""
        loop = asyncio.get_running_loop()
        for number in ENDING:
            loop.remove_signal_handler(number)

    def _leave_on(self, number: int) -> None:
        self.exit(return_code=128 + number)

    def _fatal_error(self) -> None:
        """Stop without printing a traceback: its local variables hold secrets."""
        self._stop_saying(self._exception)

    def panic(self, *renderables: Any) -> None:
        """Stop likewise for errors that would print themselves."""
        self._stop_saying(self._exception)

    def _stop_saying(self, error: BaseException | None) -> None:
        now = datetime.now(UTC)
        folder = self.surroundings.state_folder
        words = last_words(error or RuntimeError("unknown"), folder, now)
        if not self._exit_renderables:
            self._exit_renderables.append(Text(safe(words), overflow="fold"))
        self._close_messages_no_wait()

    # Speaking.

    def say(self, words: str, severity: SeverityLevel = "information") -> None:
        """Show a short message; outside text in it is made safe."""
        timeout = ERRORS_STAY if severity == "error" else WORDS_STAY
        text = safe(words, keep_newlines=True)
        self.notify(text, severity=severity, timeout=timeout, markup=False)

    def show_status(self, **changes: Any) -> None:
        """Change what the status line says, on this and every screen."""
        self.status = replace(self.status, **changes)
        if not self.screen_stack:
            return  # what was asked before the end may be answered after it
        for line in self.screen.query(StatusLine):
            line.status = self.status

    # Copying.

    async def copy(self, text: str) -> Copied:
        """Copy by the best way there is, and say which it was."""
        copied = await self._copies.copy(text)
        self.say(copied.words, "error" if copied.how == "nowhere" else "information")
        return copied

    def copy_to_clipboard(self, text: str) -> None:
        """Copy a selection; Textual calls this."""
        self.run_worker(self.copy(text), group="copy", exit_on_error=False)

    def _send_osc_52(self, text: str) -> None:
        super().copy_to_clipboard(text.encode("utf-8", "replace").decode())

    # Going about.

    def go_back(self) -> None:
        """Leave the present screen, or say how to leave the console."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
        else:
            self.say("This is the top. q leaves the console.")

    async def action_back(self) -> None:
        """Go back, if the present screen may be left."""
        screen = self.screen
        if isinstance(screen, ConsoleScreen):
            screen.action_back()
        else:
            self.go_back()

    async def action_leave(self) -> None:
        """Go back; at the top, leave the console."""
        if len(self.screen_stack) > 1:
            await self.action_back()
        else:
            await self.action_quit()

    def action_place(self, place: str) -> None:
        """Go to one of the screens behind the digits."""
        if place in self.MODES and self.current_mode != place:
            self.switch_mode(place)

    def action_commands(self) -> None:
        """Open the command palette."""
        self.action_command_palette()

    def action_keys(self) -> None:
        """Open the key help of the present screen."""
        screen = self.screen
        if isinstance(screen, ConsoleScreen):
            self.push_screen(KeyHelp(screen.help_places, screen.help_more))

    def action_help_quit(self) -> None:
        """Answer ^c, which leaves nothing by accident."""
        self.say("^c copies a selection. q at the top, or ^q, leaves the console.")

    async def action_quit(self) -> None:
        """Leave the console, if no screen would lose something."""
        self._quit()

    @work(group="leaving", exclusive=True)
    async def _quit(self) -> None:
        for screen in reversed(self.screen_stack):
            if isinstance(screen, ConsoleScreen) and not await screen.may_leave():
                return
        self.exit()

    @work(group="theme", exclusive=True)
    async def action_theme(self) -> None:
        """Choose another set of colours."""
        choices = [Answer(name, name, words) for name, words in CHOICES.items()]
        chosen = await self.push_screen_wait(
            Choose("Colours", "", choices, cancel="Keep them", chosen=self.theme)
        )
        if chosen is not None:
            self.theme = chosen

    # The terminal.

    def on_resize(self, event: events.Resize) -> None:
        """Say it when the window is too small, and come back when it is not."""
        small = event.size.width < LEAST[0] or event.size.height < LEAST[1]
        if small and not isinstance(self.screen, TooSmall):
            self.push_screen(TooSmall())
        elif not small and isinstance(self.screen, TooSmall):
            self.pop_screen()

    @on(events.DescendantFocus)
    def _stop_blinking(self, event: events.DescendantFocus) -> None:
        # A blinking cursor sends 2.9 KB a second over a line that may be slow.
        if hasattr(event.widget, "cursor_blink"):
            event.widget.cursor_blink = False


class TooSmall(ModalScreen[None]):
    """Stands before everything while the window is too small for any of it."""

    DEFAULT_CSS = """
    TooSmall {
        background: $background;
        align: center middle;
        & > Static { width: 100%; text-align: center; }
    }
    """

    def compose(self) -> ComposeResult:
        """Say how much room is needed."""
        width, height = LEAST
        yield Static(
            Content(
                f"Hookline needs {width} × {height} cells.\nMake the window larger."
            )
        )
