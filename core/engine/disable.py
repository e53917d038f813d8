"""Switching a webhook off because its receiver said so (410 Gone)."""

from dataclasses import replace

from core.audit import AuditEntry, webhook_changes
from core.errors import NotFound, Stale
from core.model import Delivery
from core.ports import Clock, NewId, Store

HOOKLINE = "hookline"  # the login in the audit of what no person did


async def disable(
    store: Store, delivery: Delivery, why: str, clock: Clock, new_id: NewId
) -> None:
    """Deactivate the delivery's webhook and say why; what waits for it is held.

    Whoever changed or deleted it meanwhile was first, and is left alone.
    """
    try:
        before = await store.webhook(delivery.workspace_id, delivery.webhook_id)
        if not before.active:
            return
        after = replace(
            before,
            active=False,
            disabled_reason=why,
            updated_at=clock(),
            revision=before.revision + 1,
        )
        entry = AuditEntry(
            id=new_id("aud"),
            workspace_id=before.workspace_id,
            at=clock(),
            login=HOOKLINE,
            action="webhook.disabled",
            subject=before.id,
            changes=webhook_changes(before, after),
        )
        await store.deactivate(after, entry)
    except (NotFound, Stale):
        return
