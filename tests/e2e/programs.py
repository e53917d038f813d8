"""The installed command, as scripts and people run it: processes, and nothing of ours
imported into them.
"""

import base64
import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE = 30.0  # seconds until something that must come is missed
POLL = 0.02


@dataclass(frozen=True)
class Program:
    """The command `hookline`."""

    path: Path

    def json(self, *arguments: str, stdin: str = "") -> Any:
        """Run it with `--json` and return what it printed."""
        done = subprocess.run(
            [self.path, *arguments, "--json"],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    @contextmanager
    def running(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """Let it run beside the block; it is killed at the end if it still runs."""
        with subprocess.Popen(
            [self.path, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()


@dataclass(frozen=True)
class Arrival:
    """A request as the receiver's ledger has it."""

    method: str
    path: str
    headers: list[list[str]]
    body: bytes
    verified: bool | None

    @property
    def by_name(self) -> dict[str, str]:
        """The headers by their names in lower case."""
        return {name.lower(): value for name, value in self.headers}

    @property
    def event_id(self) -> str:
        """The event in the envelope."""
        found: str = json.loads(self.body)["id"]
        return found


@dataclass(frozen=True)
class LoopbackReceiver:
    """`hookline receiver` in a process of its own, and its ledger."""

    url: str
    ledger: Path

    def arrivals(self) -> list[Arrival]:
        """All requests so far; a line that is being written is not yet one."""
        lines = self.ledger.read_text().splitlines(keepends=True)
        return [_arrival(line) for line in lines if line.endswith("\n")]


@contextmanager
def receiving(
    program: Program, folder: Path, *secret_files: Path
) -> Iterator[LoopbackReceiver]:
    """Run the receiver."""
    ledger = folder / "ledger.jsonl"
    secrets = [part for file in secret_files for part in ("--secret-file", str(file))]
    arguments = ("receiver", "--port", "0", "--ledger", str(ledger), "--json", *secrets)
    with program.running(*arguments) as process:
        assert process.stdout is not None
        listening = json.loads(process.stdout.readline())["listening"]
        yield LoopbackReceiver(listening["http"], ledger)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def wait_until(what: Callable[[], bool]) -> None:
    """Return as soon as it is so; fail if that takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(POLL)


def processes_of_session(leader: int) -> list[str]:
    """The command lines of all processes in the session this process began."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            # After the name, which may hold anything: state, parent, group, session.
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == leader and fields[0] != "Z":
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile
    return found


def _arrival(line: str) -> Arrival:
    entry = json.loads(line)
    return Arrival(
        method=entry["method"],
        path=entry["path"],
        headers=entry["headers"],
        body=base64.b64decode(entry["body"]),
        verified=entry["verified"],
    )
