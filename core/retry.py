"""What follows an outcome: delivered, retry at a time, or give up.

`judge` is pure: the time and the jitter are arguments.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.errors import Invalid
from core.outcome import Outcome, Response, retry_after

# Standard Webhooks' recommended schedule: the wait before attempt 1, 2, … in seconds.
STANDARD_SCHEDULE = (
    0,
    5,
    5 * 60,
    30 * 60,
    2 * 3600,
    5 * 3600,
    10 * 3600,
    14 * 3600,
    20 * 3600,
    24 * 3600,
)
JITTER = (0.8, 1.2)  # factors between which each wait is drawn
MAX_WAIT = 7 * 24 * 3600  # seconds
MAX_ATTEMPTS = 50
_RETRY_AFTER_FLOOR = 3600  # seconds a receiver may always ask for
_GONE = 410
_NOT_YET = (408, 425, 429)  # 4xx that ask for another try, whatever the policy


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The wait before each attempt in seconds, and whether a 4xx ends the effort."""

    schedule: tuple[int, ...] = STANDARD_SCHEDULE
    give_up_on_4xx: bool = False


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver took the event."""


@dataclass(frozen=True, slots=True)
class RetryAt:
    """Try again at a time, and why then."""

    when: datetime
    why: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """No further attempt, and why; `disable` turns the webhook off as well."""

    why: str
    disable: bool = False


Verdict = Delivered | RetryAt | GiveUp

ONCE = RetryPolicy(schedule=(0,))  # a test event is sent once


def check_schedule(seconds: tuple[int, ...]) -> tuple[int, ...]:
    """Return the schedule, or say what a schedule is.

    Raises:
        Invalid: when it is empty, too long, or has a wait out of range.
    """
    if not 1 <= len(seconds) <= MAX_ATTEMPTS:
        raise Invalid(
            f"A retry schedule has 1 to {MAX_ATTEMPTS} attempts.", field="retry"
        )
    if any(not 0 <= wait <= MAX_WAIT for wait in seconds):
        raise Invalid("A wait is between 0 seconds and 7 days.", field="retry")
    return seconds


def judge(
    outcome: Outcome,
    attempt_number: int,
    policy: RetryPolicy,
    now: datetime,
    jitter: float,
) -> Verdict:
    """Decide what follows attempt `attempt_number` (from 1).

    Args:
        outcome: what the attempt produced.
        attempt_number: how many attempts were made, this one included.
        policy: the webhook's schedule.
        now: when the attempt ended.
        jitter: a factor within `JITTER`, drawn by the caller.
    """
    if outcome.is_success:
        return Delivered()
    if isinstance(outcome, Response):
        if outcome.status == _GONE:
            why = "410 Gone: the receiver wants no more events."
            return GiveUp(why, disable=True)
        if policy.give_up_on_4xx and _is_refusal(outcome.status):
            return GiveUp(f"{outcome.status}: this webhook gives up on 4xx.")
    if attempt_number >= len(policy.schedule):
        planned = len(policy.schedule)
        if planned == 1:
            return GiveUp("There is no second attempt.")
        return GiveUp(f"All {planned} attempts of the schedule are used.")
    return _retry(outcome, policy.schedule[attempt_number], now, jitter)


def _is_refusal(status: int) -> bool:
    return 400 <= status < 500 and status not in _NOT_YET


def _retry(outcome: Outcome, base: int, now: datetime, jitter: float) -> RetryAt:
    asked = retry_after(outcome, now)
    if asked is None:
        return RetryAt(now + timedelta(seconds=base * jitter), "by the schedule")
    # Svix clamps the receiver's wish the same way, so that no header can park an event.
    longest = max(2 * base, _RETRY_AFTER_FLOOR)
    wait = min(max(asked.total_seconds(), base * jitter), longest)
    return RetryAt(now + timedelta(seconds=wait), "as the receiver asked (Retry-After)")
