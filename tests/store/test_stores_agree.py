"""Two stores, one story: after any sequence of steps both say the same.

The contract asks what somebody thought of. Here chance decides what happens next, with
a seed, so that whatever is found is found again.
"""

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.errors import HooklineError
from core.history import DeliveryFilter, StatusRange, Window
from core.model import Delivery, DeliveryState, Limits, Trigger, Webhook
from core.outcome import FailureKind, Outcome
from core.ports import Held, Store
from core.retry import Delivered, GiveUp, RetryAt, Verdict
from store import open_store
from tests.builders import (
    HOUR,
    MINUTE,
    NOON,
    WORKSPACE_ID,
    a_delivery,
    a_failure,
    a_response,
    a_signed_webhook,
    an_audit_entry,
    an_event,
    counting_ids,
    fan_out,
    finished,
)
from tests.memory_store import MemoryStore
from tests.store.conftest import furnish

STEPS = 60
KINDS = ("review.completed", "review.failed", "invoice.paid")
PATTERNS = (("*",), ("review.*",), ("invoice.paid", "review.failed"))

Step = Callable[[], Awaitable[None]]


class Story:
    """What happens, told to two stores at once."""

    def __init__(self, seed: int, stores: Sequence[Store]) -> None:
        self._chance = random.Random(seed)
        self._stores = stores
        self._new_id = counting_ids()
        self._now = NOON
        self._claimed: list[Delivery] = []
        self._webhooks: list[Webhook] = []

    async def go_on(self) -> None:
        """One more step."""
        self._now += self._chance.choice([MINUTE / 6, MINUTE, 20 * MINUTE])
        steps: list[Step] = [
            *[self.accept] * 4,
            *[self.claim] * 4,
            *[self.record] * 4,
            *[self.redeliver] * 2,
            *(self.release, self.extend, self.test),
            *(self.add, self.activate, self.deactivate, self.save, self.delete),
        ]
        await self._chance.choice(steps)()

    async def both(self, ask: Callable[[Store], Awaitable[Any]]) -> Any:
        """Ask both stores; they must answer, or refuse, alike."""
        one, other = [await self._answer(ask, store) for store in self._stores]
        assert one == other
        return one

    async def _answer(
        self, ask: Callable[[Store], Awaitable[Any]], store: Store
    ) -> Any:
        try:
            answer = await ask(store)
        except HooklineError as refused:
            return _said(refused)
        return list(map(_said, answer)) if isinstance(answer, Sequence) else answer

    # Steps.

    async def accept(self) -> None:
        events = [
            an_event(
                id=self._new_id("evt"),
                type=self._chance.choice(KINDS),
                payload=self._chance.choice([b"{}", b"[]"]),
                created_at=self._now,
                idempotency_key=self._chance.choice([None, None, "a", "b"]),
            )
            for _ in range(self._chance.randint(1, 4))
        ]
        # Each store asks for ids on its own, and must be given the same.
        drawn = [self._new_id("dlv") for _ in range(4 * len(self._webhooks) + 4)]

        async def accept(store: Store) -> Any:
            ids = iter(drawn)
            return await store.accept(events, fan_out(lambda _: next(ids)))

        await self.both(accept)

    async def claim(self) -> None:
        limit = self._chance.randint(1, 12)
        lease_until = self._now + self._chance.choice([MINUTE, HOUR])
        # Which of those that are due is each store's own choice: take all or none.
        room = {webhook.id: 1000 for webhook in self._webhooks} if limit > 2 else {}
        everything = 1000 if limit > 2 else 0
        claims = await self.both(
            lambda s: _in_order(s.claim(self._now, lease_until, everything, room))
        )
        self._claimed += [claim.delivery for claim in claims]

    def _some_claimed(self) -> list[Delivery]:
        some = [one for one in self._claimed if self._chance.random() < 0.6]
        self._claimed = [one for one in self._claimed if one not in some]
        return some

    async def record(self) -> None:
        results: list[tuple[Outcome, Verdict]] = [
            (a_response(), Delivered()),
            (a_response(503), RetryAt(self._now + 30 * MINUTE, "by the schedule")),
            (a_failure(), RetryAt(self._now + MINUTE, "by the schedule")),
            (a_failure(FailureKind.DNS), GiveUp("over")),
        ]
        batch = [
            # No two attempts begin at the same time, and so no two are the newest.
            finished(one, *self._chance.choice(results), at=self._tick())
            for one in self._some_claimed()
        ]
        await self.both(lambda s: s.record(batch))

    def _tick(self) -> datetime:
        self._now += MINUTE / 60_000
        return self._now

    async def release(self) -> None:
        some = self._some_claimed()
        await self.both(lambda s: s.release(some, self._now))

    async def extend(self) -> None:
        await self.both(lambda s: s.extend(self._claimed, self._now + HOUR))

    async def redeliver(self) -> None:
        rows = await self.both(
            lambda s: s.deliveries(WORKSPACE_ID, DeliveryFilter(), Window())
        )
        if rows:
            wanted = self._chance.choice(rows).id
            entry = an_audit_entry(id=self._new_id("aud"))
            await self.both(lambda s: s.redeliver(wanted, self._now, entry))

    async def test(self) -> None:
        if not self._webhooks:
            return
        event = an_event(id=self._new_id("evt"), created_at=self._now)
        delivery = a_delivery(
            id=self._new_id("dlv"),
            webhook_id=self._chance.choice(self._webhooks).id,
            event_id=event.id,
            state=DeliveryState.SENDING,
            created_at=self._now,
            due_at=None,
            claims=1,
            trigger=Trigger.TEST,
        )
        done = finished(delivery, a_response(500), at=self._tick())
        entry = an_audit_entry(id=self._new_id("aud"))
        await self.both(lambda s: s.record_test(event, delivery, done, entry))

    async def add(self) -> None:
        number = self._chance.randint(1, 5)
        webhook = a_signed_webhook(
            id=self._new_id("whk"),
            name=f"Webhook {number}",
            events=self._chance.choice(PATTERNS),
            active=self._chance.random() < 0.8,
            limits=Limits(in_flight=number),
        )
        entry = an_audit_entry(id=self._new_id("aud"))
        if await self.both(lambda s: s.add_webhook(webhook, entry)) is None:
            self._webhooks.append(webhook)

    async def _change(
        self, change: Callable[[Store, Webhook], Awaitable[Any]], **fields: Any
    ) -> None:
        if self._webhooks:
            before = self._chance.choice(self._webhooks)
            revision = before.revision + self._chance.choice([1, 1, 1, 2])
            after = replace(before, revision=revision, **fields)
            answer = await self.both(lambda s: change(s, after))
            if not isinstance(answer, tuple):
                self._webhooks[self._webhooks.index(before)] = after

    async def save(self) -> None:
        entry = an_audit_entry(id=self._new_id("aud"))
        name = f"Webhook {self._chance.randint(1, 5)}"
        await self._change(lambda s, w: s.save_webhook(w, entry), name=name)

    async def activate(self) -> None:
        held = self._chance.choice(list(Held))
        entry = an_audit_entry(id=self._new_id("aud"))
        await self._change(
            lambda s, w: s.activate(w, held, self._now, entry), active=True
        )

    async def deactivate(self) -> None:
        entry = an_audit_entry(id=self._new_id("aud"))
        await self._change(lambda s, w: s.deactivate(w, entry), active=False)

    async def delete(self) -> None:
        if len(self._webhooks) > 2:
            gone = self._webhooks.pop(self._chance.randrange(len(self._webhooks)))
            entry = an_audit_entry(id=self._new_id("aud"))
            await self.both(lambda s: s.delete_webhook(gone.id, entry))

    # Questions.

    async def compare(self) -> None:
        """Ask everything that can be asked."""
        wanted = self._a_filter()
        window = Window(limit=self._chance.choice([3, 200]))
        rows = await self.both(lambda s: s.deliveries(WORKSPACE_ID, wanted, window))
        if rows:
            one = self._chance.choice(rows).id
            await self.both(lambda s: s.delivery(WORKSPACE_ID, one))
        await self.both(lambda s: s.count_deliveries(WORKSPACE_ID, wanted, 5))
        await self.both(lambda s: s.health(WORKSPACE_ID, self._now))
        await self.both(lambda s: s.next_due())
        await self.both(lambda s: s.webhooks(WORKSPACE_ID))
        await self.both(lambda s: s.events(WORKSPACE_ID, window, "review.*"))
        await self.both(lambda s: s.audit_entries(WORKSPACE_ID, window))

    def _a_filter(self) -> DeliveryFilter:
        chance = self._chance
        some = frozenset(state for state in DeliveryState if chance.random() < 0.5)
        answered = (StatusRange(200, 299), StatusRange(500, 599))
        fields: dict[str, Any] = {
            "webhook_id": chance.choice([None, *(w.id for w in self._webhooks)]),
            "states": chance.choice([frozenset(), some]),
            "event_type": chance.choice([None, "*", "review.*", "invoice.paid"]),
            "status": chance.choice([None, *answered]),
            "failure": chance.choice([None, FailureKind.DNS]),
            "since": chance.choice([None, self._now - HOUR]),
            "until": chance.choice([None, self._now - 2 * HOUR]),
        }
        kept = {name: value for name, value in fields.items() if chance.random() < 0.5}
        return DeliveryFilter(**kept)


def _said(answer: Any) -> Any:
    """The answer; of a refusal, its kind and words, which is how two compare."""
    if isinstance(answer, HooklineError):
        return type(answer), str(answer)
    return answer


async def _in_order(claims: Awaitable[Sequence[Any]]) -> Sequence[Any]:
    return sorted(await claims, key=lambda claim: claim.delivery.id)


@pytest.mark.parametrize("seed", range(3))
async def test_both_stores_tell_the_same_story(
    seed: int, database: Path, key_file: Path
) -> None:
    sqlite = await open_store(database, key_file)
    story = Story(seed, [await furnish(MemoryStore()), await furnish(sqlite)])

    for _ in range(STEPS):
        await story.go_on()
        await story.compare()

    await sqlite.close()
