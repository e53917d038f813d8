"""`hookline workspaces`: the tenants of this Hookline."""

import click

from core.actions.workspaces import add_workspace
from hookline.cli.lazy import Group
from hookline.cli.session import Session, command
from hookline.forms import workspace_form


@command("list", "hookline workspaces list", scoped=False)
async def list_(session: Session) -> None:
    """List the workspaces you belong to."""
    async with session.caller() as caller:
        everyone = await caller.store.workspaces()
        yours = [w for w in everyone if caller.actor.roles_in(w.id)]
    session.output.table(
        [workspace_form(workspace) for workspace in yours],
        ("SLUG", "NAME", "ID"),
        ((w.slug, w.name, w.id) for w in yours),
        "",
    )


@command("add", "hookline workspaces add acme --name 'Acme Inc.'", scoped=False)
@click.argument("slug")
@click.option("--name", default="", help="What people call it.")
async def add(session: Session, slug: str, name: str) -> None:
    """Add a workspace with the default kinds of events."""
    async with session.caller() as caller:
        added = await add_workspace(caller, slug, name)
    session.output.show(workspace_form(added), [f"Added {added.slug} ({added.id})."])


workspaces = Group("workspaces", help="See and add workspaces.", commands=[list_, add])
