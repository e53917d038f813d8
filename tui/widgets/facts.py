"""Panels whose lines depend on their width: labelled sentences, bars."""

from collections.abc import Callable, Sequence
from functools import partial

from textual.geometry import Size

from tui.views.facts import Fact, fact_lines
from tui.views.lines import Line
from tui.widgets.code_view import CodeView, wrapped

LinesAt = Callable[[int], Sequence[Line]]
"""Gives the lines for a width in cells."""


class Fitted(CodeView, can_focus=False):
    """Shows lines that are made anew when its width changes."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines_at: LinesAt = lambda width: ()

    def fit(self, lines_at: LinesAt) -> None:
        """Show what this gives for the width."""
        before = self.text.count("\n")
        self._lines_at = lines_at
        self._lay_out()
        if self.styles.is_auto_height and self.text.count("\n") != before:
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many lines there are at this width."""
        text = max(1, width - 1)
        return sum(len(wrapped(one, text)) for one in self._lines_at(text))

    def on_resize(self) -> None:
        """Make the lines for the new width."""
        super().on_resize()
        self._lay_out()

    def _lay_out(self) -> None:
        if self.size.width > 1:
            self.set_lines(self._lines_at(self.size.width - 1))


class Facts(Fitted):
    """Shows facts, broken between words."""

    def show(self, facts: Sequence[Fact]) -> None:
        """Show these facts."""
        self.fit(partial(fact_lines, facts))
