"""The one builder: whole requests, as they go on the wire and as they are kept."""

import hashlib
import hmac
import json
from datetime import datetime
from importlib.metadata import version
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidSecret, InvalidTemplate, TemplateFailed
from core.headers import Header
from core.model import (
    CONTENT_TYPES,
    Event,
    Limits,
    Method,
    SentRequest,
    Signing,
    SigningSecret,
    Webhook,
)
from core.request import PreparedRequest, build_request
from core.secret import Secret
from core.signing import ACRITY, STANDARD, STYLES, verify
from core.url import parse_url
from tests.builders import (
    HEADER_KEY,
    MINUTE,
    NOON,
    SIGNING_KEY,
    a_secret_header,
    a_signed_webhook,
    a_signing,
    a_webhook,
    an_event,
)

WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEYS = {"acrity": SIGNING_KEY, "standard": WHSEC}
AGENT = f"Hookline/{version('hookline')}"
JSON_BODY = (
    b'{"id": "evt_1", "type": "review.completed", "created_at": '
    b'"2026-11-23T12:00:00.000Z", "workspace": "acme", "data": {"pull_request": 7}}'
)
FORM_BODY = (
    b"payload=%7B%22id%22%3A+%22evt_1%22%2C+%22type%22%3A+%22review.completed%22%2C+"
    b"%22created_at%22%3A+%222026-11-23T12%3A00%3A00.000Z%22%2C+%22workspace%22%3A+"
    b"%22acme%22%2C+%22data%22%3A+%7B%22pull_request%22%3A+7%7D%7D"
)
BODIES = {
    "application/json": JSON_BODY,
    "application/x-www-form-urlencoded": FORM_BODY,
    "text/plain": JSON_BODY,
    "application/xml": JSON_BODY,
}
# Made once with `openssl dgst -sha256`, so that a slip in our own code shows.
SIGNATURES = {
    (
        "acrity",
        JSON_BODY,
    ): "573c5ac55b2d0b6ff25684066ceb44c727f1736224a735eab91ec44088fbd626",
    (
        "acrity",
        FORM_BODY,
    ): "cf53869956e7cb256ca4a1d2284b1d0bb70c5bc2bf4e1527df6a7844547c04df",
    ("acrity", b""): "878a83b319f4d489cd0a070e91a79f6c28f6405dfd7d624b91e8f8585f2a7b46",
    ("standard", JSON_BODY): "scZCwwo4lMjMVJHHDhSYpdas309Z8Q9UtmIfSesArB8=",
    ("standard", FORM_BODY): "a6GdPkh6oaGJKsTNGZlUMQvU3KegZsxAOKMJAmgPLDs=",
    ("standard", b""): "cxzhIT1hJAyqq2G+fcVqoI2LTPgFtkzexxlGjCjz+SU=",
}


def built(
    webhook: Webhook, event: Event | None = None, now: datetime = NOON
) -> PreparedRequest:
    return build_request(webhook, event or an_event(), "dlv_1", "acme", now)


def pairs(request: PreparedRequest) -> list[tuple[str, str]]:
    return [(header.name, header.sent) for header in request.headers]


def value(request: PreparedRequest, name: str) -> str:
    [found] = [v for n, v in pairs(request) if n.lower() == name.lower()]
    return found


def signed(style: str, body: bytes) -> list[tuple[str, str]]:
    if style == "none":
        return []
    if style == "acrity":
        return [("X-ACR-Signature-256", f"sha256={SIGNATURES['acrity', body]}")]
    return [
        ("webhook-id", "evt_1"),
        ("webhook-timestamp", "1795435200"),
        ("webhook-signature", f"v1,{SIGNATURES['standard', body]}"),
    ]


# Whole requests


@pytest.mark.parametrize("style", ["none", "acrity", "standard"])
@pytest.mark.parametrize("content_type", CONTENT_TYPES)
@pytest.mark.parametrize("method", Method)
def test_a_request_is_this_and_nothing_else(
    method: Method, content_type: str, style: str
) -> None:
    signing = None if style == "none" else a_signing(KEYS[style], style=style)
    webhook = a_webhook(
        method=method,
        content_type=content_type,
        signing=signing,
        headers=(Header("X-Team", "platform"), a_secret_header()),
    )
    body = b"" if method is Method.GET else BODIES[content_type]
    content = [("Content-Type", content_type), ("Content-Length", str(len(body)))]

    request = built(webhook)

    assert pairs(request) == [
        ("Host", "ci.example.com"),
        ("User-Agent", AGENT),
        ("Accept", "*/*"),
        ("Accept-Encoding", "identity"),
        *([] if method is Method.GET else content),
        ("X-ACR-Event", "review.completed"),
        ("X-ACR-Delivery", "dlv_1"),
        *signed(style, body),
        ("X-Team", "platform"),
        ("Authorization", HEADER_KEY),
    ]
    assert request == PreparedRequest(
        method=method,
        url=parse_url("https://ci.example.com/hooks"),
        headers=request.headers,
        body=body,
        verify_tls=True,
        timeout=15.0,
    )
    assert request.request_line == f"{method.value} /hooks HTTP/1.1"


def test_a_request_goes_where_the_webhook_says() -> None:
    webhook = a_webhook(
        "http://[::1]:8080/a?b=c", ignore_ssl=True, limits=Limits(timeout=2.5)
    )

    request = built(webhook)

    assert pairs(request)[0] == ("Host", "[::1]:8080")
    assert request.request_line == "POST /a?b=c HTTP/1.1"
    assert (request.verify_tls, request.timeout) == (False, 2.5)


def test_a_webhook_may_say_who_it_is_and_what_it_accepts() -> None:
    own = (Header("user-agent", "ours/1"), Header("ACCEPT", "application/json"))

    names = [name for name, _ in pairs(built(a_webhook(headers=own)))]

    assert names == [
        *("Host", "Accept-Encoding", "Content-Type", "Content-Length"),
        *("X-ACR-Event", "X-ACR-Delivery", "user-agent", "ACCEPT"),
    ]


def test_building_twice_gives_the_same_bytes() -> None:
    webhook = a_signed_webhook(template="{{ data | tojson }}")

    assert built(webhook) == built(webhook)


def test_over_attempts_the_id_stays_and_the_time_moves() -> None:
    webhook = a_webhook(signing=a_signing(WHSEC, style="standard"))

    first, second = built(webhook), built(webhook, now=NOON + MINUTE)

    assert value(first, "webhook-id") == value(second, "webhook-id") == "evt_1"
    assert value(first, "webhook-timestamp") == "1795435200"
    assert value(second, "webhook-timestamp") == "1795435260"
    assert value(first, "webhook-signature") != value(second, "webhook-signature")


# The body


def test_a_template_writes_the_body() -> None:
    webhook = a_webhook(
        template='{"t": {{ event.type | tojson }}, "n": {{ data.pull_request }}, '
        '"w": "{{ workspace }} {{ webhook.name }} {{ delivery.id }}"}'
    )

    request = built(webhook)

    assert request.body == (b'{"t": "review.completed", "n": 7, "w": "acme CI dlv_1"}')
    assert value(request, "Content-Length") == str(len(request.body))


def test_the_length_counts_bytes() -> None:
    request = built(a_webhook(template="é😀"))

    assert request.body == "é😀".encode()
    assert value(request, "Content-Length") == "6"


def test_a_get_runs_no_template() -> None:
    webhook = a_webhook(method=Method.GET, template="{{ broken")

    assert built(webhook).body == b""


@pytest.mark.parametrize("method", [m for m in Method if m is not Method.GET])
def test_an_empty_body_says_that_it_is_empty(method: Method) -> None:
    request = built(a_webhook(method=method, template="{{ '' }}"))

    assert request.body == b""
    assert value(request, "Content-Length") == "0"


def test_a_template_that_breaks_builds_nothing() -> None:
    with pytest.raises(TemplateFailed) as failure:
        built(a_webhook(template="\n{{ data.pul_request }}"))

    assert failure.value.line == 2
    assert str(failure.value) == (
        "'pul_request' is undefined: did you mean 'pull_request'?"
    )


def test_a_template_that_does_not_compile_builds_nothing() -> None:
    with pytest.raises(InvalidTemplate):
        built(a_webhook(template="{{"))


def test_half_a_surrogate_pair_cannot_be_sent_as_text() -> None:
    event = an_event(payload=b'{"a": "\\ud800"}')

    with pytest.raises(TemplateFailed, match="half a surrogate pair"):
        built(a_webhook(template="{{ data.a }}"), event)
    assert b'{"a": "\\ud800"}' in built(a_webhook(), event).body


# The signature


@pytest.mark.parametrize("style", STYLES)
def test_a_receiver_verifies_what_is_sent(style: str) -> None:
    webhook = a_webhook(
        signing=a_signing(KEYS[style], style=style), template="{{ data | tojson }}"
    )

    request = built(webhook)

    headers = dict(pairs(request))
    verify(STYLES[style], [Secret(KEYS[style])], headers, request.body, now=NOON)


def test_a_receiver_needs_no_library_for_acrity() -> None:
    request = built(a_webhook(signing=a_signing()))

    expected = hmac.new(SIGNING_KEY.encode(), request.body, hashlib.sha256).hexdigest()
    assert value(request, ACRITY.header) == f"sha256={expected}"


def test_nothing_goes_out_unsigned_once_every_secret_has_expired() -> None:
    ended = SigningSecret(Secret(SIGNING_KEY), NOON, expires_at=NOON)

    with pytest.raises(InvalidSecret, match="No signing secret is active"):
        built(a_webhook(signing=Signing("acrity", (ended,))))


def test_during_a_rotation_both_secrets_sign() -> None:
    other = "whsec_" + "b3RoZXJrZXlvdGhlcmtleW90aGVya2V5b3RoZXJr"
    request = built(a_webhook(signing=a_signing(WHSEC, other, style="standard")))

    headers = dict(pairs(request))
    assert len(value(request, "webhook-signature").split(" ")) == 2
    for key in (WHSEC, other):
        verify(STANDARD, [Secret(key)], headers, request.body, now=NOON)


# What history keeps


def test_history_keeps_no_secret_and_no_body() -> None:
    request = built(a_signed_webhook())

    kept = request.as_sent()

    assert kept == SentRequest(
        method="POST",
        url="https://ci.example.com/hooks",
        headers=(
            *pairs(request)[:-1],
            ("Authorization", "••••see"),
        ),
        body_sha256=hashlib.sha256(JSON_BODY).hexdigest(),
        body_size=len(JSON_BODY),
    )
    for text in (repr(kept), repr(request)):
        assert HEADER_KEY not in text
        assert SIGNING_KEY not in text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(json_values, st.sampled_from(sorted(STYLES)), st.sampled_from([None, "T"]))
@settings(max_examples=60, deadline=None)
def test_whatever_happened_the_request_is_whole_and_verifies(
    data: Any, style: str, template: str | None
) -> None:
    payload = json.dumps(data, ensure_ascii=False).encode(errors="replace")
    webhook = a_webhook(
        signing=a_signing(KEYS[style], style=style),
        template=template and "{{ data | tojson }}",
    )

    request = built(webhook, an_event(payload=payload))

    headers = dict(pairs(request))
    assert headers["Content-Length"] == str(len(request.body))
    verify(STYLES[style], [Secret(KEYS[style])], headers, request.body, now=NOON)
    given_back = json.loads(request.body)
    assert (given_back if template else given_back["data"]) == json.loads(payload)
