"""A test event, sent from its screen."""

import asyncio
import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from textual.pilot import Pilot

from core.history import DeliveryFilter, DeliveryRow, Window
from core.model import Trigger, Webhook
from core.outcome import Failure, FailureKind, Outcome, Phases, Response
from core.ports import Send
from core.request import PreparedRequest
from tests.builders import HEADER_KEY, SIGNING_KEY, a_signed_webhook
from tests.tui.desks import ACME, ESCAPING, MARKUP, DemoDesk, an_empty_desk
from tui.app import ConsoleApp, Surroundings
from tui.screens.test import TestScreen
from tui.widgets.code_view import CodeView
from tui.widgets.words_line import WordsLine

BUSY = Response(
    503,
    "Service Unavailable",
    (("retry-after", "30"), ("x-note", ESCAPING + MARKUP)),
    b'{"error": "maintenance"}',
    phases=Phases(dns=0.003, connect=0.02, wait=1.1, peer="192.0.2.1:443"),
)
SHUT = Failure(FailureKind.CONNECT, "192.0.2.1:443 refused the connection.")


class Receiver:
    """Answers as told, once it may, and keeps what it got."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)
        self.got: list[PreparedRequest] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self, request: PreparedRequest) -> Outcome:
        self.got.append(request)
        await self.may_answer.wait()
        return self.outcomes.pop(0)


class Session:
    """A test screen and its keyboard."""

    def __init__(self, app: ConsoleApp, pilot: Pilot[None], demo: DemoDesk) -> None:
        self.app = app
        self.pilot = pilot
        self.demo = demo

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def settle(self) -> None:
        for _ in range(2):
            await self.pilot.pause()
            busy = [w for w in self.app.workers if w.group not in ("send", "sample")]
            if busy:
                await self.app.workers.wait_for_complete(busy)
        await self.pilot.pause()

    def words(self, selector: str = "#test-words") -> str:
        return str(self.app.screen.query_one(selector, WordsLine).content)

    def text(self, selector: str) -> str:
        return self.app.screen.query_one(selector, CodeView).text

    @property
    def picture(self) -> str:
        svg = self.app.export_screenshot()
        return html.unescape(re.sub("<[^>]+>", "", svg)).replace("\xa0", " ")

    async def history(self) -> list[DeliveryRow]:
        store = self.demo.store
        return list(await store.deliveries(ACME.id, DeliveryFilter(), Window()))


@asynccontextmanager
async def trying(
    folder: Path, send: Send, *, record: bool = True, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[Session]:
    demo = await an_empty_desk()
    webhook: Webhook = a_signed_webhook(events=("review.*",))
    entry = demo.desk.caller.audit("webhook.created", webhook.id)
    await demo.store.add_webhook(webhook, entry)
    app = ConsoleApp(Surroundings(folder))
    async with app.run_test(size=size) as pilot:
        session = Session(app, pilot, demo)
        desk = replace(demo.desk, send=send)
        await app.push_screen(TestScreen(desk, webhook, record=record))
        await session.settle()
        yield session


async def test_nothing_is_sent_before_it_is_asked_for(tmp_path: Path) -> None:
    receiver = Receiver(BUSY)
    async with trying(tmp_path, receiver) as session:
        assert "⏎ sends this to ci.example.com, for real." in session.words()
        assert "X-ACR-Event: review.completed" in session.text("#request-lines")

    assert receiver.got == []


async def test_the_request_that_was_shown_is_the_one_that_is_sent(
    tmp_path: Path,
) -> None:
    receiver = Receiver(BUSY)
    async with trying(tmp_path, receiver) as session:
        shown = session.text("#request-lines")
        await session.press("enter")

        assert session.text("#request-lines") == shown
        [sent] = receiver.got
        assert shown.endswith(sent.body.decode())
        assert [line.partition(": ")[0] for line in shown.split("\n")[1:-2]] == [
            header.name for header in sent.headers
        ]


async def test_the_answer_is_shown_with_its_time_and_recorded(tmp_path: Path) -> None:
    async with trying(tmp_path, Receiver(BUSY)) as session:
        await session.press("enter")

        answer = session.text("#answer-lines")
        [row] = await session.history()
        assert "✖ 503 Service Unavailable in" in session.words()
        assert f"Recorded as {row.id}." in session.words("#test-then")
        assert '{"error": "maintenance"}' in answer
        assert "Where the time went" in answer
        assert "\x1b" not in answer
        assert row.delivery.trigger is Trigger.TEST


async def test_the_screen_goes_on_while_it_is_sent(tmp_path: Path) -> None:
    receiver = Receiver(BUSY)
    async with trying(tmp_path, receiver) as session:
        receiver.may_answer.clear()
        await session.press("enter")
        assert session.words().startswith("… sending")
        await session.press("enter", "f6")
        assert len(receiver.got) == 1

        receiver.may_answer.set()
        await session.app.workers.wait_for_complete()
        await session.settle()
        assert "503" in session.words()


async def test_a_failure_says_what_to_do(tmp_path: Path) -> None:
    async with trying(tmp_path, Receiver(SHUT), size=(80, 24)) as session:
        await session.press("enter")

        assert "No answer (connect)" in session.words()
        assert "refused the connection" in session.words()
        assert "Nothing listens there" in session.words("#test-then")
        assert "A test is sent once." in session.words("#test-then")


async def test_a_second_test_is_another_event(tmp_path: Path) -> None:
    receiver = Receiver(BUSY, SHUT)
    async with trying(tmp_path, receiver) as session:
        await session.press("enter", "r")

        assert "No answer" in session.words()
        assert len(await session.history()) == 2
        first, second = receiver.got
        assert first.body != second.body


async def test_a_draft_leaves_no_trace_in_the_history(tmp_path: Path) -> None:
    async with trying(tmp_path, Receiver(BUSY), record=False) as session:
        assert "Not recorded" in session.words("#test-then")
        await session.press("enter")

        assert "Not recorded" in session.words("#test-then")
        assert await session.history() == []


async def test_another_event_can_be_chosen(tmp_path: Path) -> None:
    async with trying(tmp_path, Receiver(BUSY)) as session:
        await session.press("e", *"member", "down", "enter")

        assert "X-ACR-Event: member.removed" in session.text("#request-lines")


async def test_the_request_is_copied_without_its_secrets(tmp_path: Path) -> None:
    async with trying(tmp_path, Receiver(BUSY)) as session:
        await session.press("y", "enter")
        picture = session.picture
        copied = session.app.clipboard

    assert copied.startswith("curl --request POST https://ci.example.com/hooks")
    for secret in (HEADER_KEY, SIGNING_KEY):
        assert secret not in copied
        assert secret not in picture
