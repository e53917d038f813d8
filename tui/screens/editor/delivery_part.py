"""The last page: how long, how many at a time, and when again."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Static

from core.draft import WebhookDraft
from core.errors import Invalid
from core.model import MAX_IN_FLIGHT, TIMEOUTS, Webhook
from tui.screens.editor.part import FormPart
from tui.views.form import (
    Words,
    parse_number,
    parse_schedule,
    schedule_text,
    schedule_words,
)
from tui.widgets.field import Field
from tui.widgets.tick import Tick


class DeliveryPart(FormPart):
    """Timeout, requests in flight, retry schedule."""

    DEFAULT_CSS = """
    DeliveryPart Input.-short { width: 8; }
    DeliveryPart .delivery--unit { width: 1fr; color: $foreground-muted; }
    """

    def __init__(
        self, draft: WebhookDraft, before: Webhook | None, now: datetime
    ) -> None:
        super().__init__(draft, before, "delivery")
        self._now = now

    def compose(self) -> ComposeResult:
        """Lay out the fields."""
        draft = self.draft
        shortest, longest = TIMEOUTS
        yield self._number(
            "Timeout",
            "timeout",
            f"{draft.timeout:g}",
            f"seconds for a whole attempt, {shortest:g} to {longest:g}",
        )
        yield self._number(
            "In flight",
            "in_flight",
            str(draft.in_flight),
            f"requests at the same time, 1 to {MAX_IN_FLIGHT}",
        )
        waits = Input(schedule_text(draft.schedule), compact=True, id="retry")
        yield Field("Attempts", waits, name="retry")
        give_up = Tick("Give up on 4xx", draft.give_up_on_4xx, id="give-up")
        yield Field("", give_up, name="give_up_on_4xx")

    def _number(self, label: str, name: str, value: str, unit: str) -> Field:
        typed = Input(value, compact=True, id=name, classes="-short")
        return Field(
            label, typed, Static(f" {unit}", classes="delivery--unit"), name=name
        )

    def verdict(self, field: str, draft: WebhookDraft) -> Words:
        """When the attempts would be, and what giving up means."""
        match field:
            case "retry":
                return schedule_words(draft.schedule, self._now)
            case "give_up_on_4xx" if draft.give_up_on_4xx:
                return Words("Any 4xx answer ends the delivery at once.", "warn")
            case "give_up_on_4xx":
                return Words("A 4xx is tried again like the rest; 410 switches it off.")
            case _:
                return Words("")

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        match message.input.id:
            case "timeout":
                self._read(
                    "timeout", message.value, lambda t: parse_number(t, "timeout")
                )
            case "in_flight":
                self._read("in_flight", message.value, _whole)
            case _:
                self._read("retry", message.value, parse_schedule)

    def _read(self, field: str, text: str, parse: Callable[[str], Any]) -> None:
        """Tell what was typed as a value, or why it is none."""
        try:
            value = parse(text)
        except Invalid as invalid:
            self.screen.post_message(self.Edited({}, {field: invalid}))
        else:
            name = "schedule" if field == "retry" else field
            self.screen.post_message(self.Edited({name: value}, {field: None}))

    @on(Tick.Changed)
    def _ticked(self, message: Tick.Changed) -> None:
        message.stop()
        self.tell_choice(give_up_on_4xx=message.tick.value)


def _whole(text: str) -> int:
    number = parse_number(text, "in_flight")
    if number != int(number):
        raise Invalid("Write a whole number.", field="in_flight")
    return int(number)
