from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.diagnosis import Diagnosis, as_markdown, diagnose, percent, works
from core.history import Bucket, DeliveryDetail, WebhookHealth
from core.model import Attempt, DeliveryState
from core.outcome import Failure, FailureKind, Phases
from core.retry import GiveUp, RetryAt
from core.spans import span_words
from tests.builders import (
    HEADER_KEY,
    MINUTE,
    NOON,
    SECOND,
    SIGNING_KEY,
    a_delivery,
    a_response,
    a_signed_webhook,
    an_attempt,
    an_event,
)

WAITED = Phases(dns=0.003, connect=0.018, tls=0.041, send=0.001, wait=15.0)
UNANSWERED = Failure(FailureKind.TIMEOUT, "No answer within 15 s: waiting.", WAITED)
LATER = RetryAt(NOON + 5 * MINUTE, "by the schedule")


def a_detail(*attempts: Attempt, **changes: Any) -> DeliveryDetail:
    delivery = a_delivery(attempts=len(attempts), **changes)
    return DeliveryDetail(delivery, an_event(), "CI", a_signed_webhook(), attempts)


def failing(*outcomes: Any) -> DeliveryDetail:
    attempts = [
        an_attempt(outcome, LATER, number=number)
        for number, outcome in enumerate(outcomes, 1)
    ]
    return a_detail(*attempts, state=DeliveryState.RETRYING, due_at=NOON + 5 * MINUTE)


def test_a_refusal_is_explained_with_what_follows_and_what_to_do() -> None:
    busy = a_response(503)
    health = WebhookHealth(
        hour=(Bucket(3, 97),), waiting=1204, failing_since=NOON - 14 * MINUTE
    )

    assert diagnose(failing(busy, busy, busy), NOON, health) == Diagnosis(
        what="The receiver answers 503 Service Unavailable, on all 3 attempts.",
        then="Attempt 4 of 10 at 12:05:00 UTC, in 5 m, by the schedule.",
        webhook="The webhook as a whole: failing for 14 m, 3 % of the last hour "
        "delivered, 1,204 waiting.",
        do="The receiver is broken or overloaded: its own log says why.",
    )


def test_what_went_well_before_a_failure_is_said() -> None:
    found = diagnose(failing(a_response(503), UNANSWERED), NOON)

    assert found.what == "No answer within 15 s: waiting. In 2 attempts: 1 × 503, " + (
        "1 × timeout."
    )
    assert found.works == "DNS, TCP and TLS are fine, and the whole request went out."


@pytest.mark.parametrize(
    ("phases", "words"),
    [
        (Phases(), ""),
        (Phases(dns=0.01), ""),
        (Phases(dns=0.01, connect=5.0), "DNS is fine."),
        (Phases(dns=0.01, connect=0.1, tls=0.1), "DNS and TCP are fine."),
        (
            Phases(send=0.01, wait=15.0, reused=True),
            "The open connection is fine, and the whole request went out.",
        ),
    ],
)
def test_a_failure_ended_in_the_last_phase_it_entered(
    phases: Phases, words: str
) -> None:
    assert works(Failure(FailureKind.CONNECT, "refused", phases)) == words


def test_a_delivered_one_says_how() -> None:
    attempt = an_attempt(number=2)

    found = diagnose(a_detail(attempt, state=DeliveryState.DELIVERED), NOON)

    assert found == Diagnosis("Delivered with attempt 2: 200 OK in 0.12 s.")


@pytest.mark.parametrize(
    ("state", "what"),
    [
        (DeliveryState.PENDING, "Waiting for a worker. Nothing was sent yet."),
        (DeliveryState.HELD, "Held: its webhook is inactive. Nothing was sent yet."),
        (DeliveryState.CANCELLED, "Cancelled before anything was sent."),
        (DeliveryState.SENDING, "A worker is sending it now."),
    ],
)
def test_a_delivery_without_attempts_says_what_it_waits_for(
    state: DeliveryState, what: str
) -> None:
    assert diagnose(a_detail(state=state), NOON).what == what


@pytest.mark.parametrize(
    ("state", "then"),
    [
        (DeliveryState.EXHAUSTED, "Given up. No attempt is left."),
        (DeliveryState.HELD, "The next attempt is held, because its webhook is "),
        (DeliveryState.PENDING, "It is due again and waits for a worker."),
        (DeliveryState.SENDING, "A worker is sending it again now."),
        (DeliveryState.CANCELLED, "Cancelled: there is no further attempt."),
    ],
)
def test_what_follows_depends_on_where_the_delivery_is(
    state: DeliveryState, then: str
) -> None:
    attempt = an_attempt(a_response(500), GiveUp("No attempt is left."))

    assert diagnose(a_detail(attempt, state=state), NOON).then.startswith(then)


def test_a_retry_whose_time_has_come_waits_for_a_worker() -> None:
    found = diagnose(failing(a_response(500)), NOON + 10 * MINUTE)

    assert found.then == "Attempt 2 of 10 is due now and waits for a worker."


def test_the_markdown_has_every_sentence_and_no_secret() -> None:
    detail = failing(a_response(503), UNANSWERED)

    text = as_markdown(detail, diagnose(detail, NOON))

    assert text == (
        "**CI**: review.completed, delivery `dlv_1` is **retrying**\n\n"
        "- No answer within 15 s: waiting. In 2 attempts: 1 × 503, 1 × timeout.\n"
        "- Attempt 3 of 10 at 12:05:00 UTC, in 5 m, by the schedule.\n"
        "- DNS, TCP and TLS are fine, and the whole request went out.\n"
        "- What to do: The receiver is too slow: it should answer first and work "
        "later, or the webhook needs a longer timeout.\n\n"
        "1. 2026-11-23T12:00:00.000Z 503 after 0.12 s\n"
        "2. 2026-11-23T12:00:00.000Z timeout after 0.12 s\n"
    )
    assert SIGNING_KEY not in text
    assert HEADER_KEY not in text


def test_a_deleted_webhook_has_no_schedule_to_count_by() -> None:
    detail = replace(failing(a_response(500)), webhook=None)

    assert diagnose(detail, NOON).then.startswith("Attempt 2 at 12:05:00 UTC")


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.0, "0 %"), (0.001, "< 1 %"), (0.5, "50 %"), (0.999, "> 99 %"), (1.0, "100 %")],
)
def test_a_share_is_rounded_but_never_to_all_or_nothing(
    share: float, words: str
) -> None:
    assert percent(share) == words


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (-SECOND, "0 s"),
        (41 * SECOND, "41 s"),
        (14 * MINUTE + 59 * SECOND, "14 m"),
        (125 * MINUTE, "2 h 5 m"),
        (timedelta(hours=13, minutes=5), "13 h"),
        (timedelta(days=3), "3 d"),
        (timedelta(days=3, hours=7), "3 d 7 h"),
        (timedelta(days=30, hours=7), "30 d"),
    ],
)
def test_a_span_is_told_in_its_largest_units(span: timedelta, words: str) -> None:
    assert span_words(span) == words
