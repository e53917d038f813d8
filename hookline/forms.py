"""The JSON form of each value: what `--json` prints, and scripts rely on.

Times are ISO 8601 in UTC with milliseconds, durations are in milliseconds, a secret is
`{"secret": "••••Kq8"}`, and what is not there is null. A field is never renamed.
"""

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from core.access import Membership
from core.audit import AuditEntry
from core.body import stamp
from core.diagnosis import Diagnosis
from core.explain import remedy, why
from core.headers import Header
from core.history import (
    DeliveryDetail,
    DeliveryRow,
    EventRow,
    LastAttempt,
    WebhookHealth,
    WebhookRow,
)
from core.model import (
    Attempt,
    Delivery,
    Event,
    EventType,
    SentRequest,
    Signing,
    Webhook,
    Workspace,
)
from core.outcome import Failure, Outcome, Phases, Response
from core.request import PreparedRequest
from core.retry import Delivered, GiveUp, RetryAt, Verdict
from core.secret import Secret

Form = dict[str, Any]


def time_form(when: datetime | None) -> str | None:
    """A time, or null."""
    return None if when is None else stamp(when)


def secret_form(secret: Secret) -> Form:
    """A secret: only its mask."""
    return {"secret": secret.masked}


def webhook_form(webhook: Webhook) -> Form:
    """A webhook as it is saved."""
    return {
        "id": webhook.id,
        "name": webhook.name,
        "url": str(webhook.url),
        "method": webhook.method.value,
        "content_type": webhook.content_type,
        "events": list(webhook.events),
        "headers": [_header(header) for header in webhook.headers],
        "signing": _signing(webhook.signing),
        "template": webhook.template,
        "ignore_ssl": webhook.ignore_ssl,
        "active": webhook.active,
        "disabled_reason": webhook.disabled_reason,
        "timeout": webhook.limits.timeout,
        "in_flight": webhook.limits.in_flight,
        "schedule": list(webhook.retry.schedule),
        "give_up_on_4xx": webhook.retry.give_up_on_4xx,
        "revision": webhook.revision,
        "created_at": time_form(webhook.created_at),
        "updated_at": time_form(webhook.updated_at),
    }


def webhook_row_form(row: WebhookRow) -> Form:
    """A webhook and how it fares."""
    return {**webhook_form(row.webhook), "health": health_form(row.health)}


def health_form(health: WebhookHealth) -> Form:
    """How a webhook fares."""
    return {
        "success_rate": health.success_rate,
        "hour": [
            {"delivered": bucket.delivered, "failed": bucket.failed}
            for bucket in health.hour
        ],
        "last_attempt": _last(health.last),
        "waiting": health.waiting,
        "held": health.held,
        "failing_since": time_form(health.failing_since),
    }


def event_form(event: Event) -> Form:
    """An event with its data."""
    return {
        "id": event.id,
        "type": event.type,
        "created_at": time_form(event.created_at),
        "idempotency_key": event.idempotency_key,
        "size": len(event.payload),
        "data": json.loads(event.payload),
    }


def accepted_form(event: Event) -> Form:
    """An event that was accepted."""
    return {
        "id": event.id,
        "type": event.type,
        "created_at": time_form(event.created_at),
        "idempotency_key": event.idempotency_key,
    }


def event_row_form(row: EventRow) -> Form:
    """A line of the events list."""
    size = len(row.event.payload)
    return {**accepted_form(row.event), "size": size, "deliveries": row.deliveries}


def event_type_form(event_type: EventType) -> Form:
    """A kind of event."""
    return {
        "name": event_type.name,
        "description": event_type.description,
        "sample": json.loads(event_type.sample),
    }


def delivery_form(delivery: Delivery) -> Form:
    """A delivery and where it stands."""
    return {
        "id": delivery.id,
        "state": delivery.state.value,
        "webhook_id": delivery.webhook_id,
        "event_id": delivery.event_id,
        "event_type": delivery.event_type,
        "trigger": delivery.trigger.value,
        "attempts": delivery.attempts,
        "created_at": time_form(delivery.created_at),
        "due_at": time_form(delivery.due_at),
    }


def delivery_row_form(row: DeliveryRow) -> Form:
    """A line of the history."""
    return {
        **delivery_form(row.delivery),
        "webhook": row.webhook_name,
        "last_attempt": _last(row.last),
    }


def delivery_detail_form(detail: DeliveryDetail, diagnosis: Diagnosis) -> Form:
    """A delivery with why it stands there, its event, and its attempts in order."""
    return {
        **delivery_form(detail.delivery),
        "webhook": detail.webhook_name,
        "webhook_deleted": detail.webhook is None,
        "diagnosis": asdict(diagnosis),
        "event": event_form(detail.event),
        "attempts": [attempt_form(attempt) for attempt in detail.attempts],
    }


def attempt_form(attempt: Attempt) -> Form:
    """An attempt: either `response` or `failure` is there, the other is null."""
    return {
        "delivery_id": attempt.delivery_id,
        "number": attempt.number,
        "trigger": attempt.trigger.value,
        "revision": attempt.revision,
        "started_at": time_form(attempt.started_at),
        "duration_ms": _ms(attempt.duration),
        "success": attempt.outcome.is_success,
        "why": why(attempt.outcome),
        "remedy": remedy(attempt.outcome),
        "request": _sent(attempt.request),
        **_outcome(attempt.outcome),
        "verdict": verdict_form(attempt.verdict),
    }


def request_form(request: PreparedRequest) -> Form:
    """A request that would be sent; the body as text, or in base64 if it is none."""
    return {
        "method": request.method.value,
        "url": str(request.url),
        "headers": [[header.name, header.shown] for header in request.headers],
        **_body(request.body),
        "body_size": len(request.body),
        "verify_tls": request.verify_tls,
        "timeout": request.timeout,
    }


def verdict_form(verdict: Verdict) -> Form:
    """What follows an attempt: `delivered`, `retry` or `give up`."""
    match verdict:
        case Delivered():
            return {"what": "delivered", "at": None, "why": ""}
        case RetryAt(when=when, why=reason):
            return {"what": "retry", "at": time_form(when), "why": reason}
        case GiveUp(why=reason):
            return {"what": "give up", "at": None, "why": reason}


def workspace_form(workspace: Workspace) -> Form:
    """A workspace."""
    return {"id": workspace.id, "slug": workspace.slug, "name": workspace.name}


def member_form(membership: Membership) -> Form:
    """A member; `platform` is true for a role that holds in every workspace."""
    return {
        "login": membership.login,
        "role": membership.role.value,
        "platform": membership.workspace_id is None,
    }


def audit_form(entry: AuditEntry) -> Form:
    """A row of the audit."""
    return {
        "id": entry.id,
        "at": time_form(entry.at),
        "login": entry.login,
        "action": entry.action,
        "subject": entry.subject,
        "changes": [
            {"field": change.field, "before": change.before, "after": change.after}
            for change in entry.changes
        ],
    }


def _header(header: Header) -> Form:
    value = header.value
    shown = secret_form(value) if isinstance(value, Secret) else value
    return {"name": header.name, "value": shown}


def _signing(signing: Signing | None) -> Form | None:
    if signing is None:
        return None
    secrets = [
        {
            **secret_form(key.secret),
            "created_at": time_form(key.created_at),
            "expires_at": time_form(key.expires_at),
        }
        for key in signing.secrets
    ]
    return {"style": signing.style, "secrets": secrets}


def _last(last: LastAttempt | None) -> Form | None:
    if last is None:
        return None
    return {
        "number": last.number,
        "at": time_form(last.at),
        "duration_ms": _ms(last.duration),
        "success": last.is_success,
        "status": last.status,
        "failure": last.failure.value if last.failure else None,
        "why": last.why,
    }


def _sent(request: SentRequest | None) -> Form | None:
    if request is None:
        return None
    return {
        "method": request.method,
        "url": request.url,
        "headers": _pairs(request.headers),
        "body_sha256": request.body_sha256,
        "body_size": request.body_size,
    }


def _outcome(outcome: Outcome) -> Form:
    phases = _phases(outcome.phases)
    if isinstance(outcome, Failure):
        failure = {"kind": outcome.kind.value, "detail": outcome.detail}
        return {"response": None, "failure": failure, "phases": phases}
    return {"response": _response(outcome), "failure": None, "phases": phases}


def _response(response: Response) -> Form:
    return {
        "status": response.status,
        "reason": response.reason,
        "headers": _pairs(response.headers),
        **_body(response.body),
        "truncated": response.truncated,
    }


def _phases(phases: Phases) -> Form:
    names = ("dns", "connect", "tls", "send", "wait", "receive")
    timed = {f"{name}_ms": _seconds_as_ms(getattr(phases, name)) for name in names}
    facts = phases.tls_facts
    tls = facts and {
        "version": facts.version,
        "cipher": facts.cipher,
        "subject": facts.subject,
        "issuer": facts.issuer,
        "expires_at": time_form(facts.expires_at),
    }
    return {**timed, "reused": phases.reused, "peer": phases.peer, "tls": tls}


def _body(body: bytes) -> Form:
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(body).decode("ascii")}


def _pairs(headers: Iterable[tuple[str, str]]) -> Sequence[Sequence[str]]:
    return [[name, value] for name, value in headers]


def _ms(duration: timedelta) -> float:
    return round(duration / timedelta(milliseconds=1), 3)


def _seconds_as_ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)
