"""A line to type a filter into, and a line below it that explains it.

It parses nothing: whoever shows the rows says what is wrong with the words.
"""

from collections.abc import Callable, Iterable
from typing import ClassVar

from rich.highlighter import Highlighter
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input, Static

from core.errors import InvalidFilter
from tui.text import showable
from tui.views.filter import problem_words, spans

PAUSE = 0.2  # seconds without a key before the words are used


class FilterBar(Widget):
    """A filter, with its keys in colour and its problem underlined in place."""

    DEFAULT_CSS = """
    FilterBar {
        height: auto;
        padding: 0 1;
        & > Horizontal { height: 1; }
        #sign { width: 2; color: $text-primary; text-style: bold; }
        Input { width: 1fr; }
        #note { width: auto; padding-left: 2; color: $foreground-muted; }
        #words { display: none; padding-left: 2; height: auto; }
        &.-hint #words { display: block; color: $foreground-muted; }
        &.-problem #words { display: block; color: $text-warning; }
        & > .filter--key { color: $text-primary; }
        & > .filter--problem { color: $text-error; text-style: underline; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"filter--key", "filter--problem"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,down", "leave", "List", show=False, id="filter.leave"),
    ]

    class Changed(Message):
        """Other words are to be used."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The person is done with the words."""

        def __init__(self, *, to_use_them: bool = False) -> None:
            super().__init__()
            self.to_use_them = to_use_them
            """Whether by ⏎, which wants the rows of these words, and not by esc."""

    def __init__(
        self, complete: Callable[[str], str | None], *, placeholder: str
    ) -> None:
        """Take what completes a word while it is typed."""
        super().__init__()
        self._complete = complete
        self._placeholder = placeholder
        self._problem: InvalidFilter | None = None
        self._used = ""
        self._keys = 0
        self._typing = False

    def compose(self) -> ComposeResult:
        """Lay out the field, a note at its right, and the line below."""
        with Horizontal():
            yield Static("/", id="sign")
            yield Input(
                placeholder=self._placeholder,
                compact=True,
                highlighter=_Colours(self),
                suggester=_Completions(self._complete),
                select_on_focus=False,
            )
            yield Static(id="note")
        yield Static(id="words")

    @property
    def text(self) -> str:
        """The words as they are typed."""
        return self.query_one(Input).value

    def write(self, text: str) -> None:
        """Put other words there, and use them."""
        self.query_one(Input).value = text
        self._use(text)

    @property
    def has_problem(self) -> bool:
        """Whether the words cannot be used."""
        return self._problem is not None

    def show_problem(self, problem: InvalidFilter | None) -> None:
        """Underline what cannot be used, and say why; None when all is well."""
        self._problem = problem
        self._show_words()

    def _show_words(self) -> None:
        problem, hint = self._problem, self._is_unfinished
        self.set_class(hint, "-hint")
        self.set_class(problem is not None and not hint, "-problem")
        if problem is not None:
            words = problem.hint if hint else f"▲ {problem_words(problem)}"
            self.query_one("#words", Static).update(showable(words))
        self.query_one(Input).refresh()

    @property
    def _is_unfinished(self) -> bool:
        """Whether the next keys may make the last word right: then only help."""
        if self._problem is None or not self._typing:
            return False
        at_end = self._problem.end == len(self.text)
        return at_end and self._complete(self.text) is not None

    def show_note(self, words: str) -> None:
        """Say something at the right of the field."""
        self.query_one("#note", Static).update(showable(words))

    def spans_of(self, text: str) -> Iterable[tuple[int, int, str]]:
        """Return what stands out in the text."""
        return spans(text, None if self._is_unfinished else self._problem)

    def focus(self, scroll_visible: bool = True) -> "FilterBar":
        """Type into the field."""
        self.query_one(Input).focus(scroll_visible)
        return self

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        self._typing = self.query_one(Input).has_focus
        self._keys += 1
        keys = self._keys

        def use() -> None:
            if keys == self._keys:
                self._use(message.value)

        self.set_timer(PAUSE, use)

    def _use(self, text: str) -> None:
        if text != self._used:
            self._used = text
            self.post_message(self.Changed(text))

    @on(Input.Submitted)
    def _submitted(self, message: Input.Submitted) -> None:
        message.stop()
        if self._is_unfinished and (whole := self._complete(self.text)):
            self.query_one(Input).value = whole
        self.action_leave(to_use_them=True)

    def action_leave(self, *, to_use_them: bool = False) -> None:
        """Use the words now, and go back to the list."""
        self._keys += 1
        self._typing = False
        self._show_words()
        self._use(self.text)
        self.post_message(self.Left(to_use_them=to_use_them))


class _Colours(Highlighter):
    def __init__(self, bar: FilterBar) -> None:
        self._bar = bar

    def highlight(self, text: Text) -> None:
        for start, end, part in self._bar.spans_of(text.plain):
            style = self._bar.get_component_rich_style(f"filter--{part}", partial=True)
            text.stylize(style, start, end)


class _Completions(Suggester):
    def __init__(self, complete: Callable[[str], str | None]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        return self._complete(value)
