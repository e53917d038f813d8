"""A text to read: a request, a response, a payload. Only changed lines are painted.

It keeps its place while the text below the eye changes, so that a preview can be
updated with every key. Long lines are broken, never hidden; a text that is too long
is cut, and the last line says so.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import ClassVar, get_args

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from core.text import BODY_LIMIT
from tui.actions import bindings_of
from tui.text import SafeText, hard_wrap
from tui.views.lines import Line, Piece, Tone, line, plain
from tui.widgets.changed_lines import changed_regions
from tui.widgets.row_painter import thumb

WHEEL_LINES = 3
TONES: tuple[Tone, ...] = get_args(Tone)


def cut(lines: Sequence[Line], limit: int = BODY_LIMIT) -> Sequence[Line]:
    """Return the lines that fit into so many characters, and a note when cut."""
    room = limit
    for number, one in enumerate(lines):
        room -= sum(len(piece.text) for piece in one) + 1
        if room < 0:
            note = f"… {len(lines) - number:,} more lines are not shown"
            return [*lines[:number], line((note, "warn"))]
    return lines


@lru_cache(maxsize=16384)
def wrapped(one: Line, width: int) -> tuple[Line, ...]:
    """Break a line at `width` cells, keeping the tones.

    Bytes are broken at any character, so that none is hidden; prose between words.
    """
    # No character is wider than two cells.
    if sum(len(piece.text) for piece in one) * 2 <= width:
        return (one,)
    if [piece.tone for piece in one] == ["prose"]:
        return tuple((Piece(part, "prose"),) for part in _words(one[0].text, width))
    lines: list[list[Piece]] = [[]]
    room = width
    for text, tone in one:
        for number, part in enumerate(_parts(text, room, width)):
            if number:
                lines.append([])
                room = width
            lines[-1].append(Piece(part, tone))
            room -= cell_len(part)
    return tuple(map(tuple, lines))


def _parts(text: SafeText, room: int, width: int) -> Iterable[SafeText]:
    """Break a piece so that its first part fits into what is left of a line."""
    if cell_len(text) <= room:
        return [text]
    first = hard_wrap(text, room)[0] if room > 1 else SafeText("")
    rest = SafeText(text[len(first) :])
    return [first, *(hard_wrap(rest, width) if rest else ())]


def _words(text: SafeText, width: int) -> Iterable[SafeText]:
    """Break a sentence between its words, and a word where it is longer than a line."""
    while cell_len(text) > width:
        fits = hard_wrap(text, width)[0]
        space = text.rfind(" ", 1, len(fits) + 1)
        end = space if space > 0 else len(fits)
        yield SafeText(text[:end])
        text = SafeText(text[end:].lstrip(" "))
    yield text


class CodeView(Widget, can_focus=True):
    """A read-only, scrolling view of coloured lines."""

    DEFAULT_CSS = """
    CodeView {
        height: 1fr;
        width: 1fr;
        background: $background;
        color: $foreground;
        & > .code--muted { color: $foreground-muted; }
        & > .code--strong { text-style: bold; }
        & > .code--accent { color: $text-accent; }
        & > .code--ok { color: $text-success; }
        & > .code--warn { color: $text-warning; }
        & > .code--bad { color: $text-error; text-style: bold; }
        & > .code--name { color: $text-primary; }
        & > .code--string { color: $text-success; }
        & > .code--number { color: $text-accent; }
        & > .code--word { color: $text-warning; }
        & > .code--mark { color: $foreground-muted; }
        & > .code--thumb { color: $scrollbar; }
        &:focus > .code--thumb { color: $primary; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "code--thumb",
        *(f"code--{tone}" for tone in TONES if tone),
    }
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("text")]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._source: Sequence[Line] = ()
        self._lines: list[Line] = []
        self._top = 0
        self._painted: list[tuple[Line | None, bool]] = []
        self._styles_by_names: dict[str, Style] = {}

    # What a screen asks and tells.

    def set_lines(self, lines: Sequence[Line], *, from_top: bool = False) -> None:
        """Show these lines; the place is kept, unless this is another text."""
        self._source = cut(lines)
        if from_top:
            self._top = 0
        self._wrap()

    @property
    def text(self) -> str:
        """The words of the text, without the line breaks that were put in to fit."""
        return plain(self._source)

    def show_line(self, number: int) -> None:
        """Scroll so that this line of the text, counted from 0, is visible."""
        width = max(1, self.size.width - 1)
        place = sum(len(wrapped(one, width)) for one in self._source[:number])
        if not self._top <= place < self._top + self.size.height:
            self._show_from(place - self.size.height // 3)

    # Scrolling.

    @property
    def _last_top(self) -> int:
        return max(0, len(self._lines) - self.size.height)

    def _show_from(self, top: int) -> None:
        self._top = max(0, min(top, self._last_top))
        self._repaint()

    def action_move(self, lines: int) -> None:
        """Scroll by lines."""
        self._show_from(self._top + lines)

    def action_page(self, halves: int) -> None:
        """Scroll by half screens."""
        self._show_from(self._top + halves * max(1, self.size.height // 2))

    def action_first(self) -> None:
        """Scroll to the start."""
        self._show_from(0)

    def action_last(self) -> None:
        """Scroll to the end."""
        self._show_from(self._last_top)

    def _on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, WHEEL_LINES)

    def _on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, -WHEEL_LINES)

    def _wheel(self, event: events.MouseEvent, lines: int) -> None:
        event.stop()
        event.prevent_default()
        self._show_from(self._top + lines)

    # Selecting with the mouse.

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected words, for ^c."""
        return selection.extract(plain(self._lines)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Paint the selection."""
        self.refresh()

    # Painting.

    def on_resize(self) -> None:
        """Break the lines at the new width."""
        self._painted = []
        self._wrap()

    def notify_style_update(self) -> None:
        """Forget the old theme's styles."""
        super().notify_style_update()
        self._styles_by_names.clear()

    def _wrap(self) -> None:
        width = self.size.width - 1
        if width < 1:
            return
        self._lines = [part for one in self._source for part in wrapped(one, width)]
        self._top = max(0, min(self._top, self._last_top))
        self._repaint()

    def _look(self) -> list[tuple[Line | None, bool]]:
        height = self.size.height
        shown: list[Line | None] = [*self._lines[self._top : self._top + height]]
        shown += [None] * (height - len(shown))
        bar = thumb(height, self._top, len(self._lines))
        return [(one, y in bar) for y, one in enumerate(shown)]

    def _repaint(self) -> None:
        """Paint the lines that differ from those on the screen."""
        before, self._painted = self._painted, self._look()
        if changed := changed_regions(before, self._painted, self.size.width):
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        """Return one line as it was last looked at."""
        if not self._painted:
            self._painted = self._look()
        if y >= len(self._painted):
            return Strip.blank(self.size.width, self._style_of())
        one, in_thumb = self._painted[y]
        segments = [Segment(text, self._style_of(tone)) for text, tone in one or ()]
        width = self.size.width - 1
        strip = Strip(segments).adjust_cell_length(width, self._style_of())
        strip = self._with_selection(strip, self._top + y)
        bar = Segment("▐" if in_thumb else " ", self._style_of("thumb"))
        strip = strip.apply_offsets(0, self._top + y)
        return Strip.join([strip, Strip([bar])])

    def _with_selection(self, strip: Strip, number: int) -> Strip:
        selection = self.text_selection
        span = selection.get_span(number) if selection is not None else None
        if span is None:
            return strip
        start, end = span
        end = strip.cell_length if end == -1 else end
        style = self.screen.get_component_rich_style("screen--selection")
        before, chosen, after = strip.divide([start, end, strip.cell_length])
        return Strip.join([before, chosen.apply_style(style), after])

    def _style_of(self, tone: str = "") -> Style:
        if tone not in self._styles_by_names:
            names = (f"code--{tone}",) if tone else ()
            self._styles_by_names[tone] = self.get_visual_style(*names).rich_style
        return self._styles_by_names[tone]
