"""A row of a form: what it is called, what is typed, and a sentence below about it."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from tui.text import safe
from tui.views.form import Words
from tui.widgets.words_line import WordsLine


class Field(Vertical):
    """One field; `name` is what `Invalid.field` and the draft call it."""

    DEFAULT_CSS = """
    Field {
        height: auto;
        width: 100%;
        & > Horizontal { height: auto; }
        & > WordsLine { min-height: 1; padding-left: 13; }
        .field--label { width: 13; color: $foreground-muted; }
        &:focus-within .field--label { color: $text-primary; text-style: bold; }
        Input {
            background: $surface;
            width: 1fr;
            &:focus { background: $primary-muted; }
            &:ansi { text-style: underline; }
        }
        Button { margin-left: 1; min-width: 4; background: $panel; }
        Select { width: 1fr; }
        Select SelectCurrent { background: $surface; }
        Select:focus > SelectCurrent { background: $primary-muted; }
    }
    """

    def __init__(self, label: str, *controls: Widget, name: str) -> None:
        super().__init__(name=name, id=f"field-{name}")
        self._label = label
        self._controls = controls

    def compose(self) -> ComposeResult:
        """Lay out label and controls, with room for a sentence below."""
        with Horizontal():
            yield Static(safe(self._label), classes="field--label", markup=False)
            yield from self._controls
        yield WordsLine()

    def say(self, words: Words) -> None:
        """Say something below the field; outside text in it is made safe."""
        self.query_one(WordsLine).say(words)

    def focus_control(self) -> None:
        """Put the cursor into the field."""
        for control in self._controls:
            if control.focusable:
                control.focus()
                return
