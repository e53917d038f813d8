from dataclasses import replace
from pathlib import Path

import pytest

from core.access import Actor, Membership, Role
from core.actions.webhooks import create_webhook, find_webhook
from core.draft import duplicate_of
from core.errors import NotFound, NotInitialised
from core.history import DeliveryFilter, Window
from core.model import DeliveryState
from tests.builders import HEADER_KEY, SIGNING_KEY
from tests.tui.consoles import NARROW, Session, console_over
from tests.tui.desks import ACME, DemoDesk, a_busy_desk, an_empty_desk, webhooks
from tui.desk import Desk, Place
from tui.screens.deliveries import DeliveriesScreen
from tui.screens.opening import OpeningScreen
from tui.screens.webhook import WebhookScreen
from tui.screens.webhooks import WebhooksScreen
from tui.widgets.confirm import Choose, Confirm, ConfirmByName
from tui.widgets.status_line import StatusLine


async def held(demo: DemoDesk) -> int:
    wanted = DeliveryFilter(states=frozenset({DeliveryState.HELD}))
    return (await demo.store.count_deliveries(ACME.id, wanted)).value


async def cursor_on(session: Session, name: str) -> None:
    session.table.go_to(f"whk_{name.replace('-', '')}")
    await session.settle()


async def test_the_worst_webhook_comes_first_with_its_cause_beside_it(
    tmp_path: Path,
) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await cursor_on(session, "orders-erp")

        lines = session.lines()
        health = session.text("#health")

    assert [line.split()[1] for line in lines[1:6]] == ["failing"] * 4 + ["disabled"]
    assert any("TLS OFF staging.acm" in line for line in lines)
    assert "✖ failing for 14 m" in health
    assert "503 Service Unavailable" in health
    assert "22 waiting to be sent" in health


async def test_no_secret_is_on_the_screen(tmp_path: Path) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await cursor_on(session, "orders-erp")

        picture = session.console.export_screenshot()

    assert "Authorization" in picture
    assert SIGNING_KEY not in picture
    assert HEADER_KEY not in picture


async def test_a_small_window_has_a_peek_instead_of_the_panel(tmp_path: Path) -> None:
    async with console_over(await a_busy_desk(), tmp_path, size=NARROW) as session:
        await cursor_on(session, "orders-erp")

        assert not session.find("#panel").display
        assert "✖ failing for 14 m" in session.text("#peek")


async def test_what_happens_elsewhere_is_seen_and_the_cursor_stays(
    tmp_path: Path,
) -> None:
    demo = await a_busy_desk()
    async with console_over(demo, tmp_path) as session:
        await cursor_on(session, "slack-ops")
        demo.receivers.answers = {}
        await demo.emit("finding.created", 3)
        await demo.work()
        await session.look()

        await session.until(lambda: session.row.health.waiting == 0)
        row = session.row

    assert row.webhook.name == "slack-ops"
    assert row.health.hour[-1].delivered == 4


async def test_words_narrow_the_list_as_they_are_typed(tmp_path: Path) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await session.press("slash")
        await session.write("tls off")

        assert [line.split()[2] for line in session.lines()[1:]] == ["staging-mirror"]
        assert "1 of 12 webhooks" in session.shown("#count")

        await session.press("escape")

        assert len(session.lines()) == 13


async def test_a_filter_that_fits_nothing_says_how_to_leave_it(tmp_path: Path) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await session.press("slash")
        await session.write("nothing")

        assert "No webhook has these words." in "\n".join(session.lines())


async def test_an_empty_workspace_says_what_to_do(tmp_path: Path) -> None:
    async with console_over(await an_empty_desk(), tmp_path) as session:
        assert "n creates the first one" in "\n".join(session.lines())

        await session.press("e")

        assert session.console.said[-1].startswith("There is no webhook")


@pytest.mark.parametrize(
    ("keys", "active", "state"),
    [
        (["up", "up", "enter"], True, DeliveryState.PENDING),
        (["up", "enter"], True, DeliveryState.CANCELLED),
        (["escape"], False, DeliveryState.HELD),
        (["enter"], False, DeliveryState.HELD),
    ],
    ids=["deliver", "drop", "neither", "unread"],
)
async def test_activating_asks_what_becomes_of_what_is_held(
    tmp_path: Path, keys: list[str], active: bool, state: DeliveryState
) -> None:
    demo = await a_busy_desk()
    async with console_over(demo, tmp_path) as session:
        await cursor_on(session, "nightly")
        await session.press("a")
        assert session.is_on(Choose)

        await session.press(*keys)

        webhook = await find_webhook(demo.desk.caller, "nightly")
        wanted = DeliveryFilter(webhook_id=webhook.id)
        rows = await demo.store.deliveries(ACME.id, wanted, Window(limit=500))
        assert webhook.active == active
        assert {row.delivery.state for row in rows} == {state}
        assert len(rows) == 91


async def test_deactivating_holds_what_waits_once_it_is_confirmed(
    tmp_path: Path,
) -> None:
    demo = await a_busy_desk()
    async with console_over(demo, tmp_path) as session:
        await cursor_on(session, "orders-erp")
        before = await held(demo)
        await session.press("a")
        assert session.is_on(Confirm)

        await session.press("y")

        assert await held(demo) == before + 22
        assert "22 deliveries are held" in session.console.said[-1]


async def test_deleting_asks_for_the_name(tmp_path: Path) -> None:
    demo = await a_busy_desk()
    async with console_over(demo, tmp_path) as session:
        await cursor_on(session, "orders-erp")
        await session.press("D")
        assert session.is_on(ConfirmByName)

        await session.write("orders")
        await session.press("enter")
        assert session.is_on(ConfirmByName)
        await session.write("-erp")
        await session.press("enter")

        with pytest.raises(NotFound):
            await find_webhook(demo.desk.caller, "orders-erp")
        await session.until(lambda: "orders-erp" not in "\n".join(session.lines()))


async def test_d_leads_to_the_deliveries_of_a_webhook(tmp_path: Path) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await cursor_on(session, "slack-ops")
        await session.press("d")

        assert session.is_on(DeliveriesScreen)
        assert {row.webhook_name for row in session.table.visible_rows} == {"slack-ops"}


async def test_enter_opens_the_page_of_a_webhook_and_escape_leaves_it(
    tmp_path: Path,
) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await cursor_on(session, "slack-ops")
        await session.press("enter")
        assert session.is_on(WebhookScreen)
        assert len(session.lines()) > 10

        await session.press("y", "u")
        assert session.console.copied == ["https://hooks.chat.example/T0/B0"]

        await session.press("escape")
        assert session.is_on(WebhooksScreen)


# The way in.


async def test_a_missing_database_is_a_sentence_and_r_tries_again(
    tmp_path: Path,
) -> None:
    demo = await a_busy_desk()
    refusals = [NotInitialised("There is no database.", "Run 'hookline init'.")]

    async def open_desk() -> Desk:
        for refusal in refusals:
            raise refusal
        return demo.desk

    demo.open = open_desk  # type: ignore[method-assign]
    async with console_over(demo, tmp_path) as session:
        assert session.is_on(OpeningScreen)
        assert "Run 'hookline init'." in session.shown("#opening")

        refusals.clear()
        await session.press("r")

        assert session.is_on(WebhooksScreen)


async def test_who_may_not_see_webhooks_is_told_which_role_could(
    tmp_path: Path,
) -> None:
    demo = await an_empty_desk()
    member = Actor("mallory", (Membership("mallory", Role.MEMBER, ACME.id),))
    demo.desk = replace(demo.desk, caller=replace(demo.desk.caller, actor=member))
    async with console_over(demo, tmp_path) as session:
        assert session.is_on(OpeningScreen)
        assert "mallory may not see or manage webhooks" in session.shown("#opening")


async def test_a_missing_worker_is_said_and_f8_starts_one(tmp_path: Path) -> None:
    demo = await a_busy_desk(with_worker=False)
    async with console_over(demo, tmp_path) as session:
        assert "No worker is running" in session.shown("Banner")

        await session.press("f8")
        await session.look()

        assert demo.desk.worker.running
        assert not session.find("Banner").display
    assert not demo.desk.worker.running


async def test_a_digit_leads_to_another_place_and_again_to_its_top(
    tmp_path: Path,
) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await session.press("enter", "2", "1")
        assert session.is_on(WebhookScreen)

        await session.press("1")

        assert session.is_on(WebhooksScreen)


async def test_the_console_opens_at_a_webhook_by_its_name(tmp_path: Path) -> None:
    place = Place(webhook="slack-ops")
    async with console_over(await a_busy_desk(), tmp_path, place=place) as session:
        assert session.is_on(WebhookScreen)
        assert session.console.screen.query_one(StatusLine).title == "slack-ops"


async def test_a_place_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    place = Place(webhook="lost")
    async with console_over(await a_busy_desk(), tmp_path, place=place) as session:
        assert session.is_on(WebhooksScreen)
        assert session.console.said == [
            "No webhook is called 'lost'. Here are all of them."
        ]


async def test_a_new_webhook_is_under_the_cursor_once_it_is_saved(
    tmp_path: Path,
) -> None:
    demo = await a_busy_desk()
    async with console_over(demo, tmp_path) as session:
        await session.press("c")
        draft = duplicate_of(webhooks()[3], "brand-new")
        saved = await create_webhook(demo.desk.caller, draft)
        session.console.screen.dismiss(saved)
        await session.settle()

        await session.until(lambda: session.row.webhook.name == "brand-new")
