"""A box to tick that also reads without colours: `[x]` or `[ ]`."""

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.text import safe


class Tick(Widget, can_focus=True):
    """One yes or no, with its words beside it."""

    DEFAULT_CSS = """
    Tick {
        width: auto;
        height: 1;
        & > .tick--box { color: $foreground-muted; }
        &.-on > .tick--box { color: $text-success; text-style: bold; }
        &.-risky.-on > .tick--box { color: $text-error; text-style: bold; }
        &:focus { background: $primary-muted; text-style: bold; }
        &:ansi:focus { text-style: reverse; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tick--box"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "tick", "Tick", show=False, id="tick.toggle"),
    ]

    value: reactive[bool] = reactive(False, toggle_class="-on", init=False)

    class Changed(Message):
        """The box was ticked or cleared by a person."""

        def __init__(self, tick: "Tick") -> None:
            super().__init__()
            self.tick = tick

        @property
        def control(self) -> "Tick":
            """The box, for selectors in `@on`."""
            return self.tick

    def __init__(
        self,
        label: str,
        value: bool = False,
        *,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._label = safe(label)
        self.set_reactive(Tick.value, value)
        self.set_class(value, "-on")

    def render(self) -> Content:
        """Return the box and its words."""
        box = self.get_visual_style("tick--box", partial=True)
        sign = "[x]" if self.value else "[ ]"
        return Content.assemble((sign, box), " ", self._label)

    def on_click(self, event: events.Click) -> None:
        """Tick or clear it."""
        event.stop()
        self.action_tick()

    def action_tick(self) -> None:
        """Tick or clear it, and say so."""
        self.value = not self.value
        self.post_message(self.Changed(self))
