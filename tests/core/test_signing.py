"""Our signatures against published vectors, the reference library, and tampering."""

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import standardwebhooks
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import (
    InvalidSecret,
    MalformedSignature,
    MissingHeader,
    NoMatchingSignature,
    NotVerified,
    StaleTimestamp,
)
from core.model import Signing, SigningSecret
from core.secret import Secret
from core.signing import (
    ACRITY,
    STANDARD,
    STYLES,
    Message,
    Style,
    check_secret,
    new_secret,
    sign,
    style_named,
    verify,
)
from tests.builders import NOON, SECOND

VECTORS = Path(__file__).parent.parent / "vectors" / "signatures.json"
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TIMESTAMP = int(NOON.timestamp())
MESSAGE = Message("msg_p5jXN8AQM9LWM0D4loKWxJek", TIMESTAMP, b'{"test": 1}')
KEYS = {"acrity": "It's a Secret to Everybody", "standard": WHSEC}

# The published signatures that are one of our styles under other names.
AS_PUBLISHED = {
    "standard-webhooks-1": STANDARD,
    "svix-large-262144": replace(
        STANDARD,
        header="svix-signature",
        id_header="svix-id",
        timestamp_header="svix-timestamp",
    ),
    "github-docs": replace(ACRITY, header="X-Hub-Signature-256"),
    "pagerduty-v3": replace(ACRITY, header="X-PagerDuty-Signature", prefix="v1="),
}

examples = settings(max_examples=40, deadline=None)
styles = st.sampled_from([ACRITY, STANDARD])
entropy = st.binary(min_size=32, max_size=32)
ids = st.from_regex(r"evt_[0-9a-f]{1,32}", fullmatch=True)
messages = st.builds(Message, ids, st.just(TIMESTAMP), st.binary(max_size=200))


def vectors() -> Mapping[str, Mapping[str, Any]]:
    return {vector["name"]: vector for vector in json.loads(VECTORS.read_text())}


def published(name: str) -> tuple[Style, Secret, Message, str]:
    vector = vectors()[name]
    body = (
        base64.b64decode(vector["body_b64"]) if "body_b64" in vector else b"a" * 2**18
    )
    message_id, timestamp, _ = (vector["signed_prefix"] or ".0.").split(".")
    message = Message(message_id, int(timestamp), body)
    assert len(body) == vector["body_len"]
    return AS_PUBLISHED[name], Secret(vector["secret"]), message, vector["value"]


def signed(style: Style, *keys: str, message: Message = MESSAGE) -> dict[str, str]:
    return dict(sign(style, [Secret(key) for key in keys], message))


def check(
    style: Style,
    headers: Mapping[str, str],
    *keys: str,
    body: bytes = MESSAGE.body,
    now: datetime = NOON,
    **more: timedelta,
) -> None:
    secrets = [Secret(key) for key in keys or [KEYS[style.name]]]
    verify(style, secrets, headers, body, now=now, **more)


# Published vectors


@pytest.mark.parametrize("name", AS_PUBLISHED)
def test_a_published_signature_is_made(name: str) -> None:
    style, secret, message, value = published(name)

    assert dict(sign(style, [secret], message))[style.header] == value


@pytest.mark.parametrize("name", AS_PUBLISHED)
def test_a_published_signature_is_accepted(name: str) -> None:
    style, secret, message, value = published(name)
    headers = dict(sign(style, [secret], message)) | {style.header: value}
    now = datetime.fromtimestamp(message.timestamp, UTC)

    verify(style, [secret], headers, message.body, now=now)


# What goes out


def test_acrity_signs_the_body_in_hex() -> None:
    message = Message("evt_1", TIMESTAMP, b"Hello, World!")

    assert sign(ACRITY, [Secret(KEYS["acrity"])], message) == (
        (
            "X-ACR-Signature-256",
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        ),
    )


def test_standard_webhooks_says_id_and_time_before_the_signature() -> None:
    message = Message(MESSAGE.id, 1614265330, b'{"test": 2432232314}')

    assert sign(STANDARD, [Secret(WHSEC)], message) == (
        ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        ("webhook-timestamp", "1614265330"),
        ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    )


def test_standard_webhooks_carries_a_signature_of_each_secret_newest_first() -> None:
    older = new_secret(STANDARD, b"o" * 32).reveal()

    both = signed(STANDARD, WHSEC, older)

    alone = [signed(STANDARD, key)["webhook-signature"] for key in (WHSEC, older)]
    assert both["webhook-signature"] == " ".join(alone)


def test_acrity_carries_the_newest_secrets_signature_alone() -> None:
    assert signed(ACRITY, "newest", "older") == signed(ACRITY, "newest")


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_nothing_is_signed_without_a_secret(style: Style) -> None:
    with pytest.raises(InvalidSecret, match="No signing secret is active"):
        sign(style, [], MESSAGE)


def test_an_expired_secret_signs_no_more() -> None:
    signing = Signing(
        "standard",
        (
            SigningSecret(Secret("new"), NOON),
            SigningSecret(Secret("old"), NOON, expires_at=NOON + SECOND),
        ),
    )

    assert signing.active(NOON) == (Secret("new"), Secret("old"))
    assert signing.active(NOON + SECOND) == (Secret("new"),)


# Sign, then verify


@examples
@given(styles, entropy, messages)
def test_what_is_signed_verifies(style: Style, drawn: bytes, message: Message) -> None:
    secret = new_secret(style, drawn)
    headers = dict(sign(style, [secret], message))

    verify(style, [secret], headers, message.body, now=NOON)


@examples
@given(styles, entropy, messages, st.data())
def test_a_changed_body_does_not_verify(
    style: Style, drawn: bytes, message: Message, data: st.DataObject
) -> None:
    secret = new_secret(style, drawn)
    headers = dict(sign(style, [secret], message))
    other = data.draw(st.binary(max_size=200).filter(lambda b: b != message.body))

    with pytest.raises(NoMatchingSignature):
        verify(style, [secret], headers, other, now=NOON)


@examples
@given(styles, entropy, entropy, messages)
def test_another_secret_does_not_verify(
    style: Style, drawn: bytes, other: bytes, message: Message
) -> None:
    headers = dict(sign(style, [new_secret(style, drawn)], message))
    if drawn == other:
        return

    with pytest.raises(NoMatchingSignature):
        verify(style, [new_secret(style, other)], headers, message.body, now=NOON)


@examples
@given(messages, st.integers(-300, 300), ids)
def test_a_changed_id_or_time_does_not_verify(
    message: Message, shift: int, other: str
) -> None:
    headers = signed(STANDARD, WHSEC, message=message)
    forged = headers | {
        "webhook-id": other,
        "webhook-timestamp": str(message.timestamp + shift),
    }
    if forged == headers:
        return

    with pytest.raises(NoMatchingSignature):
        check(STANDARD, forged, body=message.body)


@examples
@given(styles, st.data())
def test_a_signature_with_one_other_character_does_not_verify(
    style: Style, data: st.DataObject
) -> None:
    headers = signed(style, KEYS[style.name])
    value = headers[style.header]
    place = data.draw(st.integers(len(style.prefix), len(value) - 1))
    character = data.draw(st.characters().filter(lambda c: c != value[place]))
    headers[style.header] = value[:place] + character + value[place + 1 :]

    with pytest.raises(NoMatchingSignature):
        check(style, headers)


@examples
@given(
    st.dictionaries(
        st.sampled_from(
            sorted(
                {
                    "webhook-id",
                    "webhook-timestamp",
                    "webhook-signature",
                    "x-acr-signature-256",
                }
            )
        ),
        st.text(max_size=20),
    ),
    styles,
)
def test_any_headers_are_refused_and_never_crash(
    headers: dict[str, str], style: Style
) -> None:
    with pytest.raises(NotVerified):
        check(style, headers)


@pytest.mark.parametrize("value", ["\udcff", "v1,\udcff", "sha256=\udcff"])
@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_bytes_that_are_no_text_are_refused_and_do_not_crash(
    style: Style, value: str
) -> None:
    headers = signed(style, KEYS[style.name])

    with pytest.raises(NotVerified):
        check(style, headers | {style.header: value})
    if style.id_header:
        with pytest.raises(NoMatchingSignature):
            check(style, headers | {style.id_header: value})


# The reference library of Standard Webhooks; it reads the machine's clock


@examples
@given(entropy, ids, st.text(max_size=100).filter(str.isprintable))
def test_the_reference_library_accepts_ours(
    drawn: bytes, message_id: str, text: str
) -> None:
    secret = new_secret(STANDARD, drawn)
    message = Message(message_id, int(time.time()), json.dumps(text).encode())
    headers = dict(sign(STANDARD, [secret], message))

    library = standardwebhooks.Webhook(secret.reveal())

    assert library.verify(message.body, headers) == text


@examples
@given(entropy, ids, st.text(max_size=100).filter(str.isprintable))
def test_we_accept_the_reference_librarys(
    drawn: bytes, message_id: str, text: str
) -> None:
    secret = new_secret(STANDARD, drawn)
    library = standardwebhooks.Webhook(secret.reveal())

    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(TIMESTAMP),
        "webhook-signature": library.sign(message_id, NOON, text),
    }

    verify(STANDARD, [secret], headers, text.encode(), now=NOON)


def test_a_secret_without_padding_is_the_same_key_as_in_the_reference_library() -> None:
    padded = new_secret(STANDARD, b"k" * 32).reveal()
    bare = padded.removeprefix("whsec_").rstrip("=")

    assert signed(STANDARD, padded) == signed(STANDARD, bare)
    assert (
        standardwebhooks.Webhook(bare).sign(MESSAGE.id, NOON, MESSAGE.body.decode())
        == signed(STANDARD, bare)["webhook-signature"]
    )


# Rotation


@pytest.mark.parametrize("known", ["new", "old"])
def test_during_a_rotation_receivers_with_either_secret_verify(known: str) -> None:
    keys = {
        "new": new_secret(STANDARD, b"n" * 32).reveal(),
        "old": new_secret(STANDARD, b"o" * 32).reveal(),
    }
    headers = signed(STANDARD, keys["new"], keys["old"])

    check(STANDARD, headers, keys[known])


def test_one_of_several_secrets_is_enough() -> None:
    headers = signed(ACRITY, "second")

    check(ACRITY, headers, "first", "second")


def test_signatures_of_other_versions_are_passed_over() -> None:
    headers = signed(STANDARD, WHSEC)
    mine = headers["webhook-signature"]
    headers["webhook-signature"] = f"v1a,abc= {mine} v2,def="

    check(STANDARD, headers)


# Tolerance


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_a_timestamp_within_five_minutes_is_accepted(seconds: int) -> None:
    check(STANDARD, signed(STANDARD, WHSEC), now=NOON + seconds * SECOND)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (301, "The timestamp is 301 s old; 300 s are tolerated."),
        (-301, "The timestamp is 301 s in the future; 300 s are tolerated."),
        (10**8, "The timestamp is 100000000 s old; 300 s are tolerated."),
    ],
)
def test_a_timestamp_beyond_is_refused_in_both_directions(
    seconds: int, words: str
) -> None:
    with pytest.raises(StaleTimestamp) as refusal:
        check(STANDARD, signed(STANDARD, WHSEC), now=NOON + seconds * SECOND)

    assert refusal.value.message == words
    assert "It was signed at 2026-11-23 12:00:00Z." in refusal.value.hint


def test_a_tolerance_of_days_is_said_in_seconds() -> None:
    now = NOON + timedelta(days=2)

    check(STANDARD, signed(STANDARD, WHSEC), now=now, tolerance=timedelta(days=2))
    with pytest.raises(StaleTimestamp, match="86400 s are tolerated"):
        check(STANDARD, signed(STANDARD, WHSEC), now=now, tolerance=timedelta(days=1))


@pytest.mark.parametrize(
    "text",
    ["", "soon", "-1", "1e9", "1614265330.5", "٣", "1614265330000", "9" * 5000],
)
def test_a_timestamp_that_is_no_unix_time_is_malformed(text: str) -> None:
    headers = signed(STANDARD, WHSEC) | {"webhook-timestamp": text}

    with pytest.raises(MalformedSignature, match="is not a Unix time in seconds"):
        check(STANDARD, headers)


def test_the_latest_timestamp_there_is_stays_a_sentence() -> None:
    headers = signed(STANDARD, WHSEC) | {"webhook-timestamp": "9" * 11}

    with pytest.raises(StaleTimestamp, match="signed at 5138-11-16"):
        check(STANDARD, headers)


# Headers


@pytest.mark.parametrize(
    ("style", "name"),
    [
        (ACRITY, "X-ACR-Signature-256"),
        (STANDARD, "webhook-id"),
        (STANDARD, "webhook-timestamp"),
        (STANDARD, "webhook-signature"),
    ],
)
def test_a_missing_header_is_named(style: Style, name: str) -> None:
    headers = signed(style, KEYS[style.name])
    del headers[name]

    with pytest.raises(MissingHeader, match=name):
        check(style, headers)


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_header_names_are_found_in_any_case(style: Style) -> None:
    headers = signed(style, KEYS[style.name])

    check(style, {name.upper(): f" {value} " for name, value in headers.items()})


@pytest.mark.parametrize("value", ["", "abc", "v0=abc", "SHA256=abc"])
@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_a_signature_of_another_form_is_malformed(style: Style, value: str) -> None:
    headers = signed(style, KEYS[style.name]) | {style.header: value}

    with pytest.raises(MalformedSignature, match=style.header):
        check(style, headers)


def test_a_refusal_shows_neither_the_secret_nor_the_right_signature() -> None:
    headers = signed(ACRITY, "a secret nobody sees")
    right = headers["X-ACR-Signature-256"].removeprefix("sha256=")
    headers["X-ACR-Signature-256"] = "sha256=00"

    with pytest.raises(NotVerified) as refusal:
        check(ACRITY, headers, "a secret nobody sees")

    assert "a secret nobody sees" not in str(refusal.value)
    assert right not in str(refusal.value)


# Secrets


@pytest.mark.parametrize(
    ("style", "value"),
    [
        (ACRITY, ""),
        (ACRITY, "half a pair \ud800"),
        (STANDARD, ""),
        (STANDARD, "whsec_"),
        (STANDARD, "whsec_" + base64.b64encode(b"k" * 23).decode()),
        (STANDARD, "whsec_" + base64.b64encode(b"k" * 65).decode()),
        (STANDARD, "whsec_not base64 at all, not at all"),
        (STANDARD, "whsk_" + base64.b64encode(b"k" * 32).decode()),
        (STANDARD, "whsec_ünïcödeünïcödeünïcödeünïcöde"),
    ],
)
def test_a_secret_the_style_cannot_use_is_refused_without_being_shown(
    style: Style, value: str
) -> None:
    with pytest.raises(InvalidSecret) as refusal:
        check_secret(style, Secret(value))

    assert refusal.value.field == "secret"
    assert value[6:] == "" or value[6:] not in str(refusal.value)


@examples
@given(styles, entropy)
def test_a_new_secret_suits_its_style(style: Style, drawn: bytes) -> None:
    secret = new_secret(style, drawn)

    assert check_secret(style, secret) is secret


def test_new_secrets_are_written_as_their_receivers_know_them() -> None:
    drawn = bytes(range(32))

    assert new_secret(ACRITY, drawn).reveal() == drawn.hex()
    assert new_secret(STANDARD, drawn).reveal() == (
        "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    )


def test_a_style_is_found_by_its_name() -> None:
    assert [style_named(name) for name in ("acrity", "standard")] == [ACRITY, STANDARD]


def test_an_unknown_style_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidSecret) as refusal:
        style_named("md5")

    assert str(refusal.value) == (
        "'md5' is not a signing style. Known: acrity, standard."
    )
    assert refusal.value.field == "style"
