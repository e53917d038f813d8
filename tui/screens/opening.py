"""What is painted first: the frame of the console, while the store is loaded.

When there is no way in, it says why and what to do.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from core.errors import HooklineError
from tui.actions import bindings_of
from tui.screens.base import ConsoleScreen
from tui.text import safe

if TYPE_CHECKING:
    from tui.console import Console

SAY_LOADING_AFTER = 0.3  # seconds; sooner it would only flicker


class OpeningScreen(ConsoleScreen[None]):
    """Stands in for the first screen."""

    PLACE = "opening"
    AT_TOP = True
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("opening", through="act")]
    DEFAULT_CSS = """
    OpeningScreen {
        #opening {
            width: 100%;
            height: 1fr;
            padding: 2 4;
            content-align: center middle;
            text-align: center;
            color: $foreground-muted;
        }
        #opening.-problem { color: $foreground; }
    }
    """

    def compose_body(self) -> Iterable[Widget]:
        """Yield room for a sentence."""
        yield Static("", id="opening")

    def on_mount(self) -> None:
        """Say that it takes a while, if it does."""
        self.set_timer(SAY_LOADING_AFTER, self._say_loading)

    @property
    def _sentence(self) -> Static:
        return self.query_one("#opening", Static)

    def _say_loading(self) -> None:
        if not self._sentence.has_class("-problem"):
            self._sentence.update(Content("Opening the store …"))

    def show_problem(self, problem: Exception) -> None:
        """Say why there is no way in, and what to do."""
        what, hint = str(problem) or type(problem).__name__, ""
        if isinstance(problem, HooklineError):
            what, hint = problem.message, problem.hint
        self._sentence.add_class("-problem")
        self._sentence.update(
            Content.assemble(
                ("✖ ", "$text-error"),
                (safe(what, keep_newlines=True), "bold"),
                "\n\n",
                safe(hint, keep_newlines=True),
                ("\n\nr tries again · q leaves", "$foreground-muted"),
            )
        )

    def action_again(self) -> None:
        """Try again."""
        self._sentence.remove_class("-problem")
        self._sentence.update(Content("Opening the store …"))
        cast("Console", self.app).open()
