from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.binding import Binding
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.actions import ACTIONS, actions_of, bindings_of, key_sign
from tui.app import ConsoleApp, Surroundings
from tui.screens.base import ConsoleScreen
from tui.text import SafeText
from tui.theme import CHOICES
from tui.widgets.confirm import Answer, Choose, Confirm, ConfirmByName
from tui.widgets.hint_bar import HELP, Hint, HintBar, fitting
from tui.widgets.key_help import help_text
from tui.widgets.status_line import (
    Counter,
    Liveness,
    Status,
    StatusLine,
    Tab,
    right_pieces,
)

ROOT = Path(__file__).parents[2]

# The table of actions.


def test_every_action_has_an_id_of_its_own() -> None:
    ids = [action.id for action in ACTIONS]

    assert len(ids) == len(set(ids))
    assert "deliveries.redeliver" in ids


def test_no_key_does_two_things_in_one_place() -> None:
    for place in {action.place for action in ACTIONS}:
        keys = [key for a in actions_of(place) for key in a.keys.split(",")]
        assert len(keys) == len(set(keys)), place


def test_keys_that_terminals_or_multiplexers_take_are_not_used() -> None:
    taken = {"ctrl+h", "ctrl+i", "ctrl+m", "ctrl+left_square_bracket"}
    taken |= {"ctrl+a", "ctrl+b", "ctrl+s,ctrl+q"}

    assert not taken & {key for action in ACTIONS for key in action.keys.split(",")}


def test_every_binding_can_be_remapped_and_says_what_it_does() -> None:
    (binding, *_) = bindings_of("deliveries", through="act")

    assert binding == Binding(
        "enter",
        "act('open')",
        "Open",
        show=False,
        id="deliveries.open",
        tooltip="See every attempt of it.",
    )


@pytest.mark.parametrize(
    ("key", "sign"),
    [("ctrl+s", "^s"), ("enter", "⏎"), ("f2", "F2"), ("f", "f"), ("escape", "esc")],
)
def test_keys_are_written_as_people_write_them(key: str, sign: str) -> None:
    assert key_sign(key) == sign


# Hints, status and help.


def some_hint(word: str) -> Hint:
    return Hint(SafeText("x"), SafeText(word), word)


def test_hints_that_do_not_fit_are_left_out_whole_and_help_stays() -> None:
    hints = [some_hint("first"), some_hint("second"), some_hint("third")]

    assert fitting(hints, 60) == [*hints, HELP]
    assert fitting(hints, 30) == [hints[0], hints[1], HELP]
    assert fitting(hints, 8) == [HELP]


def test_never_more_than_seven_hints() -> None:
    hints = [some_hint(str(number)) for number in range(20)]

    assert fitting(hints, 500) == [*hints[:7], HELP]


def test_the_status_line_keeps_liveness_longest() -> None:
    status = Status(
        workspace="acme",
        who="anna",
        liveness=Liveness("stale", 12),
        counters=(Counter("✖ 3 failing", "bad"),),
    )

    def texts(room: int) -> list[str]:
        return [piece.text for piece in right_pieces(status, room)]

    assert texts(80) == ["✖ 3 failing", "acme", "anna", "◌ stale 12 s"]
    assert texts(30) == ["✖ 3 failing", "◌ stale 12 s"]
    assert texts(5) == ["◌ stale 12 s"]


def test_the_key_help_names_every_action_of_a_place() -> None:
    text = help_text(("deliveries", "everywhere")).plain

    for action in (*actions_of("deliveries"), *actions_of("everywhere")):
        assert action.does in text


# The console.


class ListScreen(ConsoleScreen[None]):
    PLACE = "deliveries"
    AT_TOP = True
    AUTO_FOCUS = ""
    BINDINGS = [*bindings_of("deliveries", through="act")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.unsaved = False

    def compose_body(self) -> Iterator[Widget]:
        yield Input(id="field")
        yield Static("body", id="body")

    def why_not(self, verb: str) -> str | None:
        return "Nothing is filtered." if verb == "clear" else None

    def action_redeliver(self) -> None:
        self.done.append("redeliver")

    def action_clear(self) -> None:
        self.done.append("clear")

    async def may_leave(self) -> bool:
        return not self.unsaved or await self.app.push_screen_wait(
            Confirm("Leave?", "3 changes are lost.", yes="Leave")
        )


class SmallConsole(ConsoleApp):
    TABS = (Tab("1", "Webhooks", "webhooks"), Tab("2", "Deliveries", "deliveries"))

    def __init__(self, folder: Path) -> None:
        super().__init__(Surroundings(folder))
        self.list = ListScreen()
        self.said: list[str] = []
        self.answers: list[object] = []

    def on_ready(self) -> None:
        self.push_screen(self.list)

    def say(self, words: str, severity: Any = "information") -> None:
        self.said.append(words)
        super().say(words, severity)

    @property
    def top(self) -> str:
        return type(self.screen).__name__

    def ask(self, question: ModalScreen[Any]) -> None:
        self.push_screen(question, self.answers.append)


@pytest.fixture
def console(tmp_path: Path) -> SmallConsole:
    return SmallConsole(tmp_path)


async def test_a_key_runs_its_action_or_says_why_it_cannot(
    console: SmallConsole,
) -> None:
    async with console.run_test(size=(100, 30)) as pilot:
        await pilot.press("r", "x")

        assert console.list.done == ["redeliver"]
        assert console.said == ["Nothing is filtered."]


async def test_a_click_on_a_hint_does_what_its_key_does(console: SmallConsole) -> None:
    async with console.run_test(size=(100, 30)) as pilot:
        await pilot.pause()

        await pilot.click(HintBar, offset=(9, 0))

        assert console.list.done == ["redeliver"]


async def test_the_palette_finds_an_action_by_its_words(console: SmallConsole) -> None:
    async with console.run_test(size=(100, 30)) as pilot:
        await pilot.press("colon", *"redeliv")
        await pilot.pause(0.1)
        await pilot.press("enter")
        await pilot.pause(0.1)

        assert console.list.done == ["redeliver"]


async def test_the_palette_has_no_command_that_writes_the_screen_to_a_file(
    console: SmallConsole,
) -> None:
    async with console.run_test(size=(100, 30)) as pilot:
        await pilot.press("ctrl+p", *"screenshot")
        await pilot.pause(0.1)

        assert "Save" not in console.export_screenshot()
    assert not list(Path.cwd().glob("*.svg"))


async def test_help_opens_and_closes_with_its_key(console: SmallConsole) -> None:
    async with console.run_test(size=(80, 24)) as pilot:
        await pilot.press("question_mark")
        assert console.top == "KeyHelp"
        await pilot.press("question_mark")
        assert console.top == "ListScreen"


async def test_leaving_asks_when_something_would_be_lost(console: SmallConsole) -> None:
    async with console.run_test(size=(80, 24)) as pilot:
        console.list.unsaved = True
        await pilot.press("escape")
        assert console.top == "Confirm"
        await pilot.press("enter")
        assert console.top == "ListScreen"
        await pilot.press("ctrl+q")
        await pilot.press("y")
        await pilot.pause()

        assert console.return_code == 0


async def test_control_c_says_how_to_leave(console: SmallConsole) -> None:
    async with console.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+c")

        assert console.said == [
            "^c copies a selection. q at the top, or ^q, leaves the console."
        ]


async def test_what_is_said_may_hold_anything(console: SmallConsole) -> None:
    async with console.run_test(size=(80, 24)) as pilot:
        console.say("[/x] \x1b[2J", "error")
        await pilot.pause()

        (notification,) = console._notifications
        assert (notification.message, notification.markup) == ("[/x] ␛[2J", False)


async def test_the_status_line_shows_what_the_console_knows(
    console: SmallConsole,
) -> None:
    async with console.run_test(size=(100, 30)) as pilot:
        console.show_status(workspace="[/acme]", liveness=Liveness("live"))
        await pilot.pause()

        (status,) = console.list.query(StatusLine)
        shown = status.render()
        assert isinstance(shown, Content)
        assert shown.plain.split() == [
            *("hookline", "1", "Webhooks", "2", "DELIVERIES"),
            *("[/acme]", "●", "live"),
        ]


async def test_a_window_that_is_too_small_says_so_and_recovers(
    console: SmallConsole,
) -> None:
    async with console.run_test(size=(80, 24)) as pilot:
        await pilot.resize_terminal(59, 24)
        assert console.top == "TooSmall"
        await pilot.resize_terminal(60, 16)
        assert console.top == "ListScreen"


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((80, 24), {"-narrow", "-short"}),
        ((120, 40), {"-medium", "-tall"}),
        ((140, 30), {"-wide", "-tall"}),
    ],
)
async def test_screens_know_how_much_room_they_have(
    console: SmallConsole, size: tuple[int, int], expected: set[str]
) -> None:
    async with console.run_test(size=size) as pilot:
        await pilot.pause()

        assert expected <= console.list.classes


async def test_no_cursor_blinks(console: SmallConsole) -> None:
    async with console.run_test(size=(80, 24)) as pilot:
        field = console.list.query_one(Input)
        field.focus()
        await pilot.pause()

        assert field.cursor_blink is False


async def test_every_theme_can_be_chosen(console: SmallConsole) -> None:
    async with console.run_test(size=(80, 24)) as pilot:
        for name in CHOICES:
            console.theme = name
            await pilot.pause()

        assert set(CHOICES) <= set(console.available_themes)


# Dialogs.


async def answer_of(console: SmallConsole, question: Any, *keys: str) -> object:
    async with console.run_test(size=(80, 24)) as pilot:
        console.ask(question)
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
    return console.answers


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["enter"], [False]),
        (["escape"], [False]),
        (["tab", "enter"], [True]),
        (["y"], [True]),
    ],
)
async def test_the_harmless_answer_has_the_focus(
    console: SmallConsole, keys: list[str], expected: list[bool]
) -> None:
    question = Confirm("Redeliver [/x]?", "483 deliveries.", yes="Redeliver 483")

    assert await answer_of(console, question, *keys) == expected


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["o", "enter"], []),
        (["o", "enter", "escape"], [False]),
        ([*"orders-erp", "enter"], [True]),
    ],
)
async def test_deleting_takes_the_name(
    console: SmallConsole, keys: list[str], expected: list[bool]
) -> None:
    question = ConfirmByName("Delete?", "It is gone.", name="orders-erp", yes="Delete")

    assert await answer_of(console, question, *keys) == expected


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["enter"], ["deliver"]),
        (["j", "enter"], ["drop"]),
        (["j", "j", "enter"], [None]),
        (["escape"], [None]),
    ],
)
async def test_a_choice_can_always_be_left_alone(
    console: SmallConsole, keys: list[str], expected: list[str | None]
) -> None:
    answers = [
        Answer("deliver", "Deliver 12 held events", "At most 5 a second."),
        Answer("drop", "Drop them", "They are gone for good."),
    ]
    question = Choose("12 events are held", "", answers, cancel="Keep it off")

    assert await answer_of(console, question, *keys) == expected
