"""What follows an attempt: by the schedule, as the receiver asked, or nothing."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Invalid
from core.outcome import Failure, FailureKind, Outcome, Response
from core.retry import (
    JITTER,
    MAX_ATTEMPTS,
    MAX_WAIT,
    ONCE,
    STANDARD_SCHEDULE,
    Delivered,
    GiveUp,
    RetryAt,
    RetryPolicy,
    Verdict,
    check_schedule,
    judge,
)
from tests.builders import HOUR, MINUTE, NOON, SECOND

STANDARD = RetryPolicy()
GIVES_UP = RetryPolicy(give_up_on_4xx=True)
BY_SCHEDULE = "by the schedule"
AS_ASKED = "as the receiver asked (Retry-After)"
TIMEOUT = Failure(FailureKind.TIMEOUT, "no answer within 15 s")


def asking(value: str, status: int = 503) -> Response:
    return Response(status, headers=(("Retry-After", value),))


def verdict(
    outcome: Outcome,
    attempt: int = 1,
    policy: RetryPolicy = STANDARD,
    jitter: float = 1.0,
) -> Verdict:
    return judge(outcome, attempt, policy, NOON, jitter)


@pytest.mark.parametrize("status", [200, 202, 204, 299])
@pytest.mark.parametrize("attempt", [1, 10, 99])
def test_any_2xx_delivers(status: int, attempt: int) -> None:
    assert verdict(Response(status), attempt) == Delivered()


# The schedule


@pytest.mark.parametrize(
    ("attempt", "wait"),
    [
        *((1, 5 * SECOND), (2, 5 * MINUTE), (3, 30 * MINUTE), (4, 2 * HOUR)),
        *(
            (5, 5 * HOUR),
            (6, 10 * HOUR),
            (7, 14 * HOUR),
            (8, 20 * HOUR),
            (9, 24 * HOUR),
        ),
    ],
)
def test_a_failed_attempt_is_followed_by_the_next_of_the_schedule(
    attempt: int, wait: timedelta
) -> None:
    assert verdict(TIMEOUT, attempt) == RetryAt(NOON + wait, BY_SCHEDULE)


@pytest.mark.parametrize("attempt", [10, 11, 99])
def test_after_the_last_attempt_of_the_schedule_nothing_follows(attempt: int) -> None:
    assert verdict(TIMEOUT, attempt) == GiveUp(
        "All 10 attempts of the schedule are used."
    )


def test_what_is_sent_once_is_not_called_a_schedule() -> None:
    assert verdict(TIMEOUT, 1, policy=ONCE) == GiveUp("There is no second attempt.")


def test_the_first_attempt_is_made_at_once() -> None:
    assert STANDARD_SCHEDULE[0] == 0


@pytest.mark.parametrize("status", [100, 301, 302, 400, 404, 408, 429, 500, 502, 599])
def test_every_other_status_is_retried(status: int) -> None:
    assert verdict(Response(status)) == RetryAt(NOON + 5 * SECOND, BY_SCHEDULE)


@pytest.mark.parametrize("kind", FailureKind)
def test_every_failure_is_retried(kind: FailureKind) -> None:
    assert verdict(Failure(kind, "no")) == RetryAt(NOON + 5 * SECOND, BY_SCHEDULE)


def test_a_test_is_sent_once() -> None:
    assert isinstance(verdict(TIMEOUT, policy=ONCE), GiveUp)


@given(st.integers(1, 9), st.floats(*JITTER))
@settings(max_examples=50)
def test_jitter_moves_a_wait_by_a_fifth_at_most(attempt: int, jitter: float) -> None:
    followed = verdict(TIMEOUT, attempt, jitter=jitter)

    assert isinstance(followed, RetryAt)
    wait = (followed.when - NOON).total_seconds()
    base = STANDARD_SCHEDULE[attempt]
    assert wait == pytest.approx(base * jitter)
    assert base * 0.8 - 1e-3 <= wait <= base * 1.2 + 1e-3


# Giving up


@pytest.mark.parametrize("attempt", [1, 10])
@pytest.mark.parametrize("policy", [STANDARD, GIVES_UP])
def test_gone_gives_up_and_disables(attempt: int, policy: RetryPolicy) -> None:
    assert verdict(asking("5", 410), attempt, policy) == GiveUp(
        "410 Gone: the receiver wants no more events.", disable=True
    )


@pytest.mark.parametrize("status", [400, 401, 404, 422, 499])
def test_a_webhook_may_give_up_on_4xx(status: int) -> None:
    assert verdict(asking("5", status), policy=GIVES_UP) == GiveUp(
        f"{status}: this webhook gives up on 4xx."
    )


@pytest.mark.parametrize(
    "outcome", [Response(399), Response(408), Response(429), Response(500), TIMEOUT]
)
def test_a_webhook_that_gives_up_on_4xx_retries_the_rest(outcome: Outcome) -> None:
    assert isinstance(verdict(outcome, policy=GIVES_UP), RetryAt)


# Retry-After, clamped to [the schedule, the longer of twice that and an hour]


@pytest.mark.parametrize(
    ("asked", "attempt", "wait"),
    [
        ("60", 1, MINUTE),
        ("3600", 1, HOUR),
        ("3601", 1, HOUR),
        ("1000000000000", 1, HOUR),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 1, HOUR),
        ("Mon, 23 Nov 2026 12:10:00 GMT", 1, 10 * MINUTE),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 1, 5 * SECOND),
        ("0", 1, 5 * SECOND),
        ("5", 2, 5 * MINUTE),
        ("1000000000000", 4, 4 * HOUR),
        ("10800", 4, 3 * HOUR),
        ("1000000000000", 9, 48 * HOUR),
    ],
)
def test_the_receivers_wish_is_kept_within_bounds(
    asked: str, attempt: int, wait: timedelta
) -> None:
    assert verdict(asking(asked), attempt) == RetryAt(NOON + wait, AS_ASKED)


@pytest.mark.parametrize("asked", ["", "-1", "1e12", "soon", "NaN"])
def test_a_wish_that_cannot_be_read_leaves_the_schedule(asked: str) -> None:
    assert verdict(asking(asked)) == RetryAt(NOON + 5 * SECOND, BY_SCHEDULE)


def test_a_wish_makes_no_attempt_beyond_the_schedule() -> None:
    assert isinstance(verdict(asking("5"), 10), GiveUp)


waits = st.integers(0, MAX_WAIT)


@given(
    st.lists(waits, min_size=1, max_size=MAX_ATTEMPTS).map(tuple),
    st.integers(1, 60),
    st.floats(*JITTER),
    st.one_of(st.text(max_size=10), st.integers(-5, 10**15).map(str)),
    st.integers(100, 599),
)
@settings(max_examples=100)
def test_whatever_comes_the_next_attempt_is_within_the_bounds(
    schedule: tuple[int, ...], attempt: int, jitter: float, asked: str, status: int
) -> None:
    followed = verdict(asking(asked, status), attempt, RetryPolicy(schedule), jitter)

    if isinstance(followed, RetryAt):
        base = schedule[attempt]
        wait = (followed.when - NOON).total_seconds()
        assert base * 0.8 - 1e-3 <= wait <= max(2 * base, 3600) + 1e-3


# Schedules


@pytest.mark.parametrize("schedule", [(0,), (0, 0), (MAX_WAIT,) * MAX_ATTEMPTS])
def test_a_schedule_is_returned(schedule: tuple[int, ...]) -> None:
    assert check_schedule(schedule) == schedule
    assert check_schedule(STANDARD_SCHEDULE) == STANDARD_SCHEDULE


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ((), "A retry schedule has 1 to 50 attempts."),
        ((0,) * 51, "A retry schedule has 1 to 50 attempts."),
        ((0, -1), "A wait is between 0 seconds and 7 days."),
        ((0, MAX_WAIT + 1), "A wait is between 0 seconds and 7 days."),
    ],
)
def test_what_is_no_schedule_is_refused(schedule: tuple[int, ...], words: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_schedule(schedule)

    assert (refusal.value.field, str(refusal.value)) == ("retry", words)
