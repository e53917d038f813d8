"""A lane for each webhook: what waits there, and how much of it may be sent at once.

A receiver that hangs fills its own lane and costs nobody else a slot. A few claims more
are held than are sent, so that a slot never waits for the database.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from core.model import Delivery
from core.work import Claim

AHEAD = 2  # claims held, as a multiple of what may be in flight


@dataclass(slots=True)
class Lane:
    """The claims of one webhook: those that wait here, and how many are being sent."""

    limit: int
    waiting: deque[Claim] = field(default_factory=deque)
    flying: int = 0

    @property
    def can_start(self) -> bool:
        """Whether another of its requests may begin."""
        return bool(self.waiting) and self.flying < self.limit

    @property
    def room(self) -> int:
        """How many more claims it may hold."""
        return max(0, AHEAD * self.limit - self.flying - len(self.waiting))


class Lanes:
    """All lanes of a worker, and how many claims wait and fly in them.

    Args:
        limit: requests in flight at the same time, over all webhooks.
    """

    def __init__(self, limit: int) -> None:
        self.flying = 0
        self.waiting = 0
        self._limit = limit
        self._lanes: dict[str, Lane] = {}

    def __repr__(self) -> str:
        return (
            f"<Lanes {len(self._lanes)}: {self.flying} in flight, {self.waiting} wait>"
        )

    @property
    def run_low(self) -> bool:
        """Whether it is time to claim more."""
        return self.waiting <= self._limit // 2

    @property
    def room(self) -> int:
        """How many more claims may be held."""
        return AHEAD * self._limit - self.flying - self.waiting

    @property
    def room_by_webhook(self) -> Mapping[str, int]:
        """How many more claims a webhook may have, for those that have a lane."""
        return {webhook_id: lane.room for webhook_id, lane in self._lanes.items()}

    def hold(self, claim: Claim) -> None:
        """Let a claim wait for its turn."""
        webhook = claim.webhook
        lane = self._lanes.setdefault(webhook.id, Lane(webhook.limits.in_flight))
        lane.limit = webhook.limits.in_flight
        lane.waiting.append(claim)
        self.waiting += 1

    def starting(self) -> Iterator[Claim]:
        """Take what may begin now, one of each lane in turn; `ended` gives it back."""
        ready = deque(lane for lane in self._lanes.values() if lane.can_start)
        while ready and self.flying < self._limit:
            lane = ready.popleft()
            claim = lane.waiting.popleft()
            lane.flying += 1
            self.flying += 1
            self.waiting -= 1
            yield claim
            if lane.can_start:
                ready.append(lane)

    def ended(self, claim: Claim) -> None:
        """A request is over, however it ended."""
        webhook_id = claim.webhook.id
        lane = self._lanes[webhook_id]
        lane.flying -= 1
        self.flying -= 1
        if not lane.flying and not lane.waiting:
            del self._lanes[webhook_id]

    def give_up_waiting(self) -> list[Delivery]:
        """Empty the lanes of what has not begun; returns what that was."""
        unsent = [c.delivery for lane in self._lanes.values() for c in lane.waiting]
        for lane in self._lanes.values():
            lane.waiting.clear()
        self.waiting = 0
        return unsent
