"""Which headers a webhook may have: nothing that splits, smuggles or forges."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidHeader
from core.headers import (
    MAX_HEADERS,
    MAX_VALUE,
    Header,
    check_header,
    check_headers,
    parse_header,
)
from core.secret import Secret


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Team", "platform"),
        ("authorization", "Bearer abc.def=="),
        ("X_1", "a b\tc"),
        ("!#$%&'*+.^_`|~", "~"),
        ("Accept", "application/json"),
        ("User-Agent", "ours/1.0"),
        ("X-Long", "x" * MAX_VALUE),
        ("Webhooks", "not reserved"),
    ],
)
def test_a_header_that_can_be_sent_is_returned(name: str, value: str) -> None:
    header = Header(name, value)

    assert check_header(header) is header


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "X Team",
        "X-Team ",
        "X:",
        "X\r\nY",
        "X\nY",
        "X\0",
        "Ümlaut",
        "X(1)",
        "@x",
    ],
)
def test_a_name_that_is_no_token_is_refused(name: str) -> None:
    with pytest.raises(InvalidHeader, match="is not a header name"):
        check_header(Header(name, "x"))


@pytest.mark.parametrize(
    "value",
    [
        *("", " ", " x", "x ", "\tx", "x\t", "x\n", "\nx"),
        *("a\r\nX-Injected: 1", "a\nb", "a\rb", "a\0b", "a\x1bb", "a\x7fb", "a\x85b"),
        *("a\u2028b", "ä", "日本", "\ud800", "a\xa0b"),
    ],
)
@pytest.mark.parametrize("kind", [str, Secret])
def test_a_value_that_cannot_go_on_the_wire_is_refused_and_not_repeated(
    value: str, kind: type[str] | type[Secret]
) -> None:
    with pytest.raises(InvalidHeader) as refusal:
        check_header(Header("X-Token", kind(value)))

    assert str(refusal.value) == (
        "The value of X-Token cannot be sent. "
        "Use printable ASCII, with no line break and no space at either end."
    )


def test_a_value_over_the_limit_is_refused() -> None:
    with pytest.raises(InvalidHeader, match="is over 8192 characters"):
        check_header(Header("X-Long", "x" * (MAX_VALUE + 1)))


@pytest.mark.parametrize(
    "name",
    [
        *("Accept-Encoding", "Connection", "Content-Length", "Content-Type", "Expect"),
        *("Host", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade"),
        *("Proxy-Authorization", "Proxy-Connection", "webhook-id", "webhook-timestamp"),
        *("webhook-signature", "X-ACR-Event", "X-ACR-Delivery", "X-ACR-Signature-256"),
    ],
)
@pytest.mark.parametrize("spell", [str, str.lower, str.upper])
def test_a_reserved_name_is_refused_with_the_reason(
    name: str, spell: type[str]
) -> None:
    with pytest.raises(InvalidHeader) as refusal:
        check_header(Header(spell(name), "x"))

    assert refusal.value.message == f"{spell(name)} cannot be set here."
    assert refusal.value.hint.endswith(".")


@given(st.text(max_size=20), st.text(max_size=30))
@settings(max_examples=100)
def test_what_is_accepted_is_one_line_of_ascii(name: str, value: str) -> None:
    try:
        header = check_header(Header(name, value))
    except InvalidHeader:
        return

    line = f"{header.name}: {header.sent}"
    assert line.isascii()
    assert line.replace("\t", " ").isprintable()
    assert ":" not in header.name
    assert header.sent.strip() == header.sent != ""


def test_a_name_comes_once_in_whatever_case() -> None:
    headers = (Header("X-Team", "a"), Header("X-Other", "b"), Header("x-team", "a"))

    with pytest.raises(InvalidHeader, match="x-team is set twice"):
        check_headers(headers)


def test_there_is_a_number_of_headers() -> None:
    headers = tuple(Header(f"X-{n}", "x") for n in range(MAX_HEADERS + 1))

    assert check_headers(headers[:-1]) == headers[:-1]
    with pytest.raises(InvalidHeader, match="at most 50 headers"):
        check_headers(headers)


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("X-Team: platform", Header("X-Team", "platform")),
        ("X-Team:platform", Header("X-Team", "platform")),
        ("  X-Team :  a: b  ", Header("X-Team", "a: b")),
    ],
)
def test_a_header_is_read_as_a_person_types_it(text: str, header: Header) -> None:
    assert parse_header(text) == header


def test_text_without_a_colon_is_no_header_and_is_not_repeated() -> None:
    with pytest.raises(InvalidHeader) as refusal:
        parse_header("a-token-pasted-by-mistake")

    assert str(refusal.value) == (
        "A header is written 'Name: value'. Example: 'X-Team: platform'"
    )


def test_a_typed_header_is_checked() -> None:
    with pytest.raises(InvalidHeader, match="Host cannot be set here"):
        parse_header("Host: evil.example")


def test_a_secret_value_is_sent_and_not_shown() -> None:
    header = Header("Authorization", Secret("Bearer nobody-sees-this"))

    assert header.is_secret
    assert (header.shown, header.sent) == ("••••his", "Bearer nobody-sees-this")


def test_an_open_value_is_shown_as_it_is_sent() -> None:
    header = Header("X-Team", "platform")

    assert not header.is_secret
    assert (header.shown, header.sent) == ("platform", "platform")
