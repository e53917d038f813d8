"""What can be asked of the history, and the small sums over its answers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Invalid
from core.history import (
    BUCKETS,
    Bucket,
    LastAttempt,
    StatusRange,
    WebhookHealth,
    parse_status,
)
from core.outcome import FailureKind
from tests.builders import NOON, SECOND, a_beat


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("503", StatusRange(503, 503)),
        ("100", StatusRange(100, 100)),
        ("5xx", StatusRange(500, 599)),
        (" 2XX ", StatusRange(200, 299)),
        ("timeout", FailureKind.TIMEOUT),
        ("DNS", FailureKind.DNS),
        *((kind.value, kind) for kind in FailureKind),
    ],
)
def test_a_status_is_a_number_a_hundred_or_a_kind_of_failure(
    text: str, wanted: StatusRange | FailureKind
) -> None:
    assert parse_status(text) == wanted


@pytest.mark.parametrize(
    "text",
    ["", "5", "50", "5x", "xxx", "600", "099", "0xx", "6xx", "5030", "5٣3", "ok"],
)
def test_what_is_no_status_is_refused_with_what_can_be_written(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_status(text)

    assert refusal.value.field == "status"
    assert str(refusal.value) == (
        f"{text!r} is not a status. Write 503, 5xx, or one of blocked, dns, connect, "
        "tls, timeout, protocol, template."
    )


@given(st.text(max_size=5))
@settings(max_examples=100)
def test_any_text_is_a_status_or_refused(text: str) -> None:
    try:
        wanted = parse_status(text)
    except Invalid:
        return

    assert isinstance(wanted, FailureKind) or 100 <= wanted.low <= wanted.high <= 599


@pytest.mark.parametrize(
    ("status", "is_success"), [(200, True), (299, True), (300, False), (None, False)]
)
def test_the_last_attempt_was_a_success_or_not(
    status: int | None, is_success: bool
) -> None:
    failure = None if status else FailureKind.DNS
    last = LastAttempt(1, NOON, SECOND, status, failure, "why")

    assert last.is_success is is_success


def test_the_success_rate_is_the_share_of_the_last_hour() -> None:
    hour = (Bucket(),) * (BUCKETS - 2) + (Bucket(2, 1), Bucket(1, 0))

    assert WebhookHealth(hour).success_rate == 0.75


def test_an_hour_without_attempts_has_no_success_rate() -> None:
    assert WebhookHealth().success_rate is None


def test_a_worker_lives_for_three_heartbeats() -> None:
    beat = a_beat(seen_at=NOON)

    assert beat.is_alive(NOON + 15 * SECOND)
    assert not beat.is_alive(NOON + 15.1 * SECOND)
