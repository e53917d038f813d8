"""`hookline webhooks activate|deactivate|test`."""

from dataclasses import replace

from core.outcome import FailureKind, Phases
from tests.builders import a_failure, a_response, a_signed_webhook, a_webhook
from tests.cli.program import Ended, Program

EMIT = ("emit", "review.completed", "--data", "{}")


def states(hookline: Program) -> list[str]:
    return [row["state"] for row in hookline("deliveries", "list", "--json").json]


def test_deactivating_keeps_events_back(hookline: Program) -> None:
    hookline.add(a_webhook())
    hookline(*EMIT)

    ended = hookline("webhooks", "deactivate", "CI")
    hookline(*EMIT)

    assert ended == Ended(
        0, out="CI is inactive; 1 delivery is held, and what comes is kept.\n"
    )
    assert states(hookline) == ["held", "held"]


def test_activating_without_held_deliveries_asks_nothing(hookline: Program) -> None:
    hookline.add(a_webhook(active=False))

    ended = hookline("webhooks", "activate", "CI")

    assert ended == Ended(0, out="CI is active.\n")
    assert hookline.webhook("CI").active


def test_a_script_must_say_what_becomes_of_held_deliveries(hookline: Program) -> None:
    hookline.add(a_webhook(active=False))
    hookline(*EMIT)

    ended = hookline("webhooks", "activate", "CI")

    assert ended == Ended(
        2,
        err="hookline: 1 delivery is held for CI: what becomes of it?\n"
        "  Say --deliver-held or --drop-held.\n",
    )
    assert not hookline.webhook("CI").active


def test_held_deliveries_are_delivered_or_dropped_as_said(hookline: Program) -> None:
    hookline.add(a_webhook(active=False))
    hookline(*EMIT)
    hookline(*EMIT)

    dropped = hookline("webhooks", "activate", "CI", "--drop-held", "--json")
    hookline("webhooks", "deactivate", "CI")
    hookline(*EMIT)
    delivered = hookline("webhooks", "activate", "CI", "--deliver-held")

    assert dropped.json == {
        "id": "whk_ci",
        "active": True,
        "held": "drop",
        "count": 2,
    }
    assert delivered == Ended(0, out="CI is active; 1 held delivery is due now.\n")
    assert states(hookline) == ["pending", "cancelled", "cancelled"]


def test_a_person_is_asked_what_becomes_of_held_deliveries(hookline: Program) -> None:
    hookline.add(a_webhook(active=False))
    hookline(*EMIT)
    activate = ("webhooks", "activate", "CI")
    question = "1 delivery is held for CI (deliver, drop, cancel)"

    cancelled = hookline(*activate, stdin="cancel\n", interactive=True)
    dropped = hookline(*activate, stdin="drop\n", interactive=True)

    assert cancelled == Ended(130, err=f"{question}: cancel\nInterrupted.\n")
    assert dropped == Ended(
        0,
        out="CI is active; 1 held delivery is dropped.\n",
        err=f"{question}: drop\n",
    )


def test_a_test_sends_the_previewed_request_and_shows_the_answer(
    hookline: Program,
) -> None:
    hookline.add(a_signed_webhook())
    hookline.outcome = replace(
        a_response(), phases=Phases(connect=0.008, wait=0.1, peer="192.0.2.7:443")
    )

    ended = hookline("webhooks", "test", "CI")

    [request] = hookline.sent
    assert request.headers[6].value == "webhook.test"
    assert ended == Ended(
        0,
        out="✔ 200 OK · 108 ms\n"
        "connect 8.0 ms, wait 100 ms, to 192.0.2.7:443\n"
        "\n"
        "HTTP/1.1 200 OK\n"
        "Content-Type: text/plain\n"
        "\n"
        "thank you\n",
    )


def test_a_test_that_fails_says_why_and_ends_with_1(hookline: Program) -> None:
    hookline.add(a_webhook())
    hookline.outcome = a_failure(FailureKind.DNS, "The name is not known.")

    people = hookline("webhooks", "test", "CI", "--event", "review.failed")
    program = hookline("webhooks", "test", "CI", "--json")

    remedy = "Check the host name in the URL, and this machine's resolver."
    assert people == Ended(
        1,
        out=f"✖ The name is not known. · 0.0 ms\n\n{remedy}\n",
    )
    assert program.code == 1
    assert (program.json["failure"], program.json["remedy"]) == (
        {"kind": "dns", "detail": "The name is not known."},
        remedy,
    )


def test_a_refused_test_says_what_to_do(hookline: Program) -> None:
    hookline.add(a_webhook())
    hookline.outcome = a_response(401, headers=(), body=b"")

    ended = hookline("webhooks", "test", "CI")

    assert (ended.code, ended.err) == (
        1,
        "\nThe receiver refuses the credentials: check the secret header or the HMAC "
        "secret.\n",
    )


def test_a_test_is_in_the_history(hookline: Program) -> None:
    hookline.add(a_webhook())
    event = hookline(*EMIT).out.strip()

    hookline("webhooks", "test", "CI", "--event", event)

    rows = hookline("deliveries", "list", "--json").json
    assert [(row["trigger"], row["event_id"]) for row in rows] == [
        ("test", event),
        ("schedule", event),
    ]


def test_a_test_with_an_unknown_event_type_names_the_nearest(hookline: Program) -> None:
    hookline.add(a_webhook())

    ended = hookline("webhooks", "test", "CI", "--event", "review.complete")

    assert ended.code == 2
    assert "Did you mean review.completed" in ended.err
    assert hookline.sent == []
