"""Stretches of time in words, short enough for a table cell."""

from datetime import timedelta
from itertools import pairwise

_UNITS = (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1))


def span_words(span: timedelta) -> str:
    """The span in its one or two largest units: `41 s`, `14 m`, `2 h 5 m`, `3 d`."""
    seconds = max(0, round(span.total_seconds()))
    for (unit, size), (smaller, part) in pairwise(_UNITS):
        if seconds >= size:
            whole, rest = divmod(seconds, size)
            parts = rest // part
            # Three days or fourteen minutes: nobody asks for the seconds.
            if parts and whole < 10 and unit != "m":
                return f"{whole} {unit} {parts} {smaller}"
            return f"{whole} {unit}"
    return f"{seconds} s"
