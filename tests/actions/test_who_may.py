"""Every action names its capability, and only roles that have it get through."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import pytest

import core.actions
from core.access import GRANTS, Actor, Capability, Membership, Role
from core.actions.caller import Action, Caller, enter
from core.errors import Forbidden, NotFound
from tests.builders import NOON, WORKSPACE_ID, a_workspace, an_audit_entry, counting_ids
from tests.memory_store import MemoryStore

# `enter` is the door itself, `workspaces_of` says which doors open to a person, and
# `found` makes the first workspace and its admin.
WITHOUT = {"enter", "workspaces_of", "found"}


def public_actions() -> Iterator[tuple[str, Action[..., object]]]:
    for module in pkgutil.iter_modules(core.actions.__path__, "core.actions."):
        loaded = importlib.import_module(module.name)
        for name, member in vars(loaded).items():
            own = getattr(member, "__module__", "") == module.name
            is_action = own and inspect.iscoroutinefunction(member)
            if is_action and not name.startswith("_") and name not in WITHOUT:
                yield f"{module.name.rpartition('.')[2]}.{name}", member


ACTIONS = dict(public_actions())


def caller(role: Role | None) -> Caller:
    place = None if role is Role.PLATFORM_ADMIN else WORKSPACE_ID
    memberships = (Membership("eve", role, place),) if role else ()
    return Caller(
        Actor("eve", memberships),
        a_workspace(),
        MemoryStore(),
        lambda: NOON,
        counting_ids(),
    )


def test_there_are_actions() -> None:
    assert "webhooks.create_webhook" in ACTIONS
    assert len(ACTIONS) > 20


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_names_its_capability(name: str) -> None:
    assert isinstance(getattr(ACTIONS[name], "capability", None), Capability)


@pytest.mark.parametrize("role", [*Role, None])
@pytest.mark.parametrize("name", ACTIONS)
async def test_who_lacks_the_capability_is_turned_away(
    name: str, role: Role | None
) -> None:
    action = ACTIONS[name]
    granted = GRANTS[role] if role else frozenset()
    if action.capability in granted:
        return

    with pytest.raises(Forbidden, match="eve may not"):
        await action(caller(role))


def test_only_admins_manage_webhooks() -> None:
    able = {r for r in Role if Capability.MANAGE_WEBHOOKS in GRANTS[r]}
    assert able == {Role.PLATFORM_ADMIN, Role.WORKSPACE_ADMIN}


async def test_a_foreign_workspace_looks_like_a_missing_one() -> None:
    store = MemoryStore()
    ids = counting_ids()
    await store.add_workspace(a_workspace(), (), an_audit_entry())
    other = a_workspace(id="wsp_other", slug="other")
    await store.add_workspace(other, (), an_audit_entry())
    eve = Membership("eve", Role.MEMBER, WORKSPACE_ID)
    await store.set_member(eve, an_audit_entry())

    refusals = []
    for slug in ("other", "nowhere"):
        with pytest.raises(NotFound) as refusal:
            await enter(store, "eve", slug, lambda: NOON, ids)
        refusals.append(str(refusal.value).replace(slug, "…"))

    assert refusals == ["No workspace is called '…'. Yours: acme."] * 2


async def test_a_workspace_added_later_does_not_become_the_one_that_is_meant() -> None:
    store = MemoryStore()
    first = a_workspace(id="wsp_1", slug="main")
    later = a_workspace(id="wsp_2", slug="acme")
    for workspace in (first, later):
        await store.add_workspace(workspace, (), an_audit_entry())
    await store.set_member(
        Membership("root", Role.PLATFORM_ADMIN, None), an_audit_entry()
    )

    caller = await enter(store, "root", None, lambda: NOON, counting_ids())

    assert caller.workspace == first


async def test_a_stranger_is_told_whom_to_ask() -> None:
    store = MemoryStore()
    await store.add_workspace(a_workspace(), (), an_audit_entry())

    with pytest.raises(NotFound, match="belongs to no workspace"):
        await enter(store, "mallory", None, lambda: NOON, counting_ids())
