from pathlib import Path

from tests.tui.consoles import console_over
from tests.tui.desks import GLOBEX, a_busy_desk, an_empty_desk
from tui.screens.audit import AuditScreen
from tui.screens.deliveries import DeliveriesScreen
from tui.screens.events import EventsScreen
from tui.screens.webhooks import WebhooksScreen
from tui.widgets.filter_bar import FilterBar


async def test_events_are_listed_with_their_data_and_their_deliveries(
    tmp_path: Path,
) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await session.press("3", "down")
        assert session.is_on(EventsScreen)
        assert session.lines()[1].startswith("12:00:00.000  review.failed")
        assert '"The branch was deleted"' in session.text("#data")

        await session.press("d")

        assert session.is_on(DeliveriesScreen)
        assert len(session.table.visible_rows) == 11


async def test_events_are_filtered_by_a_pattern(tmp_path: Path) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await session.press("3", "slash")
        await session.write("member.*")
        await session.press("enter")
        types = {row.event.type for row in session.table.visible_rows}
        assert types == {"member.added"}

        session.console.screen.query_one(FilterBar).write("*oops")
        await session.settle()
        assert "'*oops'" in session.shown("#words")

        await session.press("escape")
        assert not session.find("#words").display
        assert len({row.event.type for row in session.table.visible_rows}) > 2


async def test_events_appear_live(tmp_path: Path) -> None:
    demo = await an_empty_desk()
    async with console_over(demo, tmp_path) as session:
        await session.press("3")
        assert "No event was emitted yet." in "\n".join(session.lines())

        await demo.emit("api_key.created")
        await session.look()

        await session.until(lambda: "api_key.created" in session.lines()[1])


async def test_the_data_of_an_event_is_copied_as_it_was_emitted(tmp_path: Path) -> None:
    demo = await an_empty_desk()
    await demo.emit("review.failed")
    async with console_over(demo, tmp_path) as session:
        await session.press("3", "down", "y", "d")

        [copied] = session.console.copied

    assert '"reason": "The branch was deleted"' in copied


async def test_the_audit_says_who_changed_what(tmp_path: Path) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await session.press("j", "a", "y", "4", "down")

        assert session.is_on(AuditScreen)
        await session.until(lambda: "webhook deactivated" in "\n".join(session.lines()))
        assert "active: yes → no" in session.text("#change")


async def test_another_workspace_is_one_choice_away(tmp_path: Path) -> None:
    async with console_over(await a_busy_desk(), tmp_path) as session:
        await session.press("2", "1", "w", "j", "enter")
        await session.look()

        assert session.is_on(WebhooksScreen)
        assert session.console.status.workspace == GLOBEX.slug
        await session.until(lambda: "No webhook yet." in "\n".join(session.lines()))

        await session.press("2")

        await session.until(
            lambda: "Nothing was delivered yet." in "\n".join(session.lines())
        )
