import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from bench.fake_rows import COLUMNS, FakePages, FakeRow, cells, key_of
from tui.app import ConsoleApp, Surroundings
from tui.widgets.columns import Cell, Column, place_columns
from tui.widgets.pages import Count, ListPages, Page
from tui.widgets.reader import LOADING_AFTER
from tui.widgets.row_painter import thumb
from tui.widgets.table import Freshness, Table
from tui.widgets.viewport import Viewport
from tui.widgets.window import Window

# Columns.


def placed(width: int) -> list[tuple[str, int]]:
    columns = (
        Column("A", 10),
        Column("B", 10, flex=1),
        Column("C", 10, drop=1),
        Column("D", 10, drop=2),
    )
    return [
        (column.title, cells_) for _, column, cells_ in place_columns(columns, width)
    ]


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (60, [("A", 10), ("B", 25), ("C", 10), ("D", 10)]),
        (45, [("A", 10), ("B", 10), ("C", 10), ("D", 10)]),
        (44, [("A", 10), ("B", 20), ("C", 10)]),
        (30, [("A", 10), ("B", 17)]),
        (5, [("A", 10), ("B", 10)]),
    ],
)
def test_the_least_important_columns_leave_first(
    width: int, expected: list[tuple[str, int]]
) -> None:
    assert placed(width) == expected


@given(st.integers(min_value=60, max_value=300))
def test_columns_fill_any_width_they_fit_into(width: int) -> None:
    gap = 2 if width >= 100 else 1

    widths = [placed.width for placed in place_columns(COLUMNS[:4], width)]

    assert 2 + sum(widths) + gap * (len(widths) - 1) == width


def test_the_thumb_shows_where_and_how_much() -> None:
    assert thumb(10, 0, 10) == range(0)
    assert thumb(10, 0, 100) == range(1)
    assert thumb(10, 90, 100) == range(9, 10)
    assert thumb(10, 5, 20) == range(2, 7)


# Pages in memory.

FRUIT = ("Apple", "Banana", "Cherry", "Date")


def fruit_pages() -> ListPages[str]:
    return ListPages(FRUIT, str)


async def test_a_list_gives_pages_that_meet() -> None:
    pages = fruit_pages()

    assert await pages.newest(3) == Page(["Apple", "Banana", "Cherry"], True)
    assert await pages.older("Cherry", 3) == Page(["Date"], False)
    assert await pages.newer("Cherry", 1) == Page(["Banana"], True)
    assert await pages.oldest(2) == Page(["Cherry", "Date"], True)
    assert await pages.rows(["Date", "gone"]) == {"Date": "Date"}
    assert await pages.count_newer("Cherry", 9) == 2


async def test_a_list_is_narrowed_by_every_word_and_sorted() -> None:
    pages = fruit_pages()

    pages.sort(len, descending=True)
    pages.narrow("A e")

    assert await pages.newest(9) == Page(["Apple", "Date"], False)
    assert await pages.count() == Count(2)
    assert pages.total == 4


# The window and the viewport: rows are numbers as text, the greatest is the newest.


def page(newest: int, oldest: int, *, more: bool = True) -> Page[str]:
    return Page([str(n) for n in range(newest, oldest - 1, -1)], more)


def window_of(newest: int, oldest: int, capacity: int = 10) -> Window[str]:
    window: Window[str] = Window(str, capacity)
    rows = list(page(newest, oldest).rows)
    window.reset(rows, at_newest=True, at_oldest=False)
    return window


def test_a_window_forgets_the_far_end_to_stay_small() -> None:
    window = window_of(20, 13)

    left = window.add_older(page(12, 8))

    assert (left, window.rows[0], window.rows[-1]) == (3, "17", "8")
    assert (window.at_newest, window.rows_before) == (False, 3)


def test_a_window_grows_back_towards_the_newest() -> None:
    window = window_of(20, 13)
    window.add_older(page(12, 8))

    added = window.add_newer(page(20, 18, more=False))

    assert (added, window.rows[0], window.rows[-1]) == (3, "20", "11")
    assert (window.at_newest, window.at_oldest, window.rows_before) == (True, False, 0)


@pytest.mark.parametrize(
    ("arriving", "expected"),
    [
        (page(22, 17), page(22, 13).rows),
        (page(40, 31), page(40, 31).rows),
        (Page(["22", "20", "18"], True), ["22", "20", *page(18, 13).rows]),
        (Page(["20", "18.5", "18"], True), ["20", "18.5", *page(18, 13).rows]),
        (Page(["22"], False), ["22"]),
    ],
    ids=["overlap", "burst", "vanished", "late", "whole"],
)
def test_newest_rows_are_merged_without_gap_or_double(
    arriving: Page[str], expected: list[str]
) -> None:
    window = window_of(20, 13)

    window.merge_newest(arriving)

    assert window.rows == expected


def viewport(
    newest: int = 300, height: int = 10, *, tail: bool = True
) -> Viewport[str]:
    view: Viewport[str] = Viewport(str, tail=tail)
    view.resize(height)
    view.take_newest(page(newest, newest - 199))
    return view


def test_a_tail_has_no_cursor_until_the_first_key() -> None:
    view = viewport()
    cursors = [view.cursor]

    for _ in range(2):
        view.move(1)
        cursors.append(view.cursor)

    assert cursors == [None, "300", "299"]


def test_a_list_has_its_cursor_on_the_first_row() -> None:
    assert viewport(tail=False).cursor == "300"


def test_rows_arrive_above_a_cursor_that_stays_with_its_row() -> None:
    view = viewport()
    view.move(1)

    shown = view.merge(page(305, 250))

    assert shown
    assert (view.cursor, view.cursor_place, view.rows[0]) == ("300", 5, "305")


def test_rows_that_would_push_the_cursor_away_are_only_counted() -> None:
    view = viewport()
    view.move(1)

    shown = view.merge(page(310, 260))
    view.note_newer(10)

    assert not shown
    assert (view.rows[0], view.new, view.following) == ("300", 10, False)


def test_a_tail_without_a_cursor_flows_for_ever() -> None:
    view = viewport()

    assert view.merge(page(900, 840))
    assert view.rows[0] == "900"


def test_moving_up_reaches_the_rows_that_were_only_counted() -> None:
    view = viewport()
    view.move(1)
    view.merge(page(310, 260))
    needed = [view.needs_newer]

    view.move(-1)
    needed.append(view.needs_newer)
    view.add_newer(page(310, 301, more=False))

    assert needed == [False, True]
    assert (view.cursor, view.rows[-1]) == ("301", "292")
    view.move(-20)
    assert (view.cursor, view.following, view.new) == ("310", True, 0)


def test_a_frozen_tail_does_not_follow_even_at_the_top() -> None:
    view = viewport()
    view.frozen = True

    assert not view.following


def test_a_move_beyond_what_is_loaded_goes_on_when_the_page_arrives() -> None:
    view = viewport()
    view.move(1)
    view.move(220)
    assert view.cursor == "101"

    view.add_older(page(100, 1))

    assert view.cursor == "80"


def test_scrolling_takes_the_cursor_along_at_the_edge() -> None:
    view = viewport()
    view.move(1)

    view.scroll(3)

    assert (view.top, view.cursor) == (3, "297")


def test_what_was_seen_is_remembered_at_the_far_end() -> None:
    view = viewport()

    view.take_oldest(page(50, 1), 300)

    assert (view.seen, view.cursor, view.window.rows_before) == ("300", "1", 250)


def test_a_short_list_taken_anew_keeps_the_cursor_on_its_line() -> None:
    view = viewport(tail=False)
    view.move(30)
    line = view.cursor_place, view.top

    view.replace(page(302, 103, more=False))

    assert line == (30, 21)
    assert (view.cursor, view.cursor_place, view.top) == ("270", 32, 23)


def test_when_the_row_under_the_cursor_is_gone_the_next_one_takes_over() -> None:
    view = viewport(tail=False)
    view.move(2)

    view.replace(Page(["300", "299", "297"], False))

    assert view.cursor == "297"


@given(st.lists(st.integers(-400, 400), max_size=30), st.integers(0, 5000))
def test_the_cursor_is_always_on_the_screen_and_on_a_row(
    moves: list[int], total: int
) -> None:
    view = viewport(newest=max(200, total))

    for move in moves:
        view.move(move)
        if view.needs_older:
            last = int(view.window.rows[-1])
            view.add_older(page(last - 1, max(1, last - 200), more=last > 201))
        if view.needs_newer:
            first = int(view.window.rows[0])
            view.add_newer(page(first + 200, first + 1, more=first + 200 < total))
        assert view.cursor in view.rows
        assert len(view.window) <= view.window.capacity


# The widget.


class TableApp(App[None]):
    def __init__(self, pages: Any, *, tail: bool = False) -> None:
        super().__init__()
        self.pages = pages
        self.table: Table[FakeRow] = Table(COLUMNS, cells, key_of, tail=tail)
        self.opened: list[str] = []
        self.said: list[Freshness] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.show(self.pages)

    def on_table_row_activated(self, message: Table.RowActivated) -> None:
        self.opened.append(message.key)

    def on_table_freshness_changed(self, message: Table.FreshnessChanged) -> None:
        self.said.append(message.freshness)

    def lines(self) -> list[str]:
        height = self.table.size.height
        return [self.table.render_line(y).text for y in range(height)]


async def settle(app: TableApp, pilot: Any) -> None:
    await app.workers.wait_for_complete()
    await pilot.pause()


async def test_the_table_shows_the_newest_rows_and_marks_the_cursor_in_words() -> None:
    app = TableApp(FakePages(1_000_000))
    async with app.run_test(size=(100, 6)) as pilot:
        await settle(app, pilot)

        assert app.lines()[0].split()[:3] == ["TIME", "(UTC)", "STATE"]
        assert app.lines()[1].startswith("▸ 10:16:40.000")
        assert app.lines()[2].startswith("  10:16:39.963")


async def test_a_million_rows_are_walked_with_a_few_pages_in_memory() -> None:
    app = TableApp(FakePages(1_000_000))
    async with app.run_test(size=(100, 20)) as pilot:
        await settle(app, pilot)
        for _ in range(30):
            for _ in range(5):
                app.table.action_page(2)
            await settle(app, pilot)

        assert app.table.cursor_key == "dlv_000000997300"
        await pilot.press("G", "k")
        await settle(app, pilot)
        assert app.table.cursor_key == "dlv_000000000002"
        await pilot.press("g")
        await settle(app, pilot)
        assert app.table.cursor_key == "dlv_000001000000"
        assert app.pages.questions < 40


async def test_a_live_tail_lets_rows_in_and_counts_them_while_one_reads() -> None:
    pages = FakePages(1000)
    app = TableApp(pages, tail=True)
    async with app.run_test(size=(100, 12)) as pilot:
        await settle(app, pilot)
        pages.total = 1003
        app.table.poke()
        await settle(app, pilot)
        assert app.table.visible_rows[0].number == 1003

        await pilot.press("down", "pagedown")
        pages.total = 1041
        app.table._reader._read_again()
        await settle(app, pilot)

        assert app.table.visible_rows[0].number < 1003
        assert app.said[-1] == Freshness(False, False, 38, Count(1000))
        app.table.follow()
        await settle(app, pilot)
        assert app.table.visible_rows[0].number == 1041
        assert app.said[-1].following


async def test_a_frozen_tail_loses_no_row() -> None:
    pages = FakePages(1000)
    app = TableApp(pages, tail=True)
    async with app.run_test(size=(100, 12)) as pilot:
        await settle(app, pilot)
        app.table.toggle_follow()
        pages.total = 1500
        app.table.poke()
        await settle(app, pilot)
        assert app.table.visible_rows[0].number == 1000
        assert app.said[-1].new == 500

        seen = []
        for _ in range(60):
            app.table.action_page(-2)
            await settle(app, pilot)
            seen += [row.number for row in app.table.visible_rows]

        assert set(range(1000, 1501)) <= set(seen)


async def test_enter_and_a_double_click_open_the_row() -> None:
    app = TableApp(FakePages(1000))
    async with app.run_test(size=(100, 12)) as pilot:
        await settle(app, pilot)

        await pilot.press("j", "enter")
        await pilot.click(Table, offset=(20, 5), times=2)

        assert app.opened == ["dlv_000000000999", "dlv_000000000996"]


async def test_a_row_is_found_by_its_key_wherever_it_is() -> None:
    app = TableApp(FakePages(1_000_000), tail=True)
    async with app.run_test(size=(100, 12)) as pilot:
        await settle(app, pilot)

        app.table.go_to("dlv_000000123456")
        await settle(app, pilot)

        assert app.table.cursor_row == FakeRow(123456, "delivered")
        assert app.table.cursor_row in app.table.visible_rows


class BrokenPages(FakePages):
    async def newest(self, limit: int) -> Page[FakeRow]:
        raise OSError("The database is locked by another program.\x1b[2J")


async def test_an_error_is_a_sentence_in_the_table_and_ends_nothing() -> None:
    app = TableApp(BrokenPages(9))
    async with app.run_test(size=(100, 12)) as pilot:
        await settle(app, pilot)

        shown = "".join(app.lines())

    assert "✖ The database is locked by another program.␛[2J" in shown


async def test_an_empty_table_says_so() -> None:
    app = TableApp(FakePages(0))
    async with app.run_test(size=(100, 12)) as pilot:
        await settle(app, pilot)

        assert "Nothing here yet." in "".join(app.lines())


async def test_only_the_lines_that_changed_are_painted_again() -> None:
    app = TableApp(FakePages(1000))
    async with app.run_test(size=(100, 20)) as pilot:
        await settle(app, pilot)
        painted: list[Any] = []
        refresh = app.table.refresh

        def noted(*regions: Any, **options: Any) -> Any:
            painted.extend(regions)
            return refresh(*regions, **options)

        app.table.refresh = noted  # type: ignore[method-assign]
        await pilot.press("down")

        assert [(region.y, region.height) for region in painted] == [(1, 2)]


async def test_hostile_text_in_a_cell_stays_text() -> None:
    table: Table[str] = Table([Column("X", 30)], lambda row: [Cell(row)], str)

    class Hostile(App[None]):
        def compose(self) -> ComposeResult:
            yield table

        def on_mount(self) -> None:
            table.show(
                ListPages(["[/x]\x1b]52;c;aGk=\x07", "\u202e[@click=app.quit]"], str)
            )

    app = Hostile()
    async with app.run_test(size=(40, 5)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()

        lines = [table.render_line(y).text.rstrip() for y in (1, 2)]

    assert lines == ["▸ [/x]␛]52;c;aGk=␇", "  <U+202E>[@click=app.quit]"]


async def test_a_cell_may_have_words_of_several_tones() -> None:
    columns = [Column("HOUR", 6), Column("N", 4, align="right")]
    words = Cell("▂", "ok", (Cell("▆▆", "bad"), Cell("too long", "")))
    table: Table[str] = Table(
        columns, lambda row: [words, Cell("1", "ok", (Cell("!"),))], str
    )

    class Sparks(App[None]):
        def compose(self) -> ComposeResult:
            yield table

        def on_mount(self) -> None:
            table.show(ListPages(["a"], str))

    app = Sparks()
    async with app.run_test(size=(40, 5)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        line = table.render_line(1)

    assert line.text.rstrip() == "▸ ▂▆▆to…   1!"
    assert len({segment.style for segment in line if segment.text in "▂▆▆"}) == 2


async def test_without_colours_the_cursor_is_reversed(tmp_path: Path) -> None:
    class Plain(ConsoleApp):
        def compose(self) -> ComposeResult:
            yield Table(COLUMNS, cells, key_of)

        def on_ready(self) -> None:
            self.query_one(Table).show(FakePages(9))

    app = Plain(Surroundings(tmp_path, no_color=True))
    async with app.run_test(size=(80, 20)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        strip = app.query_one(Table).render_line(1)

    reversed_ = [bool(style and style.reverse) for _, style, _ in strip]
    assert reversed_[-1:] == [False]
    assert all(reversed_[:-1])


class SlowPages(FakePages):
    def __init__(self, total: int) -> None:
        super().__init__(total)
        self.gate = asyncio.Event()

    async def newest(self, limit: int) -> Page[FakeRow]:
        await self.gate.wait()
        return await super().newest(limit)


async def test_a_slow_source_is_waited_for_in_words() -> None:
    pages = SlowPages(100)
    app = TableApp(pages)
    async with app.run_test(size=(100, 12)) as pilot:
        await pilot.pause(LOADING_AFTER + 0.05)
        waiting = "".join(app.lines())
        pages.gate.set()
        await settle(app, pilot)

        assert "Loading …" in waiting
        assert "▸ 00:00:03.700" in app.lines()[1]


async def test_an_answer_that_comes_too_late_is_dropped() -> None:
    slow = SlowPages(100)
    app = TableApp(slow)
    async with app.run_test(size=(100, 12)) as pilot:
        app.table.show(FakePages(7))
        await pilot.pause()
        slow.gate.set()
        await settle(app, pilot)

        assert [row.number for row in app.table.visible_rows] == [7, 6, 5, 4, 3, 2, 1]


async def test_filtering_a_list_keeps_the_cursor_on_its_row() -> None:
    pages = ListPages([FakeRow(n, "held") for n in range(50)], key_of)
    app = TableApp(pages)
    async with app.run_test(size=(100, 12)) as pilot:
        await settle(app, pilot)
        app.table.go_to("dlv_000000000012")

        pages.narrow("number=12")
        app.table.reload()
        await settle(app, pilot)
        narrowed = app.table.cursor_key
        pages.narrow("")
        app.table.reload()
        await settle(app, pilot)

        assert (narrowed, app.table.cursor_key) == (
            "dlv_000000000012",
            "dlv_000000000012",
        )
        assert app.table.cursor_row in app.table.visible_rows
