"""The worker's values: what it claims, what it gives back, and how a verdict moves a
delivery.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.model import Attempt, Delivery, DeliveryState, Event, Webhook
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
