"""`hookline events`, `event-types`, `workspaces`, `members` and `audit`."""

import pytest

from tests.builders import a_webhook
from tests.cli.program import Ended, Program


def test_events_are_listed_newest_first(hookline: Program) -> None:
    hookline.add(a_webhook())
    hookline("emit", "review.completed", "--data", '{"n": 1}')
    hookline("emit", "member.added", "--data", "{}")

    assert hookline("events", "list") == Ended(
        0,
        out="ID          TYPE              AT                    SIZE  DELIVERIES\n"
        "evt_000003  member.added      2026-11-23 12:00:00Z  2 B   1\n"
        "evt_000001  review.completed  2026-11-23 12:00:00Z  8 B   1\n",
    )
    assert hookline("events", "list", "--type", "review.*", "--json").json == [
        {
            "id": "evt_000001",
            "type": "review.completed",
            "created_at": "2026-11-23T12:00:00.000Z",
            "idempotency_key": None,
            "size": 8,
            "deliveries": 1,
        }
    ]


def test_pages_of_events_follow_each_other(hookline: Program) -> None:
    for _ in range(3):
        hookline("emit", "review.completed", "--data", "1")

    first = hookline("events", "list", "--limit", "2", "--json")
    next_page = hookline("events", "list", "--before", "evt_000002", "--json")

    assert [row["id"] for row in first.json] == ["evt_000003", "evt_000002"]
    assert [row["id"] for row in next_page.json] == ["evt_000001"]


def test_an_event_shows_where_it_went_and_its_data(hookline: Program) -> None:
    hookline.add(a_webhook())
    hookline("emit", "review.completed", "--data", '{"n": 1.10}')

    assert hookline("events", "show", "evt_000001") == Ended(
        0,
        out="event       evt_000001\n"
        "type        review.completed\n"
        "at          2026-11-23 12:00:00Z\n"
        "key         none\n"
        "size        11 B\n"
        "deliveries  dlv_000002  pending    CI\n"
        "\n"
        '{"n": 1.10}\n',
    )
    form = hookline("events", "show", "evt_000001", "--json").json
    assert form["data"] == {"n": 1.1}
    assert [row["id"] for row in form["deliveries"]] == ["dlv_000002"]


def test_an_event_that_is_not_there(hookline: Program) -> None:
    assert hookline("events", "show", "evt_x").code == 3
    assert hookline("events", "list") == Ended(
        0, err="There is no event yet: 'hookline emit'.\n"
    )


def test_an_event_type_can_be_added_and_emitted(hookline: Program) -> None:
    added = hookline(
        *("event-types", "add", "invoice.paid"),
        *("--description", "An invoice was paid.", "--sample", '{"sum": 7}', "--json"),
    )
    emitted = hookline("emit", "invoice.paid", "--data", "{}")
    listed = hookline("event-types", "list").out.splitlines()

    assert added.json == {
        "name": "invoice.paid",
        "description": "An invoice was paid.",
        "sample": {"sum": 7},
    }
    assert emitted.code == 0
    assert "invoice.paid          An invoice was paid." in listed


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("Invoice",), "'Invoice' cannot name an event type."),
        (("invoice.paid", "--sample", "{"), "The data is not JSON: Expecting prop"),
        (("review.failed",), "There is an event type 'review.failed' already."),
    ],
)
def test_an_event_type_that_cannot_be_added(
    hookline: Program, args: tuple[str, ...], words: str
) -> None:
    ended = hookline("event-types", "add", *args)

    assert ended.code == 2
    assert ended.err.startswith(f"hookline: {words}")


def test_the_sample_may_come_from_stdin(hookline: Program) -> None:
    given = ("event-types", "add", "invoice.paid", "--sample-file", "-", "--json")

    assert hookline(*given, stdin='{"sum": 7}').json["sample"] == {"sum": 7}


def test_a_platform_admin_adds_workspaces_and_works_in_them(hookline: Program) -> None:
    added = hookline("workspaces", "add", "beta", as_login="grace")
    listed = hookline("workspaces", "list", as_login="grace")
    inside = hookline("webhooks", "list", "-w", "beta", as_login="grace")

    assert added == Ended(0, out="Added beta (wsp_000001).\n")
    assert listed.out == (
        "SLUG  NAME  ID\nacme  Acme  wsp_acme\nbeta  beta  wsp_000001\n"
    )
    assert inside.code == 0


def test_a_workspace_of_others_is_as_if_it_were_not_there(hookline: Program) -> None:
    hookline("workspaces", "add", "beta", as_login="grace")

    theirs = hookline("webhooks", "list", "-w", "beta")
    nobodys = hookline("webhooks", "list", "-w", "gamma")

    assert theirs == Ended(
        3, err="hookline: No workspace is called 'beta'.\n  Yours: acme.\n"
    )
    assert nobodys.err == theirs.err.replace("beta", "gamma")


def test_the_workspace_may_be_named_before_the_command(hookline: Program) -> None:
    assert hookline("-w", "gamma", "webhooks", "list").code == 3
    assert hookline("-w", "gamma", "webhooks", "list", "-w", "acme").code == 0


def test_members_are_given_roles_and_lose_them(hookline: Program) -> None:
    added = hookline("members", "add", "bob", "--role", "workspace-admin", "--json")
    changed = hookline("members", "add", "bob", "--role", "maintainer")
    listed = hookline("members", "list")
    removed = hookline("members", "remove", "bob")
    again = hookline("members", "remove", "bob")

    assert added.json == {"login": "bob", "role": "workspace admin", "platform": False}
    assert changed.out == "bob is maintainer in acme.\n"
    assert listed.out == (
        "LOGIN  ROLE\nada    workspace admin\nbob    maintainer\n"
        "grace  platform admin\nlinus  maintainer\n"
    )
    assert removed.out == "bob has no role in acme any more.\n"
    assert again.code == 3


def test_only_a_platform_admin_makes_platform_admins(hookline: Program) -> None:
    given = ("members", "add", "bob", "--role", "platform-admin")

    assert hookline(*given).code == 4
    assert hookline(*given, as_login="grace").out == (
        "bob is platform admin everywhere.\n"
    )


def test_a_platform_admin_can_be_one_no_more(hookline: Program) -> None:
    hookline("members", "add", "ops", "--role", "platform-admin", as_login="grace")

    here = hookline("members", "remove", "ops", as_login="grace")
    by_ada = hookline("members", "remove", "ops", "--everywhere")
    removed = hookline("members", "remove", "ops", "--everywhere", as_login="grace")
    last = hookline("members", "remove", "grace", "--everywhere", as_login="grace")

    assert here == Ended(
        3,
        err="hookline: ops is platform admin, and has no other role here.\n"
        "  'hookline members remove ops --everywhere' takes that away.\n",
    )
    assert by_ada.code == 4
    assert removed == Ended(0, out="ops is platform admin no more.\n")
    assert last == Ended(
        2,
        err="hookline: grace is the only platform admin.\n"
        "  Make another login platform admin first.\n",
    )


def test_the_audit_names_webhooks_as_people_do(hookline: Program) -> None:
    hookline.add(a_webhook(name="ERP"))
    hookline("webhooks", "deactivate", "ERP")

    newest = hookline("audit", "list").out.splitlines()[1]

    assert newest == (
        "2026-11-23 12:00:00Z  ada  webhook.deactivated  ERP  active: yes → no"
    )


def test_the_audit_says_who_changed_what(hookline: Program) -> None:
    hookline("members", "add", "bob", "--role", "maintainer")

    table = hookline("audit", "list", "--limit", "1")
    newest = hookline("audit", "list", "--json").json[0]

    assert table == Ended(
        0,
        out="AT                    WHO  WHAT        TO   CHANGES\n"
        "2026-11-23 12:00:00Z  ada  member.set  bob  role: - → maintainer\n",
        err="There may be more: --before aud_000001\n",
    )
    assert newest == {
        "id": "aud_000001",
        "at": "2026-11-23T12:00:00.000Z",
        "login": "ada",
        "action": "member.set",
        "subject": "bob",
        "changes": [{"field": "role", "before": None, "after": "maintainer"}],
    }
