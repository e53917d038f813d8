"""What an audit row says: who did what to what, and what changed. Never a secret."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from core.headers import Header
from core.model import Signing, Webhook
from core.url import WebhookUrl

CHANGED = "changed"
_NOT_A_CHANGE = {"id", "workspace_id", "created_at", "updated_at", "revision"}


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after, in words; a secret's values are `changed`."""

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
    return tuple(
        _change(field.name, _value(before, field.name), _value(after, field.name))
        for field in fields(Webhook)
        if field.name not in _NOT_A_CHANGE
        and _value(before, field.name) != _value(after, field.name)
    )


def _value(webhook: Webhook | None, name: str) -> Any:
    return None if webhook is None else getattr(webhook, name)


def _change(name: str, before: Any, after: Any) -> Change:
    words_before, words_after = _words(before), _words(after)
    if words_before is not None and words_before == words_after:
        # They differ, and yet look the same: the difference is a secret's value.
        return Change(name, CHANGED, CHANGED)
    return Change(name, words_before, words_after)


def _words(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, Signing):
        return f"{value.style}, {len(value.secrets)} secret(s)"
    if isinstance(value, tuple):
        return ", ".join(_header(v) if isinstance(v, Header) else str(v) for v in value)
    if isinstance(value, WebhookUrl | str):
        return str(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _header(header: Header) -> str:
    return (
        f"{header.name} (secret)"
        if header.is_secret
        else f"{header.name}: {header.value}"
    )
