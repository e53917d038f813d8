"""The least Textual app there can be: what a first paint costs in any case."""

from textual.app import App, ComposeResult
from textual.widgets import Footer, Header, Static

MARKER = "least-of-all"


class Least(App[None]):
    """A header, a word and a footer."""

    def compose(self) -> ComposeResult:
        yield Header()
        yield Static(MARKER)
        yield Footer()


if __name__ == "__main__":
    Least().run()
