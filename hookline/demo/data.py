"""A furnished store: the demo's webhooks and three hours of their history.

It is written through the store's own paths (accept, claim, record) with past times, by
the engine's own rules, and is the same for the same arguments.
"""

import heapq
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from random import Random

from core.access import Actor, Membership, Role
from core.actions.caller import Caller
from core.actions.deliveries import redeliver
from core.actions.preview import find_sample, send_test
from core.actions.webhooks import (
    create_webhook,
    deactivate_webhook,
    delete_webhook,
    edit_webhook,
)
from core.actions.workspaces import add_workspace, found, set_member
from core.draft import WebhookDraft, draft_of
from core.engine.attempt import make_attempt
from core.engine.disable import disable
from core.engine.intake import fan_out
from core.history import DeliveryFilter, Window
from core.model import Delivery, DeliveryState, Event, Webhook, Workspace
from core.outcome import Failure, Outcome
from core.ports import Send, Store, Subscription
from core.request import PreparedRequest
from core.retry import JITTER, GiveUp, RetryAt
from core.work import LEASE, Claim, Finished
from hookline.demo import answers, cast
from hookline.demo.answers import Answer, Moment
from hookline.demo.cast import Bases, Part
from hookline.demo.happenings import Happening, happenings
from hookline.demo.storytime import StoryTime

SEED = 20261123
PICTURE_TIME = datetime(2026, 11, 23, 14, 3, 7, tzinfo=UTC)  # `now` for pictures
STORY = timedelta(hours=3)
STEP = timedelta(minutes=6)
_SETTLED = timedelta(days=19)  # before the story: when the workspaces were set up
_MANY = 10_000


@dataclass(frozen=True, slots=True)
class DemoWorld:
    """What was furnished; `login` is the platform admin to enter with.

    `examples` has the newest delivery of each kind: by its state (`held`), a status
    (`429`) or failure (`tls`) it met, how it was triggered (`manual`, `test`), and
    `retried` for one that was delivered at last.
    """

    login: str
    workspaces: tuple[Workspace, ...]
    webhooks: tuple[Webhook, ...]
    examples: Mapping[str, Delivery]


async def furnish(
    store: Store, now: datetime, bases: Bases | None = None, login: str = "ada"
) -> DemoWorld:
    """Fill a new store, which has nothing yet.

    Args:
        store: where it goes; any store.
        now: when the story ends.
        bases: where the loopback receiver listens; None takes URLs for pictures.
        login: who becomes platform admin.
    """
    story = _Story(store, now, bases, login)
    await story.set_up()
    await story.unfold()
    return await story.world()


class _Story:
    """Three hours, told in steps: what was changed, what happened, what was sent."""

    def __init__(
        self, store: Store, now: datetime, bases: Bases | None, login: str
    ) -> None:
        self._store = store
        self._now = now
        self._bases = bases
        self._login = login
        self._begin = now - STORY
        self._time = StoryTime(self._begin - _SETTLED, Random(SEED))
        self._callers: dict[str, Caller] = {}
        self._parts: dict[str, Part] = {}  # by webhook id
        self._due: dict[str, datetime] = {}  # by delivery id
        self._outcomes: dict[str, str] = {}  # the newest delivery that had each
        self._plot = deque(PLOT)
        self._coming = deque(
            heapq.merge(*map(self._happenings, cast.PLACES), key=itemgetter(0))
        )

    # The stage.

    async def set_up(self) -> None:
        """The workspaces, their people and their webhooks, as they were long before."""
        await self._add_workspaces()
        for login, role, slug in cast.PEOPLE:
            await set_member(self._callers[slug], login, role)
        for part in cast.PARTS:
            draft = self._first_draft(part)
            webhook = await create_webhook(self._callers[part.workspace], draft)
            self._parts[webhook.id] = part
            self._time.at += timedelta(minutes=7)

    async def _add_workspaces(self) -> None:
        clock, new_id = self._time.clock, self._time.new_id
        first, *others = cast.PLACES
        workspace = await found(
            self._store,
            self._login,
            slug=first.slug,
            name=first.name,
            clock=clock,
            new_id=new_id,
        )
        actor = Actor(self._login, (Membership(self._login, Role.PLATFORM_ADMIN),))
        caller = Caller(actor, workspace, self._store, clock, new_id)
        self._callers[first.slug] = caller
        for place in others:
            added = await add_workspace(caller, place.slug, place.name)
            self._callers[place.slug] = replace(caller, workspace=added)

    def _first_draft(self, part: Part) -> WebhookDraft:
        """As it was first saved: two of them with a URL that had to be mended."""
        wrong = {cast.SHOP: cast.SHOP_TYPO, cast.METRICS: cast.METRICS_INSIDE}
        draft = part.placed(self._bases)
        return replace(draft, url=wrong.get(part.name, draft.url))

    # The plot.

    async def unfold(self) -> None:
        """Go through the story, step by step."""
        ends = self._begin
        while ends < self._now:
            ends = min(ends + STEP, self._now)
            await self._accept(ends)
            await self._deliver(ends)
            self._time.at = ends
            await self._turn()

    async def _turn(self) -> None:
        """What people did in the step that ends now."""
        while self._plot and self._now - self._time.at <= self._plot[0][0]:
            _, act = self._plot.popleft()
            await act(self)

    def _happenings(
        self, place: cast.Place
    ) -> Iterator[tuple[datetime, str, Happening]]:
        chance = Random(f"{SEED} {place.slug}")
        for one in happenings(chance, place.slug, place.pace):
            when = self._begin + timedelta(seconds=round(one.after, 3))
            if when >= self._now:
                return
            yield when, place.slug, one

    # What happens by itself.

    async def _accept(self, ends: datetime) -> None:
        """Accept the events of a step, as intake would have."""
        events = []
        while self._coming and self._coming[0][0] < ends:
            self._time.at, slug, happening = self._coming.popleft()
            events.append(
                Event(
                    id=self._time.new_id("evt"),
                    workspace_id=self._callers[slug].workspace.id,
                    type=happening.type,
                    payload=happening.data.encode(),
                    created_at=self._time.at,
                )
            )
        if events:
            await self._store.accept(events, self._fan_out)

    def _fan_out(
        self, event: Event, webhooks: Sequence[Subscription]
    ) -> Sequence[Delivery]:
        self._time.at = event.created_at
        # In an order of our own: the ids must not depend on the store's.
        webhooks = sorted(webhooks, key=lambda webhook: webhook.id)
        decided = fan_out(self._time.clock, self._time.new_id)(event, webhooks)
        self._due |= {delivery.id: event.created_at for delivery in decided}
        return decided

    async def _deliver(self, ends: datetime) -> None:
        """Make all attempts that are due until the end of a step."""
        while claims := await self._store.claim(
            ends, ends + LEASE, _MANY, dict.fromkeys(self._parts, _MANY)
        ):
            finished = [await self._attempt(claim) for claim in claims]
            finished.sort(key=lambda one: one.attempt.started_at)
            await self._store.record(finished)
            for one in finished:
                self._outcomes[_outcome(one)] = one.delivery.id
                await self._follow(one)

    async def _attempt(self, claim: Claim) -> Finished:
        delivery = claim.delivery
        # Of its own, so that the order of claims changes nothing.
        chance = Random(f"{SEED} {delivery.id} {delivery.attempts}")
        due = self._due[delivery.id]
        self._time.at = due + timedelta(seconds=round(chance.uniform(0.004, 0.03), 6))
        attempt = await make_attempt(
            claim,
            send=self._sending(claim.webhook, chance),
            clock=self._time.clock,
            jitter=chance.uniform(*JITTER),
        )
        if isinstance(attempt.verdict, RetryAt):
            self._due[delivery.id] = attempt.verdict.when
        return Finished(delivery, attempt)

    def _sending(self, webhook: Webhook, chance: Random) -> Send:
        """A `Send` that answers as the webhook's receiver did, and takes as long."""

        async def send(_: PreparedRequest) -> Outcome:
            at = self._time.at
            outcome = self._answer(webhook)(Moment(webhook, at, self._now - at, chance))
            self._time.at += timedelta(seconds=outcome.phases.total)
            return outcome

        return send

    def _answer(self, webhook: Webhook) -> Answer:
        mistakes = {
            cast.SHOP_TYPO: answers.unknown_name,
            cast.METRICS_INSIDE: answers.forbidden_address,
        }
        return mistakes.get(str(webhook.url)) or self._parts[webhook.id].answer

    async def _follow(self, finished: Finished) -> None:
        verdict = finished.attempt.verdict
        if isinstance(verdict, GiveUp) and verdict.disable:
            clock, new_id = self._time.clock, self._time.new_id
            await disable(self._store, finished.delivery, verdict.why, clock, new_id)

    # What people do.

    async def mend_url(self, name: str) -> None:
        """Give a webhook the URL it should have had."""
        caller, webhook = await self._find(name)
        mended = replace(
            draft_of(webhook), url=self._parts[webhook.id].placed(self._bases).url
        )
        await edit_webhook(caller, webhook.id, mended, webhook.revision)

    async def switch_off(self, name: str) -> None:
        """Deactivate a webhook: what comes is held."""
        caller, webhook = await self._find(name)
        await deactivate_webhook(caller, webhook.id)

    async def delete(self, name: str) -> None:
        """Delete a webhook: what waits is cancelled."""
        caller, webhook = await self._find(name)
        await delete_webhook(caller, webhook.id)

    async def redeliver_one(self, name: str) -> None:
        """Send the newest exhausted delivery of a webhook again by hand."""
        caller, webhook = await self._find(name)
        wanted = DeliveryFilter(webhook.id, frozenset({DeliveryState.EXHAUSTED}))
        rows = await self._store.deliveries(
            webhook.workspace_id, wanted, Window(limit=1)
        )
        for row in rows:
            await redeliver(caller, row.id)
            self._due[row.id] = self._time.at

    async def test(self, name: str) -> None:
        """Send a test event."""
        caller, webhook = await self._find(name)
        sample = await find_sample(caller, "webhook.test")
        send = self._sending(webhook, Random(f"{SEED} {name}"))
        await send_test(caller, webhook, sample, send, record=True)

    async def _find(self, name: str) -> tuple[Caller, Webhook]:
        [part] = (part for part in self._parts.values() if part.name == name)
        caller = self._callers[part.workspace]
        return caller, await self._store.webhook(caller.workspace.id, name)

    # The end.

    async def world(self) -> DemoWorld:
        """What there is now."""
        workspaces = tuple(caller.workspace for caller in self._callers.values())
        webhooks: list[Webhook] = []
        deliveries: dict[str, Delivery] = {}
        for workspace in workspaces:
            webhooks += await self._store.webhooks(workspace.id)
            rows = await self._store.deliveries(
                workspace.id, DeliveryFilter(), Window(limit=_MANY)
            )
            deliveries |= {row.id: row.delivery for row in rows}
        examples = {
            kind: deliveries[delivery_id]
            for kind, delivery_id in self._outcomes.items()
        }
        for _, delivery in sorted(deliveries.items()):
            examples |= dict.fromkeys(_kinds(delivery), delivery)
        return DemoWorld(self._login, workspaces, tuple(webhooks), examples)


def _outcome(finished: Finished) -> str:
    outcome = finished.attempt.outcome
    return outcome.kind if isinstance(outcome, Failure) else str(outcome.status)


def _kinds(delivery: Delivery) -> Iterator[str]:
    """What a delivery is an example of, beside its outcomes."""
    yield delivery.state.value
    yield delivery.trigger.value
    if delivery.state is DeliveryState.DELIVERED and delivery.attempts > 1:
        yield "retried"


Act = Callable[[_Story], Awaitable[None]]


def _minutes(ago: float, act: Act) -> tuple[timedelta, Act]:
    return timedelta(minutes=ago), act


PLOT = (
    _minutes(162, lambda story: story.mend_url(cast.SHOP)),
    _minutes(150, lambda story: story.mend_url(cast.METRICS)),
    _minutes(105, lambda story: story.switch_off(cast.CHAT_BOT)),
    _minutes(75, lambda story: story.delete(cast.OLD_WIKI)),
    _minutes(21, lambda story: story.redeliver_one(cast.PARTNER)),
    _minutes(12, lambda story: story.test(cast.CI)),
)
