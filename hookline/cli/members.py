"""`hookline members`: which logins of this machine may do what."""

import click

from core.access import Role
from core.actions.workspaces import (
    list_members,
    remove_member,
    remove_platform_admin,
    set_member,
)
from hookline.cli.lazy import Group
from hookline.cli.session import Session, command
from hookline.forms import member_form

ROLES = {role.value.replace(" ", "-"): role for role in Role}


@command("list", "hookline members list", "hookline members list -w acme --json")
async def list_(session: Session) -> None:
    """List who belongs to the workspace."""
    async with session.caller() as caller:
        members = await list_members(caller)
    session.output.table(
        [member_form(member) for member in members],
        ("LOGIN", "ROLE"),
        ((member.login, member.role.value) for member in members),
        "Nobody belongs to it.",
    )


@command(
    "add",
    "hookline members add grace --role workspace-admin",
    "hookline members add ops --role platform-admin",
)
@click.argument("login")
@click.option("--role", type=click.Choice(list(ROLES)), required=True)
async def add(session: Session, login: str, role: str) -> None:
    """Give a login of this machine a role, or another one.

    Only admins see and manage webhooks; a maintainer may emit events.
    """
    async with session.caller() as caller:
        member = await set_member(caller, login, ROLES[role])
        where = caller.workspace.slug
    place = "everywhere" if member.workspace_id is None else f"in {where}"
    words = f"{member.login} is {member.role} {place}."
    session.output.show(member_form(member), [words])


@command(
    "remove",
    "hookline members remove grace",
    "hookline members remove ops --everywhere",
)
@click.argument("login")
@click.option("--everywhere", is_flag=True, help="Make it platform admin no more.")
async def remove(session: Session, login: str, everywhere: bool) -> None:
    """Take a login's role in the workspace away."""
    async with session.caller() as caller:
        if everywhere:
            await remove_platform_admin(caller, login)
            words = f"{login} is platform admin no more."
        else:
            await remove_member(caller, login)
            words = f"{login} has no role in {caller.workspace.slug} any more."
    session.output.show({"login": login, "removed": True}, [words])


members = Group(
    "members", help="See and set who may do what.", commands=[list_, add, remove]
)
