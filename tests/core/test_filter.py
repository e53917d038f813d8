from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidFilter
from core.filter import ALIASES, KEYS, parse_filter, term, terms
from core.history import DeliveryFilter, StatusRange
from core.model import DeliveryState
from core.outcome import FailureKind
from tests.builders import DAY, HOUR, MINUTE, NOON

WEBHOOKS = {
    "whk_1": "orders-erp",
    "whk_2": "orders-archive",
    "whk_3": "CI",
    "whk_4": "Slack ops",
}


def parsed(text: str) -> DeliveryFilter:
    return parse_filter(text, WEBHOOKS, NOON)


def problem(text: str) -> InvalidFilter:
    with pytest.raises(InvalidFilter) as caught:
        parsed(text)
    return caught.value


def test_an_empty_filter_wants_everything() -> None:
    assert parsed("  ") == DeliveryFilter()


def test_all_terms_together_make_one_filter() -> None:
    text = "webhook:orders-erp state:failed type:review.* status:5xx since:15m"

    assert parsed(text) == DeliveryFilter(
        webhook_id="whk_1",
        states=frozenset({DeliveryState.RETRYING, DeliveryState.EXHAUSTED}),
        event_type="review.*",
        status=StatusRange(500, 599),
        since=NOON - 15 * MINUTE,
    )


@pytest.mark.parametrize(
    ("text", "webhook"),
    [
        ("webhook:ci", "whk_3"),
        ("WEBHOOK:orders-a", "whk_2"),
        ("webhook:erp", "whk_1"),
        ('webhook:"slack ops"', "whk_4"),
        ("webhook:whk_deleted", "whk_deleted"),
    ],
)
def test_a_webhook_is_named_as_shortly_as_it_can_be(text: str, webhook: str) -> None:
    assert parsed(text) == DeliveryFilter(webhook_id=webhook)


def test_a_name_written_exactly_wins_over_one_in_other_letters() -> None:
    names = {"whk_1": "CI", "whk_2": "ci"}

    assert parse_filter("webhook:ci", names, NOON) == DeliveryFilter(webhook_id="whk_2")


def test_states_are_joined_by_commas() -> None:
    assert parsed("state:held,Delivered").states == {
        DeliveryState.HELD,
        DeliveryState.DELIVERED,
    }


@pytest.mark.parametrize("alias", ALIASES)
def test_one_word_can_stand_for_several_states(alias: str) -> None:
    assert parsed(f"state:{alias}").states == ALIASES[alias]


def test_a_status_may_be_a_failure() -> None:
    assert parsed("status:timeout") == DeliveryFilter(failure=FailureKind.TIMEOUT)
    assert parsed("status:404") == DeliveryFilter(status=StatusRange(404, 404))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("90s", NOON - timedelta(seconds=90)),
        ("2H", NOON - 2 * HOUR),
        ("1w", NOON - 7 * DAY),
        ("03:00", NOON - 9 * HOUR),
        ("18:30:30z", datetime(2026, 11, 22, 18, 30, 30, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-11-20T10:00", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20t10:00+02:00", datetime(2026, 11, 20, 8, tzinfo=UTC)),
    ],
)
def test_a_time_is_an_age_a_clock_time_or_a_date(written: str, meant: datetime) -> None:
    assert parsed(f"since:{written}") == DeliveryFilter(since=meant)


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("failed", "failed", "'failed' has no key.", "Did you mean state:failed?"),
        ("5xx", "5xx", "'5xx' has no key.", "Did you mean status:5xx?"),
        ("15m", "15m", "'15m' has no key.", "Did you mean since:15m?"),
        (
            "review.*",
            "review.*",
            "'review.*' has no key.",
            "Did you mean type:review.*?",
        ),
        ("slack", "slack", "'slack' has no key.", "Did you mean webhook:slack?"),
        ("what?", "what?", "'what?' has no key.", "Write key:value."),
        (
            "since:1h stat:failed",
            "stat:failed",
            "'stat' is not a key.",
            f"Did you mean state:? Keys are {', '.join(KEYS)}.",
        ),
        (
            "webhook:order",
            "webhook:order",
            "Several webhooks fit 'order'.",
            "Which one: orders-erp, orders-archive?",
        ),
        (
            "webhook:ordrs-erp",
            "webhook:ordrs-erp",
            "No webhook is called 'ordrs-erp'.",
            "Did you mean orders-erp or orders-archive?",
        ),
        (
            "state:held state:pending",
            "state:pending",
            "state is given twice.",
            "Only one of it can hold at a time.",
        ),
        (
            "since:1h until:2h",
            "until:2h",
            "The filter ends before it begins.",
            "Move since or until.",
        ),
        ("status:", "status:", "status: has no value.", KEYS["status"]),
        ("since:soon", "since:soon", "'soon' is not a time.", KEYS["since"]),
        ("since:999999w", "since:999999w", "'999999w' is not a time.", KEYS["since"]),
        ("state:lost", "state:lost", "'lost' is not a state.", KEYS["state"]),
        ("event:7", "event:7", "'7' is not an event's id.", KEYS["event"]),
    ],
)
def test_a_term_that_cannot_be_used_is_named_with_its_place(
    text: str, place: str, message: str, hint: str
) -> None:
    found = problem(text)

    assert (text[found.start : found.end], found.message) == (place, message)
    assert found.hint == hint


@given(st.text())
def test_any_text_is_a_filter_or_a_sentence_with_a_place_in_it(text: str) -> None:
    place = (0, 1)
    try:
        parsed(text)
    except InvalidFilter as found:
        place = (found.start, found.end)

    assert 0 <= place[0] < place[1] <= max(1, len(text))


@given(st.text(st.characters(exclude_characters='"', exclude_categories=["C", "Z"])))
def test_a_term_that_is_written_is_read_back(name: str) -> None:
    value = f"{name} {name}x"

    [read] = terms(term("webhook", value))

    assert read.value == value
