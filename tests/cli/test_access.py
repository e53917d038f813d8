"""Who is refused, command by command: the rules are the actions', also from here."""

import pytest

from tests.builders import a_webhook
from tests.cli.program import Ended, Program

ADMINS_ONLY = (
    ("webhooks", "list"),
    ("webhooks", "show", "CI"),
    ("webhooks", "create", "--name", "X", "--url", "https://x.io", "--events", "*"),
    ("webhooks", "edit", "CI", "--name", "X"),
    ("webhooks", "duplicate", "CI", "--name", "X"),
    ("webhooks", "activate", "CI"),
    ("webhooks", "deactivate", "CI"),
    ("webhooks", "delete", "CI", "--yes"),
    ("webhooks", "test", "CI"),
    ("preview", "--webhook", "CI"),
    ("deliveries", "list"),
    ("deliveries", "show", "dlv_1"),
    ("deliveries", "redeliver", "dlv_1"),
    ("events", "list"),
    ("events", "show", "evt_1"),
    ("event-types", "add", "a.b"),
    ("members", "list"),
    ("members", "add", "linus", "--role", "workspace-admin"),
    ("members", "remove", "ada"),
    ("audit", "list"),
)
PLATFORM_ONLY = (("workspaces", "add", "beta"), ("worker", "--until-idle"))


@pytest.mark.parametrize("args", [*ADMINS_ONLY, *PLATFORM_ONLY], ids=" ".join)
def test_a_maintainer_is_refused_with_a_sentence(
    hookline: Program, args: tuple[str, ...]
) -> None:
    hookline.add(a_webhook())

    ended = hookline(*args, as_login="linus")

    assert (ended.code, ended.out) == (4, "")
    assert ended.err.startswith("hookline: linus may not ")


@pytest.mark.parametrize("args", PLATFORM_ONLY, ids=" ".join)
def test_a_workspace_admin_does_not_run_the_platform(
    hookline: Program, args: tuple[str, ...]
) -> None:
    assert hookline(*args).code == 4


def test_a_maintainer_may_emit(hookline: Program) -> None:
    emitted = hookline("emit", "review.failed", "--data", "{}", as_login="linus")

    assert emitted == Ended(0, out="evt_000001\n")
    assert hookline("event-types", "list", as_login="linus").code == 0


def test_a_stranger_learns_nothing(hookline: Program) -> None:
    assert hookline("webhooks", "list", "-w", "acme", as_login="eve") == Ended(
        3,
        err="hookline: eve belongs to no workspace.\n"
        "  Ask a platform admin for 'hookline members add'.\n",
    )
