"""The whole matrix of roles and capabilities, written out."""

import pytest

from core.access import GRANTS, Actor, Capability, Membership, Role, require
from core.errors import Forbidden
from tests.builders import WORKSPACE_ID, a_workspace

MATRIX = """
                      |platform admin|workspace admin|maintainer|billing manager|member
see or manage webhooks|yes           |yes            |no        |no             |no
emit events           |yes           |yes            |yes       |no             |no
manage event types    |yes           |yes            |no        |no             |no
manage members        |yes           |yes            |no        |no             |no
manage workspaces     |yes           |no             |no        |no             |no
run a worker          |yes           |no             |no        |no             |no
"""


def cells() -> list[tuple[Role, Capability, bool]]:
    head, *rows = [
        [cell.strip() for cell in line.split("|")]
        for line in MATRIX.strip("\n").splitlines()
    ]
    return [
        (Role(role), Capability(capability), word == "yes")
        for capability, *words in rows
        for role, word in zip(head[1:], words, strict=True)
    ]


def an_actor(role: Role, workspace_id: str | None = WORKSPACE_ID) -> Actor:
    place = None if role is Role.PLATFORM_ADMIN else workspace_id
    return Actor("eve", (Membership("eve", role, place),))


def test_the_matrix_is_whole() -> None:
    assert {(role, capability) for role, capability, _ in cells()} == {
        (role, capability) for role in Role for capability in Capability
    }
    assert set(GRANTS) == set(Role)


@pytest.mark.parametrize(("role", "capability", "may"), cells())
def test_a_role_may_what_the_matrix_says(
    role: Role, capability: Capability, may: bool
) -> None:
    assert an_actor(role).may(capability, WORKSPACE_ID) is may


@pytest.mark.parametrize("capability", Capability)
@pytest.mark.parametrize("role", [r for r in Role if r is not Role.PLATFORM_ADMIN])
@pytest.mark.parametrize("elsewhere", ["wsp_other", None])
def test_a_role_counts_in_its_workspace_alone(
    role: Role, capability: Capability, elsewhere: str | None
) -> None:
    assert not an_actor(role).may(capability, elsewhere)


@pytest.mark.parametrize("capability", Capability)
@pytest.mark.parametrize("place", [WORKSPACE_ID, "wsp_other", None])
def test_a_platform_admin_may_everything_everywhere(
    capability: Capability, place: str | None
) -> None:
    assert an_actor(Role.PLATFORM_ADMIN).may(capability, place)


@pytest.mark.parametrize("capability", Capability)
def test_a_stranger_may_nothing(capability: Capability) -> None:
    assert not Actor("eve").may(capability, WORKSPACE_ID)


@pytest.mark.parametrize(
    "membership",
    [
        Membership("eve", Role.PLATFORM_ADMIN, WORKSPACE_ID),
        *(Membership("eve", role) for role in Role if role is not Role.PLATFORM_ADMIN),
    ],
)
@pytest.mark.parametrize("place", [WORKSPACE_ID, None])
def test_a_membership_that_makes_no_sense_grants_nothing(
    membership: Membership, place: str | None
) -> None:
    assert Actor("eve", (membership,)).roles_in(place) == ()


def test_one_of_several_roles_is_enough() -> None:
    actor = Actor(
        "eve",
        (
            Membership("eve", Role.MEMBER, WORKSPACE_ID),
            Membership("eve", Role.MAINTAINER, WORKSPACE_ID),
            Membership("eve", Role.WORKSPACE_ADMIN, "wsp_other"),
        ),
    )

    assert actor.roles_in(WORKSPACE_ID) == (Role.MEMBER, Role.MAINTAINER)
    assert actor.may(Capability.EMIT_EVENTS, WORKSPACE_ID)
    assert not actor.may(Capability.MANAGE_WEBHOOKS, WORKSPACE_ID)


def test_who_may_is_let_through() -> None:
    require(an_actor(Role.MAINTAINER), Capability.EMIT_EVENTS, a_workspace())


def test_who_may_not_is_told_who_could() -> None:
    with pytest.raises(Forbidden) as refusal:
        require(an_actor(Role.MEMBER), Capability.MANAGE_WEBHOOKS, a_workspace())

    assert str(refusal.value) == (
        "eve may not see or manage webhooks in acme. That takes the role platform "
        "admin or workspace admin; a platform admin gives it with "
        "'hookline members add'."
    )


def test_what_takes_the_platform_names_no_workspace() -> None:
    with pytest.raises(Forbidden) as refusal:
        require(an_actor(Role.WORKSPACE_ADMIN), Capability.RUN_WORKER, None)

    assert refusal.value.message == "eve may not run a worker."
