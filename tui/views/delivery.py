"""One delivery in facts, cells and lines.

Pure: values in, words out.
"""

from collections.abc import Iterator
from datetime import datetime

from core.diagnosis import Diagnosis
from core.history import DeliveryDetail, last_attempt
from core.model import Attempt, Event, Trigger
from core.outcome import Failure
from core.reproduce import proven_body
from core.request import PreparedRequest
from tui.views.facts import Fact
from tui.views.lines import Line, body_lines, line, size_words
from tui.views.request import prepared_lines, sent_lines
from tui.views.response import duration_words, outcome_lines, phase_lines
from tui.views.signs import STATES, answer_cell, moment
from tui.widgets.columns import Cell, Column

ATTEMPT_COLUMNS = (
    Column("#", 2, align="right"),
    Column("TIME (UTC)", 12),
    Column("ANSWER", 8, flex=1),
    Column("TOOK", 8, align="right"),
    Column("BY", 8, drop=1),
)
NO_ATTEMPT = "No attempt was made yet."
PARTS = ("Response", "Request", "Timing", "Event")

_BY = {Trigger.SCHEDULE: "schedule", Trigger.MANUAL: "hand", Trigger.TEST: "test"}


def title(detail: DeliveryDetail) -> str:
    """Where one is: the event, its webhook, and the delivery between them."""
    delivery = detail.delivery
    return f"{delivery.event_type} → {detail.webhook_name}  {delivery.id}"


def diagnosis_facts(detail: DeliveryDetail, found: Diagnosis) -> list[Fact]:
    """The diagnosis: what is the case first, in the colour of the state."""
    sign = STATES[detail.delivery.state]
    labelled = (
        ("Then", found.then),
        ("Works", found.works),
        ("Webhook", found.webhook.removeprefix("The webhook as a whole: ")),
        ("Do", found.do),
    )
    first = Fact("", f"{sign.text}: {found.what}", sign.tone)
    return [first, *(Fact(label, text) for label, text in labelled if text)]


def attempt_cells(attempt: Attempt, now: datetime) -> list[Cell]:
    """The line of an attempt."""
    return [
        Cell(str(attempt.number)),
        Cell(moment(attempt.started_at, now, milliseconds=True), "muted"),
        _answer(attempt),
        Cell(duration_words(attempt.duration.total_seconds())),
        Cell(_BY[attempt.trigger], "muted"),
    ]


def _answer(attempt: Attempt) -> Cell:
    found = answer_cell(last_attempt(attempt))
    return found._replace(tone="ok") if attempt.outcome.is_success else found


def attempt_words(detail: DeliveryDetail, attempt: Attempt | None) -> str:
    """Which attempt is shown, of how many."""
    if attempt is None:
        return ""
    place, count = detail.attempts.index(attempt) + 1, len(detail.attempts)
    return f"◂ attempt {place} of {count} ▸" if count > 1 else "attempt 1 of 1"


def request_lines(
    detail: DeliveryDetail, attempt: Attempt | None, built: PreparedRequest | None
) -> list[Line]:
    """The request as it was sent; before the first attempt, as it would be."""
    if attempt is None:
        return _not_yet(built)
    if attempt.request is None:
        return [line(("No request was built, so nothing was sent.", "warn"))]
    body = proven_body(built, attempt)
    lines = sent_lines(attempt.request, body)
    if body is None:
        return [*lines, (), line((_why_no_body(detail, attempt), "warn"))]
    if not body:
        return lines
    size = size_words(attempt.request.body_size)
    digest = attempt.request.body_sha256[:16]
    proof = f"✔ built again: {size}, the same sha256 {digest}… as was sent"
    return [*lines, (), line((proof, "muted"))]


def _not_yet(built: PreparedRequest | None) -> list[Line]:
    if built is None:
        return [line(("The webhook is deleted, or cannot build it.", "warn"))]
    head = line(("Nothing was sent yet; now it would be:", "muted"))
    return [head, (), *prepared_lines(built)]


def _why_no_body(detail: DeliveryDetail, attempt: Attempt) -> str:
    if detail.webhook is None:
        return "Its webhook is deleted, so the body cannot be built again."
    now = detail.webhook.revision
    return (
        f"Revision {attempt.revision} of the webhook built it, and it is at {now} now: "
        "that body cannot be built again."
    )


def response_lines(attempt: Attempt | None) -> list[Line]:
    """The answer, or the failure in words."""
    if attempt is None:
        return [line((NO_ATTEMPT, "muted"))]
    return outcome_lines(attempt.outcome)


def timing_lines(attempt: Attempt | None, width: int) -> list[Line]:
    """How long each part took, to whom it went, and what TLS showed."""
    if attempt is None:
        return [line((NO_ATTEMPT, "muted"))]
    return [*phase_lines(attempt.outcome.phases, width), *_culprit(attempt)]


def _culprit(attempt: Attempt) -> Iterator[Line]:
    if isinstance(attempt.outcome, Failure):
        yield ()
        yield line(("It ended in the last part shown.", "muted"))


def event_lines(event: Event, now: datetime) -> list[Line]:
    """The event and its data as it was given."""
    when = moment(event.created_at, now, milliseconds=True)
    return [
        line((event.type, "strong"), "  ", event.id, (f"  {when} UTC", "muted")),
        (),
        *body_lines(event.payload, "application/json"),
    ]
