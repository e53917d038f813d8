"""What an audit row says of a change, and that no secret is ever in it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.audit import Change, webhook_changes
from core.headers import Header
from core.model import Limits, Method, Signing, SigningSecret, Webhook
from core.retry import RetryPolicy
from core.secret import Secret
from tests.builders import (
    HEADER_KEY,
    HOUR,
    NOON,
    SIGNING_KEY,
    a_secret_header,
    a_signed_webhook,
    a_signing,
    a_webhook,
)

OTHER_KEY = "another canary nobody may see"


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    return list(webhook_changes(a_webhook(**before), a_webhook(**after)))


@pytest.mark.parametrize(
    ("after", "change"),
    [
        ({"name": "Chat"}, Change("name", "CI", "Chat")),
        (
            {"url": "http://x.example:81/y?z=1"},
            Change("url", "https://ci.example.com/hooks", "http://x.example:81/y?z=1"),
        ),
        (
            {"events": ("review.*", "finding.created")},
            Change("events", "*", "review.*, finding.created"),
        ),
        ({"method": Method.PUT}, Change("method", "POST", "PUT")),
        (
            {"content_type": "text/plain"},
            Change("content_type", "application/json", "text/plain"),
        ),
        (
            {"headers": (Header("X-Team", "a"), a_secret_header())},
            Change("headers", None, "X-Team: a, Authorization (secret)"),
        ),
        ({"signing": a_signing()}, Change("signing", None, "acrity, 1 secret")),
        ({"template": "{{ data }}"}, Change("template", None, "{{ data }}")),
        ({"ignore_ssl": True}, Change("ignore_ssl", "no", "yes")),
        ({"active": False}, Change("active", "yes", "no")),
        ({"disabled_reason": "410"}, Change("disabled_reason", None, "410")),
        (
            {"limits": Limits(2.5, 1)},
            Change("limits", "15 s, 16 in flight", "2.5 s, 1 in flight"),
        ),
    ],
)
def test_a_change_is_said_in_words(after: dict[str, Any], change: Change) -> None:
    assert changed({}, after) == [change]


def test_a_new_retry_policy_is_said_in_seconds() -> None:
    before, after = RetryPolicy((0, 5)), RetryPolicy((0, 60), give_up_on_4xx=True)

    assert changed({"retry": before}, {"retry": after}) == [
        Change("retry", "0, 5 s", "0, 60 s, gives up on 4xx")
    ]


def test_a_revision_that_changes_nothing_says_nothing() -> None:
    before = a_signed_webhook()

    after = replace(before, revision=2, updated_at=NOON + HOUR)

    assert webhook_changes(before, after) == ()


def test_a_secret_that_was_replaced_is_said_to_be_changed() -> None:
    after = {"headers": (a_secret_header(value=OTHER_KEY),)}

    assert changed({"headers": (a_secret_header(),)}, after) == [
        Change("headers", "Authorization (secret)", "Authorization (secret, changed)")
    ]


def test_a_replaced_secret_is_said_beside_another_change_of_the_headers() -> None:
    before = (Header("X-Team", "a"), a_secret_header(), a_secret_header("X-Key", "k"))
    after = (Header("X-Team", "b"), a_secret_header(), a_secret_header("X-Key", "l"))

    assert changed({"headers": before}, {"headers": after}) == [
        Change(
            "headers",
            "X-Team: a, Authorization (secret), X-Key (secret)",
            "X-Team: b, Authorization (secret), X-Key (secret, changed)",
        )
    ]


def test_a_secret_that_moves_to_another_name_is_not_called_changed() -> None:
    before, after = (a_secret_header(),), (a_secret_header("X-Key"),)

    assert changed({"headers": before}, {"headers": after}) == [
        Change("headers", "Authorization (secret)", "X-Key (secret)")
    ]


def test_a_rotation_is_said() -> None:
    old = SigningSecret(Secret(SIGNING_KEY), NOON)
    rotated = Signing(
        "acrity",
        (SigningSecret(Secret(OTHER_KEY), NOON), replace(old, expires_at=NOON + HOUR)),
    )
    ended = Signing("acrity", rotated.secrets[:1])

    assert changed({"signing": Signing("acrity", (old,))}, {"signing": rotated}) == [
        Change("signing", "acrity, 1 secret", "acrity, 2 secrets, changed")
    ]
    assert changed({"signing": rotated}, {"signing": ended}) == [
        Change("signing", "acrity, 2 secrets", "acrity, 1 secret, changed")
    ]


def test_another_style_with_the_same_secret_is_no_changed_secret() -> None:
    before = a_signing("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    after = replace(before, style="standard")

    assert changed({"signing": before}, {"signing": after}) == [
        Change("signing", "acrity, 1 secret", "standard, 1 secret")
    ]


def test_a_creation_and_an_end_name_every_field_that_has_a_value() -> None:
    webhook = a_webhook()
    created = [
        Change("name", None, "CI"),
        Change("url", None, "https://ci.example.com/hooks"),
        Change("events", None, "*"),
        Change("method", None, "POST"),
        Change("content_type", None, "application/json"),
        Change("ignore_ssl", None, "no"),
        Change("active", None, "yes"),
        Change(
            "retry",
            None,
            "0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400 s",
        ),
        Change("limits", None, "15 s, 16 in flight"),
    ]

    assert list(webhook_changes(None, webhook)) == created
    assert list(webhook_changes(webhook, None)) == [
        Change(change.field, change.after, None) for change in created
    ]


secret_headers = st.lists(st.sampled_from(["Authorization", "X-Key"]), unique=True).map(
    lambda names: tuple(a_secret_header(name) for name in names)
)
webhooks = st.one_of(
    st.none(),
    st.builds(
        a_webhook,
        headers=secret_headers,
        signing=st.one_of(
            st.none(), st.sampled_from([a_signing(), a_signing(SIGNING_KEY, OTHER_KEY)])
        ),
        name=st.sampled_from(["CI", "Chat"]),
    ),
)


@given(webhooks, webhooks)
@settings(max_examples=50)
def test_no_secret_is_in_an_audit_row(
    before: Webhook | None, after: Webhook | None
) -> None:
    said = repr(webhook_changes(before, after))

    for key in (HEADER_KEY, SIGNING_KEY, OTHER_KEY):
        assert key not in said
        assert key[-3:] + "'" not in said
