"""The list of webhooks in cells, and one webhook in facts.

Pure: values in, words out.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from core.diagnosis import percent
from core.history import WebhookHealth, WebhookRow
from core.model import Webhook
from core.spans import span_words
from tui.text import safe
from tui.views.facts import Fact
from tui.views.lines import Line, Piece, Tone, line
from tui.views.signs import (
    FAILING,
    NOTHING,
    TLS_OFF,
    answer_cell,
    moment,
    sign_of,
    spark_cells,
    todo,
)
from tui.widgets.columns import Cell, Column

COLUMNS = (
    Column("STATE", 10, key="state"),
    Column("NAME", 14, flex=3, key="name"),
    Column("METHOD", 6, drop=4),
    Column("HOST", 16, flex=4, key="host"),
    Column("EVENTS", 14, flex=2, drop=5),
    Column("LAST HOUR", 12, drop=1),
    Column("OK", 6, align="right", key="rate"),
    Column("LAST", 8, drop=2),
    Column("WAITING", 7, align="right", drop=3, key="queue"),
)

EMPTY = "No webhook yet.\nn creates the first one; ? shows all keys."
NO_MATCH = "No webhook has these words.\nesc shows all of them again."


def cells(row: WebhookRow) -> list[Cell]:
    """The line of a webhook."""
    webhook, health = row.webhook, row.health
    first, *more = spark_cells(health.hour)
    return [
        sign_of(row).cell,
        Cell(webhook.name, "strong"),
        Cell(webhook.method.value, "muted"),
        _host(webhook),
        Cell(", ".join(webhook.events), "muted"),
        first._replace(more=tuple(more)),
        _rate(health),
        answer_cell(health.last),
        _queue(row),
    ]


def text_of(row: WebhookRow) -> str:
    """What the filter searches: everything the line shows, and the whole URL."""
    webhook = row.webhook
    words = [sign_of(row).word, webhook.name, webhook.method.value, str(webhook.url)]
    return " ".join([*words, *webhook.events, TLS_OFF if webhook.ignore_ssl else ""])


def _host(webhook: Webhook) -> Cell:
    host = Cell(webhook.url.host_header)
    if not webhook.ignore_ssl:
        return host
    return Cell(TLS_OFF, "bad", (Cell(" "), host))


def _rate(health: WebhookHealth) -> Cell:
    rate = health.success_rate
    if rate is None:
        return NOTHING
    return Cell(percent(rate), "ok" if rate == 1 else "bad" if rate < 0.5 else "warn")


def _queue(row: WebhookRow) -> Cell:
    health = row.health
    if health.held:
        return Cell(f"‖ {health.held:,}", "warn")
    if not health.waiting:
        return NOTHING
    return Cell(f"{health.waiting:,}", "warn" if sign_of(row) == FAILING else "")


# Orders.

Order = tuple[str, str, Callable[[WebhookRow], Any], bool]
"""A column's key, its name in words, the value to sort by, and whether it descends."""

_WORST = ("failing", "disabled", "active", "inactive")


def _name(row: WebhookRow) -> str:
    return row.webhook.name.casefold()


def _worst(row: WebhookRow) -> int:
    return _WORST.index(sign_of(row).word)


def _share(row: WebhookRow) -> float:
    rate = row.health.success_rate
    return 2.0 if rate is None else rate


ORDERS: tuple[Order, ...] = (
    ("state", "the worst first", lambda r: (_worst(r), _share(r), _name(r)), False),
    ("name", "by name", _name, False),
    ("host", "by host", lambda r: (r.webhook.url.host, _name(r)), False),
    ("rate", "the least delivered first", lambda r: (_share(r), _name(r)), False),
    ("queue", "the longest queue first", lambda r: r.health.waiting, True),
)


# One webhook.


def health_facts(row: WebhookRow, now: datetime) -> list[Fact]:
    """How a webhook fares: state, cause, remedy, last hour, queue."""
    return [*_state(row, now), *_last(row, now), *_hour(row.health), *_waits(row)]


def _state(row: WebhookRow, now: datetime) -> Iterator[Fact]:
    yield Fact("", _state_words(row, now), sign_of(row).tone)
    if row.webhook.disabled_reason:
        yield Fact("Why", row.webhook.disabled_reason, "warn")


def _state_words(row: WebhookRow, now: datetime) -> str:
    sign, since = sign_of(row), row.health.failing_since
    if sign != FAILING or since is None:
        return sign.text
    return f"{sign.text} for {span_words(now - since)}"


def _last(row: WebhookRow, now: datetime) -> Iterator[Fact]:
    last = row.health.last
    if last is None:
        yield Fact("Last", "nothing was sent yet", "muted")
        return
    yield Fact("Last", last.why, "" if last.is_success else "bad")
    ago = span_words(now - last.at)
    took = f"{last.duration.total_seconds():.2f} s"
    yield Fact(" ", f"{ago} ago, in {took}", "muted")
    if words := todo(last):
        yield Fact("Do", words)


def _hour(health: WebhookHealth) -> Iterator[Fact]:
    delivered = sum(bucket.delivered for bucket in health.hour)
    failed = sum(bucket.failed for bucket in health.hour)
    if not delivered + failed:
        yield Fact("Hour", "no attempt in the last hour", "muted")
        return
    bars = spark_cells(health.hour)
    yield Fact("Hour", tuple(Piece(safe(bar.text), bar.tone) for bar in bars))
    words: Line = line((f"{delivered:,} delivered", "ok"))
    if failed:
        words += line("  ", (f"{failed:,} failed", "bad"))
    yield Fact(" ", words)


def _waits(row: WebhookRow) -> Iterator[Fact]:
    health = row.health
    if health.waiting:
        yield Fact("Queue", f"{health.waiting:,} waiting to be sent")
    if health.held:
        yield Fact("Held", f"{health.held:,} kept until it is active: a", "warn")


def set_up_facts(webhook: Webhook, now: datetime) -> list[Fact]:
    """What a webhook is set up to do; no secret is in it."""
    changed = f"{moment(webhook.updated_at, now)} UTC, revision {webhook.revision}"
    return [
        Fact("", f"{webhook.method} {webhook.url}", "strong"),
        Fact("Events", ", ".join(webhook.events)),
        Fact("Signing", _signing(webhook)),
        *_tls(webhook),
        Fact("Headers", _headers(webhook)),
        Fact("Body", f"{_body(webhook)}, {webhook.content_type}"),
        Fact("Retries", _retries(webhook)),
        Fact("Changed", changed, "muted"),
        Fact("Id", webhook.id, "muted"),
    ]


def _tls(webhook: Webhook) -> Iterator[Fact]:
    if not webhook.url.is_secure:
        yield Fact("TLS", "none: http sends events in the clear", "warn")
    elif webhook.ignore_ssl:
        yield Fact("TLS", f"▲ {TLS_OFF}: whoever answers gets the events", "bad")
    else:
        yield Fact("TLS", "verified")


def _signing(webhook: Webhook) -> str:
    if webhook.signing is None:
        return "off: the receiver cannot tell who sent it"
    count = len(webhook.signing.secrets)
    return f"{webhook.signing.style}, {count} {'secret' if count == 1 else 'secrets'}"


def _headers(webhook: Webhook) -> str:
    names = (f"{h.name} (secret)" if h.is_secret else h.name for h in webhook.headers)
    return ", ".join(names) or "none of its own"


def _body(webhook: Webhook) -> str:
    if webhook.template is None:
        return "the event as it is"
    lines = webhook.template.count("\n") + 1
    return f"a template of {lines} {'line' if lines == 1 else 'lines'}"


def _retries(webhook: Webhook) -> str:
    schedule, limits = webhook.retry.schedule, webhook.limits
    whole = span_words(timedelta(seconds=sum(schedule)))
    return (
        f"{len(schedule)} attempts over {whole}, {limits.timeout:g} s each, "
        f"{limits.in_flight} at a time"
    )


def peek_facts(row: WebhookRow, now: datetime) -> list[Fact]:
    """The selected webhook in three lines, where there is no room for a panel."""
    last, sign = row.health.last, sign_of(row)
    first = line(
        (_state_words(row, now), sign.tone), "  ", (str(row.webhook.url), "muted")
    )
    if last is None:
        return [Fact("", first), Fact("", "nothing was sent yet", "muted")]
    words = f"{last.why.rstrip('.')}, {span_words(now - last.at)} ago"
    tone: Tone = "" if last.is_success else "bad"
    return [Fact("", first), Fact("", words, tone), Fact("", todo(last))]


def delete_words(row: WebhookRow) -> str:
    """What deleting a webhook does, in numbers."""
    health = row.health
    kept = health.waiting + health.held
    verb = "is" if kept == 1 else "are"
    waits = f"{kept:,} waiting for it {verb} cancelled, and " if kept else ""
    return (
        f"No event goes to {row.webhook.name} any more; {waits}its history stays. "
        "This cannot be undone."
    )
