"""How an event comes in: checked, stored, fanned out, and only then acknowledged."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.body import parse_payload
from core.errors import HooklineError, Invalid, UnknownEventType
from core.matching import matches, nearest
from core.model import Delivery, DeliveryState, Event, Workspace
from core.ports import Clock, FanOut, NewId, Store, Subscription

MAX_KEY = 255  # characters of an idempotency key


@dataclass(frozen=True, slots=True)
class Submission:
    """An event as it is handed in: `data` is JSON text."""

    type: str
    data: str
    idempotency_key: str | None = None


async def submit(
    store: Store,
    workspace: Workspace,
    submissions: Sequence[Submission],
    clock: Clock,
    new_id: NewId,
) -> Sequence[Event | HooklineError]:
    """Accept what can be accepted, in one transaction; durable on return.

    One answer for each submission, in order: the event, or why it was refused. A bad
    one does not keep the good ones out.
    """
    known = [known.name for known in await store.event_types(workspace.id)]
    checked = [
        _event(submission, workspace, known, clock, new_id)
        for submission in submissions
    ]
    good = [event for event in checked if isinstance(event, Event)]
    stored = iter(await store.accept(good, fan_out(clock, new_id)) if good else ())
    return [next(stored) if isinstance(event, Event) else event for event in checked]


def fan_out(clock: Clock, new_id: NewId) -> FanOut:
    """One delivery for each webhook that wants the event; held while it is inactive."""

    def deliveries(
        event: Event, webhooks: Sequence[Subscription]
    ) -> Sequence[Delivery]:
        now = clock()
        return [
            Delivery(
                id=new_id("dlv"),
                workspace_id=event.workspace_id,
                webhook_id=webhook.id,
                event_id=event.id,
                event_type=event.type,
                state=DeliveryState.PENDING if webhook.active else DeliveryState.HELD,
                created_at=now,
                due_at=now if webhook.active else None,
            )
            for webhook in webhooks
            if matches(webhook.events, event.type)
        ]

    return deliveries


def unknown_type(name: str, known: Sequence[str]) -> UnknownEventType:
    """The refusal of a type the catalogue lacks, with the names it may have meant."""
    close = nearest(name, known)
    hint = f"Did you mean {' or '.join(close)}?" if close else ""
    return UnknownEventType(
        f"{name!r} is not an event type of this workspace.",
        f"{hint} 'hookline event-types list' shows them all.".strip(),
    )


def _event(
    submission: Submission,
    workspace: Workspace,
    known: Sequence[str],
    clock: Clock,
    new_id: NewId,
) -> Event | HooklineError:
    try:
        _check(submission, known)
    except HooklineError as refusal:
        return refusal
    return Event(
        id=new_id("evt"),
        workspace_id=workspace.id,
        type=submission.type,
        payload=submission.data.strip().encode(),
        created_at=clock(),
        idempotency_key=submission.idempotency_key,
    )


def _check(submission: Submission, known: Sequence[str]) -> None:
    if submission.type not in known:
        raise unknown_type(submission.type, known)
    parse_payload(submission.data)
    _check_key(submission.idempotency_key or "")


def _check_key(key: str) -> None:
    words = None
    if len(key) > MAX_KEY:
        words = f"An idempotency key has up to {MAX_KEY} characters."
    elif not key.isprintable() and any(map(_is_surrogate, key)):
        # No database takes it, and it would take the rest of its batch along.
        words = "The idempotency key holds half of a surrogate pair."
    if words:
        raise Invalid(words, field="idempotency_key")


def _is_surrogate(character: str) -> bool:
    return "\ud800" <= character <= "\udfff"
