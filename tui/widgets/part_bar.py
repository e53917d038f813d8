"""The titles of a form's parts in one line, with the number of problems in each."""

from collections.abc import Mapping
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.views.form import PARTS


class PartBar(Widget, can_focus=True):
    """Shows where one is in the form; a click or an arrow goes elsewhere."""

    DEFAULT_CSS = """
    PartBar {
        height: 1;
        width: 1fr;
        color: $foreground-muted;
        & > .parts--here { color: $foreground; text-style: bold underline; }
        & > .parts--bad { color: $text-error; text-style: bold; }
        &:focus { background: $primary-muted; }
        &:ansi:focus { text-style: reverse; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"parts--here", "parts--bad"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", "Before", show=False, id="parts.before"),
        Binding("right", "step(1)", "Next", show=False, id="parts.next"),
        Binding("enter,down", "step(0)", "Go", show=False, id="parts.here"),
        *(
            Binding(f"{n}", f"go({n})", part.title, show=False, id=f"parts.{part.name}")
            for n, part in enumerate(PARTS, 1)
        ),
    ]

    here: reactive[str] = reactive(PARTS[0].name)
    counts: reactive[Mapping[str, int]] = reactive[Mapping[str, int]]({})

    class Chosen(Message):
        """Somebody wants to see a part, by its name."""

        def __init__(self, part: str) -> None:
            super().__init__()
            self.part = part

    def _titles(self) -> list[tuple[str, str, str]]:
        return [
            (
                part.name,
                f"{number} {part.title}",
                f" ✖{count}" if (count := self.counts.get(part.name, 0)) else "",
            )
            for number, part in enumerate(PARTS, 1)
        ]

    def render(self) -> Content:
        """Return the titles."""
        here = self.get_visual_style("parts--here", partial=True)
        bad = self.get_visual_style("parts--bad", partial=True)
        words = [
            Content.assemble(
                (title, here) if name == self.here else title, (count, bad)
            )
            for name, title, count in self._titles()
        ]
        return Content("  ").join(words)

    def on_click(self, event: events.Click) -> None:
        """Go to the part whose title was clicked."""
        offset, left = event.get_content_offset(self), 0
        for name, title, count in self._titles():
            right = left + cell_len(title) + cell_len(count)
            if offset is not None and left <= offset.x < right:
                self.post_message(self.Chosen(name))
            left = right + 2

    def action_go(self, number: int) -> None:
        """Go to a part by its number."""
        self.post_message(self.Chosen(PARTS[number - 1].name))

    def action_step(self, by: int) -> None:
        """Go to the part beside this one."""
        names = [part.name for part in PARTS]
        self.post_message(
            self.Chosen(names[(names.index(self.here) + by) % len(names)])
        )
