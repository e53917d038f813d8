"""The top line: where one is, who one is, and how fresh and how bad things are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from tui.text import SafeText, clip, safe
from tui.widgets.columns import Tone

PRODUCT = "hookline"
STALE_AFTER = 5.0  # seconds without word from the store
TITLE_LEAST = 16  # cells kept for the title before it is clipped further
ROOMY = 98  # cells between the paddings; narrower lines do without the product's name


class Counter(NamedTuple):
    """A number worth a look, such as `✖ 3 failing`; the first ones stay longest."""

    text: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Liveness:
    """Whether what is on screen is what is true."""

    state: Literal["live", "stale", "lost", "idle"] = "idle"
    seconds: int = 0
    """How old it is, when stale."""

    def words(self) -> tuple[str, Tone]:
        """Return glyph and word, and what they mean."""
        match self.state:
            case "live":
                return "● live", "ok"
            case "stale":
                return f"◌ stale {self.seconds} s", "warn"
            case "lost":
                return "✖ lost", "bad"
            case _:
                return "○ opening", "muted"


@dataclass(frozen=True, slots=True)
class Status:
    """What the top line says on every screen."""

    workspace: str = ""
    who: str = ""
    liveness: Liveness = Liveness()
    counters: tuple[Counter, ...] = ()


class Tab(NamedTuple):
    """One of the screens at the top, and the key that leads there."""

    key: str
    title: str
    place: str


class Piece(NamedTuple):
    """A run of text in the line."""

    text: SafeText
    tone: str = ""
    place: str = ""

    @property
    def cells(self) -> int:
        """How wide it is on screen."""
        return cell_len(self.text)


def right_pieces(status: Status, room: int) -> list[Piece]:
    """Choose what stands at the right within `room` cells.

    Liveness is never left out; then counters from the first on, workspace, who.
    """
    words, tone = status.liveness.words()
    chosen = [Piece(safe(words), tone)]
    room -= chosen[0].cells
    people = [safe(name) for name in (status.workspace, status.who) if name]
    candidates = [Piece(safe(text), tone) for text, tone in status.counters]
    candidates += [Piece(name, "strong") for name in people[:1]]
    candidates += [Piece(name, "muted") for name in people[1:]]
    for piece in candidates:
        room -= piece.cells + 2
        if room < 0:
            break
        chosen.insert(-1, piece)
    return chosen


def left_pieces(
    title: str, tabs: Sequence[Tab], here: str, width: int
) -> tuple[list[Piece], int]:
    """Return product, tabs or title, and how many cells they take at least."""
    pieces = [Piece(SafeText(PRODUCT), "product")] if width >= ROOMY else []
    if title:
        pieces.append(Piece(safe(title), "strong"))
    else:
        pieces += [_tab(tab, here) for tab in tabs]
    # A title says where one is; half the line is its own before counters get any.
    most = max(TITLE_LEAST, width // 2)
    least = sum(min(piece.cells, most) + 2 for piece in pieces)
    return pieces, least


def _tab(tab: Tab, here: str) -> Piece:
    if tab.place == here:
        return Piece(safe(f"{tab.key} {tab.title.upper()}"), "here", tab.place)
    return Piece(safe(f"{tab.key} {tab.title}"), "muted", tab.place)


class StatusLine(Widget):
    """One line at the top of every screen."""

    DEFAULT_CSS = """
    StatusLine {
        dock: top;
        height: 1;
        padding: 0 1;
        background: $panel;
        color: $foreground;
        & > .status--product { color: $text-primary; text-style: bold; }
        & > .status--here { text-style: bold underline; }
        & > .status--muted { color: $foreground-muted; }
        & > .status--strong { text-style: bold; }
        & > .status--accent { color: $text-accent; }
        & > .status--ok { color: $text-success; }
        & > .status--warn { color: $text-warning; }
        & > .status--bad { color: $text-error; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"status--{tone}"
        for tone in (
            *("product", "here", "muted", "strong", "accent", "ok", "warn", "bad"),
        )
    }

    status: reactive[Status] = reactive(Status())
    title: reactive[str] = reactive("")
    """Where one is, below the top screens; outside text is welcome."""

    class TabChosen(Message):
        """A click on one of the top screens."""

        def __init__(self, place: str) -> None:
            super().__init__()
            self.place = place

    def __init__(
        self, *, tabs: Sequence[Tab] = (), here: str = "", id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self.tabs = tuple(tabs)
        self.here = here

    def _pieces(self) -> tuple[list[Piece], list[Piece]]:
        width = self.size.width
        left, least = left_pieces(self.title, self.tabs, self.here, width)
        right = right_pieces(self.status, width - least)
        room = width - sum(piece.cells + 2 for piece in right)
        return _clipped(left, room), right

    def render(self) -> Content:
        """Return the line."""
        left, right = self._pieces()
        taken = sum(piece.cells for piece in [*left, *right])
        taken += 2 * (len(left) + len(right) - 2)
        fill = " " * max(2, self.size.width - taken)
        gap = Content("  ")
        first = gap.join(self._content(piece) for piece in left)
        last = gap.join(self._content(piece) for piece in right)
        return Content.assemble(first, fill, last)

    def _content(self, piece: Piece) -> Content:
        style = Style()
        if piece.tone:
            style = self.get_visual_style(f"status--{piece.tone}", partial=True)
        return Content.styled(piece.text, style)

    def on_click(self, event: events.Click) -> None:
        """Tell which of the top screens was clicked."""
        offset = event.get_content_offset(self)
        position = 0
        for piece in self._pieces()[0]:
            hit = offset is not None and position <= offset.x < position + piece.cells
            if hit and piece.place:
                self.post_message(self.TabChosen(piece.place))
            position += piece.cells + 2


def _clipped(pieces: list[Piece], room: int) -> list[Piece]:
    """Clip the pieces that do not fit any more, from the last one on."""
    shown = []
    for piece in pieces:
        if room <= 0:
            break
        shown.append(piece._replace(text=clip(piece.text, room)))
        room -= piece.cells + 2
    return shown
