"""Every outcome has words, and every one but a success says what to do."""

import pytest

from core.explain import remedy, status_phrase, why
from core.outcome import Failure, FailureKind, Response


@pytest.mark.parametrize(
    ("status", "phrase"),
    [(200, "OK"), (503, "Service Unavailable"), (599, ""), (0, "")],
)
def test_a_status_has_its_registered_phrase(status: int, phrase: str) -> None:
    assert status_phrase(status) == phrase


def test_why_is_the_status_or_what_went_wrong() -> None:
    assert why(Response(503, reason="What the receiver says")) == (
        "503 Service Unavailable"
    )
    assert why(Response(599)) == "599"
    assert why(Failure(FailureKind.DNS, "no such host")) == "no such host"


@pytest.mark.parametrize("status", [200, 204, 299])
def test_after_a_success_there_is_nothing_to_do(status: int) -> None:
    assert remedy(Response(status)) == ""


@pytest.mark.parametrize(
    "outcome",
    [
        *(Response(status) for status in (100, 301, 400, 404, 418, 429, 500, 503, 599)),
        *(Failure(kind, "no") for kind in FailureKind),
    ],
)
def test_after_anything_else_there_is_one_thing_to_do(
    outcome: Response | Failure,
) -> None:
    assert remedy(outcome).endswith(".")


def test_a_redirect_names_where_it_pointed() -> None:
    moved = Response(302, headers=(("Location", "https://other.example/"),))

    assert remedy(moved) == (
        "Redirects are never followed: set the final URL. "
        "It pointed to https://other.example/."
    )
