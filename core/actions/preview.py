"""What would go out: the exact request, for a saved webhook or one being typed."""

from dataclasses import dataclass

from core.access import Capability
from core.actions.caller import Caller, needs
from core.engine.attempt import make_attempt
from core.engine.intake import unknown_type
from core.errors import UnknownEventType
from core.history import DeliveryFilter, Window
from core.model import (
    Attempt,
    Delivery,
    DeliveryState,
    Event,
    Trigger,
    Webhook,
)
from core.ports import Send
from core.request import PreparedRequest, build_request
from core.work import Claim, Finished

MANAGE = Capability.MANAGE_WEBHOOKS


@dataclass(frozen=True, slots=True)
class Sample:
    """An event to preview or test with, and the delivery id its request would name."""

    event: Event
    delivery_id: str
    is_recorded: bool


@needs(MANAGE)
async def find_sample(
    caller: Caller, event_id_or_type: str, webhook_id: str | None = None
) -> Sample:
    """A recorded event by id, or the sample of an event type.

    With a webhook's id, a recorded event keeps the delivery id it has there, so that
    the preview names what the worker will send.

    Raises:
        NotFound: no event has this id.
        UnknownEventType: no event type has this name.
    """
    if event_id_or_type.startswith("evt_"):
        return await _recorded(caller, event_id_or_type, webhook_id)
    for known in await caller.store.event_types(caller.workspace.id):
        if known.name == event_id_or_type:
            return sample_of(caller, known.name, known.sample)
    raise await _unknown(caller, event_id_or_type)


def sample_of(caller: Caller, event_type: str, data: str) -> Sample:
    """An event that did not happen, with an id as it would have."""
    event = Event(
        id=caller.new_id("evt"),
        workspace_id=caller.workspace.id,
        type=event_type,
        payload=data.encode(),
        created_at=caller.now,
    )
    return Sample(event, caller.new_id("dlv"), is_recorded=False)


@needs(MANAGE)
async def preview(caller: Caller, webhook: Webhook, sample: Sample) -> PreparedRequest:
    """The request an attempt would send now. Raises InvalidTemplate, TemplateFailed."""
    return build_request(
        webhook, sample.event, sample.delivery_id, caller.workspace.slug, caller.now
    )


@needs(MANAGE)
async def send_test(
    caller: Caller, webhook: Webhook, sample: Sample, send: Send, *, record: bool
) -> Attempt:
    """Send the previewed request for real, once.

    A test of a saved webhook is recorded in the history; the draft of one that is still
    being typed is not (`record=False`), for no revision could be named.
    """
    delivery = _test_delivery(caller, webhook, sample)
    claim = Claim(delivery, sample.event, webhook, caller.workspace.slug)
    attempt = await make_attempt(claim, send=send, clock=caller.clock, jitter=1.0)
    if record:
        entry = caller.audit("webhook.tested", webhook.id)
        finished = Finished(delivery, attempt)
        await caller.store.record_test(sample.event, delivery, finished, entry)
    return attempt


def _test_delivery(caller: Caller, webhook: Webhook, sample: Sample) -> Delivery:
    return Delivery(
        id=sample.delivery_id,
        workspace_id=caller.workspace.id,
        webhook_id=webhook.id,
        event_id=sample.event.id,
        event_type=sample.event.type,
        state=DeliveryState.SENDING,
        created_at=caller.now,
        due_at=None,
        claims=1,
        trigger=Trigger.TEST,
    )


async def _recorded(caller: Caller, event_id: str, webhook_id: str | None) -> Sample:
    event = await caller.store.event(caller.workspace.id, event_id)
    delivery_id = caller.new_id("dlv")
    if webhook_id is not None:
        wanted = DeliveryFilter(webhook_id=webhook_id, event_id=event_id)
        rows = await caller.store.deliveries(
            caller.workspace.id, wanted, Window(limit=1)
        )
        delivery_id = rows[0].id if rows else delivery_id
    return Sample(event, delivery_id, is_recorded=True)


async def _unknown(caller: Caller, name: str) -> UnknownEventType:
    types = await caller.store.event_types(caller.workspace.id)
    return unknown_type(name, [known.name for known in types])
