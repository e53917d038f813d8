"""What every screen of the console has: a status line, a hint bar, and one way in
which keys, hints and palette run an action, so that each can say why it cannot.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget

from tui.actions import PLACES, Action, Place, actions_of
from tui.widgets.hint_bar import HintBar
from tui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from tui.app import ConsoleApp

Result = TypeVar("Result")


class ConsoleScreen(Screen[Result], Generic[Result]):
    """A full screen with a place in the table of actions.

    A subclass sets `PLACE`, takes its bindings by
    `BINDINGS = [*bindings_of("webhooks", through="act")]`, and yields its widgets in
    `compose_body`.
    """

    PLACE: ClassVar[Place] = "everywhere"
    AT_TOP: ClassVar[bool] = False
    """Whether it is one of the screens behind a digit; those show the tabs."""

    @property
    def console(self) -> "ConsoleApp":
        """The app, with its own type."""
        return cast("ConsoleApp", self.app)

    @property
    def status_line(self) -> StatusLine:
        """The line at the top; set its `title` on screens below the top."""
        return self.query_one(StatusLine)

    def compose(self) -> ComposeResult:
        """Lay out the lines at top and bottom around the body."""
        tabs = self.console.tabs if self.AT_TOP else ()
        yield StatusLine(tabs=tabs, here=self.PLACE)
        yield from self.compose_body()
        yield HintBar()

    def compose_body(self) -> Iterable[Widget]:
        """Yield what stands between status line and hint bar."""
        return ()

    def on_screen_resume(self) -> None:
        """Bring the lines up to date when this screen is shown."""
        self.status_line.status = self.console.status
        self.refresh_hints()

    def actions_here(self) -> tuple[Action, ...]:
        """Return the actions of this screen, in the order of the table."""
        return actions_of(self.PLACE)

    def why_not(self, verb: str) -> str | None:
        """Return a sentence why this cannot be done now, or None when it can."""
        return None

    def refresh_hints(self) -> None:
        """Show the hints as they are now; call it when `why_not` changes its mind."""
        actions = self.actions_here()
        impossible = [a.verb for a in actions if self.why_not(a.verb) is not None]
        self.query_one(HintBar).show(actions, impossible=impossible)

    async def action_act(self, verb: str) -> None:
        """Run an action of this screen, or say why it cannot be run."""
        why = self.why_not(verb)
        if why is not None:
            self.console.say(why, "warning")
        else:
            await self.run_action(verb)

    async def may_leave(self) -> bool:
        """Return whether this screen may be left; ask here about unsaved changes."""
        return True

    def step_back(self) -> bool:
        """Undo something within this screen first, such as a filter; say if it was."""
        return False

    @work(group="leaving", exclusive=True)
    async def action_back(self) -> None:
        """Leave this screen, if nothing would be lost."""
        if not self.step_back() and await self.may_leave():
            self.console.go_back()

    @property
    def help_places(self) -> tuple[Place, ...]:
        """Which parts of the table of actions the key help shows."""
        return (self.PLACE, "list", "everywhere")

    @property
    def help_more(self) -> str:
        """What the key help says besides keys; our own words."""
        return ""

    @property
    def title_words(self) -> str:
        """What this screen is called in a sentence."""
        return PLACES[self.PLACE]

    @on(HintBar.Chosen)
    async def _hint_chosen(self, message: HintBar.Chosen) -> None:
        message.stop()
        await self.run_verb(message.verb)

    async def run_verb(self, verb: str) -> None:
        """Run an action by its verb, of this screen or of the console."""
        if any(action.verb == verb for action in self.actions_here()):
            await self.action_act(verb)
        elif verb == "back":
            self.action_back()
        else:
            await self.app.run_action(verb)

    @on(StatusLine.TabChosen)
    def _tab_chosen(self, message: StatusLine.TabChosen) -> None:
        message.stop()
        self.console.action_place(message.place)
