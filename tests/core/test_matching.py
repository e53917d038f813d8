"""Which patterns there are, and which event types they want."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidPattern
from core.matching import (
    MAX_NAME,
    check_pattern,
    is_type_name,
    matches,
    matches_nothing,
    nearest,
    nearest_patterns,
    parse_patterns,
)

names = st.from_regex(r"[a-z0-9_]{1,6}(\.[a-z0-9_]{1,6}){0,3}", fullmatch=True)


@pytest.mark.parametrize(
    ("pattern", "event_type", "wanted"),
    [
        ("*", "review.completed", True),
        ("*", "ping", True),
        ("review.completed", "review.completed", True),
        ("review.completed", "review.completed.late", False),
        ("review.completed", "review", False),
        ("review.*", "review.completed", True),
        ("review.*", "review.completed.late", True),
        ("review.*", "review", False),
        ("review.*", "reviews.completed", False),
        ("review.*", "preview.completed", False),
        ("api_key.*", "api_key.rotated", True),
        ("api_key.*", "apixkey.rotated", False),
    ],
)
def test_a_pattern_wants_a_type_or_not(
    pattern: str, event_type: str, wanted: bool
) -> None:
    assert matches([pattern], event_type) is wanted


def test_one_of_several_patterns_is_enough() -> None:
    patterns = ("finding.created", "review.*")

    assert matches(patterns, "review.failed")
    assert not matches(patterns, "member.added")
    assert not matches((), "review.failed")


@given(names, names)
@settings(max_examples=30)
def test_a_family_is_every_name_below_it(prefix: str, rest: str) -> None:
    assert check_pattern(f"{prefix}.*") == f"{prefix}.*"
    assert matches([f"{prefix}.*"], f"{prefix}.{rest}")
    assert not matches([f"{prefix}.*"], prefix)


@given(names)
@settings(max_examples=30)
def test_a_name_matches_itself(name: str) -> None:
    assert is_type_name(name)
    assert matches([check_pattern(name)], name)


@pytest.mark.parametrize(
    "pattern",
    [
        *("", ".*", "**", "*.*", "*.completed", "review*", "review.", ".review"),
        *("review..done", "review.*.done", "Review.done", "review-done", "review.Ü"),
        *("review.completed\n", "a b", "a" * (MAX_NAME + 1), "٣"),
    ],
)
def test_what_is_no_pattern_is_refused_with_an_example(pattern: str) -> None:
    with pytest.raises(InvalidPattern) as refusal:
        check_pattern(pattern)

    assert str(refusal.value) == (
        f"{pattern!r} is not an event type or pattern. "
        "Write a type such as review.completed, a family such as review.*, or *."
    )


def test_a_name_has_a_length() -> None:
    assert is_type_name("a" * MAX_NAME)
    assert not is_type_name("a" * (MAX_NAME + 1))


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        ("*", ("*",)),
        ("review.*,finding.created", ("review.*", "finding.created")),
        (" finding.created ,, review.*\n", ("finding.created", "review.*")),
        ("a b a", ("a", "b")),
    ],
)
def test_patterns_are_read_in_order_each_once(
    text: str, patterns: tuple[str, ...]
) -> None:
    assert parse_patterns(text) == patterns


@pytest.mark.parametrize("text", ["", "  ", ", ,"])
def test_no_pattern_at_all_is_refused(text: str) -> None:
    with pytest.raises(InvalidPattern, match="No event is chosen"):
        parse_patterns(text)


def test_the_first_that_is_no_pattern_is_named() -> None:
    with pytest.raises(InvalidPattern, match="'B!' is not"):
        parse_patterns("a, B!, C!")


def test_patterns_that_the_catalogue_cannot_match_are_found() -> None:
    catalogue = iter(["review.completed", "finding.created"])

    unmatched = matches_nothing(["review.*", "member.*", "*", "finding"], catalogue)

    assert unmatched == ["member.*", "finding"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("review.complete", "review.completed"),
        ("reveiw.completed", "review.completed"),
        ("finding", "finding.created"),
    ],
)
def test_a_slip_finds_the_name_that_was_meant(typed: str, meant: str) -> None:
    known = ["review.started", "review.completed", "finding.created", "member.added"]

    assert nearest(typed, known)[0] == meant


def test_what_resembles_nothing_suggests_nothing() -> None:
    assert nearest("qqqq", ["review.completed"]) == []


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("reviw.*", ["review.*"]),
        ("fin", ["finding.created"]),
        ("review.", ["review.started", "review.completed"]),
        ("finding.creatd", ["finding.created"]),
        ("deploy.*", []),
    ],
)
def test_a_pattern_finds_the_types_or_the_family_that_was_meant(
    pattern: str, meant: list[str]
) -> None:
    known = ["review.started", "review.completed", "finding.created", "member.added"]

    assert nearest_patterns(pattern, known) == meant
