"""What each value looks like to a person in a terminal: lines, and cells of tables.

Requests and answers look as they do in the console, by the same functions.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from core.audit import AuditEntry
from core.diagnosis import Diagnosis, percent
from core.explain import remedy
from core.history import (
    DeliveryDetail,
    DeliveryRow,
    EventRow,
    WebhookHealth,
    WebhookRow,
)
from core.model import Attempt, DeliveryState, Event, EventType, Signing, Webhook
from core.outcome import Failure
from core.reproduce import proven_body, reproduce
from core.retry import Delivered, GiveUp, RetryAt, Verdict
from core.spans import span_words
from hookline.output import fields_lines
from tui.views.lines import Line, body_lines, line, size_words
from tui.views.request import sent_lines
from tui.views.response import duration_words, headline, outcome_lines

Lines = Sequence[str | Line]

NOT_VERIFIED = "NOT VERIFIED: whoever answers at this address is believed"
WEBHOOK_COLUMNS = ("NAME", "STATE", "SUCCESS", "LAST", "EVENTS", "URL", "ID")
DELIVERY_COLUMNS = ("ID", "STATE", "LAST", "WEBHOOK", "TYPE", "TRIES", "AT")
EVENT_COLUMNS = ("ID", "TYPE", "AT", "SIZE", "DELIVERIES")
AUDIT_COLUMNS = ("AT", "WHO", "WHAT", "TO", "CHANGES")


def moment(when: datetime | None) -> str:
    """A time to the second, in UTC."""
    return "-" if when is None else f"{when:%F %T}Z"


def wait_words(seconds: int) -> str:
    """A wait before an attempt: `at once`, `5 s`, `30 m`, `2 h`."""
    return span_words(timedelta(seconds=seconds)) if seconds else "at once"


def count_words(count: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{count:,} {one if count == 1 else many}"


def state_words(webhook: Webhook) -> str:
    """Whether a webhook is active, and if not, why."""
    if webhook.active:
        return "active"
    reason = webhook.disabled_reason
    return f"inactive: {reason}" if reason else "inactive"


def webhook_lines(webhook: Webhook, health: WebhookHealth | None = None) -> Lines:
    """All of a webhook, its template below."""
    shown = [
        ("id", webhook.id),
        ("name", webhook.name),
        ("url", str(webhook.url)),
        ("sends", f"{webhook.method} {webhook.content_type}"),
        ("events", ", ".join(webhook.events)),
        ("state", state_words(webhook)),
        *(_health_fields(health) if health else ()),
        ("signing", _signing_lines(webhook.signing)),
        ("headers", [f"{h.name}: {h.shown}" for h in webhook.headers] or "none"),
        ("tls", NOT_VERIFIED if webhook.ignore_ssl else "verified"),
        ("timeout", f"{webhook.limits.timeout:g} s"),
        ("in flight", f"up to {webhook.limits.in_flight}"),
        ("attempts", _schedule(webhook)),
        ("revision", f"{webhook.revision}, of {moment(webhook.updated_at)}"),
        ("body", "by the template below" if webhook.template else "the JSON envelope"),
    ]
    lines: list[str | Line] = [*fields_lines(shown)]
    if webhook.template:
        lines += ["", *(line(row) for row in webhook.template.splitlines())]
    return lines


def webhook_cells(row: WebhookRow) -> Sequence[str]:
    """A webhook's line of the table."""
    webhook, health = row.webhook, row.health
    states = ["active" if webhook.active else "inactive"]
    if health.held:
        states.append(f"{health.held:,} held")
    if webhook.ignore_ssl:
        states.append("TLS NOT VERIFIED")
    return (
        webhook.name,
        ", ".join(states),
        _rate(health),
        health.last.why if health.last else "-",
        ",".join(webhook.events),
        str(webhook.url),
        webhook.id,
    )


def delivery_cells(row: DeliveryRow) -> Sequence[str]:
    """A delivery's line of the history."""
    delivery = row.delivery
    return (
        delivery.id,
        delivery.state.value,
        row.last.why if row.last else "-",
        row.webhook_name,
        delivery.event_type,
        str(delivery.attempts),
        moment(delivery.created_at),
    )


def delivery_lines(
    detail: DeliveryDetail, diagnosis: Diagnosis, workspace: str
) -> Lines:
    """A delivery: how it stands and why, then each attempt with request and answer."""
    delivery = detail.delivery
    deleted = "" if detail.webhook else ", since deleted"
    fields = (
        ("delivery", delivery.id),
        ("webhook", f"{detail.webhook_name} ({delivery.webhook_id}{deleted})"),
        ("event", f"{delivery.event_type} ({delivery.event_id})"),
        ("state", _state(delivery.state, delivery.due_at)),
        ("since", moment(delivery.created_at)),
        ("attempts", str(len(detail.attempts)) if detail.attempts else "none yet"),
    )
    lines: list[str | Line] = [*fields_lines(fields), "", *diagnosis_lines(diagnosis)]
    for attempt in detail.attempts:
        request = reproduce(detail, attempt, workspace)
        lines += ["", *attempt_lines(attempt, proven_body(request, attempt))]
    return lines


def diagnosis_lines(diagnosis: Diagnosis) -> Lines:
    """Why a delivery is where it is, and what to do."""
    told = (diagnosis.what, diagnosis.then, diagnosis.works, diagnosis.webhook)
    lines: list[str | Line] = [line(text) for text in told if text]
    return [*lines, line((diagnosis.do, "strong"))] if diagnosis.do else lines


def attempt_lines(attempt: Attempt, body: bytes | None) -> Lines:
    """An attempt: what was sent, what came back and how long it took."""
    number = f"attempt {attempt.number}"
    when = f", {moment(attempt.started_at)}, by {attempt.trigger}"
    head = line((number, "strong"), f"{when}, revision {attempt.revision}")
    sent = sent_lines(attempt.request, body) if attempt.request else []
    return [head, "", *sent, "", *answer_lines(attempt)]


def answer_lines(attempt: Attempt) -> Lines:
    """What came of an attempt, how long it took, and the answer or what to do."""
    outcome = attempt.outcome
    timing = line((_timing(attempt), "muted"))
    failed = isinstance(outcome, Failure)
    rest = [line(remedy(outcome))] if failed else outcome_lines(outcome)
    return [headline(outcome), *([timing] if timing else []), "", *rest]


def verdict_words(verdict: Verdict) -> str:
    """What follows, in one sentence; nothing after a success."""
    match verdict:
        case Delivered():
            return ""
        case RetryAt(when=when, why=why):
            return f"Tried again at {moment(when)}, {why}."
        case GiveUp(why=why):
            return f"Given up: {why}"


def event_lines(event: Event, deliveries: Iterable[DeliveryRow]) -> Lines:
    """An event, where it went, and its data."""
    went = [
        f"{row.id}  {row.delivery.state.value:<9}  {row.webhook_name}"
        for row in deliveries
    ]
    fields = (
        ("event", event.id),
        ("type", event.type),
        ("at", moment(event.created_at)),
        ("key", event.idempotency_key or "none"),
        ("size", size_words(len(event.payload))),
        ("deliveries", went or "none: no webhook wanted it"),
    )
    return [*fields_lines(fields), "", *body_lines(event.payload, "application/json")]


def event_cells(row: EventRow) -> Sequence[str]:
    """An event's line of the table."""
    event = row.event
    size = size_words(len(event.payload))
    return (event.id, event.type, moment(event.created_at), size, str(row.deliveries))


def event_type_cells(event_type: EventType) -> Sequence[str]:
    """An event type's line of the table."""
    return (event_type.name, event_type.description)


def audit_cells(entry: AuditEntry, names: Mapping[str, str]) -> Sequence[str]:
    """An audit row's line of the table; `names` are the webhooks', by their ids."""
    changes = "; ".join(
        f"{change.field}: {change.before or '-'} → {change.after or '-'}"
        for change in entry.changes
    )
    subject = names.get(entry.subject, entry.subject)
    return (moment(entry.at), entry.login, entry.action, subject, changes)


def _state(state: DeliveryState, due_at: datetime | None) -> str:
    if state is DeliveryState.RETRYING and due_at:
        return f"{state}, next {moment(due_at)}"
    return state.value


def _rate(health: WebhookHealth) -> str:
    return "-" if health.success_rate is None else percent(health.success_rate)


def _health_fields(health: WebhookHealth) -> Iterable[tuple[str, str]]:
    last = health.last
    yield "last hour", f"{_rate(health)} delivered"
    yield "last", f"{last.why}, {moment(last.at)}" if last else "nothing sent yet"
    yield "waiting", f"{health.waiting:,}, and {health.held:,} held"
    if health.failing_since:
        yield "failing", f"since {moment(health.failing_since)}"


def _signing_lines(signing: Signing | None) -> str | Sequence[str]:
    if signing is None:
        return "off"
    return [
        f"{signing.style}, secret {key.secret.masked} of {moment(key.created_at)}"
        + (f", until {moment(key.expires_at)}" if key.expires_at else "")
        for key in signing.secrets
    ]


def _schedule(webhook: Webhook) -> str:
    waits = ", ".join(wait_words(wait) for wait in webhook.retry.schedule)
    return waits + ("; given up on 4xx" if webhook.retry.give_up_on_4xx else "")


def _timing(attempt: Attempt) -> str:
    phases = attempt.outcome.phases
    names = ("dns", "connect", "tls", "send", "wait", "receive")
    parts = [
        f"{name} {duration_words(took)}"
        for name in names
        if (took := getattr(phases, name)) is not None
    ]
    if phases.peer:
        again = " again" if phases.reused else ""
        parts.append(f"to {phases.peer}{again}")
    return ", ".join(parts)
