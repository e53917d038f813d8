"""A list of event types to tick: families and single ones."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, OptionList
from textual.widgets.option_list import Option

from core.matching import matches
from core.model import EventType
from tui.text import safe


class Pattern(NamedTuple):
    """One line of the list."""

    name: str
    words: str


def patterns_of(types: Sequence[EventType], chosen: Sequence[str]) -> list[Pattern]:
    """All events, each family before its members, and what was typed by hand."""
    families: dict[str, list[EventType]] = {}
    for one in types:
        families.setdefault(one.name.rpartition(".")[0], []).append(one)
    lines = [Pattern("*", "all, also those to come")]
    for family, members in families.items():
        if family:
            lines.append(Pattern(f"{family}.*", "the whole family"))
        lines += [Pattern(one.name, one.description) for one in members]
    known = {pattern.name for pattern in lines}
    return lines + [Pattern(n, "typed by hand") for n in chosen if n not in known]


def without_covered(chosen: Sequence[str]) -> tuple[str, ...]:
    """The patterns that are needed: none that another one covers."""
    return tuple(
        name
        for name in chosen
        if not matches([other for other in chosen if other != name], _inside(name))
    )


def _inside(pattern: str) -> str:
    """The shortest name a pattern stands for."""
    return pattern.removesuffix("*") if pattern.endswith("*") else pattern


class EventPicker(ModalScreen[tuple[str, ...] | None]):
    """Asks which events a webhook wants; answers with patterns, or None."""

    DEFAULT_CSS = """
    EventPicker {
        align: center middle;
        background: $background;
        & > Vertical {
            width: 76;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            padding: 0 1;
            background: $surface;
            border: round $border;
            border-title-color: $foreground;
            border-title-style: bold;
            border-subtitle-color: $foreground-muted;
        }
        OptionList {
            height: auto;
            max-height: 100%;
            border: none;
            padding: 0;
            text-wrap: nowrap;
            text-overflow: ellipsis;
        }
        Horizontal { height: 1; align-horizontal: right; dock: bottom; }
        Button { margin-left: 2; }
    }
    """
    AUTO_FOCUS = "OptionList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Cancel", id="events.cancel"),
        Binding("ctrl+s", "finish", "Done", id="events.done", priority=True),
        Binding("space", "tick", "Tick", id="events.tick"),
        Binding("j", "step(1)", "Down", show=False, id="events.down"),
        Binding("k", "step(-1)", "Up", show=False, id="events.up"),
    ]

    def __init__(self, types: Sequence[EventType], chosen: Sequence[str]) -> None:
        super().__init__()
        self._patterns = patterns_of(types, chosen)
        self._chosen = set(chosen)

    def compose(self) -> ComposeResult:
        """Lay out the list and its two buttons."""
        with Vertical() as box:
            box.border_title = "Which events?"
            box.border_subtitle = "⏎ ticks · ^s done · esc cancels"
            yield OptionList(*self._options(), compact=True)
            with Horizontal():
                yield Button("Cancel", id="cancel", compact=True)
                yield Button("Done", id="done", variant="primary", compact=True)

    def _options(self) -> list[Option]:
        return [Option(self._prompt(pattern)) for pattern in self._patterns]

    def _prompt(self, pattern: Pattern) -> Content:
        name, words = pattern
        is_family = name.endswith("*")
        box = "[x]" if name in self._chosen else self._covered(name)
        return Content.assemble(
            (box, "$text-success" if box == "[x]" else "$foreground-muted"),
            " " if is_family else "   ",
            (safe(name), "bold" if is_family else ""),
            ("  " + safe(words), "$foreground-muted"),
        )

    def _covered(self, name: str) -> str:
        others = [other for other in self._chosen if other != name]
        return "[·]" if matches(others, _inside(name)) else "[ ]"

    @on(OptionList.OptionSelected)
    def _selected(self, message: OptionList.OptionSelected) -> None:
        message.stop()
        self.action_tick()

    def action_tick(self) -> None:
        """Tick the line under the cursor, or clear it."""
        listed = self.query_one(OptionList)
        if listed.highlighted is None:
            return
        self._chosen ^= {self._patterns[listed.highlighted].name}
        for place, pattern in enumerate(self._patterns):
            listed.replace_option_prompt_at_index(place, self._prompt(pattern))

    def action_step(self, by: int) -> None:
        """Move in the list."""
        listed = self.query_one(OptionList)
        listed.action_cursor_down() if by > 0 else listed.action_cursor_up()

    @on(Button.Pressed, "#done")
    def action_finish(self) -> None:
        """Answer with what is ticked, in the order of the list."""
        names = [one.name for one in self._patterns if one.name in self._chosen]
        self.dismiss(without_covered(names))

    @on(Button.Pressed, "#cancel")
    def action_leave(self) -> None:
        """Change nothing."""
        self.dismiss(None)
