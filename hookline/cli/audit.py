"""`hookline audit`: who changed what, and when."""

import click

from core.actions.webhooks import list_webhooks
from core.actions.workspaces import list_audit
from core.history import PAGE, Window
from hookline.cli.lazy import Group
from hookline.cli.session import Session, command
from hookline.forms import audit_form
from hookline.words import AUDIT_COLUMNS, audit_cells


@command(
    "list",
    "hookline audit list",
    "hookline audit list --json | jq '.[] | select(.action == \"webhook.edited\")'",
)
@click.option(
    "--limit",
    type=click.IntRange(1, PAGE),
    default=50,
    show_default=True,
    help="How many.",
)
@click.option("--before", metavar="ID", help="Those older than this one: a next page.")
async def list_(session: Session, limit: int, before: str | None) -> None:
    """List what was changed, newest first; a secret is only said to have changed."""
    async with session.caller() as caller:
        entries = await list_audit(caller, Window(before, limit=limit))
        names = {row.id: row.webhook.name for row in await list_webhooks(caller)}
    session.output.table(
        [audit_form(entry) for entry in entries],
        AUDIT_COLUMNS,
        (audit_cells(entry, names) for entry in entries),
        "Nothing was changed yet.",
    )
    if len(entries) == limit:
        session.output.say(f"There may be more: --before {entries[-1].id}")


audit = Group("audit", help="See who changed what.", commands=[list_])
