"""`hookline receiver`: the keys it takes, and what it prints of a request."""

import base64
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest

from core.engine.receiver import Check, Received, SigningKey
from core.engine.receiver.behaviour import Question
from core.errors import InvalidSecret
from core.secret import Secret
from core.signing import ACRITY, STANDARD
from hookline.cli.receiver import Watcher, received_line, signing_keys
from hookline.output import Output
from tests.builders import NOON
from tests.cli.program import Program

PLAIN = Secret("no base64, so no standard secret")
WHSEC = Secret("whsec_" + base64.b64encode(bytes(32)).decode())


VERIFIED = Check(True)


def a_received(target: str = "/ok/ci", check: Check = VERIFIED) -> Received:
    headers = ((b"x-acr-event", b"review.completed"), (b"Host", b"here"))
    question = Question("POST", target, headers, b"{}")
    at = NOON + timedelta(seconds=7)
    return Received(at, "http", question, check, "200 OK")


def test_a_secret_is_tried_in_each_style_that_can_use_it() -> None:
    assert signing_keys([PLAIN, WHSEC], None) == (
        SigningKey(ACRITY, PLAIN),
        SigningKey(ACRITY, WHSEC),
        SigningKey(STANDARD, WHSEC),
    )


def test_a_secret_that_the_style_cannot_use_is_refused() -> None:
    with pytest.raises(InvalidSecret):
        signing_keys([PLAIN], STANDARD)


@pytest.mark.parametrize(
    ("check", "end"),
    [
        (VERIFIED, "verified  → 200 OK"),
        (Check(None, "It carries no signature."), "unsigned  → 200 OK"),
        (Check(False, "It is stale."), "NOT VERIFIED  → 200 OK  (It is stale.)"),
    ],
)
def test_a_request_is_a_line(check: Check, end: str) -> None:
    assert received_line(a_received(check=check)) == (
        f"12:00:07  POST /ok/ci  review.completed  2 bytes  {end}"
    )


def test_a_request_steers_no_terminal() -> None:
    printed = Output(StringIO(), StringIO())

    Watcher(None, printed)(a_received("/ok/\x1b[2J\u202e"))

    assert "/ok/␛[2J<U+202E>" in printed.stdout.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--ledger", "missing/ledger"], "--ledger: missing/ledger cannot be written"),
        (["--ca-file", "ca.pem"], "--ca-file: without TLS there is no certificate"),
    ],
)
def test_what_it_cannot_write_is_said(
    hookline: Program,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(home)

    ended = hookline("receiver", "--port", "0", *arguments)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"hookline: {words}")
