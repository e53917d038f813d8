"""Writes to the terminal with fewer bytes: half of a screen, on a slow SSH line.

Textual sets all attributes anew for each run of text and resets them after it. Within
a line most runs share their background, so it is enough to say what differs.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from textual.drivers.linux_driver import LinuxDriver

_RUN = re.compile(r"\x1b\[([\d;]+)m([^\x1b\n]*)\x1b\[0m")
_COLOUR = re.compile(
    r"(?P<front>3[0-79]|9[0-7]|38;5;\d+|38;2;\d+;\d+;\d+)(?=;|$)"
    r"|(?P<back>4[0-79]|10[0-7]|48;5;\d+|48;2;\d+;\d+;\d+)(?=;|$)"
    r"|(?P<mark>[1-9])(?=;|$)"
)
_DEFAULTS = {"front": "39", "back": "49"}


class Look(NamedTuple):
    """How a run of text looks: its colours and its other marks."""

    front: str = ""
    back: str = ""
    marks: frozenset[str] = frozenset()


PLAIN = Look()


@lru_cache(maxsize=4096)
def look_of(attributes: str) -> Look | None:
    """Read SGR attributes; None when one of them is not known here."""
    front = back = ""
    marks = set()
    position = 0
    while position < len(attributes):
        found = _COLOUR.match(attributes, position)
        if found is None:
            return None
        if found["front"]:
            front = "" if found["front"] == "39" else found["front"]
        elif found["back"]:
            back = "" if found["back"] == "49" else found["back"]
        else:
            marks.add(found["mark"])
        position = found.end() + 1
    return Look(front, back, frozenset(marks))


@lru_cache(maxsize=4096)
def change(before: Look, after: Look) -> str:
    """Return the shortest SGR that leads from one look to the other."""
    if before == after:
        return ""
    fresh = [*sorted(after.marks), after.front, after.back]
    anew = ";".join(filter(None, ["0" if before != PLAIN else "", *fresh]))
    if before.marks <= after.marks:
        step = sorted(after.marks - before.marks)
        if before.front != after.front:
            step.append(after.front or _DEFAULTS["front"])
        if before.back != after.back:
            step.append(after.back or _DEFAULTS["back"])
        anew = min(anew or "0", ";".join(step), key=len)
    return f"\x1b[{anew}m" if anew else "\x1b[0m"


def thrifty(output: str) -> str:
    """Return output that looks the same with fewer changes of attributes.

    Only runs that follow each other directly are joined: before any other sequence
    and before a new line the terminal is back in its plain state.
    """
    written: list[str] = []
    look, position = PLAIN, 0
    for run in _RUN.finditer(output):
        wanted = look_of(run[1])
        if run.start() != position or wanted is None:
            written.append(change(look, PLAIN))
            written.append(output[position : run.start()])
            look = PLAIN
        if wanted is None:
            written.append(run[0])
        else:
            written.append(change(look, wanted) + run[2])
            look = wanted
        position = run.end()
    return "".join([*written, change(look, PLAIN), output[position:]])


class ThriftyDriver(LinuxDriver):
    """Textual's driver, writing through `thrifty`."""

    def write(self, data: str) -> None:
        """Write to the terminal."""
        super().write(thrifty(data))
