"""The bottom line: the keys that matter now, as many as fit, and always `? keys`.

Textual's own footer clips without a sign. This one is given a budget of cells and
leaves out the least important hints whole.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.actions import Action, actions_of
from tui.text import SafeText, safe

MOST_HINTS = 7
BETWEEN = 2  # cells


class Hint(NamedTuple):
    """A key and the word for what it does."""

    key: SafeText
    word: SafeText
    verb: str
    possible: bool = True

    @property
    def cells(self) -> int:
        """How wide it is on screen."""
        return cell_len(self.key) + 1 + cell_len(self.word)


HELP = Hint(SafeText("?"), SafeText("keys"), "keys")


def hint(action: Action, *, possible: bool = True) -> Hint:
    """Return the hint of an action."""
    return Hint(SafeText(action.key), safe(action.title.lower()), action.verb, possible)


def hints_of(actions: Iterable[Action], impossible: frozenset[str]) -> list[Hint]:
    """Return the hints of actions that have a rank, the most important first."""
    ranked = sorted((a for a in actions if a.rank), key=lambda action: action.rank)
    return [hint(a, possible=a.verb not in impossible) for a in ranked]


def fitting(hints: Sequence[Hint], width: int) -> list[Hint]:
    """Return as many hints as fit, in order, and the way to the others at the end."""
    room = width - 2 - HELP.cells
    chosen: list[Hint] = []
    for candidate in hints[:MOST_HINTS]:
        room -= candidate.cells + BETWEEN
        if room < 0:
            break
        chosen.append(candidate)
    return [*chosen, HELP]


class HintBar(Widget):
    """One line of key hints; a click on one does what the key does."""

    DEFAULT_CSS = """
    HintBar {
        dock: bottom;
        height: 1;
        padding: 0 1;
        background: $panel;
        color: $foreground-muted;
        & > .hint-bar--key { color: $text-primary; text-style: bold; }
        & > .hint-bar--impossible { color: $foreground-muted; text-style: strike; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "hint-bar--key",
        "hint-bar--impossible",
    }

    hints: reactive[tuple[Hint, ...]] = reactive(())

    class Chosen(Message):
        """A click on a hint; `verb` is the action to run."""

        def __init__(self, verb: str) -> None:
            super().__init__()
            self.verb = verb

    def show(
        self, actions: Iterable[Action], *, impossible: Iterable[str] = ()
    ) -> None:
        """Show the hints of these actions.

        Args:
            actions: In any order; their rank decides.
            impossible: Verbs that cannot be done now: shown struck out, not hidden,
                so that a hand that knows the place of a key is not misled.
        """
        everywhere = actions_of("everywhere")
        self.hints = tuple(hints_of([*actions, *everywhere], frozenset(impossible)))

    def render(self) -> Content:
        """Return the line."""
        gap = " " * BETWEEN
        return Content(gap).join(
            self._content(hint) for hint in fitting(self.hints, self.size.width)
        )

    def _content(self, hint: Hint) -> Content:
        key = (hint.key, self.get_visual_style("hint-bar--key", partial=True))
        if hint.possible:
            return Content.assemble(key, " ", hint.word)
        gone = self.get_visual_style("hint-bar--impossible", partial=True)
        return Content.assemble((hint.key, gone), " ", (hint.word, gone))

    def on_click(self, event: events.Click) -> None:
        """Tell which hint was clicked."""
        offset = event.get_content_offset(self)
        left = 0
        for hint in fitting(self.hints, self.size.width):
            if offset is not None and left <= offset.x < left + hint.cells:
                self.post_message(self.Chosen(hint.verb))
            left += hint.cells + BETWEEN
