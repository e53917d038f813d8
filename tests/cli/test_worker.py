"""`hookline worker`: over a store in memory, and as a process told to stop."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.outcome import FailureKind
from hookline.settings import Settings
from hookline.wiring import wire
from tests.builders import a_failure, a_webhook
from tests.cli.program import Ended, Program, at_keyboard
from tests.installed import ROOT

EMIT = ("emit", "review.completed", "--data", "{}")
HOOKLINE = (sys.executable, "-m", "hookline")


def test_what_is_due_is_delivered_and_counted(hookline: Program) -> None:
    hookline.add(a_webhook())
    hookline(*EMIT)
    hookline(*EMIT)

    delivered = hookline.deliver()
    hookline(*EMIT)
    hookline.outcome = a_failure(FailureKind.CONNECT, "refused")
    failed = hookline("worker", "--until-idle", "--json", as_login="grace")

    assert delivered == Ended(0, out="2 delivered, 0 failed.\n")
    assert failed.json == {"delivered": 0, "failed": 1}


def test_an_attempt_whose_template_breaks_is_counted(hookline: Program) -> None:
    hookline.add(a_webhook(template="{{ data.nothing }}"))
    hookline(*EMIT)

    assert hookline.deliver() == Ended(0, out="0 delivered, 1 failed.\n")


def test_what_is_due_later_does_not_keep_it(hookline: Program) -> None:
    hookline.add(a_webhook())
    hookline(*EMIT)
    hookline.outcome = a_failure()
    hookline.deliver()

    assert hookline.deliver() == Ended(0, out="0 delivered, 0 failed.\n")


def test_how_much_is_in_flight_is_bounded(hookline: Program) -> None:
    ended = hookline("worker", "--in-flight", "0", as_login="grace")

    assert ended.code == 2
    assert ended.err.startswith("hookline: Invalid value for '--in-flight'")


def a_database(home: Path) -> None:
    settings = Settings(home / "hookline")
    assert at_keyboard(settings, lambda: wire(settings))("init").code == 0


@pytest.fixture
def running(home: Path) -> "subprocess.Popen[str]":
    """A worker over a real database, that has said that it lives."""
    a_database(home)
    process = subprocess.Popen(
        [*HOOKLINE, "worker"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said = process.stderr.readline()
    assert said == "Delivering, up to 64 at a time. ^C ends it.\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_in_order(
    running: "subprocess.Popen[str]", number: signal.Signals
) -> None:
    running.send_signal(number)
    out, err = running.communicate(timeout=30)

    assert (running.returncode, out, err) == (
        0,
        "0 delivered, 0 failed.\n",
        "Finishing what is in flight; once more ends at once.\n",
    )


def test_a_tied_worker_says_that_it_lives_and_ends_with_its_stdin(home: Path) -> None:
    a_database(home)
    with subprocess.Popen(
        [*HOOKLINE, "worker", "--tied"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        ready = process.stdout.readline()
        process.stdin.close()

        assert (ready, process.wait(timeout=30)) == ("ready\n", 0)
