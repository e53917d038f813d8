"""How an attempt moves a delivery."""

from dataclasses import replace

import pytest

from core.model import Delivery, DeliveryState, Trigger
from core.retry import Delivered, GiveUp, RetryAt, Verdict
from core.work import delivery_after, state_after
from tests.builders import MINUTE, NOON, a_delivery, a_failure, finished

LATER = NOON + MINUTE
AGAIN = RetryAt(LATER, "by the schedule")


@pytest.mark.parametrize(
    ("verdict", "state", "due_at"),
    [
        (Delivered(), DeliveryState.DELIVERED, None),
        (AGAIN, DeliveryState.RETRYING, LATER),
        (GiveUp("enough"), DeliveryState.EXHAUSTED, None),
        (GiveUp("410 Gone", disable=True), DeliveryState.EXHAUSTED, None),
    ],
)
def test_a_verdict_moves_a_delivery(
    verdict: Verdict, state: DeliveryState, due_at: object
) -> None:
    assert state_after(verdict) == (state, due_at)


def taken(**changes: object) -> Delivery:
    sending = a_delivery(
        state=DeliveryState.SENDING, attempts=2, claims=3, due_at=LATER
    )
    return replace(sending, **changes)  # type: ignore[arg-type]


def test_a_delivered_delivery_is_due_no_more() -> None:
    after = delivery_after(finished(taken(), verdict=Delivered()))

    assert after == taken(state=DeliveryState.DELIVERED, attempts=3, due_at=None)


def test_a_failed_attempt_leaves_a_delivery_due_again() -> None:
    after = delivery_after(finished(taken(), a_failure(), AGAIN))

    assert after == taken(state=DeliveryState.RETRYING, attempts=3, due_at=LATER)


def test_what_follows_an_attempt_by_hand_goes_by_the_schedule() -> None:
    by_hand = taken(trigger=Trigger.MANUAL)

    again = delivery_after(finished(by_hand, a_failure(), AGAIN))
    ended = delivery_after(finished(by_hand, a_failure(), GiveUp("enough")))

    assert (again.trigger, ended.trigger) == (Trigger.SCHEDULE, Trigger.MANUAL)
