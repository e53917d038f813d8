"""The console over a demo desk, and a few ways to look at it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget

from tests.tui.desks import DemoDesk
from tui.app import Surroundings
from tui.clipboard import Copied
from tui.console import Console
from tui.desk import Place
from tui.widgets.code_view import CodeView
from tui.widgets.columns import GUTTER
from tui.widgets.table import Table

WIDE = (120, 40)
NARROW = (80, 24)


class WatchedConsole(Console):
    """A console that remembers what it said and copied."""

    def __init__(self, demo: DemoDesk, place: Place | None, folder: Path) -> None:
        super().__init__(demo.open, Surroundings(folder), place)
        self.said: list[str] = []
        self.copied: list[str] = []

    def say(self, words: str, *rest: Any) -> None:
        """Remember the words."""
        self.said.append(words)
        super().say(words, *rest)

    async def copy(self, text: str) -> Copied:
        """Remember the text."""
        self.copied.append(text)
        return await super().copy(text)


class Session:
    """A console under test and its keyboard."""

    def __init__(
        self, console: WatchedConsole, pilot: Pilot[None], demo: DemoDesk
    ) -> None:
        self.console = console
        self.pilot = pilot
        self.demo = demo

    async def press(self, *keys: str) -> None:
        """Press keys, and wait for what follows each."""
        for key in keys:
            await self.pilot.press(key)
            await self._workers()
        await self.settle()

    async def write(self, text: str) -> None:
        """Type a text, and wait for what follows."""
        await self.pilot.press(*(_KEYS.get(letter, letter) for letter in text))
        await self.settle()

    async def settle(self) -> None:
        """Wait until no worker works, those left out that wait for an answer."""
        for _ in range(2):
            await self.pilot.pause()
            await self._workers()
        await self.pilot.pause()

    async def _workers(self) -> None:
        screen = self.console.screen
        asks = screen.is_modal or getattr(screen, "PLACE", "") in ("editor", "test")
        # While a screen asks a person, whoever waits for the answer is not waited for.
        waiting = {"act", "leaving", "place"} if asks else set()
        busy = [w for w in self.console.workers if w.group not in waiting]
        await asyncio.gather(*(w.wait() for w in busy), return_exceptions=True)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for something to be seen: a live table reads four times a second."""
        async with asyncio.timeout(5):
            while not condition():
                await self.pilot.pause(0.02)

    async def look(self) -> None:
        """Let the console notice what others did, as its timer would."""
        self.console._look()
        await self.settle()
        self.console.read_overview()
        await self.settle()

    def find(self, selector: str) -> Widget:
        """A widget of the present screen."""
        return self.console.screen.query_one(selector)

    def is_on(self, kind: type[Screen[Any]]) -> bool:
        """Whether the present screen is one of these."""
        return isinstance(self.console.screen, kind)

    @property
    def row(self) -> Any:
        """The row under the cursor of the table."""
        return self.table.cursor_row

    @property
    def table(self) -> Table[Any]:
        """The table of the present screen."""
        return self.console.screen.query_one(Table)

    def lines(self) -> list[str]:
        """The lines of that table as they are painted, without the cursor's sign."""
        table = self.table
        strips = (table.render_line(y) for y in range(table.size.height))
        lines = (strip.text.rstrip(" ▐")[GUTTER:] for strip in strips)
        return [line for line in lines if line]

    def text(self, selector: str) -> str:
        """The words of a text view."""
        return self.console.screen.query_one(selector, CodeView).text

    def shown(self, selector: str) -> str:
        """The words of any other widget."""
        widget = self.console.screen.query_one(selector)
        strips = (widget.render_line(y) for y in range(widget.size.height))
        return "\n".join(strip.text.rstrip() for strip in strips)


_KEYS = {" ": "space", ":": "colon", "*": "asterisk", ".": "full_stop", "-": "minus"}


@asynccontextmanager
async def console_over(
    demo: DemoDesk,
    folder: Path,
    *,
    size: tuple[int, int] = WIDE,
    place: Place | None = None,
) -> AsyncIterator[Session]:
    """Run a console over this desk until it has opened."""
    console = WatchedConsole(demo, place, folder)
    async with console.run_test(size=size) as pilot:
        session = Session(console, pilot, demo)
        await session.settle()
        yield session
