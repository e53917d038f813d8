from pathlib import Path

import pytest
from textual.widgets import Input

from core.errors import DatabaseLocked
from core.model import DeliveryState
from tests.builders import SECOND
from tests.tui.consoles import NARROW, Session, console_over
from tests.tui.desks import ACME, DemoDesk, a_busy_desk, an_empty_desk
from tui.desk import Place
from tui.screens.deliveries import DeliveriesScreen
from tui.screens.delivery import DeliveryScreen
from tui.screens.webhook import WebhookScreen
from tui.widgets.confirm import Confirm
from tui.widgets.filter_bar import FilterBar
from tui.widgets.status_line import StatusLine


async def filtered(session: Session, text: str) -> None:
    screen = session.console.screen
    assert isinstance(screen, DeliveriesScreen)
    screen.ask(text)
    await session.settle()


def states(session: Session) -> set[DeliveryState]:
    return {row.delivery.state for row in session.table.visible_rows}


async def go_on(demo: DemoDesk, count: int = 1) -> None:
    """Another second passes, and events with it."""
    demo.clock.now += SECOND
    await demo.emit("finding.created", count)


async def test_new_deliveries_appear_as_another_process_makes_them(
    tmp_path: Path,
) -> None:
    demo = await a_busy_desk()
    async with console_over(demo, tmp_path) as session:
        await session.press("2")
        before = session.lines()
        await go_on(demo)
        await session.look()
        await session.until(lambda: session.lines() != before)

        lines = session.lines()

    assert before[1].startswith("12:00:00.000  ○ pending")
    assert lines[1].startswith("12:00:01.000  ○ pending")
    assert lines[11] == before[1]


async def test_a_frozen_list_counts_what_it_does_not_show_and_loses_nothing(
    tmp_path: Path,
) -> None:
    demo = await a_busy_desk()
    async with console_over(demo, tmp_path) as session:
        await session.press("2", "f")
        before = session.lines()
        await go_on(demo, 3)
        await session.look()

        note = "‖ frozen · +30 new · f follows"
        await session.until(lambda: note in session.shown("#note"))
        assert session.lines() == before

        await session.press("f")

        await session.until(lambda: session.lines()[1].startswith("12:00:01.000"))
        assert "● following" in session.shown("#note")


async def test_a_filter_shows_what_it_says(tmp_path: Path) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await session.press("2")
        await filtered(session, "webhook:erp state:failed status:5xx")

        rows = session.table.visible_rows

    assert {(row.webhook_name, row.last.status) for row in rows} == {
        ("orders-erp", 503)
    }


async def test_a_filter_that_is_wrong_says_so_and_keeps_the_rows(
    tmp_path: Path,
) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await session.press("2")
        await filtered(session, "state:failed")
        before = session.lines()
        await session.press("slash")
        await session.write(" wbhook:x")
        await session.press("enter")

        assert "'wbhook' is not a key. Did you mean webhook:?" in session.shown(
            "#words"
        )
        assert session.lines() == before[:-1]
        assert session.console.focused is session.console.screen.query_one(Input)

        await session.press("escape", "x")

        assert not session.find("#words").display
        assert len(states(session)) > 2


async def test_a_term_that_is_being_typed_is_helped_and_not_blamed(
    tmp_path: Path,
) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await session.press("2", "slash")
        await session.write("state:exh")
        await session.until(lambda: session.find("#words").display)
        assert session.shown("#words").lstrip().startswith("One or more of failed, ")

        await session.press("enter")

        assert session.console.screen.query_one(FilterBar).text == "state:exhausted"
        assert states(session) == {DeliveryState.EXHAUSTED}


async def test_states_are_chosen_from_a_list_too(tmp_path: Path) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await session.press("2", "s", "j", "j", "j", "enter")

        assert session.console.screen.query_one(FilterBar).text == "state:exhausted"
        assert states(session) == {DeliveryState.EXHAUSTED}


async def test_the_next_failure_is_found_from_the_cursor_down(tmp_path: Path) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await session.press("2", "exclamation_mark")
        first = session.row
        await session.press("exclamation_mark")
        second = session.row

    assert first.delivery.state is DeliveryState.EXHAUSTED
    assert second.id < first.id
    assert second.delivery.state in (DeliveryState.EXHAUSTED, DeliveryState.RETRYING)


async def test_an_empty_history_says_how_to_fill_it(tmp_path: Path) -> None:
    async with console_over(await an_empty_desk(), tmp_path) as session:
        await session.press("2")

        assert "hookline emit review.completed" in "\n".join(session.lines())


async def test_hostile_names_are_shown_and_do_nothing(tmp_path: Path) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await session.press("2")
        await filtered(session, "webhook:evil status:422")
        await session.press("j", "enter")

        assert "[/x][@click=app.quit]" in session.text("#text")
        assert "␛]52;c;aGFoYQ==␇" in session.text("#text")
        assert "<U+202E>gnp.exe" in session.text("#text")


# One delivery.


async def open_failure(session: Session, webhook: str) -> None:
    await session.press("2")
    await filtered(session, f"webhook:{webhook} state:failed")
    await session.press("exclamation_mark", "enter")
    assert session.is_on(DeliveryScreen)


async def test_a_delivery_says_first_why_it_failed_and_what_to_do(
    tmp_path: Path,
) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await open_failure(session, "orders-erp")

        diagnosis = session.text("#diagnosis")
        response = session.text("#text")
        timing = session.text("#timing")

    assert diagnosis.startswith(
        "↻ retrying: The receiver answers 503 Service Unavailable."
    )
    assert "DNS, TCP and TLS are fine, and the whole request went out." in diagnosis
    assert "failing for 14 m" in diagnosis
    assert '"maintenance"' in response
    assert "203.0.113.9:443" in timing


async def test_the_request_is_shown_with_its_body_proven_and_secrets_masked(
    tmp_path: Path,
) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await open_failure(session, "orders-erp")
        await session.press("tab")

        request = session.text("#text")

    assert "POST /api/v2/orders HTTP/1.1" in request
    assert "Authorization: ••••see" in request
    assert "✔ built again" in request
    assert '"The counter is not atomic"' in request


async def test_attempts_are_walked_with_h_and_l(tmp_path: Path) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await open_failure(session, "legacy-audit")
        newest = session.shown("TabStrip")
        await session.press("h")

        assert "attempt 2 of 2" in newest
        assert "attempt 1 of 2" in session.shown("TabStrip")
        assert session.row.number == 1


async def test_the_neighbours_under_the_filter_are_one_key_away(
    tmp_path: Path,
) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await open_failure(session, "orders-erp")
        first = session.console.screen.query_one(StatusLine).title
        await session.press("right_square_bracket")
        second = session.console.screen.query_one(StatusLine).title
        await session.press("left_square_bracket", "left_square_bracket")

        assert "orders-erp" in second
        assert first != second
        assert session.console.said[-1] == "This is the newest delivery of the list."


async def test_r_makes_it_due_again(tmp_path: Path) -> None:
    demo = await a_busy_desk()
    async with console_over(demo, tmp_path) as session:
        await open_failure(session, "crm")
        await session.press("r")
        assert "is inactive" in session.console.said[-1]

        await session.press("escape", "x")
        await open_failure(session, "orders-erp")
        await session.press("r")
        await session.look()

        words = "It is due again and waits for a worker."
        await session.until(lambda: words in session.text("#diagnosis"))


async def test_what_was_delivered_is_not_sent_again_without_a_question(
    tmp_path: Path,
) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await session.press("2")
        await filtered(session, "webhook:slack state:delivered")
        await session.press("j", "r")

        assert session.is_on(Confirm)

        await session.press("escape")

        assert session.console.said == []


async def test_a_copy_as_curl_has_placeholders_and_no_secret(tmp_path: Path) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await open_failure(session, "orders-erp")
        await session.press("y", "c")

        [copied] = session.console.copied

    assert copied.startswith(
        "curl --request POST https://erp.acme.example/api/v2/orders"
    )
    assert '"Authorization: $HOOKLINE_AUTHORIZATION"' in copied
    assert "nobody may see" not in copied


async def test_a_copy_of_the_diagnosis_is_markdown(tmp_path: Path) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await open_failure(session, "orders-erp")
        await session.press("y", "d")

        [copied] = session.console.copied

    assert copied.startswith("**orders-erp**: finding.created, delivery `dlv_")
    assert "- The receiver answers 503 Service Unavailable." in copied


async def test_o_leads_to_the_webhook(tmp_path: Path) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await open_failure(session, "orders-erp")
        await session.press("o")

        assert session.is_on(WebhookScreen)
        assert "✖ failing for 14 m" in session.text("#health")


@pytest.mark.parametrize("size", [(120, 40), NARROW])
async def test_the_console_opens_at_a_delivery(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    demo = await a_busy_desk()
    [row, *_] = await demo.store.delivery_rows(ACME.id, ["dlv_001083"])
    place = Place(delivery=row.id)
    async with console_over(demo, tmp_path, size=size, place=place) as session:
        assert session.is_on(DeliveryScreen)
        assert "503" in session.text("#text")

        await session.press("escape")

        assert session.console.current_mode == "deliveries"


async def test_a_delivery_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    place = Place(delivery="dlv_lost")
    async with console_over(await a_busy_desk(), tmp_path, place=place) as session:
        assert "dlv_lost" in session.text("#diagnosis")


async def test_a_store_that_fails_is_a_sentence_and_ends_nothing(
    tmp_path: Path,
) -> None:
    demo = await a_busy_desk()
    async with console_over(demo, tmp_path) as session:
        await session.press("2")

        async def locked(*_: object) -> object:
            raise DatabaseLocked("The database is locked.", "Try again.")

        demo.store.deliveries = locked  # type: ignore[assignment]
        await session.press("exclamation_mark")

        assert session.console.said[-1] == "The database is locked. Try again."
        assert session.is_on(DeliveriesScreen)
