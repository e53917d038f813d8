"""What an audit row says: who did what to what, and what changed. Never a secret."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from core.headers import Header
from core.model import Limits, Signing, Webhook
from core.retry import RetryPolicy

CHANGED = "changed"
_NOT_A_CHANGE = {"id", "workspace_id", "created_at", "updated_at", "revision"}


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after, in words; of a secret only that it is `changed`."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One row of the audit: `action` is a verb, `subject` the id it was done to."""

    id: str
    workspace_id: str | None
    at: datetime
    login: str
    action: str
    subject: str
    changes: tuple[Change, ...] = ()


def webhook_changes(
    before: Webhook | None, after: Webhook | None
) -> tuple[Change, ...]:
    """The fields in which two revisions differ; a missing side is a creation or end."""
    values = (
        (field.name, _value(before, field.name), _value(after, field.name))
        for field in fields(Webhook)
        if field.name not in _NOT_A_CHANGE
    )
    changes = (Change(name, _words(old), _words(new, old)) for name, old, new in values)
    return tuple(change for change in changes if change.before != change.after)


def _value(webhook: Webhook | None, name: str) -> Any:
    return None if webhook is None else getattr(webhook, name)


def _words(value: Any, before: Any = None) -> str | None:
    """A field in words; of a secret they say only whether it was another before."""
    if value is None or value == ():
        return None
    if isinstance(value, Signing):
        return _signing(value, before)
    if isinstance(value, tuple):
        return ", ".join(
            _header(item, before or ()) if isinstance(item, Header) else str(item)
            for item in value
        )
    return _plain(value)


def _plain(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case RetryPolicy():
            waits = ", ".join(map(str, value.schedule))
            return f"{waits} s" + (", gives up on 4xx" if value.give_up_on_4xx else "")
        case Limits():
            return f"{value.timeout:g} s, {value.in_flight} in flight"
    return str(value)


def _signing(signing: Signing, before: Signing | None) -> str:
    number = len(signing.secrets)
    words = f"{signing.style}, {number} secret{'' if number == 1 else 's'}"
    is_other = before is not None and before.secrets != signing.secrets
    return f"{words}, {CHANGED}" if is_other else words


def _header(header: Header, before: Iterable[Header]) -> str:
    if not header.is_secret:
        return f"{header.name}: {header.shown}"
    old = {header.name.lower(): header.value for header in before}
    is_other = old.get(header.name.lower(), header.value) != header.value
    return (
        f"{header.name} (secret, {CHANGED})" if is_other else f"{header.name} (secret)"
    )
