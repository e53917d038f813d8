"""What an admin does with webhooks."""

from collections.abc import Sequence
from dataclasses import replace

from core.access import Capability
from core.actions.caller import Caller, needs
from core.audit import Change, webhook_changes
from core.draft import WebhookDraft, retyped_needed, webhook_from
from core.errors import Stale
from core.history import WebhookHealth, WebhookRow
from core.model import Webhook
from core.ports import Held

MANAGE = Capability.MANAGE_WEBHOOKS


@needs(MANAGE)
async def list_webhooks(caller: Caller) -> Sequence[WebhookRow]:
    """All webhooks of the workspace and how they fare, by name."""
    webhooks = await caller.store.webhooks(caller.workspace.id)
    health = await caller.store.health(caller.workspace.id, caller.now)
    return [WebhookRow(w, health.get(w.id, WebhookHealth())) for w in webhooks]


@needs(MANAGE)
async def find_webhook(caller: Caller, id_or_name: str) -> Webhook:
    """One webhook. Raises NotFound."""
    return await caller.store.webhook(caller.workspace.id, id_or_name)


@needs(MANAGE)
async def create_webhook(caller: Caller, draft: WebhookDraft) -> Webhook:
    """Save a new webhook. Raises Invalid or NameTaken."""
    webhook = webhook_from(
        draft,
        webhook_id=caller.new_id("whk"),
        workspace_id=caller.workspace.id,
        now=caller.now,
    )
    changes = webhook_changes(None, webhook)
    await caller.store.add_webhook(
        webhook, caller.audit("webhook.created", webhook.id, changes)
    )
    return webhook


@needs(MANAGE)
async def edit_webhook(
    caller: Caller, webhook_id: str, draft: WebhookDraft, base_revision: int
) -> Webhook:
    """Save the next revision; `base_revision` is the one the editor started from.

    A new origin, or certificate checks switched off, drops secret headers that were
    not typed again (`core.draft.retyped_needed` says which).

    Raises:
        Invalid: the first problem of the draft.
        Stale: when somebody saved meanwhile.
    """
    before = await caller.store.webhook(caller.workspace.id, webhook_id)
    if before.revision != base_revision:
        raise Stale(
            f"{before.name} was saved by somebody else meanwhile "
            f"(revision {before.revision}, yours began at {base_revision}).",
            "Open it again and repeat the change.",
        )
    after = webhook_from(
        draft,
        webhook_id=before.id,
        workspace_id=before.workspace_id,
        now=caller.now,
        before=before,
    )
    changes = webhook_changes(before, after)
    if dropped := retyped_needed(before, draft):
        changes += (Change("secret headers", ", ".join(dropped), "dropped"),)
    await caller.store.save_webhook(
        after, caller.audit("webhook.edited", after.id, changes)
    )
    return after


@needs(MANAGE)
async def held_deliveries(caller: Caller, webhook_id: str) -> int:
    """How many deliveries are held for a webhook: what activating must ask about."""
    health = await caller.store.health(caller.workspace.id, caller.now)
    return health.get(webhook_id, WebhookHealth()).held


@needs(MANAGE)
async def activate_webhook(caller: Caller, webhook_id: str, held: Held) -> int:
    """Activate; deliver or drop what was held. Returns how many that were."""
    before = await caller.store.webhook(caller.workspace.id, webhook_id)
    after = _switched(caller, before, active=True)
    changes = (*webhook_changes(before, after), Change("held", None, held.value))
    entry = caller.audit("webhook.activated", after.id, changes)
    return await caller.store.activate(after, held, caller.now, entry)


@needs(MANAGE)
async def deactivate_webhook(caller: Caller, webhook_id: str) -> int:
    """Deactivate and hold what is not yet sent. Returns how many that are."""
    before = await caller.store.webhook(caller.workspace.id, webhook_id)
    after = _switched(caller, before, active=False)
    entry = caller.audit(
        "webhook.deactivated", after.id, webhook_changes(before, after)
    )
    return await caller.store.deactivate(after, entry)


@needs(MANAGE)
async def delete_webhook(caller: Caller, webhook_id: str) -> Webhook:
    """Delete it and cancel what waits; its history stays. Returns what it was."""
    before = await caller.store.webhook(caller.workspace.id, webhook_id)
    changes = webhook_changes(before, None)
    await caller.store.delete_webhook(
        before.id, caller.audit("webhook.deleted", before.id, changes)
    )
    return before


def _switched(caller: Caller, webhook: Webhook, *, active: bool) -> Webhook:
    return replace(
        webhook,
        active=active,
        disabled_reason=None,
        updated_at=caller.now,
        revision=webhook.revision + 1,
    )
