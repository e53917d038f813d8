"""Titles in one line, of which one is chosen, and a note at the right."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.text import safe

BETWEEN = 2  # cells


class _Place(NamedTuple):
    title: str
    start: int
    end: int


class TabStrip(Widget):
    """Shows which part of a page is open; a click opens another."""

    DEFAULT_CSS = """
    TabStrip {
        height: 1;
        width: 1fr;
        color: $foreground-muted;
        & > .tabs--here { color: $foreground; text-style: bold underline; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tabs--here"}

    here: reactive[str] = reactive("")
    note: reactive[str] = reactive("")

    class Chosen(Message):
        """A click on a title."""

        def __init__(self, title: str) -> None:
            super().__init__()
            self.title = title

    def __init__(self, titles: Sequence[str], *, id: str | None = None) -> None:
        """Take the titles, which are our own words; the first is chosen."""
        super().__init__(id=id)
        self.titles = titles
        self.set_reactive(TabStrip.here, titles[0])

    def _places(self) -> Iterator[_Place]:
        start = 0
        for title in self.titles:
            yield _Place(title, start, start + cell_len(title))
            start += cell_len(title) + BETWEEN

    def render(self) -> Content:
        """Return the line."""
        here = self.get_visual_style("tabs--here", partial=True)
        words = Content(" " * BETWEEN).join(
            Content.styled(title, here) if title == self.here else Content(title)
            for title in self.titles
        )
        note = safe(self.note)
        room = self.size.width - words.cell_length - cell_len(note)
        return Content.assemble(words, " " * room, note) if room > 1 else words

    def on_click(self, event: events.Click) -> None:
        """Open the part whose title was clicked."""
        offset = event.get_content_offset(self)
        for place in self._places():
            if offset is not None and place.start <= offset.x < place.end:
                self.post_message(self.Chosen(place.title))
