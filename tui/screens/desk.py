"""What the screens that work with a desk have in common."""

from typing import TYPE_CHECKING, Generic, cast

from tui.desk import Desk
from tui.screens.base import ConsoleScreen, Result

if TYPE_CHECKING:
    from tui.console import Console


class DeskScreen(ConsoleScreen[Result], Generic[Result]):
    """A screen of the console at work."""

    @property
    def console(self) -> "Console":
        """The app, with its own type."""
        return cast("Console", self.app)

    @property
    def desk(self) -> Desk:
        """Who works where, and with what."""
        return self.console.desk
