from datetime import timedelta

import pytest

from core.spans import span_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        *((-5, "0 s"), (0, "0 s"), (0.4, "0 s"), (0.6, "1 s"), (41, "41 s")),
        *((59.6, "1 m"), (60, "1 m"), (119, "1 m"), (14 * 60 + 59, "14 m")),
        *((3599, "59 m"), (3600, "1 h"), (3659, "1 h"), (3660, "1 h 1 m")),
        *((7500, "2 h 5 m"), (9 * 3600 + 59 * 60, "9 h 59 m")),
        *((10 * 3600 + 60, "10 h"), (86_399, "23 h"), (86_400, "1 d")),
        *((90_000, "1 d 1 h"), (10 * 86_400 + 3600, "10 d"), (400 * 86_400, "400 d")),
    ],
)
def test_a_span_is_said_in_its_largest_units(seconds: float, words: str) -> None:
    assert span_words(timedelta(seconds=seconds)) == words
