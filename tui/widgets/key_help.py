"""The key help: what every key of this place does, from the one table of actions."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.actions import PLACES, Action, Place, actions_of, key_sign

SIGNS = (
    "● delivered, active, live",
    "○ pending",
    "◐ sending",
    "↻ will be tried again",
    "✖ exhausted, failing",
    "‖ held, inactive, frozen",
    "⊘ cancelled, or disabled after 410 Gone",
    "▲ a warning",
    "␛ and <U+202E> hidden characters, made visible",
)


def all_keys(action: Action) -> str:
    """Return every key of an action, as people write them."""
    return "  ".join(key_sign(key) for key in action.keys.split(","))


def help_text(places: Sequence[Place], more: str = "") -> Content:
    """Return the help of some places: a heading each, then a line for each action."""
    width = max(
        cell_len(all_keys(action)) for place in places for action in actions_of(place)
    )
    blocks = [_block(place, width) for place in places if actions_of(place)]
    if more:
        heading, _, lines = more.partition("\n")
        title = Content.styled(heading, "bold $text-primary")
        blocks.append(Content.assemble(title, "\n", lines))
    blocks.append(_legend())
    return Content("\n\n").join(blocks)


def _block(place: Place, width: int) -> Content:
    lines = [Content.styled(PLACES[place], "bold $text-primary")]
    lines += [_line(action, width) for action in actions_of(place)]
    return Content("\n").join(lines)


def _line(action: Action, width: int) -> Content:
    keys = all_keys(action)
    padding = " " * (width - cell_len(keys))
    return Content.assemble("  ", (keys, "bold"), padding, "  ", action.does)


def _legend() -> Content:
    heading = Content.styled("Signs", "bold $text-primary")
    return Content("\n").join([heading, *(Content(f"  {sign}") for sign in SIGNS)])


class KeyHelp(ModalScreen[None]):
    """An overlay with the keys of the screen below it."""

    DEFAULT_CSS = """
    KeyHelp {
        align: center middle;
        background: $background;
        & > VerticalScroll {
            width: 76;
            max-width: 100%;
            height: 100%;
            padding: 0 2;
            background: $surface;
            border: round $border;
            border-title-color: $foreground;
            border-subtitle-color: $foreground-muted;
            border-title-style: bold;
        }
        Static { height: auto; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "leave", "Close", id="help.close"),
        Binding("j", "line(1)", "Down", show=False, id="help.down"),
        Binding("k", "line(-1)", "Up", show=False, id="help.up"),
    ]

    def __init__(self, places: Sequence[Place], more: str = "") -> None:
        """Show the keys of these places, then `more`, a heading and lines of ours."""
        super().__init__()
        self._places = places
        self._more = more

    def compose(self) -> ComposeResult:
        """Lay out the text in a box that scrolls."""
        with VerticalScroll() as box:
            box.border_title = "Keys"
            box.border_subtitle = "esc closes"
            yield Static(help_text(self._places, self._more))

    def action_line(self, by: int) -> None:
        """Scroll by a line."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)

    def action_leave(self) -> None:
        """Close the help."""
        self.dismiss(None)
