"""The JSON forms that scripts rely on, compared whole."""

import json
from dataclasses import replace

from core.model import Method
from core.outcome import FailureKind, Phases, TlsFacts
from core.request import PreparedRequest
from core.retry import GiveUp
from core.url import parse_url
from hookline import forms
from tests.builders import (
    NOON,
    a_delivery,
    a_failure,
    a_membership,
    a_response,
    a_secret_header,
    a_signed_webhook,
    a_webhook,
    an_attempt,
    an_event,
)

AT_NOON = "2026-11-23T12:00:00.000Z"


def a_prepared_request(body: bytes) -> PreparedRequest:
    return PreparedRequest(
        method=Method.POST,
        url=parse_url("https://ci.example.com/hooks"),
        headers=(a_secret_header(),),
        body=body,
        verify_tls=True,
        timeout=15.0,
    )


def test_a_request_masks_secrets_and_keeps_the_order() -> None:
    assert forms.request_form(a_prepared_request("{ä}".encode())) == {
        "method": "POST",
        "url": "https://ci.example.com/hooks",
        "headers": [["Authorization", "••••see"]],
        "body": "{ä}",
        "body_size": 4,
        "verify_tls": True,
        "timeout": 15.0,
    }


def test_a_body_that_is_no_text_is_in_base64() -> None:
    form = forms.request_form(a_prepared_request(b"\xff\x00"))

    assert (form["body_base64"], form["body_size"]) == ("/wA=", 2)
    assert "body" not in form


def test_a_failed_attempt_has_a_failure_and_no_response() -> None:
    attempt = an_attempt(
        a_failure(FailureKind.DNS, "no such name"), GiveUp("enough"), request=None
    )

    assert forms.attempt_form(attempt) == {
        "delivery_id": "dlv_1",
        "number": 1,
        "trigger": "schedule",
        "revision": 1,
        "started_at": AT_NOON,
        "duration_ms": 120.0,
        "success": False,
        "why": "no such name",
        "remedy": "Check the host name in the URL, and this machine's resolver.",
        "request": None,
        "response": None,
        "failure": {"kind": "dns", "detail": "no such name"},
        "phases": {
            **dict.fromkeys(
                (
                    "dns_ms",
                    "connect_ms",
                    "tls_ms",
                    "send_ms",
                    "wait_ms",
                    "receive_ms",
                )
            ),
            "reused": False,
            "peer": None,
            "tls": None,
        },
        "verdict": {"what": "give up", "at": None, "why": "enough"},
    }


def test_an_attempt_over_tls_has_its_facts_and_phases() -> None:
    facts = TlsFacts("TLSv1.3", "AES", "ci.example.com", "A CA", NOON)
    phases = Phases(connect=0.0123456, tls=0.02, peer="192.0.2.7:443", tls_facts=facts)

    form = forms.attempt_form(an_attempt(a_response(phases=phases)))

    assert form["phases"]["connect_ms"] == 12.346
    assert form["phases"]["peer"] == "192.0.2.7:443"
    assert form["phases"]["tls"] == {
        "version": "TLSv1.3",
        "cipher": "AES",
        "subject": "ci.example.com",
        "issuer": "A CA",
        "expires_at": AT_NOON,
    }
    assert form["verdict"] == {"what": "delivered", "at": None, "why": ""}


def test_a_delivery_names_webhook_and_event() -> None:
    assert forms.delivery_form(a_delivery()) == {
        "id": "dlv_1",
        "state": "pending",
        "webhook_id": "whk_ci",
        "event_id": "evt_1",
        "event_type": "review.completed",
        "trigger": "schedule",
        "attempts": 0,
        "created_at": AT_NOON,
        "due_at": AT_NOON,
    }


def test_an_event_has_its_data() -> None:
    assert forms.event_form(an_event()) == {
        "id": "evt_1",
        "type": "review.completed",
        "created_at": AT_NOON,
        "idempotency_key": None,
        "size": 19,
        "data": {"pull_request": 7},
    }


def test_no_form_of_a_webhook_holds_a_secret() -> None:
    form = forms.webhook_form(a_signed_webhook())

    assert "nobody may" not in json.dumps(form)
    assert forms.webhook_form(a_webhook())["signing"] is None


def test_a_member_of_the_platform_is_marked() -> None:
    everywhere = replace(a_membership(), workspace_id=None)

    assert forms.member_form(everywhere) == {
        "login": "ada",
        "role": "workspace admin",
        "platform": True,
    }
