"""A test event: the request as it will go out, and after ⏎ what came of it.

Sending never blocks the screen. Every test is an event of its own, with new ids.
"""

import asyncio
from functools import partial
from pathlib import Path
from time import monotonic
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import Static

from core.actions.events import list_event_types
from core.actions.preview import Sample, find_sample, send_test
from core.curl import as_curl
from core.errors import NotFound
from core.model import Attempt, Webhook
from core.request import PreparedRequest
from tui.actions import Place, bindings_of
from tui.desk import Desk
from tui.screens.base import ConsoleScreen
from tui.screens.building import built
from tui.screens.samples import choose_sample, first_type, sample_words
from tui.screens.test.messages import Prepared, Refused, Sent
from tui.text import showable
from tui.views.form import Words
from tui.views.request import prepared_lines, sent_lines
from tui.views.test import NOT_RECORDED, answer_lines, answer_words
from tui.widgets.code_view import CodeView
from tui.widgets.facts import Fitted
from tui.widgets.words_line import WordsLine

TICK = 0.5  # seconds between two looks at the clock while sending


class AnswerView(Fitted, can_focus=True):
    """What came: its bars are as wide as there is room, whenever that changes."""


class TestScreen(ConsoleScreen[None]):
    """Sends a test event to one webhook, as often as wanted."""

    __test__ = False  # its name is a test's to pytest
    PLACE = "test"
    CSS_PATH = Path(__file__).with_name("screen.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("test", through="act")]
    HORIZONTAL_BREAKPOINTS = [(0, "-stacked"), (110, "-beside")]  # noqa: RUF012
    AUTO_FOCUS = "#request-lines"

    def __init__(
        self,
        desk: Desk,
        webhook: Webhook,
        *,
        event: str = "",
        record: bool = True,
        at_once: bool = False,
    ) -> None:
        """Test a webhook.

        Args:
            desk: What the console works with.
            webhook: The one to test, saved or being typed.
            event: An event type's name or an event's id; empty takes the first type
                that the webhook wants.
            record: Whether the history keeps the test.
            at_once: Whether to send without waiting for ⏎.
        """
        super().__init__()
        self._desk = desk
        self._webhook = webhook
        self._event = event
        self._record = record
        self._at_once = at_once
        self._sample: Sample | None = None
        self._request: PreparedRequest | None = None
        self._answer: Attempt | None = None
        self._began = 0.0
        self._clock: Timer | None = None

    def compose_body(self) -> ComposeResult:
        """Lay out the words above request and answer."""
        yield WordsLine(id="test-words")
        yield WordsLine(id="test-then")
        with Horizontal(id="test-texts"):
            with Vertical(id="test-request"):
                yield Static("Request", classes="test--title", id="request-title")
                yield CodeView(id="request-lines")
            with Vertical(id="test-answer"):
                yield Static("Answer", classes="test--title")
                yield AnswerView(id="answer-lines")

    def on_mount(self) -> None:
        """Build the request."""
        self.add_class("-waiting")
        self.status_line.title = f"Test › {self._webhook.name}"
        self.prepare()

    def _say(self, words: Words, then: str = "") -> None:
        self.query_one("#test-words", WordsLine).say(words)
        below = self.query_one("#test-then", WordsLine)
        below.say(Words(then))
        below.set_class(bool(then), "-said")

    # The request.

    @work(group="prepare", exclusive=True, exit_on_error=False)
    async def prepare(self) -> None:
        """Draw a new event, and build what would be sent for it."""
        try:
            sample = await self._new_sample()
            request = await asyncio.to_thread(
                built, self._desk.caller, self._webhook, sample
            )
        except Exception as problem:
            self.post_message(Refused(problem))
        else:
            self.post_message(Prepared(sample, request))

    async def _new_sample(self) -> Sample:
        caller = self._desk.caller
        if not self._event:
            types = await list_event_types(caller)
            first = first_type(types, " ".join(self._webhook.events))
            if first is None:
                raise NotFound(
                    "There is no event type to test with.", "Add one to the catalogue."
                )
            self._event = first.name
        # Without the webhook's id: a test is a delivery of its own.
        return await find_sample(caller, self._event)

    @on(Prepared)
    def _prepared(self, message: Prepared) -> None:
        self._sample, self._request = message.sample, message.request
        event = message.sample.event
        title = f"Request  {event.type} · {sample_words(message.sample)}"
        self.query_one("#request-title", Static).update(showable(title))
        self.query_one("#request-lines", CodeView).set_lines(
            prepared_lines(message.request), from_top=True
        )
        self.refresh_hints()
        if self._at_once:
            self._at_once = False
            self._send_now(message.sample)
        else:
            where = message.request.url.host_header
            then = "" if self._record else NOT_RECORDED
            self._say(Words(f"⏎ sends this to {where}, for real."), then)

    @on(Refused)
    def _refused(self, message: Refused) -> None:
        self._stop_clock()
        self._at_once = False
        self._say(Words(f"✖ {message.words}", "bad"))

    # Sending.

    def why_not(self, verb: str) -> str | None:
        """Say what an action still lacks."""
        if verb == "send" and self._clock is not None:
            return "It is on its way."
        if verb == "copy_curl" and self._request is None:
            return "There is no request to copy."
        return None

    def action_send(self) -> None:
        """Send it; a second time with new ids, as another event."""
        if self._sample is not None and self._answer is None:
            self._send_now(self._sample)
        else:
            self._at_once = True
            self.prepare()

    def _send_now(self, sample: Sample) -> None:
        self._began = monotonic()
        self._clock = self.set_interval(TICK, self._say_sending)
        self._say_sending()
        self.refresh_hints()
        self._send(sample)

    def _say_sending(self) -> None:
        passed = monotonic() - self._began
        limit = self._webhook.limits.timeout
        words = f"… sending for {passed:.1f} s, at most {limit:g} s"
        self._say(Words(words, "muted"))

    @work(group="send", exclusive=True, exit_on_error=False)
    async def _send(self, sample: Sample) -> None:
        desk = self._desk
        try:
            attempt = await send_test(
                desk.caller, self._webhook, sample, desk.send, record=self._record
            )
        except Exception as problem:
            self.post_message(Refused(problem))
        else:
            self.post_message(Sent(attempt))

    @on(Sent)
    def _sent(self, message: Sent) -> None:
        self._stop_clock()
        self._answer = message.attempt
        self.remove_class("-waiting")
        self.add_class("-answered")
        words, then = answer_words(message.attempt, recorded=self._record)
        self._say(words, then)
        self._show_answer()
        self.query_one("#answer-lines").focus()

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.stop()
            self._clock = None
        self.refresh_hints()

    def _show_answer(self) -> None:
        """Show what was sent and what came."""
        attempt, request = self._answer, self._request
        if attempt is None:
            return
        if attempt.request is not None and request is not None:
            sent = sent_lines(attempt.request, request.body)
            self.query_one("#request-lines", CodeView).set_lines(sent)
        view = self.query_one("#answer-lines", AnswerView)
        view.fit(partial(answer_lines, attempt.outcome))
        view.scroll_home(animate=False)

    # The rest.

    def action_sample(self) -> None:
        """Test with another event."""
        self._choose()

    @work(group="sample", exclusive=True, exit_on_error=False)
    async def _choose(self) -> None:
        try:
            key = await choose_sample(self.app, self._desk.caller, self._event)
        except Exception as problem:
            self.post_message(Refused(problem))
            return
        if key is not None:
            self._event, self._answer = key, None
            self.prepare()

    @work(group="copy", exclusive=True, exit_on_error=False)
    async def action_copy_curl(self) -> None:
        """Copy the request as a command, with placeholders for secrets."""
        if self._request is not None:
            await self.console.copy(as_curl(self._request))

    @property
    def help_places(self) -> tuple[Place, ...]:
        """What the key help shows."""
        return ("test", "text", "everywhere")

    def action_next_part(self) -> None:
        """Go to the other text."""
        self.screen.focus_next(CodeView)

    @work(group="leaving", exclusive=True)
    async def action_back(self) -> None:
        """Leave; what is on its way arrives, but nobody waits for it."""
        self.dismiss(None)
