"""Conversations that several screens have with a person: ask, act, say.

Each is run by `Console.act`, which says why when an action refuses.
"""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from core.actions.caller import Caller, workspaces_of
from core.actions.deliveries import find_delivery
from core.actions.deliveries import redeliver as redeliver_delivery
from core.actions.webhooks import (
    activate_webhook,
    deactivate_webhook,
    delete_webhook,
    find_webhook,
    held_deliveries,
)
from core.curl import as_curl
from core.diagnosis import as_markdown, diagnose
from core.draft import WebhookDraft, duplicate_of
from core.history import DeliveryDetail, WebhookRow
from core.model import DeliveryState, Event, Webhook
from core.ports import Held
from core.reproduce import attempt_of, is_as_sent, request_of
from tui.views.webhooks import delete_words
from tui.widgets.confirm import Answer, Choose, Confirm, ConfirmByName

if TYPE_CHECKING:
    from tui.console import Console


async def activate(console: "Console", webhook: Webhook) -> None:
    """Activate; what is held is delivered or dropped as the person says."""
    caller = console.desk.caller
    held = await held_deliveries(caller, webhook.id)
    fate = await _fate(console, webhook, held) if held else Held.DELIVER
    if fate is None:
        console.say(f"{webhook.name} stays inactive.")
        return
    count = await activate_webhook(caller, webhook.id, fate)
    done = "due now" if fate is Held.DELIVER else "dropped"
    console.say(f"{webhook.name} is active; {count:,} held deliveries are {done}.")


async def _fate(console: "Console", webhook: Webhook, held: int) -> Held | None:
    answer = await console.push_screen_wait(
        Choose(
            f"Activate {webhook.name}?",
            f"{held:,} deliveries were held while it was inactive.",
            [
                Answer("deliver", f"Deliver all {held:,}", "They go out as due now."),
                Answer("drop", f"Drop all {held:,}", "They are cancelled for good."),
            ],
            cancel="Leave it inactive",
            chosen="",  # neither is assumed
        )
    )
    return None if answer is None else Held(answer)


async def deactivate(console: "Console", webhook: Webhook) -> None:
    """Deactivate, after saying what becomes of what waits."""
    question = Confirm(
        f"Deactivate {webhook.name}?",
        "Nothing more is sent to it. What waits, and every new event for it, is held "
        "and counted until it is active again; nothing is lost.",
        yes="Deactivate",
    )
    if await console.push_screen_wait(question):
        held = await deactivate_webhook(console.desk.caller, webhook.id)
        console.say(f"{webhook.name} is inactive; {held:,} deliveries are held.")


async def switch(console: "Console", webhook: Webhook) -> None:
    """Activate what is inactive, and the other way round."""
    await (deactivate if webhook.active else activate)(console, webhook)


async def delete(console: "Console", row: WebhookRow) -> bool:
    """Delete, once its name was typed."""
    name = row.webhook.name
    question = ConfirmByName(
        f"Delete {name}?", delete_words(row), name=name, yes="Delete"
    )
    if not await console.push_screen_wait(question):
        return False
    await delete_webhook(console.desk.caller, row.id)
    console.say(f"{name} is deleted. Its history stays.")
    return True


async def create(console: "Console") -> Webhook | None:
    """Fill in a new webhook."""
    return await _edited(console)


async def duplicate(console: "Console", webhook: Webhook) -> Webhook | None:
    """Fill in one like this one; its secrets are typed anew."""
    return await _edited(console, draft=duplicate_of(webhook, f"{webhook.name} copy"))


async def edit(console: "Console", webhook_id: str) -> Webhook | None:
    """Change a webhook as it is saved now."""
    saved = await find_webhook(console.desk.caller, webhook_id)
    return await _edited(console, webhook=saved)


async def _edited(
    console: "Console",
    *,
    webhook: Webhook | None = None,
    draft: WebhookDraft | None = None,
) -> Webhook | None:
    from tui.screens.editor import EditorScreen  # noqa: PLC0415

    screen = EditorScreen(console.desk, webhook=webhook, draft=draft)
    return await console.push_screen_wait(screen)


async def test(console: "Console", webhook_id: str) -> None:
    """Send a test event to a webhook as it is saved now."""
    from tui.screens.test import TestScreen  # noqa: PLC0415

    saved = await find_webhook(console.desk.caller, webhook_id)
    await console.push_screen_wait(TestScreen(console.desk, saved))


async def redeliver(console: "Console", delivery_id: str) -> None:
    """Send a delivery again, after asking when its receiver has it already."""
    caller = console.desk.caller
    detail = await find_delivery(caller, delivery_id)
    if detail.delivery.state is DeliveryState.DELIVERED:
        question = Confirm(
            "Deliver it again?",
            f"{detail.webhook_name} has it already, and gets it once more with the "
            "same id.",
            yes="Redeliver",
        )
        if not await console.push_screen_wait(question):
            return
    await redeliver_delivery(caller, delivery_id)
    console.say(f"{delivery_id} is due again, now.")


async def see_webhook(console: "Console", webhook_id: str) -> None:
    """Open the page of a webhook, if it still exists."""
    from tui.screens.webhook import WebhookScreen  # noqa: PLC0415

    await find_webhook(console.desk.caller, webhook_id)
    await console.push_screen(WebhookScreen(webhook_id))


async def copy_delivery(
    console: "Console", delivery_id: str, number: int | None = None
) -> None:
    """Copy the id, the request of an attempt as curl, or the diagnosis."""
    chosen = await console.push_screen_wait(
        Choose(
            "Copy",
            "",
            [
                Answer("id", "Id", delivery_id, key="i"),
                Answer("curl", "Request as curl", "Secrets as $PLACEHOLDERS.", key="c"),
                Answer("diagnosis", "Diagnosis", "Markdown, without secrets.", key="d"),
            ],
        )
    )
    if chosen == "id":
        await console.copy(delivery_id)
    elif chosen is not None:
        detail = await find_delivery(console.desk.caller, delivery_id)
        await (
            _copy_curl(console, detail, number)
            if chosen == "curl"
            else _copy_diagnosis(console, detail)
        )


async def copy_event(console: "Console", event: Event) -> None:
    """Copy the id of an event, or its data as it was given."""
    answers = [
        Answer("id", "Id", event.id, key="i"),
        Answer("data", "Data", "JSON as it was emitted.", key="d"),
    ]
    chosen = await console.push_screen_wait(Choose("Copy", "", answers))
    if chosen is not None:
        await console.copy(event.id if chosen == "id" else event.payload.decode())


async def choose_workspace(console: "Console") -> Caller | None:
    """Ask where to work; None to stay, or where there is no choice."""
    caller = console.desk.caller
    theirs = await workspaces_of(caller.actor, caller.store)
    if len(theirs) < 2:
        console.say(f"{caller.workspace.name} is your only workspace.")
        return None
    answers = [Answer(one.slug, one.name, one.slug) for one in theirs]
    chosen = await console.push_screen_wait(
        Choose("Workspace", "", answers, chosen=caller.workspace.slug)
    )
    found = (one for one in theirs if one.slug == chosen)
    workspace = next(found, caller.workspace)
    return (
        None if workspace == caller.workspace else replace(caller, workspace=workspace)
    )


async def _copy_diagnosis(console: "Console", detail: DeliveryDetail) -> None:
    row = console.overview.row(detail.delivery.webhook_id) if console.overview else None
    health = row.health if row else None
    found = diagnose(detail, console.desk.caller.now, health)
    await console.copy(as_markdown(detail, found))


async def _copy_curl(
    console: "Console", detail: DeliveryDetail, number: int | None
) -> None:
    caller = console.desk.caller
    attempt = attempt_of(detail, number)
    request = await asyncio.to_thread(
        request_of, detail, attempt, caller.workspace.slug, caller.now
    )
    if request is None:
        console.say("Its webhook is deleted or cannot build it now.", "warning")
        return
    await console.copy(as_curl(request))
    if attempt is not None and not is_as_sent(request, attempt):
        console.say("The webhook changed since: this is what it sends now.", "warning")
