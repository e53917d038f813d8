"""Event types and events: what may be emitted, and what was."""

from collections.abc import Sequence

from core.access import Capability
from core.actions.caller import Caller, needs
from core.audit import Change
from core.body import parse_payload
from core.engine.intake import Submission, submit
from core.errors import HooklineError, InvalidPattern
from core.history import EventRow, Window
from core.matching import is_type_name
from core.model import Event, EventType


@needs(Capability.EMIT_EVENTS)
async def emit(
    caller: Caller, submissions: Sequence[Submission]
) -> Sequence[Event | HooklineError]:
    """Accept events; durable on return. One answer each, in order."""
    return await submit(
        caller.store, caller.workspace, submissions, caller.clock, caller.new_id
    )


@needs(Capability.MANAGE_WEBHOOKS)
async def list_events(
    caller: Caller, window: Window, event_type: str | None = None
) -> Sequence[EventRow]:
    """A page of events, newest first."""
    return await caller.store.events(caller.workspace.id, window, event_type)


@needs(Capability.MANAGE_WEBHOOKS)
async def find_event(caller: Caller, event_id: str) -> Event:
    """One event. Raises NotFound."""
    return await caller.store.event(caller.workspace.id, event_id)


@needs(Capability.EMIT_EVENTS)
async def list_event_types(caller: Caller) -> Sequence[EventType]:
    """The catalogue, by name."""
    return await caller.store.event_types(caller.workspace.id)


@needs(Capability.MANAGE_EVENT_TYPES)
async def add_event_type(caller: Caller, event_type: EventType) -> EventType:
    """Add a type to the catalogue. Raises Invalid or NameTaken."""
    if not is_type_name(event_type.name):
        raise InvalidPattern(
            f"{event_type.name!r} cannot name an event type.",
            "Use dotted lower-case words, such as invoice.paid.",
            field="name",
        )
    parse_payload(event_type.sample)
    changes = (Change("name", None, event_type.name),)
    entry = caller.audit("event_type.added", event_type.name, changes)
    await caller.store.add_event_type(caller.workspace.id, event_type, entry)
    return event_type
