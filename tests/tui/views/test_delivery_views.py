"""The history in cells, one delivery in facts and lines, and filters as typed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.audit import Change
from core.diagnosis import Diagnosis
from core.errors import InvalidFilter
from core.filter import parse_filter
from core.history import (
    DeliveryDetail,
    DeliveryRow,
    EventRow,
    LastAttempt,
    last_attempt,
)
from core.model import DeliveryState, Trigger
from core.outcome import Failure, FailureKind, Phases
from core.request import build_request
from tests.builders import (
    HEADER_KEY,
    MINUTE,
    NOON,
    SECOND,
    a_delivery,
    a_response,
    a_signed_webhook,
    an_attempt,
    an_audit_entry,
    an_event,
)
from tui.views.deliveries import COLUMNS, cells, following_words, peek_facts
from tui.views.delivery import (
    attempt_cells,
    attempt_words,
    diagnosis_facts,
    request_lines,
    response_lines,
    timing_lines,
    title,
)
from tui.views.events import audit_cells, audit_lines, event_cells, event_lines
from tui.views.facts import fact_lines
from tui.views.filter import (
    STATE_CHOICES,
    completed,
    spans,
    value_of,
    with_term,
)
from tui.views.lines import plain
from tui.widgets.columns import Cell
from tui.widgets.pages import Count
from tui.widgets.table import Freshness

BUSY = LastAttempt(
    2, NOON - MINUTE, timedelta(seconds=1.2), 503, None, "503 Service Unavailable"
)
RETRYING = DeliveryRow(
    a_delivery(state=DeliveryState.RETRYING, due_at=NOON + 41 * SECOND, attempts=2),
    "orders-erp",
    BUSY,
)
NAMES = ["orders-erp", "CI", "Slack ops"]
TYPES = ["review.completed", "review.failed", "member.added"]


def whole(cell: Cell) -> str:
    return cell.text + "".join(part.text for part in cell.more)


# The history.


def test_a_line_has_state_answer_and_next_attempt() -> None:
    line = cells(RETRYING, NOON)

    assert [whole(cell) for cell in line] == [
        "12:00:00.000",
        "↻ retrying",
        "orders-erp",
        "review.completed",
        "503",
        "1.20 s",
        "2",
        "12:00:41",
        "503 Service Unavailable",
    ]
    assert len(line) == len(COLUMNS)


def test_what_was_not_sent_has_dashes() -> None:
    row = DeliveryRow(a_delivery(state=DeliveryState.HELD, due_at=None), "CI")

    assert [whole(cell) for cell in cells(row, NOON)][4:] == [
        *["–"] * 4,
        "its webhook is inactive",
    ]


def test_the_end_of_a_lease_is_no_next_attempt() -> None:
    row = DeliveryRow(a_delivery(state=DeliveryState.SENDING), "CI")

    assert cells(row, NOON)[7].text == "–"


def test_a_test_is_marked() -> None:
    row = DeliveryRow(a_delivery(trigger=Trigger.TEST), "CI")

    assert whole(cells(row, NOON)[3]) == "review.completed test"


def test_the_peek_has_id_cause_and_remedy() -> None:
    assert plain(fact_lines(peek_facts(RETRYING, NOON), 200)) == (
        "↻ retrying  dlv_1  attempt 2, next in 41 s\n"
        "503 Service Unavailable\n"
        "The receiver is broken or overloaded: its own log says why."
    )


@pytest.mark.parametrize(
    ("freshness", "words"),
    [
        (Freshness(True, False, 0, Count(1234)), "1,234 match · ● following"),
        (Freshness(True, False, 0, None), "● following"),
        (
            Freshness(False, True, 38, Count(10_000, exact=False)),
            "≥ 10,000 match · ‖ frozen · +38 new · f follows",
        ),
        (Freshness(False, False, 0, Count(0)), "f follows"),
    ],
)
def test_the_note_says_whether_rows_appear(freshness: Freshness, words: str) -> None:
    assert following_words(freshness) == words


# One delivery.

WEBHOOK = a_signed_webhook()
SENT = build_request(WEBHOOK, an_event(), "dlv_1", "acme", NOON)
ATTEMPT = an_attempt(a_response(503), request=SENT.as_sent())
DETAIL = DeliveryDetail(a_delivery(), an_event(), "CI", WEBHOOK, (ATTEMPT,))


def test_the_title_is_the_way_of_the_event() -> None:
    assert title(DETAIL) == "review.completed → CI  dlv_1"


def test_a_diagnosis_is_labelled_and_its_empty_parts_are_left_out() -> None:
    found = Diagnosis("It failed.", works="DNS is fine.", do="Mend it.")

    assert plain(fact_lines(diagnosis_facts(DETAIL, found), 80)) == (
        "○ pending: It failed.\nWorks  DNS is fine.\nDo     Mend it."
    )


def test_an_attempt_has_a_line_and_a_place_among_the_others() -> None:
    later = replace(ATTEMPT, number=2, trigger=Trigger.MANUAL)
    detail = replace(DETAIL, attempts=(ATTEMPT, later))

    assert [whole(cell) for cell in attempt_cells(later, NOON)] == [
        "2",
        "12:00:00.000",
        "503",
        "120 ms",
        "hand",
    ]
    assert attempt_words(detail, later) == "◂ attempt 2 of 2 ▸"
    assert attempt_words(DETAIL, ATTEMPT) == "attempt 1 of 1"
    assert attempt_words(DETAIL, None) == ""


def test_a_body_is_shown_with_the_proof_that_it_was_sent() -> None:
    shown = plain(request_lines(DETAIL, ATTEMPT, SENT))

    assert SENT.body.decode() in shown
    assert "✔ built again" in shown
    assert "Authorization: ••••see" in shown
    assert HEADER_KEY not in shown


def test_a_body_of_another_revision_is_not_passed_off_as_the_one_sent() -> None:
    changed = replace(WEBHOOK, template="other", revision=4)
    now = build_request(changed, an_event(), "dlv_1", "acme", NOON)
    detail = replace(DETAIL, webhook=changed)

    shown = plain(request_lines(detail, ATTEMPT, now))

    assert "other" not in shown.replace("another", "")
    assert f"sha256 {ATTEMPT.request.body_sha256}" in shown  # type: ignore[union-attr]
    assert "Revision 1 of the webhook built it, and it is at 4 now" in shown


def test_a_deleted_webhook_leaves_the_digest() -> None:
    shown = plain(request_lines(replace(DETAIL, webhook=None), ATTEMPT, None))

    assert "Its webhook is deleted" in shown


def test_before_the_first_attempt_the_request_is_a_preview() -> None:
    shown = plain(request_lines(replace(DETAIL, attempts=()), None, SENT))

    assert shown.startswith("Nothing was sent yet; now it would be:\n\nPOST /hooks")


def test_a_template_that_broke_sent_nothing() -> None:
    broken = replace(ATTEMPT, request=None)

    assert plain(request_lines(DETAIL, broken, None)) == (
        "No request was built, so nothing was sent."
    )


def test_without_an_attempt_there_is_no_answer_and_no_timing() -> None:
    assert plain(response_lines(None)) == "No attempt was made yet."
    assert plain(timing_lines(None, 40)) == "No attempt was made yet."


def test_the_timing_says_where_a_failure_ended() -> None:
    cut = Failure(FailureKind.TLS, "reset", Phases(dns=0.1, connect=0.1, tls=1.0))
    attempt = an_attempt(cut)

    assert "It ended in the last part shown." in plain(timing_lines(attempt, 40))
    assert last_attempt(attempt).failure is FailureKind.TLS


# Events and audit.


def test_an_event_is_shown_as_it_was_given() -> None:
    row = EventRow(an_event(payload=b'{"a":\n1}', idempotency_key="k7"), 3)

    assert [whole(cell) for cell in event_cells(row, NOON)] == [
        "12:00:00.000",
        "review.completed",
        "3",
        "8 B",
        "evt_1",
        '{"a":\n1}',
    ]
    assert plain(event_lines(row, NOON)) == (
        "review.completed  evt_1  12:00:00.000 UTC  8 B\n"
        'idempotency key k7\n\n{"a":\n1}'
    )


def test_a_change_is_told_field_by_field() -> None:
    entry = an_audit_entry(
        action="webhook.edited",
        changes=(
            Change("name", "CI", "CI 2"),
            Change("secret", "changed", "changed"),
            Change("url", None, "https://a"),
            Change("template", "x", None),
        ),
    )

    cells = audit_cells(entry, NOON, {"whk_ci": "CI 2"})

    assert [cell.text for cell in cells[2:4]] == ["webhook edited", "CI 2"]
    assert audit_cells(entry, NOON, {})[3].text == "whk_ci"
    assert plain(audit_lines(entry)).split("\n") == [
        "ada webhook.edited whk_ci  2026-11-23 12:00:00 UTC  aud_1",
        "  name: CI → CI 2",
        "  secret changed",
        "  url = https://a",
        "  template was x",
    ]


# Filters.


@pytest.mark.parametrize(
    ("typed", "whole_text"),
    [
        ("st", "state:"),
        ("state:ex", "state:exhausted"),
        ("state:held,re", "state:held,retrying"),
        ("webhook:or", "webhook:orders-erp"),
        ("since:1h webhook:c", "since:1h webhook:cI"),
        ("type:rev", "type:review.completed"),
        ("type:member.*", "type:member.*"),
        ("status:5", "status:5xx"),
        ("status:ti", "status:timeout"),
        ("nothing", None),
        ("state:", None),
        ("what:x", None),
        ("", None),
    ],
)
def test_a_word_is_completed_as_far_as_it_is_known(
    typed: str, whole_text: str | None
) -> None:
    assert completed(typed, NAMES, TYPES) == whole_text


def test_a_name_with_a_space_is_completed_within_its_quotes() -> None:
    assert completed("webhook:sl", NAMES, TYPES) is None
    assert completed('webhook:"slack o', NAMES, TYPES) == 'webhook:"slack ops"'


def test_keys_stand_out_and_so_does_the_problem() -> None:
    text = "state:failed wat:1"
    problem = InvalidFilter("No.", start=13, end=18)

    assert list(spans(text, problem)) == [(0, 6, "key"), (13, 18, "problem")]


@pytest.mark.parametrize("choice", STATE_CHOICES)
def test_every_quick_choice_is_a_filter_and_replaces_the_other(choice: str) -> None:
    text = with_term('webhook:"Slack ops" state:held since:1h', "state", choice)

    assert value_of(text, "state") == choice
    assert text.startswith('webhook:"Slack ops" since:1h')
    parse_filter(text, {"whk_1": "Slack ops"}, NOON)
