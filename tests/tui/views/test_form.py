"""What the editor says, and how it reads what was typed."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.body import check_body
from core.catalogue import default_catalogue
from core.draft import WebhookDraft, draft_of
from core.errors import Invalid, InvalidTemplate
from core.headers import Header
from core.request import build_request
from core.retry import MAX_WAIT, STANDARD_SCHEDULE
from core.secret import Secret
from core.signing import ACRITY, STANDARD
from tests.builders import (
    NOON,
    a_secret_header,
    a_signed_webhook,
    a_webhook,
    an_event,
)
from tui.screens.editor.form import form_for
from tui.screens.editor.manners import Manners
from tui.views.form import (
    PARTS,
    Words,
    changed_fields,
    completion,
    count_by_part,
    dropping_words,
    events_words,
    looks_secret,
    parse_number,
    parse_schedule,
    part_of,
    problem_words,
    rebased,
    schedule_text,
    schedule_words,
    signing_words,
    url_words,
)
from tui.views.starters import STARTERS
from tui.widgets.event_picker import patterns_of, without_covered

NAMES = [one.name for one in default_catalogue()]


@pytest.mark.parametrize(
    ("url", "tone", "part"),
    [
        ("https://ci.example.com/x", "ok", "TLS to ci.example.com, port 443"),
        ("http://ci.example.com:8080/", "warn", "Not encrypted"),
        ("ci.example.com", "bad", "must start with https://"),
    ],
)
def test_a_url_says_how_it_travels(url: str, tone: str, part: str) -> None:
    words = url_words(url)

    assert words.tone == tone
    assert part in words.text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("*", Words("✔ all 19 event types, and those to come", "ok")),
        (
            "member.*",
            Words(
                "✔ 3 of 19 event types: member.added, member.removed, "
                "member.role_changed",
                "ok",
            ),
        ),
        (
            "conector.offline",
            Words(
                "▲ conector.offline matches no event type. Did you mean "
                "connector.offline?",
                "warn",
            ),
        ),
        (
            "reviw.*, fin",
            Words(
                "▲ reviw.*, fin match no event type. Did you mean review.* and "
                "finding.created?",
                "warn",
            ),
        ),
    ],
)
def test_patterns_say_what_they_match(text: str, words: Words) -> None:
    assert events_words(text, NAMES) == words


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("rev", "review.*"),
        ("review.c", "review.completed"),
        ("member.*, fin", "member.*, finding.*"),
        ("review.*, ", None),
        ("nothing", None),
        ("", None),
    ],
)
def test_the_last_pattern_is_completed(typed: str, completed: str | None) -> None:
    assert completion(typed, NAMES) == completed


def test_a_schedule_is_typed_as_it_is_shown() -> None:
    assert schedule_text(STANDARD_SCHEDULE) == "0 5s 5m 30m 2h 5h 10h 14h 20h 1d"


@given(st.lists(st.integers(0, MAX_WAIT), max_size=50))
def test_any_schedule_can_be_typed(waits: list[int]) -> None:
    assert parse_schedule(schedule_text(waits)) == tuple(waits)


@pytest.mark.parametrize("text", ["5x", "-5s", "1.5h", "soon", "99999999s"])
def test_what_is_no_wait_is_named(text: str) -> None:
    with pytest.raises(Invalid, match="is not a wait") as caught:
        parse_schedule(f"0 {text} 5m")

    assert caught.value.field == "retry"


def test_a_schedule_says_when_its_attempts_would_be() -> None:
    words = schedule_words(STANDARD_SCHEDULE, NOON)

    assert words.text == (
        "10 attempts; while all fail: at once, 12:00:05, 12:05, 12:35, …, "
        "Thu 26 Nov 15:35 UTC"
    )
    assert schedule_words((60,), NOON).text == "1 attempt; while all fail: 12:01 UTC"


@pytest.mark.parametrize("text", ["", "abc", "nan", "inf", "1e999"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_number(text, "timeout")

    assert caught.value.field == "timeout"


def test_a_number_may_have_a_comma() -> None:
    assert parse_number(" 2,5 ", "timeout") == 2.5


def test_every_field_that_can_be_wrong_has_its_part() -> None:
    assert part_of("retry").name == "delivery"
    assert part_of("style").name == "signing"
    assert [part.title for part in PARTS] == [
        "Request",
        "Headers",
        "Signing",
        "Body",
        "Delivery",
    ]


def test_problems_are_counted_by_part() -> None:
    problems = {name: Invalid("x") for name in ("name", "url", "template")}

    assert count_by_part(problems) == {"request": 2, "body": 1}


def test_a_template_error_names_its_line() -> None:
    words = problem_words(InvalidTemplate("Unexpected end.", line=4))

    assert words == Words("✖ line 4: Unexpected end.", "bad")


def test_the_style_says_what_it_sends() -> None:
    assert "X-ACR-Signature-256: sha256=" in signing_words(ACRITY).text
    assert "id.time.body" in signing_words(STANDARD).text


@pytest.mark.parametrize(
    ("name", "secret"),
    [("Authorization", True), ("X-Api-Key", True), ("X-Team", False), ("", False)],
)
def test_names_promise_secrets(name: str, secret: bool) -> None:
    assert looks_secret(name) is secret


def test_dropping_says_why() -> None:
    before = a_signed_webhook()
    moved = replace(draft_of(before), url="https://other.example.com/")
    unsafe = replace(draft_of(before), ignore_ssl=True)

    assert "somewhere else" in dropping_words(["Authorization"], before, moved)
    assert "not be checked" in dropping_words(["Authorization"], before, unsafe)


def test_a_draft_on_top_of_another_revision_keeps_its_own_and_takes_their_secrets() -> (
    None
):
    old = a_signed_webhook()
    typed = Header("X-Token", Secret("typed here"))
    theirs = a_secret_header(value="rotated by them")
    draft = replace(draft_of(old), headers=(*old.headers, typed))

    moved = rebased(draft, old, replace(old, headers=(theirs,), revision=2))

    assert moved.headers == (Header("X-Team", "platform"), theirs, typed)


def test_the_changed_fields_are_named() -> None:
    before = WebhookDraft()

    assert changed_fields(before, replace(before, url="x", name="y")) == ("name", "url")


# Starters.


@pytest.mark.parametrize("starter", STARTERS, ids=lambda one: one.name)
def test_a_starter_renders_every_sample_as_what_it_claims(starter: object) -> None:
    template, content_type = starter.template, starter.content_type  # type: ignore[attr-defined]
    webhook = a_webhook(template=template or None, content_type=content_type)
    for kind in default_catalogue():
        event = an_event(type=kind.name, payload=kind.sample.encode())

        request = build_request(webhook, event, "dlv_1", "acme", NOON)

        assert check_body(content_type, request.body) is None, request.body


def test_the_envelope_starter_is_the_envelope() -> None:
    envelope = next(one for one in STARTERS if one.name == "Envelope")
    bodies = [
        build_request(a_webhook(template=t), an_event(), "dlv_1", "acme", NOON).body
        for t in (None, envelope.template)
    ]

    assert json.loads(bodies[0]) == json.loads(bodies[1])


# Choosing events.


def test_the_list_of_events_has_families_before_their_members() -> None:
    names = [pattern.name for pattern in patterns_of(default_catalogue(), ["own.*"])]

    assert names[:4] == ["*", "review.*", "review.started", "review.completed"]
    assert names[-1] == "own.*"


def test_what_another_pattern_covers_is_left_out() -> None:
    assert without_covered(["review.*", "review.started", "member.added"]) == (
        "review.*",
        "member.added",
    )
    assert without_covered(["*", "review.*", "member.added"]) == ("*",)


# The form and its manners.


def test_a_form_knows_whether_something_would_be_lost() -> None:
    form = form_for(a_signed_webhook(), None)

    assert not form.is_changed
    assert not form.edited({"name": "CI"}, {}).is_changed
    assert form.edited({"name": "CI 2"}, {}).is_changed
    assert form.edited({}, {"timeout": Invalid("x")}).is_changed
    assert not form.edited({}, {"timeout": None}).is_changed


def test_a_duplicate_is_unsaved_from_the_start() -> None:
    assert form_for(None, WebhookDraft(name="copy")).is_changed


def test_problems_come_in_the_order_of_the_form() -> None:
    wrong = Invalid("not a number", field="timeout")
    form = form_for(a_webhook(), None).edited({"url": ""}, {"timeout": wrong})

    assert list(form.problems()) == ["url", "timeout"]


def test_an_unchanged_form_is_the_saved_webhook() -> None:
    saved = a_signed_webhook()

    assert form_for(saved, None).webhook("wsp_acme", NOON) == (saved, True)
    changed = form_for(saved, None).edited({"name": "other"}, {})
    webhook, is_saved = changed.webhook("wsp_acme", NOON)
    assert (webhook.name, is_saved) == ("other", False)


def test_a_field_is_silent_while_somebody_types_in_it() -> None:
    manners = Manners()

    manners.type({"url"})
    assert manners.may_say({"url"}) == set()
    manners.stop()
    assert manners.may_say({"url"}) == {"url"}


def test_good_news_may_come_while_somebody_types() -> None:
    manners = Manners()
    manners.stop("url")
    manners.said({"url"})

    manners.type({"url"})

    assert manners.may_say({"url"}) == set()
    assert manners.may_say(set()) == {"url"}


def test_nobody_is_told_of_fields_that_were_not_touched() -> None:
    manners = Manners()

    manners.said({"name", "url"})

    assert manners.wrong == set()
