"""What the core needs from outside, as protocols. `store` implements them over
SQLModel, the tests over memory; both pass the same contract tests.

Every method is a transition or a question. A method that changes something takes the
audit entry of the change and writes both in one transaction.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.access import Membership
from core.audit import AuditEntry
from core.errors import HooklineError
from core.history import (
    Count,
    DeliveryDetail,
    DeliveryFilter,
    DeliveryRow,
    EventRow,
    WebhookHealth,
    Window,
    WorkerBeat,
)
from core.model import Delivery, Event, EventType, Webhook, Workspace
from core.outcome import Outcome
from core.request import PreparedRequest
from core.work import Claim, Finished

Clock = Callable[[], datetime]
"""Gives the time, aware and UTC."""

NewId = Callable[[str], str]
"""Draws an id with a prefix, such as `evt`; ids sort by the time they were drawn."""

Send = Callable[[PreparedRequest], Awaitable[Outcome]]
"""Makes one attempt. Raises nothing: whatever goes wrong is a `Failure`."""

FanOut = Callable[[Event, Sequence["Subscription"]], Sequence[Delivery]]
"""Decides the deliveries of an event; called inside the accepting transaction."""


class Subscription(Protocol):
    """As much of a webhook as matching needs."""

    @property
    def id(self) -> str:
        """The webhook's id."""

    @property
    def events(self) -> tuple[str, ...]:
        """Its patterns."""

    @property
    def active(self) -> bool:
        """Whether its deliveries go out, or are held."""


class Held(StrEnum):
    """What becomes of the held deliveries of a webhook that is activated."""

    DELIVER = "deliver"
    DROP = "drop"


class People(Protocol):
    """Workspaces and who belongs to them."""

    async def workspaces(self) -> Sequence[Workspace]:
        """All workspaces, by slug."""

    async def add_workspace(
        self, workspace: Workspace, types: Iterable[EventType], audit: AuditEntry
    ) -> None:
        """Add a workspace with its catalogue. Raises NameTaken."""

    async def memberships(self, login: str) -> Sequence[Membership]:
        """What a login is, everywhere."""

    async def members(self, workspace_id: str) -> Sequence[Membership]:
        """Who belongs to a workspace, platform admins included, by login."""

    async def set_member(self, membership: Membership, audit: AuditEntry) -> None:
        """Add a member, or change the role it has there."""

    async def remove_member(
        self, login: str, workspace_id: str | None, audit: AuditEntry
    ) -> None:
        """Remove a member. Raises NotFound."""

    async def audit_entries(
        self, workspace_id: str, window: Window
    ) -> Sequence[AuditEntry]:
        """What was changed, newest first."""


class Catalogue(Protocol):
    """The event types of a workspace."""

    async def event_types(self, workspace_id: str) -> Sequence[EventType]:
        """All of them, by name."""

    async def add_event_type(
        self, workspace_id: str, event_type: EventType, audit: AuditEntry
    ) -> None:
        """Add one. Raises NameTaken."""


class Webhooks(Protocol):
    """The webhooks of a workspace, their secrets sealed at rest."""

    async def webhooks(self, workspace_id: str) -> Sequence[Webhook]:
        """All of them, by name."""

    async def webhook(self, workspace_id: str, id_or_name: str) -> Webhook:
        """One, by its id or its name. Raises NotFound."""

    async def add_webhook(self, webhook: Webhook, audit: AuditEntry) -> None:
        """Add one. Raises NameTaken."""

    async def save_webhook(self, webhook: Webhook, audit: AuditEntry) -> None:
        """Save the next revision. Raises NameTaken, NotFound, or Stale when the saved
        revision is not the one before this.
        """

    async def activate(
        self, webhook: Webhook, held: Held, now: datetime, audit: AuditEntry
    ) -> int:
        """Save as active; make the held deliveries due, or cancel them.

        Returns how many there were. Raises as `save_webhook`.
        """

    async def deactivate(self, webhook: Webhook, audit: AuditEntry) -> int:
        """Save as inactive and hold what is not yet sent. Returns how many that are."""

    async def delete_webhook(self, webhook_id: str, audit: AuditEntry) -> None:
        """Delete it and cancel what waits; its history stays. Raises NotFound."""

    async def health(
        self, workspace_id: str, now: datetime
    ) -> Mapping[str, WebhookHealth]:
        """How each webhook fares, by webhook id."""


class Intake(Protocol):
    """Where events come in."""

    async def accept(
        self, events: Sequence[Event], fan_out: FanOut
    ) -> Sequence[Event | HooklineError]:
        """Store events and their deliveries in one transaction; durable on return.

        For each event, in order: the event as stored, which is the earlier one when the
        idempotency key was used before with the same type and payload; or
        IdempotencyConflict.
        """

    async def event(self, workspace_id: str, event_id: str) -> Event:
        """One event. Raises NotFound."""

    async def events(
        self, workspace_id: str, window: Window, event_type: str | None = None
    ) -> Sequence[EventRow]:
        """A page of events, of types that match the pattern."""


class Queue(Protocol):
    """What workers do."""

    async def claim(
        self, now: datetime, lease_until: datetime, limit: int, room: Mapping[str, int]
    ) -> Sequence[Claim]:
        """Take up to `limit` due deliveries, fairly between webhooks.

        `room` says how many more a webhook may have, by id; a webhook it does not name
        may have as many as its `limits.in_flight`.
        """

    async def extend(self, claims: Collection[Delivery], until: datetime) -> None:
        """Move the end of leases that are still ours."""

    async def release(self, claims: Collection[Delivery], now: datetime) -> None:
        """Give back what was claimed and not sent: due at once, as before."""

    async def record(self, finished: Sequence[Finished]) -> None:
        """Write attempts and the states they lead to, in one transaction."""

    async def next_due(self) -> datetime | None:
        """When the next delivery is due, or the next lease ends; None if none waits."""

    async def redeliver(
        self, delivery_id: str, now: datetime, audit: AuditEntry
    ) -> Delivery:
        """Make a delivery due again at once, by hand.

        Raises NotFound, or Stale while it is being sent.
        """

    async def beat(self, worker: WorkerBeat) -> None:
        """Note a worker's sign of life."""

    async def retire(self, worker_id: str) -> None:
        """Forget a worker that stopped."""

    async def workers(self) -> Sequence[WorkerBeat]:
        """All workers that said they live and did not say goodbye."""


class History(Protocol):
    """What happened, read in keyset pages."""

    async def deliveries(
        self, workspace_id: str, wanted: DeliveryFilter, window: Window
    ) -> Sequence[DeliveryRow]:
        """A page of the history, newest first."""

    async def delivery_rows(
        self, workspace_id: str, ids: Collection[str]
    ) -> Sequence[DeliveryRow]:
        """These lines as they are now; the missing are left out."""

    async def count_deliveries(
        self, workspace_id: str, wanted: DeliveryFilter, cap: int = 10_000
    ) -> Count:
        """How many there are, counted up to `cap`."""

    async def delivery(self, workspace_id: str, delivery_id: str) -> DeliveryDetail:
        """One delivery with its attempts. Raises NotFound."""

    async def record_test(
        self, event: Event, delivery: Delivery, finished: Finished, audit: AuditEntry
    ) -> None:
        """Keep a test: its event, its delivery and its one attempt."""

    async def change_mark(self) -> int:
        """A number that is another one after anybody committed anything."""


class Store(People, Catalogue, Webhooks, Intake, Queue, History, Protocol):
    """All of it."""

    async def close(self) -> None:
        """Close what is open. A closed store is not used again."""
