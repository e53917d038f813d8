"""Small builders of values: believable defaults, and what a test cares about by name.

`a_webhook(name="CI", active=False)` is a whole, valid value; a test says only what it
is about. Nothing here reads a clock: the time is `NOON`.
"""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from core.access import Membership, Role
from core.audit import AuditEntry
from core.headers import Header
from core.history import WorkerBeat
from core.matching import matches
from core.model import (
    Attempt,
    Delivery,
    DeliveryState,
    Event,
    EventType,
    SentRequest,
    Signing,
    SigningSecret,
    Trigger,
    Webhook,
    Workspace,
)
from core.outcome import Failure, FailureKind, Outcome, Response
from core.ports import FanOut, NewId, Subscription
from core.retry import Delivered, GiveUp, Verdict
from core.secret import Secret
from core.url import parse_url
from core.work import Finished

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

WORKSPACE_ID = "wsp_acme"
SIGNING_KEY = "a signing key nobody may see"
HEADER_KEY = "a header token nobody may see"


def counting_ids() -> NewId:
    """Ids such as `evt_000001`, that sort in the order they were drawn."""
    numbers = itertools.count(1)
    return lambda prefix: f"{prefix}_{next(numbers):06}"


def a_workspace(**changes: Any) -> Workspace:
    """The workspace acme."""
    return replace(Workspace(id=WORKSPACE_ID, slug="acme", name="Acme"), **changes)


def an_event_type(name: str = "review.completed", **changes: Any) -> EventType:
    """A kind of event with a description and a sample."""
    described = EventType(name, "A review has ended.", '{"pull_request": 7}')
    return replace(described, **changes)


def a_membership(**changes: Any) -> Membership:
    """Ada, who is a workspace admin of acme."""
    ada = Membership("ada", Role.WORKSPACE_ADMIN, WORKSPACE_ID)
    return replace(ada, **changes)


def an_audit_entry(**changes: Any) -> AuditEntry:
    """Ada did something to the CI webhook."""
    entry = AuditEntry(
        id="aud_1",
        workspace_id=WORKSPACE_ID,
        at=NOON,
        login="ada",
        action="edit",
        subject="whk_ci",
    )
    return replace(entry, **changes)


def a_signing(*keys: str, style: str = "acrity") -> Signing:
    """Signing with these keys, newest first, none of them expiring."""
    return Signing(
        style,
        tuple(
            SigningSecret(Secret(key), created_at=NOON) for key in keys or [SIGNING_KEY]
        ),
    )


def a_secret_header(name: str = "Authorization", value: str = HEADER_KEY) -> Header:
    """A header whose value is never shown."""
    return Header(name, Secret(value))


def a_webhook(url: str = "https://ci.example.com/hooks", **changes: Any) -> Webhook:
    """The webhook CI: active, wants every event, signs nothing, has no template."""
    plain = Webhook(
        id="whk_ci",
        workspace_id=WORKSPACE_ID,
        name="CI",
        url=parse_url(url),
        events=("*",),
        created_at=NOON,
        updated_at=NOON,
    )
    return replace(plain, **changes)


def a_signed_webhook(**changes: Any) -> Webhook:
    """The webhook CI with a signing secret, a secret header and an open one."""
    return a_webhook(
        **{
            "signing": a_signing(),
            "headers": (Header("X-Team", "platform"), a_secret_header()),
            **changes,
        }
    )


def an_event(**changes: Any) -> Event:
    """A completed review, at noon."""
    event = Event(
        id="evt_1",
        workspace_id=WORKSPACE_ID,
        type="review.completed",
        payload=b'{"pull_request": 7}',
        created_at=NOON,
    )
    return replace(event, **changes)


def a_delivery(**changes: Any) -> Delivery:
    """The completed review's way to CI, due at noon and not yet tried."""
    delivery = Delivery(
        id="dlv_1",
        workspace_id=WORKSPACE_ID,
        webhook_id="whk_ci",
        event_id="evt_1",
        event_type="review.completed",
        state=DeliveryState.PENDING,
        created_at=NOON,
        due_at=NOON,
    )
    return replace(delivery, **changes)


def a_request(**changes: Any) -> SentRequest:
    """A request as history keeps it, its secret masked."""
    request = SentRequest(
        method="POST",
        url="https://ci.example.com/hooks",
        headers=(("Host", "ci.example.com"), ("Authorization", "••••see")),
        body_sha256="ab" * 32,
        body_size=64,
    )
    return replace(request, **changes)


def a_response(status: int = 200, **changes: Any) -> Response:
    """An answer with one header and a short body."""
    answer = Response(
        status=status,
        reason="OK" if status == 200 else "",
        headers=(("Content-Type", "text/plain"),),
        body=b"thank you",
    )
    return replace(answer, **changes)


def a_failure(
    kind: FailureKind = FailureKind.TIMEOUT, detail: str = "no answer within 15 s"
) -> Failure:
    """No answer."""
    return Failure(kind, detail)


def an_attempt(
    outcome: Outcome | None = None, verdict: Verdict | None = None, **changes: Any
) -> Attempt:
    """The first attempt of `dlv_1`: delivered at noon in 120 ms, or as told."""
    outcome = outcome or a_response()
    if verdict is None:
        verdict = Delivered() if outcome.is_success else GiveUp("no attempt is left")
    attempt = Attempt(
        delivery_id="dlv_1",
        number=1,
        trigger=Trigger.SCHEDULE,
        revision=1,
        started_at=NOON,
        duration=timedelta(milliseconds=120),
        request=a_request(),
        outcome=outcome,
        verdict=verdict,
    )
    return replace(attempt, **changes)


def finished(
    claimed: Delivery,
    outcome: Outcome | None = None,
    verdict: Verdict | None = None,
    *,
    at: datetime = NOON,
) -> Finished:
    """A claimed delivery and its next attempt, as a worker would record them."""
    attempt = an_attempt(
        outcome,
        verdict,
        delivery_id=claimed.id,
        number=claimed.attempts + 1,
        trigger=claimed.trigger,
        started_at=at,
    )
    return Finished(claimed, attempt)


def a_beat(**changes: Any) -> WorkerBeat:
    """A worker's sign of life at noon."""
    beat = WorkerBeat(
        id="wrk_1",
        host="build-7",
        pid=4711,
        version="0.1.0",
        started_at=NOON,
        seen_at=NOON,
    )
    return replace(beat, **changes)


def fan_out(new_id: NewId) -> FanOut:
    """A fan-out as intake does it: due at once, or held by an inactive webhook."""

    def decide(event: Event, found: Sequence[Subscription]) -> Sequence[Delivery]:
        return [
            _delivery_of(event, subscription, new_id("dlv"))
            for subscription in found
            if matches(subscription.events, event.type)
        ]

    return decide


def _delivery_of(event: Event, subscription: Subscription, new_id: str) -> Delivery:
    return a_delivery(
        id=new_id,
        workspace_id=event.workspace_id,
        webhook_id=subscription.id,
        event_id=event.id,
        event_type=event.type,
        state=DeliveryState.PENDING if subscription.active else DeliveryState.HELD,
        created_at=event.created_at,
        due_at=event.created_at if subscription.active else None,
    )
