"""Bodies byte for byte, and what is no body of its content type."""

import json
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.body import (
    FORM,
    MAX_DEPTH,
    Finding,
    check_body,
    default_body,
    envelope,
    media_type,
    parse_payload,
    stamp,
    template_context,
)
from core.errors import InvalidPayload
from core.model import MAX_PAYLOAD
from tests.builders import an_event

JSON, XML = "application/json", "application/xml"
HEAD = (
    b'{"id": "evt_1", "type": "review.completed", '
    b'"created_at": "2026-11-23T12:00:00.000Z", "workspace": "acme", "data": '
)
ENTITY_BOMB = (
    "<!DOCTYPE l ["
    + "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(10))
    + '<!ENTITY e0 "aaaaaaaaaa">]><l>&e10;</l>'
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


# The envelope


@pytest.mark.parametrize(
    "payload",
    [
        b'{"pull_request": 7}',
        b'{"z":1,"a":2,"z":3}',
        b"[1.10, 1e2, -0, -0.0, 12345678901234567890.123456789, 1E400, 0.1e-7]",
        b'"\\u00e9\\ud83d\\ude00\\/ \\ud800"',
        '"é😀/"'.encode(),
        b"null",
        b"{ }",
        b'{\n  "a" : [ ]\r\n}',
    ],
)
def test_the_payload_is_in_the_envelope_byte_for_byte(payload: bytes) -> None:
    assert envelope(an_event(payload=payload), "acme") == HEAD + payload + b"}"


@given(json_values)
@settings(max_examples=50, deadline=None)
def test_the_envelope_is_json_whatever_happened(value: object) -> None:
    payload = json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass")

    body = envelope(an_event(payload=payload), 'wörk"space')

    assert json.loads(body.decode(errors="surrogatepass")) == {
        "id": "evt_1",
        "type": "review.completed",
        "created_at": "2026-11-23T12:00:00.000Z",
        "workspace": 'wörk"space',
        "data": value,
    }


@pytest.mark.parametrize(
    ("when", "text"),
    [
        (datetime(2026, 11, 23, 14, 3, 7, 123999, UTC), "2026-11-23T14:03:07.123Z"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00.000Z"),
        (
            datetime(2026, 1, 2, 1, tzinfo=timezone(timedelta(hours=2))),
            "2026-01-01T23:00:00.000Z",
        ),
    ],
)
def test_a_time_is_written_in_utc_with_milliseconds(when: datetime, text: str) -> None:
    assert stamp(when) == text


@pytest.mark.parametrize("content_type", [JSON, XML, "text/plain", "x/y; a=b"])
def test_without_a_template_the_body_is_the_envelope(content_type: str) -> None:
    event = an_event()

    assert default_body(content_type, event, "acme") == envelope(event, "acme")


@pytest.mark.parametrize("content_type", [FORM, f"{FORM.upper()} ; charset=utf-8"])
def test_a_form_carries_the_envelope_in_one_field(content_type: str) -> None:
    event = an_event(payload='{"a": "1 & 2=é+%"}'.encode())

    body = default_body(content_type, event, "acme")

    assert body.startswith(b"payload=%7B%22id%22%3A+%22evt_1%22%2C+")
    assert parse_qs(body.decode("ascii")) == {
        "payload": [envelope(event, "acme").decode()]
    }
    assert check_body(content_type, body) is None


@pytest.mark.parametrize(
    ("content_type", "media"),
    [(JSON, JSON), (" Text/PLAIN ; charset=UTF-8", "text/plain"), ("", "")],
)
def test_a_media_type_is_a_content_type_without_parameters(
    content_type: str, media: str
) -> None:
    assert media_type(content_type) == media


# Payloads


@pytest.mark.parametrize(
    "text", ["{}", "[]", "1", "null", ' {"a": [1]} \n', '"\\ud800"']
)
def test_any_json_is_a_payload(text: str) -> None:
    assert parse_payload(text) == parse_payload(text.encode()) == json.loads(text)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("", "The data is not JSON: Expecting value at line 1, column 1."),
        ("{'a': 1}", "The data is not JSON: Expecting property name enclosed in double "
            "quotes at line 1, column 2."),
        ('{\n "a": 01}', "The data is not JSON: Expecting ',' delimiter at line 2, "
            "column 8."),
        ("{} {}", "The data is not JSON: Extra data at line 1, column 4."),
        ("NaN", "The data is not JSON: NaN is JavaScript."),
        ("[-Infinity]", "The data is not JSON: -Infinity is JavaScript."),
        (b"\xef\xbb\xbf{}", "The data is not JSON: it begins with a byte order mark."),
        ("\ufeff{}", "The data is not JSON: it begins with a byte order mark."),
        (b'"\xff"', "The data is not UTF-8: byte 2 cannot be read."),
        ('"\ud800"', "The data is not UTF-8: byte 2 cannot be read."),
        ("{}".encode("utf-16"), "The data is not UTF-8: byte 1 cannot be read."),
        ("{}".encode("utf-16-le"), "The data is not JSON: Expecting property name "
            "enclosed in double quotes at line 1, column 2."),
        ("1" * 5000, "The data is not readable: it has too long a number."),
        ("[" * 101 + "]" * 101, "The data is nested deeper than 100 levels."),
        ('{"a":' * 101 + "1" + "}" * 101, "The data is nested deeper than 100 levels."),
        ("[" * 100_000, "The data is nested deeper than 100 levels."),
    ],
)  # fmt: skip
def test_what_is_no_payload_is_refused_in_words(data: str | bytes, words: str) -> None:
    with pytest.raises(InvalidPayload) as refusal:
        parse_payload(data)

    assert str(refusal.value) == words


def test_a_payload_may_be_wide_and_as_deep_as_the_limit() -> None:
    parse_payload("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    parse_payload("[" + ",".join(["[]"] * 1000) + "]")


def test_a_payload_is_measured_in_bytes() -> None:
    parse_payload('"' + "a" * (MAX_PAYLOAD - 2) + '"')

    with pytest.raises(InvalidPayload) as refusal:
        parse_payload('"' + "é" * (MAX_PAYLOAD // 2) + '"')

    assert str(refusal.value) == (
        "The data has 262,146 bytes; an event carries up to 262,144. "
        "Send a reference to large data instead of the data."
    )


@given(st.one_of(st.text(max_size=20), st.binary(max_size=20)))
@settings(max_examples=100)
def test_any_data_is_a_payload_or_a_sentence(data: str | bytes) -> None:
    try:
        parse_payload(data)
    except InvalidPayload:
        return

    raw = data if isinstance(data, bytes) else data.encode()
    assert check_body(JSON, envelope(an_event(payload=raw), "acme")) is None


def test_a_template_sees_plain_json_and_nothing_else() -> None:
    event = an_event(payload=b'{"a": [1, null]}')

    assert template_context(event, "acme", "CI", "dlv_1") == {
        "event": {
            "id": "evt_1",
            "type": "review.completed",
            "created_at": "2026-11-23T12:00:00.000Z",
        },
        "data": {"a": [1, None]},
        "workspace": "acme",
        "webhook": {"name": "CI"},
        "delivery": {"id": "dlv_1"},
    }


# Is the body what the content type says?


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (JSON, b'{"a": 1}'),
        (f"{JSON}; charset=utf-8", b"null"),
        ("application/vnd.acme+json", b"[]"),
        (XML, b"<a/>"),
        (XML, '<?xml version="1.0" encoding="utf-8"?>\n<a>é</a>'.encode()),
        (XML, b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><a/>'),
        (XML, b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'),
        ("text/xml", b"<a></a>"),
        ("application/soap+xml", b"<a></a>"),
        (FORM, b"a=1&b=%C3%A9"),
        (FORM, b""),
        ("text/plain", b"\xff\x00"),
        ("image/png", b"no picture"),
    ],
)
def test_a_body_may_be_what_its_content_type_says(
    content_type: str, body: bytes
) -> None:
    assert check_body(content_type, body) is None


@pytest.mark.parametrize(
    ("content_type", "body", "finding"),
    [
        (JSON, b"", Finding("not JSON: Expecting value")),
        (JSON, b'{\n  "a": 1\n  "b": 2}', Finding(
            "not JSON: Expecting ',' delimiter", 3, 3)),
        (JSON, b'{"a": True}', Finding("not JSON: Expecting value", 1, 7)),
        (JSON, b"[Infinity]", Finding("not JSON: Infinity is JavaScript")),
        (JSON, b'"\xff"', Finding("not UTF-8: byte 2 cannot be read")),
        (JSON, b"[" * 10**5, Finding("nested deeper than 100 levels")),
        (JSON, b"1" * 5000, Finding("not readable: it has too long a number")),
        ("a/b+json", b"x", Finding("not JSON: Expecting value")),
        (XML, b"", Finding("not XML: no element found")),
        (XML, b"{}", Finding("not XML: not well-formed (invalid token)")),
        (XML, b"<a>\n <b></a>", Finding("not XML: mismatched tag", 2, 7)),
        (XML, b"<a>&b;</a>", Finding("not XML: undefined entity", 1, 4)),
        (XML, b"<a/><b/>", Finding("not XML: junk after document element", 1, 5)),
        (XML, b'<?xml version="1.0" encoding="klingon"?><a/>', Finding(
            "not XML: the encoding it declares is not UTF-8")),
        (XML, b'<?xml version="1.0" encoding="shift_jis"?><a/>', Finding(
            "not XML: the encoding it declares is not UTF-8")),
        (FORM, b'{"a": 1}', Finding("not a form: write name=value pairs joined by &")),
        (FORM, b"a=1&b", Finding("not a form: write name=value pairs joined by &")),
        (FORM, "a=é".encode(), Finding("not URL-encoded: byte 3 is not ASCII")),
    ],
)  # fmt: skip
def test_a_body_that_is_something_else_is_found_with_its_place(
    content_type: str, body: bytes, finding: Finding
) -> None:
    assert check_body(content_type, body) == finding


def test_an_entity_bomb_is_refused_and_does_not_go_off() -> None:
    finding = check_body(XML, ENTITY_BOMB.encode())

    assert finding is not None
    assert "amplification" in finding.words


@given(st.sampled_from([JSON, XML, FORM]), st.binary(max_size=30))
@settings(max_examples=100)
def test_no_body_breaks_the_check(content_type: str, body: bytes) -> None:
    finding = check_body(content_type, body)

    assert finding is None or (finding.line >= 1 and finding.column >= 1)
