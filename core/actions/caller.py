"""Who asks, where, and with what: the first argument of every action.

`needs` names the capability an action takes, checks it before anything happens, and
leaves the name on the action for the tests and the manual.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from core.access import Actor, Capability, require
from core.audit import AuditEntry, Change
from core.errors import NotFound
from core.model import Workspace
from core.ports import Clock, NewId, Store

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Caller:
    """A person at a workspace, with the store, the clock and the ids to act with."""

    actor: Actor
    workspace: Workspace
    store: Store
    clock: Clock
    new_id: NewId

    @property
    def now(self) -> datetime:
        """The time, read anew at each use."""
        return self.clock()

    def may(self, capability: Capability) -> bool:
        """Whether this person may do such things here."""
        return self.actor.may(capability, self.workspace.id)

    def audit(
        self, action: str, subject: str, changes: tuple[Change, ...] = ()
    ) -> AuditEntry:
        """The row that says this person did it."""
        return AuditEntry(
            id=self.new_id("aud"),
            workspace_id=self.workspace.id,
            at=self.clock(),
            login=self.actor.login,
            action=action,
            subject=subject,
            changes=changes,
        )


class Action(Protocol[P, R_co]):
    """A function of `core.actions`: it knows the capability it needs."""

    capability: Capability

    def __call__(
        self, caller: Caller, /, *args: P.args, **kwargs: P.kwargs
    ) -> Awaitable[R_co]:
        """Do it, if the caller may."""


def needs(
    capability: Capability,
) -> Callable[[Callable[Concatenate[Caller, P], Awaitable[R]]], Action[P, R]]:
    """Let only callers with the capability through.

    Raises (the decorated action):
        Forbidden: with the roles that could.
    """

    def decorate(
        action: Callable[Concatenate[Caller, P], Awaitable[R]],
    ) -> Action[P, R]:
        @wraps(action)
        async def checked(caller: Caller, *args: P.args, **kwargs: P.kwargs) -> R:
            require(caller.actor, capability, caller.workspace)
            return await action(caller, *args, **kwargs)

        checked.capability = capability  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return decorate


async def workspaces_of(actor: Actor, store: Store) -> list[Workspace]:
    """The workspaces a person belongs to, by slug."""
    return [w for w in await store.workspaces() if actor.roles_in(w.id)]


async def enter(
    store: Store, login: str, slug: str | None, clock: Clock, new_id: NewId
) -> Caller:
    """Let a login into a workspace: the named one, or the oldest it belongs to.

    Raises:
        NotFound: alike for a workspace that is missing and one that is not theirs.
    """
    actor = Actor(login, tuple(await store.memberships(login)))
    theirs = await workspaces_of(actor, store)
    wanted = [w for w in theirs if slug in (None, w.slug)]
    if wanted:
        # Ids sort by time: a workspace that is added later moves nobody elsewhere.
        oldest = min(wanted, key=lambda workspace: workspace.id)
        return Caller(actor, oldest, store, clock, new_id)
    if not theirs:
        raise NotFound(
            f"{login} belongs to no workspace.",
            "Ask a platform admin for 'hookline members add'.",
        )
    known = ", ".join(w.slug for w in theirs)
    raise NotFound(f"No workspace is called {slug!r}.", f"Yours: {known}.")
