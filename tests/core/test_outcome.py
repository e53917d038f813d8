"""What an outcome says of itself, and how long a receiver asks us to wait."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.outcome import Failure, FailureKind, Phases, Response, retry_after
from tests.builders import DAY, MINUTE, NOON, SECOND

NEXT_MINUTE = "Mon, 23 Nov 2026 12:01:00"


def answer(value: str, status: int = 503) -> Response:
    return Response(status, headers=(("Retry-After", value),))


@pytest.mark.parametrize(
    ("status", "is_success"),
    [
        *((100, False), (199, False), (200, True), (204, True), (299, True)),
        *((300, False), (302, False), (304, False), (404, False), (500, False)),
    ],
)
def test_a_response_is_a_success_from_200_to_299(status: int, is_success: bool) -> None:
    assert Response(status).is_success is is_success


@pytest.mark.parametrize("kind", FailureKind)
def test_a_failure_is_none(kind: FailureKind) -> None:
    assert not Failure(kind, "no").is_success


def test_a_header_is_found_in_any_case_and_the_first_one_counts() -> None:
    response = Response(200, headers=(("X-A", "1"), ("x-a", "2"), ("X-B", "")))

    assert [response.header(name) for name in ("x-A", "X-b", "X-C")] == ["1", "", None]


def test_the_phases_add_up() -> None:
    phases = Phases(dns=0.1, connect=0.2, send=0.3, wait=0.5)

    assert phases.total == pytest.approx(1.1)
    assert Phases().total == 0


# Retry-After


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("0", timedelta(0)),
        ("5", 5 * SECOND),
        (" 120 ", 2 * MINUTE),
        ("0005", 5 * SECOND),
        ("1000000000000", timedelta(seconds=10**9)),
        ("9" * 5000, timedelta(seconds=10**9)),
        (f"{NEXT_MINUTE} GMT", MINUTE),
        (f"{NEXT_MINUTE} +0000", MINUTE),
        (f"{NEXT_MINUTE} +0001", timedelta(0)),
        (f"{NEXT_MINUTE} -0000", MINUTE),
        (NEXT_MINUTE, MINUTE),
        ("Monday, 23-Nov-26 12:01:00 GMT", MINUTE),
        ("Mon Nov 23 12:01:00 2026", MINUTE),
        ("Wed, 21 Oct 2015 07:28:00 GMT", timedelta(0)),
        ("Mon, 01 Jan 0001 00:00:00 +2359", timedelta(0)),
        (
            "Fri, 31 Dec 9999 23:59:59 GMT",
            datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - NOON,
        ),
        (
            "Fri, 31 Dec 9999 23:59:59 -2359",
            datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - NOON + DAY - MINUTE,
        ),
    ],
)
def test_seconds_and_dates_say_how_long_to_wait(value: str, wait: timedelta) -> None:
    assert retry_after(answer(value), NOON) == wait


@pytest.mark.parametrize(
    "value",
    [
        *("", " ", "-1", "+5", "5.0", "1e12", "1e9", "NaN", "Infinity", "soon", "٥"),
        *("5, 6", "5s", "0x10", "12:00", "2026-11-23T12:01:00Z"),
        *("Fri, 99 Jan 2026 99:10:00 GMT", "Mon, 23 Nov 99999 12:00:00 GMT"),
        *(f"{NEXT_MINUTE} +9999", "Mon, 23 Nov 2026", ",", "Mon,", "\x00", "\ud800"),
    ],
)
def test_whatever_else_is_said_counts_as_nothing(value: str) -> None:
    assert retry_after(answer(value), NOON) is None


def test_a_receiver_that_says_nothing_asks_for_nothing() -> None:
    assert retry_after(Response(503), NOON) is None
    assert retry_after(Failure(FailureKind.TIMEOUT, "no answer"), NOON) is None


@pytest.mark.parametrize("status", [200, 204])
def test_after_a_success_nothing_is_waited_for(status: int) -> None:
    assert retry_after(answer("5", status), NOON) is None


@pytest.mark.parametrize("status", [301, 404, 429, 500, 503])
def test_every_failing_status_may_ask_for_a_wait(status: int) -> None:
    assert retry_after(answer("5", status), NOON) == 5 * SECOND


numbers = st.integers(-99, 99999).map(str)
dates = st.builds(
    "{}{} {} {} {}:{}:{} {}".format,
    st.sampled_from(["", "Mon, ", "Monday, "]),
    numbers,
    st.sampled_from(["Jan", "Feb", "Nov", "Foo"]),
    *(numbers,) * 4,
    st.sampled_from(["GMT", "UTC", "EST", "Z", "+0000", "-2399", "+99999", "", "?"]),
)


@given(
    st.one_of(dates, st.text(max_size=30), st.text("0123456789 ,:+-MonGT", max_size=30))
)
@settings(max_examples=100, deadline=None)
def test_no_header_breaks_the_reading(value: str) -> None:
    wait = retry_after(answer(value), NOON)

    assert wait is None or wait >= timedelta(0)
