"""Questions before something that cannot be taken back, or that needs a choice.

The focus is on the harmless answer, the text says what happens in numbers, and esc
always means no.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.text import safe, showable

_BOX = """
    align: center middle;
    background: $background;
    & > Vertical {
        width: 64;
        max-width: 100%;
        height: auto;
        max-height: 100%;
        padding: 1 2;
        background: $surface;
        border: round $border;
        border-title-color: $foreground;
        border-title-style: bold;
    }
    .dialog--text { margin-bottom: 1; height: auto; }
    .dialog--buttons { height: auto; align-horizontal: right; }
    .dialog--buttons Button { margin-left: 2; min-width: 10; }
    .dialog--warning { color: $text-warning; }
"""


class Confirm(ModalScreen[bool]):
    """Asks whether to do something; True means yes."""

    DEFAULT_CSS = f"Confirm {{ {_BOX} }}"
    AUTO_FOCUS = "#no"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "answer(False)", "No", id="dialog.no"),
        Binding("y", "answer(True)", "Yes", id="dialog.yes"),
        Binding("left,right,up,down", "app.focus_next", "Other", id="dialog.other"),
    ]

    def __init__(
        self, title: str, text: str, *, yes: str, no: str = "No", danger: bool = False
    ) -> None:
        """Say what happens.

        Args:
            title: The question.
            text: What happens, in numbers; lines are kept.
            yes: What the answer does, as a verb: "Redeliver 483".
            no: The other answer.
            danger: Whether it destroys something.
        """
        super().__init__()
        self._title = title
        self._text = text
        self._yes = yes
        self._no = no
        self._danger = danger

    def compose(self) -> ComposeResult:
        """Lay out the text and the two answers."""
        with Vertical() as box:
            box.border_title = showable(self._title)
            yield Static(
                showable(self._text, keep_newlines=True), classes="dialog--text"
            )
            with Horizontal(classes="dialog--buttons"):
                yield Button(showable(self._no), id="no")
                yes = Button(showable(self._yes), id="yes", variant="primary")
                yes.variant = "error" if self._danger else "primary"
                yield yes

    @on(Button.Pressed)
    def _pressed(self, message: Button.Pressed) -> None:
        self.dismiss(message.button.id == "yes")

    def action_answer(self, answer: bool) -> None:
        """Answer by key."""
        self.dismiss(answer)


class ConfirmByName(ModalScreen[bool]):
    """Asks for the name of what is to be deleted; True when it was typed."""

    DEFAULT_CSS = f"ConfirmByName {{ {_BOX} }}"
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "No", id="dialog.leave"),
    ]

    def __init__(self, title: str, text: str, *, name: str, yes: str) -> None:
        """Say what is deleted, and by which name it is confirmed."""
        super().__init__()
        self._title = title
        self._text = text
        self._asked = name
        self._yes = yes

    def compose(self) -> ComposeResult:
        """Lay out the text, the field and the two answers."""
        with Vertical() as box:
            box.border_title = showable(self._title)
            yield Static(
                showable(self._text, keep_newlines=True), classes="dialog--text"
            )
            yield Static(
                Content.assemble("Type ", (safe(self._asked), "bold"), " to confirm:")
            )
            yield Input(id="typed", compact=True)
            yield Static("", classes="dialog--text dialog--warning", id="hint")
            with Horizontal(classes="dialog--buttons"):
                yield Button("No", id="no")
                yield Button(showable(self._yes), id="yes", variant="error")

    @on(Input.Submitted)
    @on(Button.Pressed, "#yes")
    def _finish(self) -> None:
        if self.query_one(Input).value.strip() == self._asked.strip():
            self.dismiss(True)
        else:
            words = f"That is not {self._asked}. Nothing was deleted."
            self.query_one("#hint", Static).update(showable(words))

    @on(Button.Pressed, "#no")
    def action_leave(self) -> None:
        """Leave everything as it is."""
        self.dismiss(False)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a `Choose`."""

    answer: str
    title: str
    does: str = ""
    key: str = ""
    """A letter that gives this answer at once."""


class Choose(ModalScreen[str | None]):
    """Asks for one of a few answers; None means to leave everything as it is."""

    DEFAULT_CSS = f"""
    Choose {{
        {_BOX}
        OptionList, OptionList:focus {{
            height: auto;
            max-height: 16;
            border: none;
            padding: 0;
            background: $surface;
        }}
    }}
    """
    AUTO_FOCUS = "OptionList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Cancel", id="dialog.cancel"),
        Binding("j", "step(1)", "Down", id="dialog.down"),
        Binding("k", "step(-1)", "Up", id="dialog.up"),
    ]

    def __init__(
        self,
        title: str,
        text: str,
        options: Sequence[Answer],
        *,
        cancel: str = "Cancel",
        chosen: str | None = None,
    ) -> None:
        """Say what is to be chosen; the last entry always cancels.

        It begins at the answer `chosen`, an empty one being that last entry.
        """
        super().__init__()
        self._title = title
        self._text = text
        self._options = (*options, Answer("", cancel))
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        """Lay out the text and the answers."""
        with Vertical() as box:
            box.border_title = showable(self._title)
            if self._text:
                yield Static(
                    showable(self._text, keep_newlines=True), classes="dialog--text"
                )
            yield OptionList(*(_entry(option) for option in self._options))

    def on_mount(self) -> None:
        """Start at what is chosen now, or at the first answer."""
        answers = [option.answer for option in self._options]
        at = answers.index(self._chosen) if self._chosen in answers else 0
        self.query_one(OptionList).highlighted = at

    @on(OptionList.OptionSelected)
    def _selected(self, message: OptionList.OptionSelected) -> None:
        self.dismiss(self._options[message.option_index].answer or None)

    def on_key(self, event: events.Key) -> None:
        """Take the answer whose letter was pressed."""
        for option in self._options:
            if option.key and option.key == event.key:
                event.stop()
                self.dismiss(option.answer)

    def action_step(self, by: int) -> None:
        """Move among the answers."""
        answers = self.query_one(OptionList)
        answers.action_cursor_down() if by > 0 else answers.action_cursor_up()

    def action_leave(self) -> None:
        """Choose nothing."""
        self.dismiss(None)


def _entry(option: Answer) -> Option:
    title = Content.styled(safe(option.title), "bold")
    if option.key:
        title = Content.assemble((f"{option.key}  ", "bold $text-primary"), title)
    if not option.does:
        return Option(title)
    indent = "   " if option.key else "  "
    return Option(
        Content.assemble(title, f"\n{indent}", (safe(option.does), "$text-muted"))
    )
