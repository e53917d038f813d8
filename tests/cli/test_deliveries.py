"""`hookline deliveries`: the history, and sending again."""

import pytest

from core.outcome import FailureKind
from tests.builders import MINUTE, a_failure, a_response, a_signed_webhook, a_webhook
from tests.cli.program import Ended, Program

EMIT = ("emit", "review.completed", "--data", '{"n": 1}')


def ids(hookline: Program, *filters: str) -> list[str]:
    ended = hookline("deliveries", "list", *filters, "--json")
    return [row["id"] for row in ended.json]


def test_before_anything_was_sent_the_list_says_so(hookline: Program) -> None:
    assert hookline("deliveries", "list") == Ended(0, err="Nothing was sent yet.\n")
    assert hookline("deliveries", "list", "--json") == Ended(0, out="[]\n")


def test_the_newest_comes_first(hookline: Program) -> None:
    hookline.add(a_webhook())
    hookline(*EMIT)
    hookline.deliver()
    hookline.outcome = a_response(503)
    hookline(*EMIT)
    hookline.deliver()

    assert hookline("deliveries", "list") == Ended(
        0,
        out="ID          STATE      LAST                     WEBHOOK  "
        "TYPE              TRIES  AT\n"
        "dlv_000005  retrying   503 Service Unavailable  CI       "
        "review.completed  1      2026-11-23 12:00:00Z\n"
        "dlv_000002  delivered  200 OK                   CI       "
        "review.completed  1      2026-11-23 12:00:00Z\n",
    )


def test_the_list_for_programs_has_the_last_attempt(hookline: Program) -> None:
    hookline.add(a_webhook())
    hookline(*EMIT)
    hookline.outcome = a_failure()
    hookline.deliver()

    assert hookline("deliveries", "list", "--json").json == [
        {
            "id": "dlv_000002",
            "state": "retrying",
            "webhook_id": "whk_ci",
            "event_id": "evt_000001",
            "event_type": "review.completed",
            "trigger": "schedule",
            "attempts": 1,
            "created_at": "2026-11-23T12:00:00.000Z",
            "due_at": "2026-11-23T12:00:05.000Z",
            "webhook": "CI",
            "last_attempt": {
                "number": 1,
                "at": "2026-11-23T12:00:00.000Z",
                "duration_ms": 0.0,
                "success": False,
                "status": None,
                "failure": "timeout",
                "why": "no answer within 15 s",
            },
        }
    ]


def test_filters_are_options_or_the_consoles_words(hookline: Program) -> None:
    hookline.add(a_webhook())
    hookline.add(a_webhook(id="whk_erp", name="ERP orders"))
    hookline.outcome = a_response(503)
    hookline(*EMIT)
    hookline.deliver()
    hookline.now += 20 * MINUTE
    hookline("emit", "member.added", "--data", "{}")

    everything = ids(hookline)
    [erp_new, _, erp_old, ci_old] = sorted(everything, reverse=True)
    assert ids(hookline, "--webhook", "ERP orders") == [erp_new, erp_old]
    assert ids(hookline, "--webhook", "whk_ci", "--state", "failed") == [ci_old]
    assert ids(hookline, "--status", "5xx", "--type", "review.*") == [erp_old, ci_old]
    assert ids(hookline, "webhook:ERP", "since:15m") == [erp_new]
    assert ids(hookline, "state:pending", "--until", "10m") == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--state", "lost"), "'lost' is not a state."),
        (("--status", "9xx"), "'9xx' is not a status."),
        (("--since", "yesterday"), "'yesterday' is not a time."),
        (("--webhook", "nobody"), "No webhook is called 'nobody'."),
        (("stat:failed",), "'stat' is not a key."),
        (("--state", "held", "state:held"), "state is given twice."),
        (("--limit", "0"), "Invalid value for '--limit': 0 is not in the range"),
    ],
)
def test_a_filter_that_cannot_be_is_said(
    hookline: Program, given: tuple[str, ...], words: str
) -> None:
    ended = hookline("deliveries", "list", *given)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"hookline: {words}")


def test_pages_follow_each_other(hookline: Program) -> None:
    hookline.add(a_webhook())
    for _ in range(5):
        hookline(*EMIT)
    everything = ids(hookline)

    first = hookline("deliveries", "list", "--limit", "3")
    more = ids(hookline, "--limit", "3", "--before", everything[2])

    assert first.err == f"There may be more: --before {everything[2]}\n"
    assert more == everything[3:]


def test_a_page_may_be_longer_than_the_stores(hookline: Program) -> None:
    hookline.add(a_webhook())
    stream = '{"type": "review.completed", "data": 1}\n' * 450
    hookline("emit", "-", stdin=stream)

    assert len(ids(hookline, "--limit", "1000")) == 450
    assert len(ids(hookline, "--limit", "401")) == 401


def test_a_delivery_says_why_it_stands_where_it_does(hookline: Program) -> None:
    hookline.add(a_signed_webhook())
    hookline(*EMIT)
    hookline.outcome = a_response(503, reason="", body=b"busy\x1b[2J")
    hookline.deliver()

    ended = hookline("deliveries", "show", "dlv_000002")

    assert ended.err == ""
    assert ended.out == (
        "delivery  dlv_000002\n"
        "webhook   CI (whk_ci)\n"
        "event     review.completed (evt_000001)\n"
        "state     retrying, next 2026-11-23 12:00:05Z\n"
        "since     2026-11-23 12:00:00Z\n"
        "attempts  1\n"
        "\n"
        "The receiver answers 503 Service Unavailable.\n"
        "Attempt 2 of 10 at 12:00:05 UTC, in 5 s, by the schedule.\n"
        "The webhook as a whole: failing for 0 s, 0 % of the last hour delivered, "
        "1 waiting.\n"
        "The receiver is broken or overloaded: its own log says why.\n"
        "\n"
        "attempt 1, 2026-11-23 12:00:00Z, by schedule, revision 1\n"
        "\n"
        "POST /hooks HTTP/1.1\n"
        "Host: ci.example.com\n"
        "User-Agent: Hookline/0.1.0\n"
        "Accept: */*\n"
        "Accept-Encoding: identity\n"
        "Content-Type: application/json\n"
        "Content-Length: 129\n"
        "X-ACR-Event: review.completed\n"
        "X-ACR-Delivery: dlv_000002\n"
        "X-ACR-Signature-256: sha256="
        f"{_signature(ended)}\n"
        "X-Team: platform\n"
        "Authorization: ••••see\n"
        "\n"
        '{"id": "evt_000001", "type": "review.completed", "created_at": '
        '"2026-11-23T12:00:00.000Z", "workspace": "acme", "data": {"n": 1}}\n'
        "\n"
        "✖ 503 Service Unavailable · 0.0 ms\n"
        "\n"
        "HTTP/1.1 503 Service Unavailable\n"
        "Content-Type: text/plain\n"
        "\n"
        "busy␛[2J\n"
        "1 control character shown as symbols\n"
    )


def _signature(ended: Ended) -> str:
    return ended.out.split("sha256=")[1].split("\n")[0]


def test_a_delivery_for_programs_has_its_attempts(hookline: Program) -> None:
    hookline.add(a_webhook())
    hookline(*EMIT)
    hookline.outcome = a_response(503, body=b"\xff")
    hookline.deliver()

    form = hookline("deliveries", "show", "dlv_000002", "--json").json

    [attempt] = form.pop("attempts")
    request = attempt.pop("request")
    phases = attempt.pop("phases")
    assert form["event"]["data"] == {"n": 1}
    assert form["diagnosis"]["what"] == "The receiver answers 503 Service Unavailable."
    assert attempt == {
        "delivery_id": "dlv_000002",
        "number": 1,
        "trigger": "schedule",
        "revision": 1,
        "started_at": "2026-11-23T12:00:00.000Z",
        "duration_ms": 0.0,
        "success": False,
        "why": "503 Service Unavailable",
        "remedy": "The receiver is broken or overloaded: its own log says why.",
        "response": {
            "status": 503,
            "reason": "",
            "headers": [["Content-Type", "text/plain"]],
            "body_base64": "/w==",
            "truncated": False,
        },
        "failure": None,
        "verdict": {
            "what": "retry",
            "at": "2026-11-23T12:00:05.000Z",
            "why": "by the schedule",
        },
    }
    assert (request["method"], request["url"], request["body_size"]) == (
        "POST",
        "https://ci.example.com/hooks",
        129,
    )
    assert (phases["connect_ms"], phases["reused"], phases["tls"]) == (
        None,
        False,
        None,
    )


def test_the_curl_copy_has_no_secret(hookline: Program) -> None:
    hookline.add(a_signed_webhook())
    hookline(*EMIT)

    ended = hookline("deliveries", "show", "dlv_000002", "--curl")

    assert ended.out.startswith("curl --request POST https://ci.example.com/hooks \\\n")
    assert '--header "Authorization: $HOOKLINE_AUTHORIZATION"' in ended.out
    assert "nobody may" not in ended.out


def test_the_curl_copy_needs_the_webhook(hookline: Program) -> None:
    hookline.add(a_webhook())
    hookline(*EMIT)
    hookline("webhooks", "delete", "CI", "--yes")

    assert hookline("deliveries", "show", "dlv_000002", "--curl") == Ended(
        3,
        err="hookline: The webhook CI was deleted, so its request cannot be built "
        "again.\n",
    )


def test_redelivering_makes_deliveries_due_again(hookline: Program) -> None:
    hookline.add(a_webhook())
    hookline.outcome = a_failure(FailureKind.CONNECT, "refused")
    hookline(*EMIT)
    hookline.deliver()
    hookline.outcome = a_response()
    hookline.now += MINUTE

    ended = hookline("deliveries", "redeliver", "dlv_000002")
    hookline.deliver()

    assert ended == Ended(0, out="dlv_000002 is due again.\n")
    assert ids(hookline, "--state", "delivered") == ["dlv_000002"]


def test_what_cannot_be_redelivered_is_named_and_the_others_are(
    hookline: Program,
) -> None:
    hookline.add(a_webhook())
    hookline(*EMIT)

    ended = hookline("deliveries", "redeliver", "dlv_x", "dlv_000002", "--json")

    assert (ended.code, ended.json["id"], ended.json["state"]) == (
        3,
        "dlv_000002",
        "pending",
    )
    assert ended.err == (
        '{"error": "No delivery has the id \'dlv_x\'.", '
        '"hint": "\'hookline deliveries list\' shows the newest."}\n'
    )
