"""`core.ports.Store` in dictionaries: what the rules mean, with nothing to wait for.

It passes the same contract tests as the store over SQLite, and refuses in the same
sentences. One class, so longer than a file should be: the port has this many methods.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol, TypeVar

from core.access import Membership
from core.audit import AuditEntry
from core.errors import HooklineError
from core.history import (
    BUCKET,
    BUCKETS,
    Bucket,
    Count,
    DeliveryDetail,
    DeliveryFilter,
    DeliveryRow,
    EventRow,
    LastAttempt,
    WebhookHealth,
    Window,
    WorkerBeat,
    last_attempt,
)
from core.matching import matches
from core.model import (
    Attempt,
    Delivery,
    DeliveryState,
    Event,
    EventType,
    Trigger,
    Webhook,
    Workspace,
)
from core.ports import FanOut, Held
from core.work import Claim, Finished, delivery_after
from store import refusals

WAITING = {DeliveryState.PENDING, DeliveryState.RETRYING}


class HasId(Protocol):
    """What a page is made of."""

    @property
    def id(self) -> str:
        """The key of the page."""


Row = TypeVar("Row", bound=HasId)


class MemoryStore:
    """All of a store, in memory; forgotten with the object."""

    def __init__(self) -> None:
        self._workspaces: dict[str, Workspace] = {}
        self._members: dict[tuple[str, str | None], Membership] = {}
        self._types: dict[str, dict[str, EventType]] = {}
        self._webhooks: dict[str, Webhook] = {}
        self._deleted: dict[str, Webhook] = {}
        self._events: dict[str, Event] = {}
        self._keys: dict[tuple[str, str], Event] = {}
        self._deliveries: dict[str, Delivery] = {}
        self._attempts: dict[str, dict[int, Attempt]] = {}
        self._last: dict[str, LastAttempt] = {}
        self._failing_since: dict[str, datetime | None] = {}
        self._workers: dict[str, WorkerBeat] = {}
        self._audit: list[AuditEntry] = []
        self._mark = 0

    def __repr__(self) -> str:
        return f"<MemoryStore {len(self._deliveries)} deliveries>"

    # People.

    async def workspaces(self) -> Sequence[Workspace]:
        """All workspaces, by slug."""
        return sorted(self._workspaces.values(), key=lambda w: w.slug)

    async def add_workspace(
        self, workspace: Workspace, types: Iterable[EventType], audit: AuditEntry
    ) -> None:
        """Add a workspace with its catalogue. Raises NameTaken."""
        if any(w.slug == workspace.slug for w in self._workspaces.values()):
            raise refusals.workspace_taken(workspace.slug)
        self._workspaces[workspace.id] = workspace
        self._types[workspace.id] = {known.name: known for known in types}
        self._changed(audit)

    async def memberships(self, login: str) -> Sequence[Membership]:
        """What a login is, everywhere."""
        return [m for m in self._sorted_members() if m.login == login]

    async def members(self, workspace_id: str) -> Sequence[Membership]:
        """Who belongs to a workspace, platform admins included, by login."""
        here = (None, workspace_id)
        return [m for m in self._sorted_members() if m.workspace_id in here]

    async def set_member(self, membership: Membership, audit: AuditEntry) -> None:
        """Add a member, or change the role it has there."""
        self._members[membership.login, membership.workspace_id] = membership
        self._changed(audit)

    async def remove_member(
        self, login: str, workspace_id: str | None, audit: AuditEntry
    ) -> None:
        """Remove a member. Raises NotFound."""
        if (login, workspace_id) not in self._members:
            raise refusals.no_member(login)
        del self._members[login, workspace_id]
        self._changed(audit)

    async def audit_entries(
        self, workspace_id: str, window: Window
    ) -> Sequence[AuditEntry]:
        """What was changed, newest first."""
        return _page((a for a in self._audit if a.workspace_id == workspace_id), window)

    # Catalogue.

    async def event_types(self, workspace_id: str) -> Sequence[EventType]:
        """All of them, by name."""
        known = self._types.get(workspace_id, {})
        return [known[name] for name in sorted(known)]

    async def add_event_type(
        self, workspace_id: str, event_type: EventType, audit: AuditEntry
    ) -> None:
        """Add one. Raises NameTaken."""
        known = self._types.setdefault(workspace_id, {})
        if event_type.name in known:
            raise refusals.event_type_taken(event_type.name)
        known[event_type.name] = event_type
        self._changed(audit)

    # Webhooks.

    async def webhooks(self, workspace_id: str) -> Sequence[Webhook]:
        """All of them, by name."""
        return sorted(self._of(workspace_id), key=lambda w: w.name)

    async def webhook(self, workspace_id: str, id_or_name: str) -> Webhook:
        """One, by its id or its name. Raises NotFound."""
        found = list(self._of(workspace_id))
        for webhook in found:
            if webhook.id == id_or_name:
                return webhook
        for webhook in found:
            if webhook.name == id_or_name:
                return webhook
        raise refusals.no_webhook(id_or_name)

    async def add_webhook(self, webhook: Webhook, audit: AuditEntry) -> None:
        """Add one. Raises NameTaken."""
        self._check_name(webhook)
        self._webhooks[webhook.id] = webhook
        self._changed(audit)

    async def save_webhook(self, webhook: Webhook, audit: AuditEntry) -> None:
        """Save the next revision. Raises NameTaken, NotFound or Stale."""
        before = self._webhooks.get(webhook.id)
        if before is None:
            raise refusals.no_webhook(webhook.id)
        if webhook.revision != before.revision + 1:
            raise refusals.saved_meanwhile(before.name, before.revision)
        self._check_name(webhook)
        self._webhooks[webhook.id] = webhook
        self._changed(audit)

    async def activate(
        self, webhook: Webhook, held: Held, now: datetime, audit: AuditEntry
    ) -> int:
        """Save as active; make the held deliveries due, or cancel them."""
        await self.save_webhook(replace(webhook, active=True), audit)
        self._failing_since.pop(webhook.id, None)
        freed = self._in_states(webhook.id, {DeliveryState.HELD})
        for delivery in freed:
            if held is Held.DELIVER:
                self._put(delivery, state=DeliveryState.PENDING, due_at=now)
            else:
                self._put(delivery, state=DeliveryState.CANCELLED)
        return len(freed)

    async def deactivate(self, webhook: Webhook, audit: AuditEntry) -> int:
        """Save as inactive and hold what is not yet sent. Returns how many that are."""
        await self.save_webhook(replace(webhook, active=False), audit)
        for delivery in self._in_states(webhook.id, WAITING):
            self._put(delivery, state=DeliveryState.HELD, due_at=None)
        return len(self._in_states(webhook.id, {DeliveryState.HELD}))

    async def delete_webhook(self, webhook_id: str, audit: AuditEntry) -> None:
        """Delete it and cancel what waits; its history stays. Raises NotFound."""
        if webhook_id not in self._webhooks:
            raise refusals.no_webhook(webhook_id)
        self._deleted[webhook_id] = self._webhooks.pop(webhook_id)
        for delivery in self._in_states(webhook_id, {*WAITING, DeliveryState.HELD}):
            self._put(delivery, state=DeliveryState.CANCELLED, due_at=None)
        self._changed(audit)

    async def health(
        self, workspace_id: str, now: datetime
    ) -> Mapping[str, WebhookHealth]:
        """How each webhook fares, by webhook id."""
        return {w.id: self._health(w.id, now) for w in self._of(workspace_id)}

    # Intake.

    async def accept(
        self, events: Sequence[Event], fan_out: FanOut
    ) -> Sequence[Event | HooklineError]:
        """Store events and their deliveries in one transaction."""
        answers = [self._accept(event, fan_out) for event in events]
        self._mark += 1
        return answers

    async def event(self, workspace_id: str, event_id: str) -> Event:
        """One event. Raises NotFound."""
        found = self._events.get(event_id)
        if found is None or found.workspace_id != workspace_id:
            raise refusals.no_event(event_id)
        return found

    async def events(
        self, workspace_id: str, window: Window, event_type: str | None = None
    ) -> Sequence[EventRow]:
        """A page of events, of types that match the pattern."""
        wanted = (event_type or "*",)
        rows = (
            EventRow(event, self._fanned_out(event.id))
            for event in self._events.values()
            if event.workspace_id == workspace_id and matches(wanted, event.type)
        )
        return _page(rows, window)

    # Queue.

    async def claim(
        self, now: datetime, lease_until: datetime, limit: int, room: Mapping[str, int]
    ) -> Sequence[Claim]:
        """Take up to `limit` due deliveries, fairly between webhooks."""
        for delivery in self._due(now):
            self._keep_from_going_out(delivery)
        lanes = [
            queue[: max(0, self._room(webhook_id, room))]
            for webhook_id, queue in self._queues(now).items()
        ]
        in_turn = [delivery for turn in _turns(lanes) for delivery in turn]
        taken = in_turn[: max(0, limit)]
        self._mark += bool(taken)
        return [self._claim(delivery, lease_until) for delivery in taken]

    async def extend(self, claims: Collection[Delivery], until: datetime) -> None:
        """Move the end of leases that are still ours."""
        for delivery in filter(None, map(self._still_held, claims)):
            self._put(delivery, due_at=until)
        self._mark += 1

    async def release(self, claims: Collection[Delivery], now: datetime) -> None:
        """Give back what was claimed and not sent: due at once, as before."""
        for delivery in filter(None, map(self._still_held, claims)):
            tried = delivery.attempts and delivery.trigger is Trigger.SCHEDULE
            state = DeliveryState.RETRYING if tried else DeliveryState.PENDING
            self._keep_from_going_out(self._put(delivery, state=state, due_at=now))
        self._mark += 1

    async def record(self, finished: Sequence[Finished]) -> None:
        """Write attempts and the states they lead to, in one transaction."""
        for one in finished:
            kept = self._attempts.setdefault(one.delivery.id, {})
            kept.setdefault(one.attempt.number, one.attempt)
        for one in finished:
            self._record(one)
        self._mark += 1

    async def next_due(self) -> datetime | None:
        """When the next delivery is due, or the next lease ends; None if none waits."""
        return min(
            (d.due_at for d in self._deliveries.values() if d.due_at), default=None
        )

    async def redeliver(
        self, delivery_id: str, now: datetime, audit: AuditEntry
    ) -> Delivery:
        """Make a delivery due again at once, by hand. Raises NotFound or Stale."""
        delivery = self._deliveries.get(delivery_id)
        if delivery is None:
            raise refusals.no_delivery(delivery_id)
        if delivery.state is DeliveryState.SENDING:
            raise refusals.being_sent(delivery_id)
        if delivery.webhook_id in self._deleted:
            raise refusals.is_deleted(self._deleted[delivery.webhook_id].name)
        webhook = self._webhooks[delivery.webhook_id]
        if not webhook.active:
            raise refusals.is_inactive(webhook.name)
        self._changed(audit)
        return self._put(
            delivery, state=DeliveryState.PENDING, due_at=now, trigger=Trigger.MANUAL
        )

    async def beat(self, worker: WorkerBeat) -> None:
        """Note a worker's sign of life."""
        self._workers[worker.id] = worker
        self._mark += 1

    async def retire(self, worker_id: str) -> None:
        """Forget a worker that stopped."""
        self._workers.pop(worker_id, None)
        self._mark += 1

    async def workers(self) -> Sequence[WorkerBeat]:
        """All workers that said they live and did not say goodbye."""
        return [self._workers[worker_id] for worker_id in sorted(self._workers)]

    # History.

    async def deliveries(
        self, workspace_id: str, wanted: DeliveryFilter, window: Window
    ) -> Sequence[DeliveryRow]:
        """A page of the history, newest first."""
        return _page(self._matching(workspace_id, wanted), window)

    async def delivery_rows(
        self, workspace_id: str, ids: Collection[str]
    ) -> Sequence[DeliveryRow]:
        """These lines as they are now; the missing are left out."""
        rows = self._matching(workspace_id, DeliveryFilter())
        return _page((row for row in rows if row.id in ids), Window(limit=len(ids)))

    async def count_deliveries(
        self, workspace_id: str, wanted: DeliveryFilter, cap: int = 10_000
    ) -> Count:
        """How many there are, counted up to `cap`."""
        found = sum(1 for _ in self._matching(workspace_id, wanted))
        return Count(min(found, cap), exact=found <= cap)

    async def delivery(self, workspace_id: str, delivery_id: str) -> DeliveryDetail:
        """One delivery with its attempts. Raises NotFound."""
        found = self._deliveries.get(delivery_id)
        if found is None or found.workspace_id != workspace_id:
            raise refusals.no_delivery(delivery_id)
        return DeliveryDetail(
            delivery=found,
            event=self._events[found.event_id],
            webhook_name=self._name_of(found.webhook_id),
            webhook=self._webhooks.get(found.webhook_id),
            attempts=tuple(self._attempts_of(found.id)),
        )

    async def record_test(
        self, event: Event, delivery: Delivery, finished: Finished, audit: AuditEntry
    ) -> None:
        """Keep a test: its event, its delivery and its one attempt."""
        self._events.setdefault(event.id, event)
        if delivery.id not in self._deliveries:
            self._put(delivery_after(finished))
            self._last[delivery.id] = last_attempt(finished.attempt)
        self._keep_attempt(finished)
        self._changed(audit)

    async def change_mark(self) -> int:
        """A number that is another one after anybody committed anything."""
        return self._mark

    async def close(self) -> None:
        """Nothing is open."""

    # What the methods share.

    def _changed(self, audit: AuditEntry) -> None:
        self._audit.append(audit)
        self._mark += 1

    def _sorted_members(self) -> list[Membership]:
        return sorted(
            self._members.values(), key=lambda m: (m.login, m.workspace_id or "")
        )

    def _of(self, workspace_id: str) -> Iterator[Webhook]:
        return (w for w in self._webhooks.values() if w.workspace_id == workspace_id)

    def _check_name(self, webhook: Webhook) -> None:
        for other in self._of(webhook.workspace_id):
            if other.name == webhook.name and other.id != webhook.id:
                raise refusals.webhook_taken(webhook.name)

    def _name_of(self, webhook_id: str) -> str:
        return (self._webhooks.get(webhook_id) or self._deleted[webhook_id]).name

    def _put(self, delivery: Delivery, **changes: object) -> Delivery:
        after = replace(delivery, **changes)  # type: ignore[arg-type]
        self._deliveries[after.id] = after
        return after

    def _in_states(
        self, webhook_id: str, states: Collection[DeliveryState]
    ) -> list[Delivery]:
        return [
            delivery
            for delivery in self._deliveries.values()
            if delivery.webhook_id == webhook_id and delivery.state in states
        ]

    def _accept(self, event: Event, fan_out: FanOut) -> Event | HooklineError:
        key = (event.workspace_id, event.idempotency_key or "")
        if event.idempotency_key is not None:
            if earlier := self._keys.get(key):
                same = (earlier.type, earlier.payload) == (event.type, event.payload)
                used = refusals.key_used(event.idempotency_key, earlier.id)
                return earlier if same else used
            self._keys[key] = event
        self._events[event.id] = event
        found = sorted(self._of(event.workspace_id), key=lambda w: w.id)
        for delivery in fan_out(event, found):
            self._deliveries[delivery.id] = delivery
        return event

    def _fanned_out(self, event_id: str) -> int:
        return sum(d.event_id == event_id for d in self._deliveries.values())

    def _due(self, now: datetime) -> list[Delivery]:
        due = [d for d in self._deliveries.values() if d.due_at and d.due_at <= now]
        return sorted(due, key=lambda d: (d.due_at, d.id))

    def _queues(self, now: datetime) -> dict[str, list[Delivery]]:
        queues: dict[str, list[Delivery]] = {}
        for delivery in self._due(now):
            queues.setdefault(delivery.webhook_id, []).append(delivery)
        return queues

    def _room(self, webhook_id: str, room: Mapping[str, int]) -> int:
        return room.get(webhook_id, self._webhooks[webhook_id].limits.in_flight)

    def _keep_from_going_out(self, delivery: Delivery) -> None:
        """What comes back to a webhook that is off is held, or cancelled if deleted."""
        webhook = self._webhooks.get(delivery.webhook_id)
        if webhook is None:
            self._put(delivery, state=DeliveryState.CANCELLED, due_at=None)
        elif not webhook.active:
            self._put(delivery, state=DeliveryState.HELD, due_at=None)

    def _claim(self, delivery: Delivery, lease_until: datetime) -> Claim:
        taken = self._put(
            delivery,
            state=DeliveryState.SENDING,
            due_at=lease_until,
            claims=delivery.claims + 1,
        )
        webhook = self._webhooks[taken.webhook_id]
        slug = self._workspaces[taken.workspace_id].slug
        return Claim(taken, self._events[taken.event_id], webhook, slug)

    def _still_held(self, claimed: Delivery) -> Delivery | None:
        now = self._deliveries.get(claimed.id)
        if now is None or now.state is not DeliveryState.SENDING:
            return None
        return now if now.claims == claimed.claims else None

    def _record(self, finished: Finished) -> None:
        finished = self._keep_attempt(finished)
        if self._still_held(finished.delivery):
            after = self._put(delivery_after(finished))
            self._last[after.id] = last_attempt(finished.attempt)
            if after.state is DeliveryState.RETRYING:
                self._keep_from_going_out(after)
        webhook_id, attempt = finished.delivery.webhook_id, finished.attempt
        if attempt.outcome.is_success:
            self._failing_since[webhook_id] = None
        elif self._failing_since.get(webhook_id) is None:
            self._failing_since[webhook_id] = attempt.started_at

    def _keep_attempt(self, finished: Finished) -> Finished:
        """Under its number, or when another worker took that one, under the next."""
        attempt = finished.attempt
        kept = self._attempts.setdefault(attempt.delivery_id, {})
        for other in kept.values():
            if other.started_at == attempt.started_at:
                return replace(finished, attempt=other)
        taken = attempt.number in kept
        attempt = replace(attempt, number=max(kept) + 1 if taken else attempt.number)
        kept[attempt.number] = attempt
        return replace(finished, attempt=attempt)

    def _attempts_of(self, delivery_id: str) -> list[Attempt]:
        kept = self._attempts.get(delivery_id, {})
        return [kept[number] for number in sorted(kept)]

    def _health(self, webhook_id: str, now: datetime) -> WebhookHealth:
        mine = [d for d in self._deliveries.values() if d.webhook_id == webhook_id]
        attempts = [a for d in mine for a in self._attempts_of(d.id)]
        newest = max(attempts, key=lambda a: a.started_at, default=None)
        return WebhookHealth(
            hour=_hour([a for a in attempts if a.trigger is not Trigger.TEST], now),
            last=last_attempt(newest) if newest else None,
            waiting=sum(d.due_at is not None for d in mine),
            held=sum(d.state is DeliveryState.HELD for d in mine),
            failing_since=self._failing_since.get(webhook_id),
        )

    def _matching(
        self, workspace_id: str, wanted: DeliveryFilter
    ) -> Iterator[DeliveryRow]:
        for delivery in self._deliveries.values():
            last = self._last.get(delivery.id)
            if delivery.workspace_id == workspace_id and _wants(wanted, delivery, last):
                name = self._name_of(delivery.webhook_id)
                yield DeliveryRow(delivery, name, last)


def _page(rows: Iterable[Row], window: Window) -> list[Row]:
    """The rows of a window, newest first."""
    older, newer = window.older_than, window.newer_than
    found = sorted(
        (
            row
            for row in rows
            if (older is None or row.id < older) and (newer is None or row.id > newer)
        ),
        key=lambda row: row.id,
        reverse=True,
    )
    if newer is not None and older is None:
        return found[max(0, len(found) - window.limit) :]
    return found[: window.limit]


def _turns(lanes: Sequence[Sequence[Delivery]]) -> Iterator[list[Delivery]]:
    """The first of each lane, then the second of each, and so on."""
    for turn in range(max(map(len, lanes), default=0)):
        yield [lane[turn] for lane in lanes if turn < len(lane)]


def _hour(attempts: Iterable[Attempt], now: datetime) -> tuple[Bucket, ...]:
    """The last hour in buckets on the clock's fives, the newest one still filling."""
    hour = [Bucket()] * BUCKETS
    newest = int(now.timestamp() // BUCKET.total_seconds())
    for attempt in attempts:
        age = newest - int(attempt.started_at.timestamp() // BUCKET.total_seconds())
        if 0 <= age < BUCKETS:
            place, good = BUCKETS - 1 - age, attempt.outcome.is_success
            delivered, failed = hour[place].delivered, hour[place].failed
            hour[place] = Bucket(delivered + good, failed + (not good))
    return tuple(hour)


def _wants(
    wanted: DeliveryFilter, delivery: Delivery, last: LastAttempt | None
) -> bool:
    """Whether a filter lets a delivery through."""
    status = last.status if last else None
    return all(
        (
            wanted.webhook_id in (None, delivery.webhook_id),
            not wanted.states or delivery.state in wanted.states,
            matches((wanted.event_type or "*",), delivery.event_type),
            wanted.event_id in (None, delivery.event_id),
            wanted.status is None
            or (status or 0) in range(wanted.status.low, wanted.status.high + 1),
            wanted.failure is None or (last and last.failure is wanted.failure),
            wanted.since is None or delivery.created_at >= wanted.since,
            wanted.until is None or delivery.created_at < wanted.until,
        )
    )
