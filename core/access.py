"""Who may do what. Roles are Acrity's, fixed, and not configurable per workspace."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from core.errors import Forbidden
from core.model import Workspace


class Role(StrEnum):
    """What a member is in a workspace; a platform admin is one in all of them."""

    PLATFORM_ADMIN = "platform admin"
    WORKSPACE_ADMIN = "workspace admin"
    MAINTAINER = "maintainer"
    BILLING_MANAGER = "billing manager"
    MEMBER = "member"


class Capability(StrEnum):
    """What an action needs, in words that fit after "may not"."""

    MANAGE_WEBHOOKS = "see or manage webhooks"
    EMIT_EVENTS = "emit events"
    MANAGE_EVENT_TYPES = "manage event types"
    MANAGE_MEMBERS = "manage members"
    MANAGE_PLATFORM = "manage workspaces"
    RUN_WORKER = "run a worker"


_WORKSPACE_ADMIN = frozenset(Capability) - {
    Capability.MANAGE_PLATFORM,
    Capability.RUN_WORKER,
}
GRANTS: Mapping[Role, frozenset[Capability]] = MappingProxyType(
    {
        Role.PLATFORM_ADMIN: frozenset(Capability),
        Role.WORKSPACE_ADMIN: _WORKSPACE_ADMIN,
        Role.MAINTAINER: frozenset({Capability.EMIT_EVENTS}),
        Role.BILLING_MANAGER: frozenset(),
        Role.MEMBER: frozenset(),
    }
)


@dataclass(frozen=True, slots=True)
class Membership:
    """A login's role; `workspace_id` is None for a platform admin."""

    login: str
    role: Role
    workspace_id: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """The person at the keyboard: the operating system's login, and its memberships."""

    login: str
    memberships: tuple[Membership, ...] = ()

    def roles_in(self, workspace_id: str | None) -> tuple[Role, ...]:
        """The roles that count in a workspace; None asks for the platform's."""
        return tuple(
            membership.role
            for membership in self.memberships
            if _counts(membership, workspace_id)
        )

    def may(self, capability: Capability, workspace_id: str | None) -> bool:
        """Whether one of the roles grants the capability there."""
        return any(capability in GRANTS[role] for role in self.roles_in(workspace_id))


def _counts(membership: Membership, workspace_id: str | None) -> bool:
    if membership.role is Role.PLATFORM_ADMIN:
        return membership.workspace_id is None
    return workspace_id is not None and membership.workspace_id == workspace_id


def require(actor: Actor, capability: Capability, workspace: Workspace | None) -> None:
    """Return if the actor may.

    Raises:
        Forbidden: with the roles that could.
    """
    if actor.may(capability, workspace.id if workspace else None):
        return
    able = " or ".join(
        role.value for role, granted in GRANTS.items() if capability in granted
    )
    where = f" in {workspace.slug}" if workspace else ""
    raise Forbidden(
        f"{actor.login} may not {capability}{where}.",
        f"That takes the role {able}; a platform admin gives it with "
        "'hookline members add'.",
    )
