"""One line across the screen that says what keeps things from going on."""

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

NO_WORKER = "No worker is running: nothing is sent. F8 starts one in this console."
STARTING = "A worker of this console is starting or stopping …"


class Banner(Widget):
    """Hidden while it has nothing to say."""

    DEFAULT_CSS = """
    Banner {
        height: 1;
        padding: 0 1;
        background: $warning-muted;
        color: $text-warning;
        display: none;
        &.-said { display: block; }
        &:ansi { text-style: reverse; }
    }
    """

    words: reactive[str] = reactive("")

    def watch_words(self, words: str) -> None:
        """Come and go with the words."""
        self.set_class(bool(words), "-said")

    def render(self) -> Content:
        """Return the line."""
        return Content(f"▲ {self.words}") if cell_len(self.words) else Content("")

    def say_worker(self, *, alive: bool, on_its_way: bool) -> None:
        """Say whether events go out."""
        self.words = STARTING if on_its_way else "" if alive else NO_WORKER
