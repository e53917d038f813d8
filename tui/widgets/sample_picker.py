"""Chooses the event to preview or test with: a sample, or one that happened."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from core.history import EventRow
from core.model import EventType
from tui.text import safe


class Offer(NamedTuple):
    """One event that can be chosen: an event type's name, or an event's id."""

    key: str
    name: str
    words: str


def offers(types: Sequence[EventType], recorded: Sequence[EventRow]) -> list[Offer]:
    """What can be chosen: recorded events first, then the sample of each type."""
    happened = [
        Offer(row.id, row.event.type, f"{row.event.created_at:%F %T}  {row.id}")
        for row in recorded
    ]
    samples = [Offer(one.name, one.name, f"sample  {one.description}") for one in types]
    return [*samples, *happened]


class SamplePicker(ModalScreen[str | None]):
    """Asks for an event; answers with a type's name or an event's id."""

    DEFAULT_CSS = """
    SamplePicker {
        align: center middle;
        background: $background;
        & > Vertical {
            width: 84;
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
        Input { background: $panel; margin-bottom: 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Cancel", id="sample.cancel"),
        Binding("down", "step(1)", "Down", show=False, id="sample.down"),
        Binding("up", "step(-1)", "Up", show=False, id="sample.up"),
    ]

    def __init__(self, offered: Sequence[Offer], chosen: str = "") -> None:
        super().__init__()
        self._offered = offered
        self._shown = list(offered)
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        """Lay out the filter and the list."""
        with Vertical() as box:
            box.border_title = "Which event?"
            box.border_subtitle = "type to filter · ⏎ chooses · esc cancels"
            yield Input(placeholder="filter", compact=True)
            yield OptionList(compact=True)

    def on_mount(self) -> None:
        """Show all of them, and start at the one that is used now."""
        self._show("")
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _filtered(self, message: Input.Changed) -> None:
        self._show(message.value)

    def _show(self, wanted: str) -> None:
        words = wanted.lower().split()
        self._shown = [
            offer
            for offer in self._offered
            if all(word in f"{offer.name} {offer.words}".lower() for word in words)
        ]
        listed = self.query_one(OptionList)
        listed.clear_options()
        listed.add_options([Option(_prompt(offer)) for offer in self._shown])
        keys = [offer.key for offer in self._shown]
        at = keys.index(self._chosen) if self._chosen in keys else 0
        listed.highlighted = at if keys else None

    def action_step(self, by: int) -> None:
        """Move in the list while the cursor stays in the filter."""
        listed = self.query_one(OptionList)
        listed.action_cursor_down() if by > 0 else listed.action_cursor_up()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self.dismiss(self._shown[at].key)

    @on(OptionList.OptionSelected)
    def _selected(self, message: OptionList.OptionSelected) -> None:
        self.dismiss(self._shown[message.option_index].key)

    def action_leave(self) -> None:
        """Keep the present event."""
        self.dismiss(None)


def _prompt(offer: Offer) -> Content:
    return Content.assemble(
        (f"{safe(offer.name):<24}", "bold"),
        ("  " + safe(offer.words), "$foreground-muted"),
    )
