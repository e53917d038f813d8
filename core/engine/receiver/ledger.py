"""What was received: its check, and a line of the ledger, which outlives a crash.

The ledger is an oracle: it says what came over the wire, whatever the sender believes.
"""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from core.body import stamp
from core.engine.receiver.behaviour import Question
from core.errors import NotVerified
from core.secret import Secret
from core.signing import STYLES, Style, verify


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secret the receiver knows, and the style it is used in."""

    style: Style
    secret: Secret


@dataclass(frozen=True, slots=True)
class Check:
    """Whether a signature holds, or None if there is none; and why it does not."""

    verified: bool | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """One request, and how it was answered in words."""

    at: datetime
    listener: str
    question: Question
    check: Check
    answer: str

    def form(self) -> dict[str, object]:
        """The request as JSON; the headers in the order they came."""
        return {
            "time": stamp(self.at),
            "listener": self.listener,
            "method": self.question.method,
            "path": self.question.target,
            "headers": [list(pair) for pair in self.question.headers],
            "body": base64.b64encode(self.question.body).decode("ascii"),
            "verified": self.check.verified,
            "why": self.check.why,
            "answer": self.answer,
        }


class Ledger:
    """Writes what was received, a line of JSON each, handed to the system at once."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def __call__(self, received: Received) -> None:
        """Add a request."""
        self._file.write(json.dumps(received.form()).encode("ascii") + b"\n")
        self._file.flush()


def check(question: Question, keys: Iterable[SigningKey], now: datetime) -> Check:
    """Whether one of the keys signed the request, in the style its headers show."""
    headers = dict(question.headers)
    given = {name.lower() for name in headers}
    styles = [style for style in STYLES.values() if style.header.lower() in given]
    if not styles:
        return Check(None, "It carries no signature.")
    why = ""
    for style in styles:
        secrets = [key.secret for key in keys if key.style == style]
        if not secrets:
            why = f"No secret of the style {style.name} is known here."
            continue
        try:
            verify(style, secrets, headers, question.body, now=now)
        except NotVerified as problem:
            why = str(problem)
        else:
            return Check(True)
    return Check(False, why)
