from pathlib import Path
from typing import Any

import pytest
from textual.app import ComposeResult

from tui.app import ConsoleApp, Surroundings
from tui.text import SafeText
from tui.views.lines import Line, Piece, line
from tui.widgets.code_view import CodeView, cut, wrapped

ROOT = Path(__file__).parents[2]


def texts(lines: tuple[Line, ...]) -> list[str]:
    return ["".join(piece.text for piece in one) for one in lines]


def test_a_long_line_is_broken_and_keeps_its_tones() -> None:
    one = line(("name", "name"), ": ", ("x" * 12, "string"))

    assert wrapped(one, 10) == (
        (Piece(SafeText("name"), "name"), Piece(SafeText(": ")), string("xxxx")),
        (string("xxxxxxxx"),),
    )


def string(text: str) -> Piece:
    return Piece(SafeText(text), "string")


@pytest.mark.parametrize("width", [2, 3, 7, 40])
def test_breaking_loses_nothing(width: int) -> None:
    one = line("日本", ("語 and e\u0301", "ok"), "x" * 30)

    broken = wrapped(one, width)

    assert "".join(texts(broken)) == "".join(texts((one,)))


@pytest.mark.parametrize(
    ("width", "broken"),
    [
        (20, ["The receiver is", "overloaded."]),
        (11, ["The", "receiver is", "overloaded."]),
        (6, ["The", "receiv", "er is", "overlo", "aded."]),
    ],
)
def test_prose_is_broken_between_its_words(width: int, broken: list[str]) -> None:
    one = line(("The receiver is overloaded.", "prose"))

    assert texts(wrapped(one, width)) == broken


def test_a_text_that_is_too_long_says_how_much_is_missing() -> None:
    lines = [line("x" * 9)] * 5

    assert cut(lines, 50) == lines
    assert texts(tuple(cut(lines, 30))) == [
        *["x" * 9] * 3,
        "… 2 more lines are not shown",
    ]


async def test_the_code_view_paints_only_changed_lines_and_keeps_its_place(
    tmp_path: Path,
) -> None:
    view = CodeView()

    class CodeApp(ConsoleApp):
        def compose(self) -> ComposeResult:
            yield view

    async with CodeApp(Surroundings(tmp_path)).run_test(size=(80, 20)) as pilot:
        lines = [line(f"line {number}") for number in range(100)]
        view.set_lines(lines)
        await pilot.press("pagedown", "down")
        painted: list[Any] = []
        refresh = view.refresh

        def noted(*regions: Any, **options: Any) -> Any:
            painted.extend(regions)
            return refresh(*regions, **options)

        view.refresh = noted  # type: ignore[method-assign]
        view.set_lines([*lines[:30], line("changed"), *lines[31:]])

        assert view.render_line(0).text.startswith("line 21")
        assert [region.y for region in painted] == [9]


async def test_words_chosen_with_the_mouse_can_be_copied(tmp_path: Path) -> None:
    view = CodeView()

    class CodeApp(ConsoleApp):
        def compose(self) -> ComposeResult:
            yield view

    app = CodeApp(Surroundings(tmp_path))
    async with app.run_test(size=(80, 20)) as pilot:
        view.set_lines([line("retry-after: 30"), line("server: nginx")])
        await pilot.pause()
        await pilot.mouse_down(view, offset=(0, 0))
        await pilot.hover(view, offset=(5, 1))
        await pilot.mouse_up(view, offset=(5, 1))

        assert app.screen.get_selected_text() == "retry-after: 30\nserver"
