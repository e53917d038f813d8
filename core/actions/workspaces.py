"""Workspaces and their members."""

from collections.abc import Sequence

from core.access import Actor, Capability, Membership, Role, require
from core.actions.caller import Caller, needs
from core.audit import AuditEntry, Change
from core.catalogue import default_catalogue
from core.errors import Invalid, NotFound
from core.history import Window
from core.matching import is_type_name
from core.model import Workspace
from core.ports import Clock, NewId, Store


@needs(Capability.MANAGE_PLATFORM)
async def add_workspace(caller: Caller, slug: str, name: str) -> Workspace:
    """Add a workspace with the default catalogue. Raises Invalid or NameTaken."""
    workspace = check_workspace(caller.new_id("wsp"), slug, name)
    entry = caller.audit("workspace.added", workspace.id, _named(workspace))
    await caller.store.add_workspace(workspace, default_catalogue(), entry)
    return workspace


@needs(Capability.MANAGE_MEMBERS)
async def list_members(caller: Caller) -> Sequence[Membership]:
    """Who belongs to the workspace, platform admins included."""
    return await caller.store.members(caller.workspace.id)


@needs(Capability.MANAGE_MEMBERS)
async def set_member(caller: Caller, login: str, role: Role) -> Membership:
    """Give a login of this machine a role. Raises Forbidden or Invalid."""
    if not login or not login.isprintable() or " " in login:
        raise Invalid(f"{login!r} is not a login.", field="login")
    _may_give(caller.actor, role)
    place = None if role is Role.PLATFORM_ADMIN else caller.workspace.id
    changes = (Change("role", None, role.value),)
    entry = caller.audit("member.set", login, changes)
    membership = Membership(login, role, place)
    await caller.store.set_member(membership, entry)
    return membership


@needs(Capability.MANAGE_MEMBERS)
async def remove_member(caller: Caller, login: str) -> None:
    """Take a login's role in this workspace away. Raises NotFound."""
    entry = caller.audit("member.removed", login)
    try:
        await caller.store.remove_member(login, caller.workspace.id, entry)
    except NotFound as missing:
        if login in await _platform_admins(caller):
            raise NotFound(
                f"{login} is platform admin, and has no other role here.",
                f"'hookline members remove {login} --everywhere' takes that away.",
            ) from missing
        raise


@needs(Capability.MANAGE_PLATFORM)
async def remove_platform_admin(caller: Caller, login: str) -> None:
    """Make a login platform admin no more. Raises NotFound, or Invalid for the last."""
    if await _platform_admins(caller) == {login}:
        raise Invalid(
            f"{login} is the only platform admin.",
            "Make another login platform admin first.",
            field="login",
        )
    role = (Change("role", Role.PLATFORM_ADMIN.value, None),)
    entry = caller.audit("member.removed", login, role)
    await caller.store.remove_member(login, None, entry)


@needs(Capability.MANAGE_WEBHOOKS)
async def list_audit(caller: Caller, window: Window) -> Sequence[AuditEntry]:
    """What was changed in the workspace, newest first."""
    return await caller.store.audit_entries(caller.workspace.id, window)


async def found(
    store: Store, login: str, *, slug: str, name: str, clock: Clock, new_id: NewId
) -> Workspace:
    """Make the first workspace; whoever does it becomes platform admin.

    The one action without a capability: before it there is nobody who could have one.
    """
    workspace = check_workspace(new_id("wsp"), slug, name)
    admin = Membership(login, Role.PLATFORM_ADMIN)
    caller = Caller(Actor(login, (admin,)), workspace, store, clock, new_id)
    entry = caller.audit("workspace.added", workspace.id, _named(workspace))
    await store.add_workspace(workspace, default_catalogue(), entry)
    role = (Change("role", None, admin.role.value),)
    await store.set_member(admin, caller.audit("member.set", login, role))
    return workspace


def check_workspace(workspace_id: str, slug: str, name: str) -> Workspace:
    """The workspace with this slug. Raises Invalid when it cannot be one."""
    if not is_type_name(slug.replace("-", "_")) or "." in slug:
        raise Invalid(
            f"{slug!r} cannot name a workspace.",
            "Use lower-case letters, digits and hyphens, such as acme.",
            field="slug",
        )
    return Workspace(workspace_id, slug, name.strip() or slug)


async def _platform_admins(caller: Caller) -> set[str]:
    members = await caller.store.members(caller.workspace.id)
    return {member.login for member in members if member.workspace_id is None}


def _may_give(actor: Actor, role: Role) -> None:
    if role is Role.PLATFORM_ADMIN:
        require(actor, Capability.MANAGE_PLATFORM, None)


def _named(workspace: Workspace) -> tuple[Change, ...]:
    return (Change("slug", None, workspace.slug),)
