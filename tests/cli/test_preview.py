"""`hookline preview`: what it prints is what the worker sends."""

import hmac
import json

from tests.builders import SIGNING_KEY, a_signed_webhook, a_webhook
from tests.cli.program import Ended, Program


def test_the_preview_of_an_event_is_what_the_worker_sends(hookline: Program) -> None:
    hookline.add(a_signed_webhook())
    event = hookline("emit", "review.completed", "--data", '{"n": 1}').out.strip()

    form = hookline("preview", "--webhook", "CI", "--event", event, "--json").json
    hookline.deliver()

    [sent] = hookline.sent
    assert form["method"] == sent.method
    assert form["url"] == str(sent.url)
    assert form["headers"] == [[h.name, h.shown] for h in sent.headers]
    assert form["body"].encode() == sent.body
    assert form["body_size"] == len(sent.body)


def test_a_person_sees_the_request_as_it_goes_out(hookline: Program) -> None:
    hookline.add(a_signed_webhook(template="{{ event.type }}"))

    ended = hookline("preview", "--webhook", "CI", "--event", "review.failed")

    signature = hmac.digest(SIGNING_KEY.encode(), b"review.failed", "sha256")
    assert ended.code == 0
    assert ended.out == (
        "POST /hooks HTTP/1.1\n"
        "Host: ci.example.com\n"
        "User-Agent: Hookline/0.1.0\n"
        "Accept: */*\n"
        "Accept-Encoding: identity\n"
        "Content-Type: application/json\n"
        "Content-Length: 13\n"
        "X-ACR-Event: review.failed\n"
        "X-ACR-Delivery: dlv_000002\n"
        f"X-ACR-Signature-256: sha256={signature.hex()}\n"
        "X-Team: platform\n"
        "Authorization: ••••see\n"
        "\n"
        "review.failed\n"
    )
    assert ended.err == (
        "Warning: The body is not JSON: Expecting value (line 1, column 1).\n"
    )


def test_a_broken_template_says_where(hookline: Program) -> None:
    hookline.add(a_webhook(template="{\n{{ data.nope }}"))

    ended = hookline("preview", "--webhook", "CI", "--event", "webhook.test", "--json")

    problem = json.loads(ended.err)
    assert (ended.code, problem["line"]) == (1, 2)
    assert problem["error"] == "'nope' is undefined. Known here: message."


def test_an_unknown_event_is_said(hookline: Program) -> None:
    hookline.add(a_webhook())

    assert hookline("preview", "--webhook", "CI", "--event", "evt_x").code == 3
    assert hookline("preview", "--webhook", "CI", "--event", "review").code == 2
    assert hookline("preview", "--webhook", "ERP").code == 3


def test_a_request_without_certificate_checks_is_warned_about(
    hookline: Program,
) -> None:
    hookline.add(a_webhook(ignore_ssl=True))

    assert hookline("preview", "--webhook", "CI").err == (
        "Warning: The certificate is NOT VERIFIED: whoever answers at this address is "
        "believed.\n"
    )


def test_the_preview_is_a_curl_command_too(hookline: Program) -> None:
    hookline.add(a_signed_webhook(ignore_ssl=True))

    ended = hookline("preview", "--webhook", "CI", "--curl")

    assert ended.code == 0
    assert "  --insecure \\\n" in ended.out
    assert '"Authorization: $HOOKLINE_AUTHORIZATION"' in ended.out


def test_the_preview_needs_a_webhook(hookline: Program) -> None:
    assert hookline("preview") == Ended(
        2,
        err="hookline: Missing option '--webhook'.\n"
        "  'hookline preview --help' shows what it takes.\n",
    )
