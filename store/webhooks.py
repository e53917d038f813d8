"""Webhooks: saving revisions, switching, deleting, and how they fare."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from core.audit import AuditEntry
from core.history import WebhookHealth
from core.model import DeliveryState, Webhook
from core.ports import Held
from store import refusals
from store.convert import micros
from store.health import read_health
from store.part import Opened, Part, note
from store.sealing import KeyRing
from store.tables import (
    IS_HELD,
    deliveries,
    webhook_revisions,
    webhook_status,
    webhooks,
)
from store.webhook_rows import settings_text, webhook_params


class SqlWebhooks(Part):
    """`core.ports.Webhooks`."""

    async def webhooks(self, workspace_id: str) -> Sequence[Webhook]:
        """All of them, by name."""
        return await self._database.read(_webhooks, workspace_id, self._opened)

    async def webhook(self, workspace_id: str, id_or_name: str) -> Webhook:
        """One, by its id or its name. Raises NotFound."""
        return await self._database.read(
            _webhook, workspace_id, id_or_name, self._opened
        )

    async def add_webhook(self, webhook: Webhook, audit: AuditEntry) -> None:
        """Add one. Raises NameTaken."""
        await self._database.write(_add, webhook, self._keys, audit)

    async def save_webhook(self, webhook: Webhook, audit: AuditEntry) -> None:
        """Save the next revision. Raises NameTaken, NotFound or Stale."""
        await self._database.write(_save, webhook, self._keys, audit)

    async def activate(
        self, webhook: Webhook, held: Held, now: datetime, audit: AuditEntry
    ) -> int:
        """Save as active; make the held deliveries due, or cancel them."""
        active = replace(webhook, active=True)
        return await self._database.write(
            _activate, active, self._keys, audit, held=held, now=now
        )

    async def deactivate(self, webhook: Webhook, audit: AuditEntry) -> int:
        """Save as inactive and hold what is not yet sent. Returns how many that are."""
        inactive = replace(webhook, active=False)
        return await self._database.write(_deactivate, inactive, self._keys, audit)

    async def delete_webhook(self, webhook_id: str, audit: AuditEntry) -> None:
        """Delete it and cancel what waits; its history stays. Raises NotFound."""
        await self._database.write(_delete, webhook_id, audit)

    async def health(
        self, workspace_id: str, now: datetime
    ) -> Mapping[str, WebhookHealth]:
        """How each webhook fares, by webhook id."""
        return await self._database.read(read_health, workspace_id, now)


def _webhooks(
    connection: Connection, workspace_id: str, opened: Opened
) -> list[Webhook]:
    query = select(webhooks).where(
        webhooks.c.workspace_id == workspace_id, webhooks.c.deleted_at.is_(None)
    )
    rows = connection.execute(query.order_by(webhooks.c.name)).mappings()
    return [opened.of(row) for row in rows]


def _webhook(
    connection: Connection, workspace_id: str, id_or_name: str, opened: Opened
) -> Webhook:
    here = select(webhooks).where(
        webhooks.c.workspace_id == workspace_id, webhooks.c.deleted_at.is_(None)
    )
    for column in (webhooks.c.id, webhooks.c.name):
        row = connection.execute(here.where(column == id_or_name)).mappings().first()
        if row is not None:
            return opened.of(row)
    raise refusals.no_webhook(id_or_name)


def _add(
    connection: Connection, webhook: Webhook, keys: KeyRing, entry: AuditEntry
) -> None:
    _check_name(connection, webhook)
    connection.execute(insert(webhooks), webhook_params(webhook, keys))
    _keep_revision(connection, webhook)
    note(connection, entry)


def _save(
    connection: Connection, webhook: Webhook, keys: KeyRing, entry: AuditEntry
) -> None:
    saved = _saved(connection, webhook.id)
    if webhook.revision != saved["revision"] + 1:
        raise refusals.saved_meanwhile(saved["name"], saved["revision"])
    _check_name(connection, webhook)
    connection.execute(
        update(webhooks).where(webhooks.c.id == webhook.id),
        webhook_params(webhook, keys),
    )
    _keep_revision(connection, webhook)
    note(connection, entry)


def _saved(connection: Connection, webhook_id: str) -> RowMapping:
    query = select(webhooks.c.name, webhooks.c.revision).where(
        webhooks.c.id == webhook_id, webhooks.c.deleted_at.is_(None)
    )
    saved = connection.execute(query).mappings().first()
    if saved is None:
        raise refusals.no_webhook(webhook_id)
    return saved


def _check_name(connection: Connection, webhook: Webhook) -> None:
    other = select(webhooks.c.id).where(
        webhooks.c.workspace_id == webhook.workspace_id,
        webhooks.c.name == webhook.name,
        webhooks.c.id != webhook.id,
        webhooks.c.deleted_at.is_(None),
    )
    if connection.execute(other).first():
        raise refusals.webhook_taken(webhook.name)


def _keep_revision(connection: Connection, webhook: Webhook) -> None:
    connection.execute(
        insert(webhook_revisions),
        {
            "webhook_id": webhook.id,
            "revision": webhook.revision,
            "saved_at": micros(webhook.updated_at),
            "settings": settings_text(webhook),
        },
    )


def _activate(
    connection: Connection,
    webhook: Webhook,
    keys: KeyRing,
    entry: AuditEntry,
    *,
    held: Held,
    now: datetime,
) -> int:
    _save(connection, webhook, keys, entry)
    # What failed before it was switched off says nothing about it now.
    connection.execute(
        update(webhook_status)
        .where(webhook_status.c.webhook_id == webhook.id)
        .values(failing_since=None)
    )
    if held is Held.DELIVER:
        return _move_held(connection, webhook.id, DeliveryState.PENDING, micros(now))
    return _move_held(connection, webhook.id, DeliveryState.CANCELLED, None)


def _deactivate(
    connection: Connection, webhook: Webhook, keys: KeyRing, entry: AuditEntry
) -> int:
    _save(connection, webhook, keys, entry)
    _stop_waiting(connection, webhook.id, DeliveryState.HELD)
    held = select(func.count()).where(deliveries.c.webhook_id == webhook.id, IS_HELD)
    return int(connection.execute(held).scalar_one())


def _delete(connection: Connection, webhook_id: str, entry: AuditEntry) -> None:
    _saved(connection, webhook_id)
    connection.execute(
        update(webhooks)
        .where(webhooks.c.id == webhook_id)
        # The row stays for its history; its secrets do not.
        .values(deleted_at=micros(entry.at), headers="[]", signing=None)
    )
    _stop_waiting(connection, webhook_id, DeliveryState.CANCELLED)
    _move_held(connection, webhook_id, DeliveryState.CANCELLED, None)
    note(connection, entry)


def _move_held(
    connection: Connection, webhook_id: str, state: DeliveryState, due_at: int | None
) -> int:
    """Take a webhook's held deliveries elsewhere; returns how many they were."""
    moved = (
        update(deliveries)
        .where(deliveries.c.webhook_id == webhook_id, IS_HELD)
        .values(state=state.value, due_at=due_at)
    )
    return connection.execute(moved).rowcount


def _stop_waiting(
    connection: Connection, webhook_id: str, state: DeliveryState
) -> None:
    """Take what is due to a webhook and not being sent off its queue."""
    connection.execute(
        update(deliveries)
        .where(
            deliveries.c.webhook_id == webhook_id,
            deliveries.c.due_at.is_not(None),
            deliveries.c.state != DeliveryState.SENDING.value,
        )
        .values(state=state.value, due_at=None)
    )
