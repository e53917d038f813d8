import fcntl
import os
import pty
import re
import select
import signal
import stat
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tui.crash import last_words, write_report

ROOT = Path(__file__).parents[2]

NOW = datetime(2026, 11, 23, 3, 12, 44, tzinfo=UTC)


def failed() -> RuntimeError:
    secret = "whsec_canary"
    try:
        raise RuntimeError(f"{len(secret)} characters")
    except RuntimeError as error:
        return error


def test_a_crash_report_is_private_and_holds_no_local_variable(tmp_path: Path) -> None:
    path = write_report(failed(), tmp_path / "state", NOW)

    report = path.read_text()
    assert "RuntimeError: 12 characters" in report
    assert "canary" not in report.replace('secret = "whsec_canary"', "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_last_words_are_one_line_even_when_nothing_can_be_written(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("")

    words = last_words(failed(), tmp_path / "file", NOW)

    assert words.startswith(
        "The console stopped on a mistake of its own (RuntimeError)"
    )
    assert "no report could be written" in words
    assert "\n" not in words


@dataclass
class Terminal:
    """The other end of a pseudo-terminal with a console in it."""

    process: "subprocess.Popen[bytes]"
    master: int
    output: bytes = b""
    ended: bool = field(default=False)

    def read_until(self, wanted: bytes | None, seconds: float = 15.0) -> None:
        deadline = time.monotonic() + seconds
        while not self.ended and (wanted is None or wanted not in self.output):
            assert time.monotonic() < deadline, self.output[-2000:]
            self.read(0.1)

    def read_to_end(self) -> int:
        self.read_until(None)
        return self.process.wait(timeout=10)

    def read(self, seconds: float) -> None:
        if not select.select([self.master], [], [], seconds)[0]:
            return
        try:
            chunk = os.read(self.master, 65536)
        except OSError:
            chunk = b""
        self.output += chunk
        self.ended = not chunk


@contextmanager
def probe(folder: Path, *options: str) -> Iterator[Terminal]:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("probe.py")), folder, *options],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            **({"NO_COLOR": "1"} if "--no-color" in options else {}),
        },
        start_new_session=True,
    )
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        process.kill()
        process.wait()
        os.close(master)


LEFT_SCREEN = b"\x1b[?1049l"
MOUSE_OFF = b"\x1b[?1000l"


def restored(output: bytes) -> bool:
    left, entered = output.rfind(LEFT_SCREEN), output.rfind(b"\x1b[?1049h")
    mouse_off, mouse_on = output.rfind(MOUSE_OFF), output.rfind(b"\x1b[?1000h")
    return left > entered and mouse_off > mouse_on


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_ends_it_in_order_and_no_outside_byte_reached_the_terminal(
    tmp_path: Path, number: signal.Signals
) -> None:
    with probe(tmp_path) as terminal:
        terminal.read_until(b"probe is ready")
        terminal.process.send_signal(number)
        code = terminal.read_to_end()

    assert code == 128 + number
    assert restored(terminal.output)
    # Textual itself asks for a mouse pointer.
    shown = re.sub(r"\x1b\]22;[a-z]+\x07", "", terminal.output.decode())
    assert "␛]52;c;SE9PSw==␇<U+009B>31m␛[2J<U+202E><U+200B>[/x]" in shown
    steering = r"\x1b\]52|\x9b|\x1b\[2J|\u202e|\u200b|\x1b\]8;|\x07"
    assert not re.findall(steering, shown)


def test_a_crash_prints_one_line_and_no_local_variable(tmp_path: Path) -> None:
    with probe(tmp_path) as terminal:
        terminal.read_until(b"probe is ready")
        os.write(terminal.master, b"\x18")
        code = terminal.read_to_end()

    assert code == 1
    assert restored(terminal.output)
    last = terminal.output[terminal.output.rfind(LEFT_SCREEN) :].decode()
    assert "stopped on a mistake of its own (RuntimeError)" in last
    assert "Traceback" not in last
    assert "canary" not in terminal.output.decode()
    (report,) = tmp_path.glob("crash-*.txt")
    assert "action_fail" in report.read_text()


def test_without_colour_not_a_single_colour_is_sent(tmp_path: Path) -> None:
    with probe(tmp_path, "--no-color") as terminal:
        terminal.read_until(b"probe is ready")

    attributes = re.findall(rb"\x1b\[([\d;]*)m", terminal.output)
    coloured = [
        code
        for one in attributes
        for code in one.split(b";")
        if code and 30 <= int(code) <= 107 and int(code) not in (39, 49)
    ]
    assert coloured == []


def test_the_console_is_there_before_the_store_is_loaded() -> None:
    script = (
        "import sys, tui.app\n"
        "heavy = {'sqlmodel', 'sqlalchemy', 'httpx', 'jinja2', 'cryptography',"
        " 'alembic', 'asyncpg'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )

    found = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True
    )

    assert found.stdout.decode().strip() == "[]"
