"""The request as it would go out, beside the form that describes it."""

from collections.abc import Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tui.text import safe
from tui.views.form import Words
from tui.views.lines import Line, dimmed
from tui.widgets.code_view import CodeView
from tui.widgets.words_line import WordsLine

_UNSAFE = "▲▲ THE CERTIFICATE IS NOT CHECKED"


class PreviewPane(Vertical):
    """Event, words about the request, and the request; only what changed is painted."""

    DEFAULT_CSS = """
    PreviewPane {
        background: $background;
        #preview-head { height: 1; padding: 0 1; background: $surface; }
        #preview-unsafe {
            height: 1;
            display: none;
            padding: 0 1;
            background: $error;
            color: $background;
            text-style: bold;
        }
        &.-unsafe #preview-unsafe { display: block; }
        WordsLine { min-height: 1; max-height: 5; padding: 0 1; margin-bottom: 1; }
        CodeView { padding: 0 0 0 1; }
    }
    """

    class ChooseSample(Message):
        """A person wants another event in the preview."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: Sequence[Line] = ()

    def compose(self) -> ComposeResult:
        """Lay out the lines above the request."""
        yield Static("", id="preview-head")
        yield Static(_UNSAFE, id="preview-unsafe")
        yield WordsLine()
        yield CodeView(id="preview-lines")

    def show_sample(self, name: str, words: str) -> None:
        """Say which event is previewed."""
        head = Content.assemble(
            ("Preview  ", "bold"),
            (safe(name), "$text-primary"),
            (safe(f"  {words}"), "$foreground-muted"),
            ("  F3 other", "$foreground-muted"),
        )
        self.query_one("#preview-head", Static).update(head, layout=False)

    def show_request(
        self, lines: Sequence[Line], words: Words, *, unsafe: bool
    ) -> None:
        """Show a request that can go out."""
        self._lines = lines
        self.set_class(unsafe, "-unsafe")
        self.query_one(WordsLine).say(words)
        self.query_one(CodeView).set_lines(lines)

    def show_trouble(self, words: Words, instead: Sequence[Line]) -> None:
        """Say why nothing can go out.

        The last request stays without its colours; if there was none yet, lines are
        shown instead.
        """
        self.query_one(WordsLine).say(words)
        lines = dimmed(self._lines) if self._lines else instead
        self.query_one(CodeView).set_lines(lines)

    @on(events.Click, "#preview-head")
    def _head_clicked(self) -> None:
        self.post_message(self.ChooseSample())
