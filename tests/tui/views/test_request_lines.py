"""Requests and answers as lines."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import Method
from core.outcome import Failure, FailureKind, Phases, Response, TlsFacts
from core.request import PreparedRequest, build_request
from tests.builders import (
    HEADER_KEY,
    NOON,
    SIGNING_KEY,
    a_response,
    a_signed_webhook,
    a_webhook,
    an_event,
)
from tui.views.lines import body_lines, line, plain
from tui.views.request import prepared_lines, sent_lines
from tui.views.response import duration_words, headline, outcome_lines, phase_lines


def prepared(**changes: object) -> PreparedRequest:
    return build_request(a_signed_webhook(**changes), an_event(), "dlv_1", "acme", NOON)


def test_a_prepared_request_is_shown_as_it_goes_out() -> None:
    request = prepared(template='{\n  "é": {{ data | tojson }}\n}')

    text = plain(prepared_lines(request))

    head, body = text.split("\n\n", 1)
    assert head.split("\n")[0] == "POST /hooks HTTP/1.1"
    assert [one.split(": ")[0] for one in head.split("\n")[1:]] == [
        header.name for header in request.headers
    ]
    assert body == request.body.decode()


def test_no_line_shows_a_secret() -> None:
    text = plain(prepared_lines(prepared()))

    assert "Authorization: ••••see" in text
    assert HEADER_KEY not in text
    assert SIGNING_KEY not in text


def test_the_signature_stands_out() -> None:
    (signature,) = (
        one for one in prepared_lines(prepared()) if "Signature" in plain([one])
    )

    assert signature[-1].tone == "accent"


def test_what_was_sent_looks_like_what_will_be_sent() -> None:
    request = prepared()

    sent = sent_lines(request.as_sent(), request.body)

    assert plain(sent) == plain(prepared_lines(request))


def test_a_body_that_is_not_the_one_sent_is_said_to_be_another() -> None:
    request = prepared()

    text = plain(sent_lines(request.as_sent(), request.body + b" "))

    assert "not the body that was sent" in text


def test_a_body_that_is_not_kept_is_named_by_its_digest() -> None:
    sent = prepared().as_sent()

    text = plain(sent_lines(sent, None))

    assert f"sha256 {sent.body_sha256}" in text


def test_json_is_coloured_and_never_formatted_anew() -> None:
    (one,) = body_lines(b'{"a":[1,  true,"b"]}', "application/json; charset=utf-8")

    assert one == line(
        ("{", "mark"),
        ('"a"', "name"),
        (":[", "mark"),
        ("1", "number"),
        (",", "mark"),
        "  ",
        ("true", "word"),
        (",", "mark"),
        ('"b"', "string"),
        ("]}", "mark"),
    )


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/xml", "application/x-www-form-urlencoded", "x"],
)
@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"])))
def test_colours_change_no_character(content_type: str, text: str) -> None:
    shown = plain(body_lines(text.encode(), content_type))

    assert shown == (text or "no body")


def test_bytes_that_are_not_text_become_a_hex_dump() -> None:
    text = plain(body_lines(bytes(range(32)), "application/json"))

    assert text.startswith("00000000  00 01 02 03")
    assert text.endswith("binary, 32 bytes")


def test_invisible_characters_are_made_visible_and_counted() -> None:
    text = plain(body_lines(b"a\x1b[2Jb\r\nc", "text/plain"))

    assert text.startswith("a␛[2Jb\nc\n")
    assert "1 control character shown as symbols" in text
    assert "1 line break is CRLF" in text


def test_an_answer_is_shown_whole_and_says_when_it_was_cut() -> None:
    answer = a_response(503, truncated=True, body=b"busy")

    assert plain(outcome_lines(answer)) == (
        "HTTP/1.1 503 Service Unavailable\n"
        "Content-Type: text/plain\n\nbusy\n"
        "… cut here: Hookline keeps the first 64.0 KiB of an answer"
    )


def test_a_failure_says_what_and_what_to_do() -> None:
    failure = Failure(FailureKind.DNS, "erp.acme.io has no address")

    text = plain(outcome_lines(failure))

    assert "no answer (dns)" in text
    assert "erp.acme.io has no address" in text
    assert "Check the host name" in text


def test_the_headline_is_one_line() -> None:
    answer = Response(200, phases=Phases(wait=0.112))

    assert plain([headline(answer)]) == "✔ 200 OK · 112 ms"


def test_each_bar_begins_where_the_one_above_ends() -> None:
    phases = Phases(dns=0.25, connect=0.25, wait=0.5)

    lines = plain(phase_lines(phases, 34)).split("\n")

    assert lines[:4] == [
        "dns       250 ms  ████",
        "connect   250 ms      ████",
        "wait      500 ms          ████████",
        "total     1.00 s",
    ]


@given(
    st.builds(
        Phases,
        *[st.none() | st.floats(0, 40) for _ in range(6)],
        reused=st.booleans(),
        peer=st.none() | st.just("192.0.2.1:443"),
    ),
    st.integers(0, 140),
)
def test_bars_stay_within_the_line(phases: Phases, width: int) -> None:
    bars = [one for one in phase_lines(phases, width) if one and "█" in plain([one])]

    assert all(len(plain([one])) <= max(width, 26) for one in bars)


def test_the_connection_is_described() -> None:
    facts = TlsFacts("TLSv1.3", "TLS_AES_128_GCM_SHA256", "CN=x", "R11", NOON)
    phases = Phases(wait=0.1, reused=True, peer="192.0.2.1:443", tls_facts=facts)

    text = plain(phase_lines(phases, 60))

    assert "192.0.2.1:443  an open connection was used again" in text
    assert "TLSv1.3  TLS_AES_128_GCM_SHA256" in text
    assert "until 2026-11-23 12:00 UTC" in text

    text = plain(phase_lines(replace(phases, tls_facts=TlsFacts("a", "b")), 60))
    assert "not verified" in text


def test_nothing_sent_is_said() -> None:
    assert plain(phase_lines(Phases(), 60)) == "nothing was sent"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0004, "0.4 ms"), (0.0412, "41 ms"), (0.9, "900 ms"), (1.2, "1.20 s")],
)
def test_durations_are_short(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words


def test_a_get_has_no_body() -> None:
    request = build_request(
        a_webhook(method=Method.GET), an_event(), "dlv_1", "acme", NOON
    )
    assert plain(prepared_lines(request)).endswith("\n\nno body")
