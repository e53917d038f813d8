"""Workspaces, members, event types, and the audit."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from sqlalchemy import Connection, delete, insert, select

from core.access import Membership, Role
from core.audit import AuditEntry
from core.history import Window
from core.model import EventType, Workspace
from store import refusals
from store.convert import to_audit
from store.paging import newest_first, within
from store.part import Part, note
from store.tables import PLATFORM, audit, event_types, members, workspaces


class SqlPeople(Part):
    """`core.ports.People` and `core.ports.Catalogue`."""

    async def workspaces(self) -> Sequence[Workspace]:
        """All workspaces, by slug."""
        return await self._database.read(_workspaces)

    async def add_workspace(
        self, workspace: Workspace, types: Iterable[EventType], audit: AuditEntry
    ) -> None:
        """Add a workspace with its catalogue. Raises NameTaken."""
        await self._database.write(_add_workspace, workspace, types, audit)

    async def memberships(self, login: str) -> Sequence[Membership]:
        """What a login is, everywhere."""
        return await self._database.read(_memberships, login)

    async def members(self, workspace_id: str) -> Sequence[Membership]:
        """Who belongs to a workspace, platform admins included, by login."""
        return await self._database.read(_members, workspace_id)

    async def set_member(self, membership: Membership, audit: AuditEntry) -> None:
        """Add a member, or change the role it has there."""
        await self._database.write(_set_member, membership, audit)

    async def remove_member(
        self, login: str, workspace_id: str | None, audit: AuditEntry
    ) -> None:
        """Remove a member. Raises NotFound."""
        await self._database.write(_remove_member, login, workspace_id, audit)

    async def audit_entries(
        self, workspace_id: str, window: Window
    ) -> Sequence[AuditEntry]:
        """What was changed, newest first."""
        return await self._database.read(_audit_entries, workspace_id, window)

    async def event_types(self, workspace_id: str) -> Sequence[EventType]:
        """All of them, by name."""
        return await self._database.read(_event_types, workspace_id)

    async def add_event_type(
        self, workspace_id: str, event_type: EventType, audit: AuditEntry
    ) -> None:
        """Add one. Raises NameTaken."""
        await self._database.write(_add_event_type, workspace_id, event_type, audit)


def _workspaces(connection: Connection) -> list[Workspace]:
    query = select(workspaces.c.id, workspaces.c.slug, workspaces.c.name)
    return [Workspace(*row) for row in connection.execute(query.order_by("slug"))]


def _add_workspace(
    connection: Connection,
    workspace: Workspace,
    types: Iterable[EventType],
    entry: AuditEntry,
) -> None:
    same = select(workspaces.c.id).where(workspaces.c.slug == workspace.slug)
    if connection.execute(same).first():
        raise refusals.workspace_taken(workspace.slug)
    connection.execute(insert(workspaces), asdict(workspace))
    catalogue = [{"workspace_id": workspace.id, **asdict(kind)} for kind in types]
    if catalogue:
        connection.execute(insert(event_types), catalogue)
    note(connection, entry)


_MEMBERSHIPS = select(members.c.login, members.c.role, members.c.workspace_id).order_by(
    members.c.login, members.c.workspace_id
)


def _memberships(connection: Connection, login: str) -> list[Membership]:
    rows = connection.execute(_MEMBERSHIPS.where(members.c.login == login))
    return [_membership(*row) for row in rows]


def _members(connection: Connection, workspace_id: str) -> list[Membership]:
    here = members.c.workspace_id.in_((PLATFORM, workspace_id))
    return [_membership(*row) for row in connection.execute(_MEMBERSHIPS.where(here))]


def _membership(login: str, role: str, workspace_id: str) -> Membership:
    return Membership(login, Role(role), workspace_id or None)


def _set_member(
    connection: Connection, membership: Membership, entry: AuditEntry
) -> None:
    _drop_member(connection, membership.login, membership.workspace_id)
    connection.execute(
        insert(members),
        {
            "login": membership.login,
            "workspace_id": membership.workspace_id or PLATFORM,
            "role": membership.role.value,
        },
    )
    note(connection, entry)


def _remove_member(
    connection: Connection, login: str, workspace_id: str | None, entry: AuditEntry
) -> None:
    if not _drop_member(connection, login, workspace_id):
        raise refusals.no_member(login)
    note(connection, entry)


def _drop_member(connection: Connection, login: str, workspace_id: str | None) -> int:
    member = delete(members).where(
        members.c.login == login, members.c.workspace_id == (workspace_id or PLATFORM)
    )
    return connection.execute(member).rowcount


def _audit_entries(
    connection: Connection, workspace_id: str, window: Window
) -> Sequence[AuditEntry]:
    query = select(audit).where(audit.c.workspace_id == workspace_id)
    rows = connection.execute(within(query, audit.c.id, window)).mappings().all()
    return [to_audit(row) for row in newest_first(rows, window)]


def _event_types(connection: Connection, workspace_id: str) -> list[EventType]:
    query = select(event_types.c.name, event_types.c.description, event_types.c.sample)
    here = query.where(event_types.c.workspace_id == workspace_id)
    return [EventType(*row) for row in connection.execute(here.order_by("name"))]


def _add_event_type(
    connection: Connection, workspace_id: str, event_type: EventType, entry: AuditEntry
) -> None:
    same = select(event_types.c.name).where(
        event_types.c.workspace_id == workspace_id,
        event_types.c.name == event_type.name,
    )
    if connection.execute(same).first():
        raise refusals.event_type_taken(event_type.name)
    row = {"workspace_id": workspace_id, **asdict(event_type)}
    connection.execute(insert(event_types), row)
    note(connection, entry)
