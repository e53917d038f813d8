"""The worker's values: what it claims, what it gives back, and how a verdict moves a
delivery.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.model import Attempt, Delivery, DeliveryState, Event, Trigger, Webhook
from core.retry import Delivered, GiveUp, RetryAt, Verdict

LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that a worker holds until its lease ends, and all it takes to send."""

    delivery: Delivery
    event: Event
    webhook: Webhook
    workspace: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A claimed delivery after its attempt, as it is to be recorded.

    `delivery.claims` fences: if another worker took the delivery meanwhile, the attempt
    is kept and the state is not touched.
    """

    delivery: Delivery
    attempt: Attempt


def state_after(verdict: Verdict) -> tuple[DeliveryState, datetime | None]:
    """Where a verdict leaves a delivery, and when it is due again."""
    match verdict:
        case Delivered():
            return DeliveryState.DELIVERED, None
        case RetryAt(when=when):
            return DeliveryState.RETRYING, when
        case GiveUp():
            return DeliveryState.EXHAUSTED, None


def delivery_after(finished: Finished) -> Delivery:
    """The delivery as its attempt leaves it; what follows goes by the schedule."""
    state, due_at = state_after(finished.attempt.verdict)
    follows = state is DeliveryState.RETRYING
    return replace(
        finished.delivery,
        state=state,
        due_at=due_at,
        attempts=finished.attempt.number,
        trigger=Trigger.SCHEDULE if follows else finished.delivery.trigger,
    )
