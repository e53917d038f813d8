"""The command palette: every action that can be reached from here, by its words.

Textual's own commands are left out: its screenshot writes what is on screen, which
may be a secret, to a file.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui.actions import Action, actions_of
from tui.screens.base import ConsoleScreen

_NOT_LISTED = ("commands", "back", "leave")


class ActionCommands(Provider):
    """Offers the actions of the screen and of the console."""

    def _actions(self) -> Iterator[Action]:
        screen = self.screen
        if isinstance(screen, ConsoleScreen):
            yield from screen.actions_here()
        yield from (a for a in actions_of("everywhere") if a.verb not in _NOT_LISTED)

    def _run(self, action: Action) -> Callable[[], Any]:
        screen = self.screen
        if isinstance(screen, ConsoleScreen):
            return partial(screen.run_verb, action.verb)
        return partial(self.app.run_action, action.verb)

    async def discover(self) -> Hits:
        """Offer everything while nothing was typed."""
        for action in self._actions():
            yield DiscoveryHit(_words(action), self._run(action), help=action.does)

    async def search(self, query: str) -> Hits:
        """Offer what matches."""
        matcher = self.matcher(query)
        for action in self._actions():
            words = _words(action)
            if (score := matcher.match(words)) > 0:
                shown = matcher.highlight(words)
                yield Hit(score, shown, self._run(action), help=action.does)


def _words(action: Action) -> str:
    return f"{action.title}  ({action.key})"
