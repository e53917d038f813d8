"""`hookline webhooks`: see and delete them, and the group of all their commands."""

import click

from core.actions.webhooks import delete_webhook, find_webhook, list_webhooks
from core.model import Webhook
from hookline.cli.lazy import Group
from hookline.cli.session import Session, command
from hookline.cli.webhook_edit import create, duplicate, edit
from hookline.cli.webhook_switch import activate, deactivate, test
from hookline.forms import webhook_row_form
from hookline.output import Usage
from hookline.words import WEBHOOK_COLUMNS, webhook_cells, webhook_lines


@command(
    "list",
    "hookline webhooks list",
    "hookline webhooks list --json | jq -r '.[] | select(.health.held > 0) | .name'",
)
async def list_(session: Session) -> None:
    """List the webhooks and how they fare."""
    async with session.caller() as caller:
        rows = await list_webhooks(caller)
    session.output.table(
        [webhook_row_form(row) for row in rows],
        WEBHOOK_COLUMNS,
        map(webhook_cells, rows),
        "There is no webhook yet: 'hookline webhooks create --help' shows how.",
    )


@command(
    "show",
    "hookline webhooks show ERP",
    "hookline webhooks show ERP --json | jq -r .url",
)
@click.argument("webhook")
async def show(session: Session, webhook: str) -> None:
    """Show all of a webhook; secrets are masked."""
    async with session.caller() as caller:
        wanted = await find_webhook(caller, webhook)
        row = next(r for r in await list_webhooks(caller) if r.id == wanted.id)
    lines = webhook_lines(row.webhook, row.health)
    session.output.show(webhook_row_form(row), lines)


@command(
    "delete",
    "hookline webhooks delete ERP",
    "hookline webhooks delete whk_01kb… --yes",
)
@click.argument("webhook")
@click.option("--yes", is_flag=True, help="Do not ask.")
async def delete(session: Session, webhook: str, yes: bool) -> None:
    """Delete a webhook and cancel what waits for it; its history stays."""
    async with session.caller() as caller:
        wanted = await find_webhook(caller, webhook)
        if not yes:
            _ask_for_name(session, wanted)
        gone = await delete_webhook(caller, wanted.id)
    words = f"Deleted {gone.name} ({gone.id})."
    session.output.show({"id": gone.id, "name": gone.name, "deleted": True}, [words])


def _ask_for_name(session: Session, webhook: Webhook) -> None:
    if not session.interactive:
        raise Usage(
            f"Deleting {webhook.name} asks for its name, and nobody is here to ask.",
            "Say --yes.",
        )
    typed = session.ask(f"Type {webhook.name} to delete it")
    if typed != webhook.name:
        raise Usage("That is another name; nothing was deleted.")


webhooks = Group(
    "webhooks",
    help="Create, edit, switch and test webhooks. WEBHOOK is the id or name of one.",
    commands=[
        *(list_, show, create, edit, duplicate),
        *(activate, deactivate, test, delete),
    ],
)
