"""A sentence whose colour says how it is meant; as high as its words."""

from textual.widgets import Static

from tui.text import showable
from tui.views.form import Words

_TONES = ("muted", "ok", "warn", "bad")
_SURELY_ONE_LINE = 30  # characters


class WordsLine(Static):
    """Shows `Words`, which may contain outside text."""

    DEFAULT_CSS = """
    WordsLine {
        height: auto;
        &.-ok { color: $text-success; }
        &.-warn { color: $text-warning; }
        &.-bad { color: $text-error; }
        &.-muted { color: $foreground-muted; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__("", id=id, classes=classes)
        self._words = Words("")
        self.add_class(f"-{self._words.tone}")

    def say(self, words: Words) -> None:
        """Say it, unless it was said last."""
        before, self._words = self._words, words
        if words == before:
            return
        # Laying a form out anew with every key would be felt.
        one_line = max(len(words.text), len(before.text)) <= _SURELY_ONE_LINE
        self.update(showable(words.text, keep_newlines=True), layout=not one_line)
        if words.tone != before.tone:
            for tone in _TONES:
                self.set_class(tone == words.tone, f"-{tone}")
