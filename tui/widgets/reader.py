"""Reads pages for a viewport, and keeps it up to date.

Each question is put by a worker, one of a kind at a time, and its answer comes back
as a message with the epoch of the question; what comes too late is dropped.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Generic, Literal, TypeVar

from textual.message import Message
from textual.widget import Widget

from tui.text import SafeText, safe
from tui.widgets.pages import Count, KeyOf, Page, Pages, Row
from tui.widgets.viewport import PAGE, Viewport

POKE_EVERY = 0.25  # seconds between two readings of a live table
COUNT_EVERY = 2.0  # seconds; counting a filter may cost more than a page
LOADING_AFTER = 0.15  # seconds of silence before the table says it is loading
MERGE_MARGIN = 50  # newest rows read beyond the visible ones, for late arrivals
COUNT_NEWER_TO = 1000  # beyond this many, "1,000+ new" says enough

T = TypeVar("T")
Phase = Literal["idle", "loading", "ready", "failed"]


class Answered(Message, bubble=False):
    """A worker's answer, for the widget to hand to its reader."""

    def __init__(self, epoch: int, what: str, use: Callable[[], None]) -> None:
        super().__init__()
        self.epoch = epoch
        self.what = what
        self.use = use


class Reader(Generic[Row]):
    """Connects one viewport to pages by the workers and timers of a widget."""

    def __init__(
        self,
        widget: Widget,
        key_of: KeyOf[Row],
        *,
        tail: bool,
        looks_different: Callable[[], None],
        failed: Callable[[SafeText], None],
    ) -> None:
        """Connect to a widget.

        Args:
            widget: Whose workers and timers are used; it hands `Answered` to `use`.
            key_of: The key of a row.
            tail: Whether rows keep arriving on top.
            looks_different: Called when something changed without an answer.
            failed: Called with a sentence when a page could not be read.
        """
        self.view: Viewport[Row] = Viewport(key_of, tail=tail)
        self.phase: Phase = "idle"
        self.problem = SafeText("")
        self.total: Count | None = None
        self._widget = widget
        self._key_of = key_of
        self._tail = tail
        self._looks_different = looks_different
        self._tell_failure = failed
        self._pages: Pages[Row] | None = None
        self._epoch = 0
        self._asking: set[str] = set()
        self._resting: set[str] = set()
        self._poked = False

    # Rows that replace the present ones.

    def take(self, pages: Pages[Row]) -> None:
        """Read from another source, with a fresh viewport."""
        height = self.view.height
        self._pages = pages
        self.total = None
        self.view = Viewport(self._key_of, tail=self._tail)
        self.view.resize(height)
        self._resting.discard("count")
        self.newest()

    def newest(self) -> None:
        """Read the newest rows; the cursor stays on its row if that is among them."""
        self._load(lambda pages: pages.newest(PAGE), self._loaded_newest)

    def first(self) -> None:
        """Read the newest rows and put the cursor on the first."""
        self._load(lambda pages: pages.newest(PAGE), self._loaded_first)

    def last(self) -> None:
        """Read the oldest rows and put the cursor on the last."""
        self._load(lambda pages: pages.oldest(PAGE), self._loaded_last)

    def around(self, key: str) -> None:
        """Read a row and its neighbours and put the cursor on it."""
        self._load(partial(_around, key), partial(self._loaded_around, key))

    def _load(
        self,
        question: Callable[[Pages[Row]], Awaitable[T]],
        use: Callable[[T], None],
    ) -> None:
        self._epoch += 1
        self._asking.clear()
        if self.phase != "ready":
            self.phase = "idle"
        self._ask("load", question, use)
        say = partial(self._say_loading, self._epoch)
        self._widget.set_timer(LOADING_AFTER, say)

    def _say_loading(self, epoch: int) -> None:
        if epoch == self._epoch and "load" in self._asking and self.phase == "idle":
            self.phase = "loading"
            self._looks_different()

    def _loaded_newest(self, page: Page[Row]) -> None:
        self.phase = "ready"
        self.view.take_newest(page)
        self._count()

    def _loaded_first(self, page: Page[Row]) -> None:
        self.phase = "ready"
        self.view.take_newest(page, with_cursor=True)

    def _loaded_last(self, page: Page[Row]) -> None:
        self.phase = "ready"
        self.view.take_oldest(page, self.total.value if self.total else 0)

    def _loaded_around(self, key: str, found: "_Around[Row]") -> None:
        if found.row is not None:
            self.phase = "ready"
            self.view.take_around(found.newer, found.row, found.older)
            self._count()
            return
        if self.phase != "ready":
            self.newest()
        self._tell_failure(
            safe(f"{key} is not here: it was pruned, or a filter hides it.")
        )

    # Questions and answers.

    def _ask(
        self,
        what: str,
        question: Callable[[Pages[Row]], Awaitable[T]],
        use: Callable[[T], None],
    ) -> bool:
        """Put a question, unless one of its kind is open; say if it was put."""
        if self._pages is None or what in self._asking:
            return False
        self._asking.add(what)
        answer = question(self._pages)
        self._widget.run_worker(
            self._fetch(self._epoch, what, answer, use), group=what, exit_on_error=False
        )
        return True

    async def _fetch(
        self, epoch: int, what: str, answer: Awaitable[T], use: Callable[[T], None]
    ) -> None:
        try:
            found = partial(use, await answer)
        except Exception as error:  # a worker's boundary: it becomes a sentence
            found = partial(self._failed, error)
        self._widget.post_message(Answered(epoch, what, found))

    def use(self, message: Answered) -> bool:
        """Use an answer; say whether it still was of use."""
        if message.epoch != self._epoch:
            return False
        self._asking.discard(message.what)
        message.use()
        return True

    def _failed(self, error: Exception) -> None:
        self.problem = safe(str(error) or type(error).__name__)
        self.phase = "ready" if self.view.rows else "failed"
        self._tell_failure(self.problem)

    def read_on(self) -> None:
        """Read the next page where the edge of what is loaded is near."""
        view = self.view
        if not view.window.rows:
            return
        if view.needs_older:
            last = view.window.key_at(-1)
            self._ask("older", lambda pages: pages.older(last, PAGE), view.add_older)
        if view.needs_newer:
            first = view.window.key_at(0)
            self._ask("newer", lambda pages: pages.newer(first, PAGE), view.add_newer)

    def _count(self) -> None:
        if self._rest("count", COUNT_EVERY, lambda: None):
            self._ask("count", lambda pages: pages.count(), self._counted)

    def _counted(self, count: Count) -> None:
        self.total = count

    # Live rows.

    def poke(self) -> None:
        """Read again what may have changed, not too often."""
        self._poked = True
        if self._rest("poke", POKE_EVERY, self._poke_again):
            self._read_again()

    def _poke_again(self) -> None:
        if self._poked:
            self.poke()

    def _rest(self, what: str, seconds: float, then: Callable[[], None]) -> bool:
        """Say whether it is time for this, and start a rest after which `then` runs."""
        if what in self._resting or not self._widget.is_attached:
            return False

        def rested() -> None:
            self._resting.discard(what)
            then()

        self._resting.add(what)
        self._widget.set_timer(seconds, rested)
        return True

    def _read_again(self) -> None:
        if "load" in self._asking:
            return
        self._poked = not self._ask_what_changed()
        self._count()

    def _ask_what_changed(self) -> bool:
        view = self.view
        if not view.window.rows:
            return self._ask("load", lambda p: p.newest(PAGE), self._loaded_newest)
        if view.following:
            limit = view.height + MERGE_MARGIN
            return self._ask("live", lambda p: p.newest(limit), self._merge)
        if view.window.complete and not self._tail:
            limit = view.window.capacity
            return self._ask("live", lambda p: p.newest(limit), view.replace)
        keys = [self._key_of(row) for row in view.rows]
        self._ask_how_many_are_new()
        return self._ask("live", lambda p: p.rows(keys), self._refresh)

    def _refresh(self, rows: Mapping[str, Row]) -> None:
        self.view.refresh(rows)

    def _merge(self, page: Page[Row]) -> None:
        if self.view.following and not self.view.merge(page):
            self._ask_how_many_are_new()

    def _ask_how_many_are_new(self) -> None:
        seen = self.view.seen
        if self._tail and seen is not None:
            self._ask(
                "new",
                lambda pages: pages.count_newer(seen, COUNT_NEWER_TO),
                self.view.note_newer,
            )


@dataclass(frozen=True, slots=True)
class _Around(Generic[Row]):
    newer: Page[Row]
    row: Row | None
    older: Page[Row]


async def _around(key: str, pages: Pages[Row]) -> _Around[Row]:
    return _Around(
        newer=await pages.newer(key, PAGE // 2),
        row=(await pages.rows([key])).get(key),
        older=await pages.older(key, PAGE // 2),
    )
