"""The list of webhooks in cells, and one webhook in facts."""

from datetime import timedelta

import pytest

from core.headers import Header
from core.history import Bucket, LastAttempt, WebhookHealth, WebhookRow
from core.model import Webhook
from core.outcome import FailureKind
from tests.builders import (
    HEADER_KEY,
    MINUTE,
    NOON,
    SECOND,
    SIGNING_KEY,
    a_signed_webhook,
    a_webhook,
)
from tui.text import safe
from tui.views.facts import Fact, fact_lines, wrap_words
from tui.views.lines import plain
from tui.views.signs import moment, spark_cells
from tui.views.webhooks import (
    COLUMNS,
    ORDERS,
    Order,
    cells,
    delete_words,
    health_facts,
    peek_facts,
    set_up_facts,
    text_of,
)
from tui.widgets.columns import Cell

REFUSED = LastAttempt(
    number=3,
    at=NOON - 20 * SECOND,
    duration=timedelta(milliseconds=11),
    status=None,
    failure=FailureKind.CONNECT,
    why="10.0.0.7:80 refused the connection.",
)
TAKEN = LastAttempt(1, NOON - MINUTE, timedelta(seconds=0.1), 200, None, "200 OK")


def a_row(webhook: Webhook | None = None, **health: object) -> WebhookRow:
    return WebhookRow(webhook or a_webhook(), WebhookHealth(**health))  # type: ignore[arg-type]


FAILING = a_row(
    hour=(Bucket(9, 0), Bucket(4, 1), Bucket(0, 5)),
    last=REFUSED,
    waiting=1204,
    failing_since=NOON - 14 * MINUTE,
)


def whole(cell: Cell) -> str:
    return cell.text + "".join(part.text for part in cell.more)


def text(facts: list[Fact]) -> str:
    return plain(fact_lines(facts, 60))


def test_a_failing_webhook_has_its_state_rate_and_queue_in_its_line() -> None:
    line = cells(FAILING)

    assert [whole(cell) for cell in line] == [
        "✖ failing",
        "CI",
        "POST",
        "ci.example.com",
        "*",
        "█▅▅",
        "68 %",
        "connect",
        "1,204",
    ]
    assert len(line) == len(COLUMNS)


@pytest.mark.parametrize(
    ("row", "sign"),
    [
        (a_row(), "● active"),
        (a_row(a_webhook(active=False)), "‖ inactive"),
        (a_row(a_webhook(active=False, disabled_reason="410 Gone")), "⊘ disabled"),
        (FAILING, "✖ failing"),
        (a_row(a_webhook(active=False), failing_since=NOON), "‖ inactive"),
    ],
)
def test_a_state_is_a_glyph_and_a_word(row: WebhookRow, sign: str) -> None:
    assert cells(row)[0].text == sign


def test_unverified_tls_stands_loudly_before_the_host() -> None:
    host = cells(a_row(a_webhook(ignore_ssl=True)))[3]

    assert whole(host) == "TLS OFF ci.example.com"
    assert host.tone == "bad"


def test_held_deliveries_come_before_waiting_ones() -> None:
    assert cells(a_row(held=12, waiting=3))[-1] == Cell("‖ 12", "warn")


def test_a_bar_is_as_high_as_it_was_busy_and_toned_by_how_it_went() -> None:
    hour = (Bucket(), Bucket(80, 0), Bucket(1, 0), Bucket(30, 10), Bucket(1, 39))

    assert spark_cells(hour) == (
        Cell("·", "muted"),
        Cell("█", "ok"),
        Cell("▁", "ok"),
        Cell("▄", "warn"),
        Cell("▄", "bad"),
    )


def test_the_worst_come_first() -> None:
    half = a_row(
        a_webhook(name="half"), hour=(Bucket(1, 1),), failing_since=NOON - MINUTE
    )
    none = a_row(
        a_webhook(name="none"), hour=(Bucket(0, 9),), failing_since=NOON - MINUTE
    )
    fine, off = a_row(a_webhook(name="a")), a_row(a_webhook(name="b", active=False))
    order = ORDERS[0][2]

    ordered = sorted([off, fine, half, none], key=order)

    assert ordered == [none, half, fine, off]


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order[0])
def test_every_order_belongs_to_a_column_and_takes_any_row(order: Order) -> None:
    key, _, value, _ = order

    assert key in {column.key for column in COLUMNS}
    assert sorted([FAILING, a_row()], key=value)


def test_the_filter_searches_what_the_line_shows() -> None:
    row = a_row(a_webhook(ignore_ssl=True, events=("review.*",)))

    assert (
        text_of(row) == "active CI POST https://ci.example.com/hooks review.* TLS OFF"
    )


def test_the_panel_names_cause_and_remedy() -> None:
    assert text(health_facts(FAILING, NOON)) == (
        "✖ failing for 14 m\n"
        "Last   10.0.0.7:80 refused the connection.\n"
        "       20 s ago, in 0.01 s\n"
        "Do     Nothing listens there, or a firewall refuses: check\n"
        "       the port and whether the receiver runs.\n"
        "Hour   █▅▅\n"
        "       13 delivered  6 failed\n"
        "Queue  1,204 waiting to be sent"
    )


def test_a_webhook_without_history_says_so() -> None:
    assert text(health_facts(a_row(held=2), NOON)) == (
        "● active\n"
        "Last  nothing was sent yet\n"
        "Hour  no attempt in the last hour\n"
        "Held  2 kept until it is active: a"
    )


def test_why_it_was_switched_off_is_said() -> None:
    webhook = a_webhook(active=False, disabled_reason="410 Gone")

    assert "Why   410 Gone" in text(health_facts(a_row(webhook, last=TAKEN), NOON))


def test_the_set_up_is_told_without_a_secret() -> None:
    webhook = a_signed_webhook(
        template="{{ event.id }}\n", headers=(Header("X-Env", "prod"),)
    )

    told = text(set_up_facts(webhook, NOON))

    assert "POST https://ci.example.com/hooks" in told
    assert "Signing  acrity, 1 secret" in told
    assert "Body     a template of 2 lines, application/json" in told
    assert "Retries  10 attempts over 3 d 3 h, 15 s each, 16 at a time" in told
    assert SIGNING_KEY not in told
    assert HEADER_KEY not in text(set_up_facts(a_signed_webhook(), NOON))


@pytest.mark.parametrize(
    ("webhook", "words"),
    [
        (a_webhook(ignore_ssl=True), "▲ TLS OFF: whoever answers gets the events"),
        (a_webhook("http://ci.example.com"), "none: http sends events in the clear"),
        (a_webhook(), "verified"),
    ],
)
def test_tls_is_verified_off_or_absent(webhook: Webhook, words: str) -> None:
    assert words in text(set_up_facts(webhook, NOON))


def test_the_peek_has_three_lines() -> None:
    assert [
        plain([one])
        for fact in peek_facts(FAILING, NOON)
        for one in [fact_lines([fact], 200)[0]]
    ] == [
        "✖ failing for 14 m  https://ci.example.com/hooks",
        "10.0.0.7:80 refused the connection, 20 s ago",
        "Nothing listens there, or a firewall refuses: check the port and whether "
        "the receiver runs.",
    ]


def test_deleting_is_told_in_numbers() -> None:
    assert delete_words(a_row(waiting=20, held=2)) == (
        "No event goes to CI any more; 22 waiting for it are cancelled, and its "
        "history stays. This cannot be undone."
    )


def test_facts_stand_under_each_other() -> None:
    facts = [
        Fact("", "first", "ok"),
        Fact("Label", "words that do not fit into one line"),
        Fact(" ", "below"),
        Fact("L", "x\ny"),
    ]

    assert plain(fact_lines(facts, 20)).split("\n") == [
        "first",
        "Label  words that do",
        "       not fit into",
        "       one line",
        "       below",
        "L      x",
        "       y",
    ]


def test_a_word_that_is_too_long_is_broken_and_no_line_is_too_wide() -> None:
    assert wrap_words(safe("a abcdefgh 日本語"), 4) == [
        "a",
        "abcd",
        "efgh",
        "日本",
        "語",
    ]


def test_a_time_of_another_day_has_its_day() -> None:
    assert moment(NOON, NOON, milliseconds=True) == "12:00:00.000"
    assert moment(NOON - timedelta(days=1), NOON) == "22 Nov 12:00"
