"""The virtual table, measured from outside: a console in a pseudo-terminal of 120 × 40.

Run as `python -m bench.table`. For 1,000 and 1,000,000 rows it prints the time from a
key to the last byte it caused, the bytes, and the memory; then the cost of a live tail.
"""

import argparse
import json
import os
import statistics
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

from textual.app import ComposeResult

from bench.fake_rows import COLUMNS, FakePages, cells, key_of
from bench.pty_session import PtySession, pty_session
from tui.app import ConsoleApp, Surroundings
from tui.widgets.table import Table

KEYS = {"down": b"\x1b[B", "page down": b"\x1b[6~", "end": b"G"}


class BenchConsole(ConsoleApp):
    """The program under measurement: one table, and rows that keep coming."""

    def __init__(self, folder: Path, rows: int, per_second: float) -> None:
        super().__init__(Surroundings(folder))
        self.source = FakePages(rows)
        self.per_second = per_second

    def compose(self) -> ComposeResult:
        yield Table(COLUMNS, cells, key_of, tail=self.per_second > 0)

    def on_ready(self) -> None:
        self.query_one(Table).show(self.source)
        if self.per_second:
            self.set_interval(0.05, self.grow)

    def grow(self) -> None:
        self.source.total += max(1, round(self.per_second * 0.05))
        self.query_one(Table).poke()


def console(rows: int, per_second: float = 0) -> AbstractContextManager[PtySession]:
    command = [sys.executable, "-m", "bench.table"]
    environ = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    return pty_session([*command, f"--rows={rows}", f"--rate={per_second}"], environ)


def megabytes(seen: PtySession) -> float:
    return round(seen.memory / 1024 / 1024, 1)


def processor_seconds(seen: PtySession) -> float:
    fields = Path(f"/proc/{seen.pid}/stat").read_text().split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def summary(samples: list[tuple[float, int]]) -> dict[str, float]:
    times = sorted(seconds * 1000 for seconds, _ in samples)
    return {
        "median ms": round(statistics.median(times), 1),
        "p95 ms": round(times[int(len(times) * 0.95)], 1),
        "max ms": round(times[-1], 1),
        "bytes": round(statistics.median(size for _, size in samples)),
    }


def measure(rows: int, presses: int) -> dict[str, object]:
    with console(rows) as seen:
        seen.wait_for(b"TIME (UTC)")
        seen.settle(1.0)
        found: dict[str, object] = {"rows": rows, "MB at start": megabytes(seen)}
        for name, times in (("down", 30), ("page down", presses), ("end", 1)):
            before = processor_seconds(seen)
            measured = summary([seen.press(KEYS[name]) for _ in range(times)])
            spent = (processor_seconds(seen) - before) / times
            found[name] = {**measured, "cpu ms": round(spent * 1000, 1)}
        found["MB after"] = megabytes(seen)
    return found


def measure_tail(per_second: float, seconds: float = 5.0) -> dict[str, float]:
    with console(1_000_000, per_second) as seen:
        seen.wait_for(b"TIME (UTC)")
        read_for(seen, 1.5)
        before, size = processor_seconds(seen), len(seen.output)
        read_for(seen, seconds)
        return {
            "rows/s": per_second,
            "cpu %": round((processor_seconds(seen) - before) / seconds * 100, 1),
            "KB/s": round((len(seen.output) - size) / seconds / 1024, 1),
        }


def read_for(seen: PtySession, seconds: float) -> None:
    end = time.perf_counter() + seconds
    while (left := end - time.perf_counter()) > 0:
        seen.settle(min(left, 0.01))


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int)
    options.add_argument("--rate", type=float, default=0)
    options.add_argument("--presses", type=int, default=80)
    chosen = options.parse_args()
    if chosen.rows is not None:
        with TemporaryDirectory() as folder:
            BenchConsole(Path(folder), chosen.rows, chosen.rate).run()
        return
    found = {
        "tables": [measure(rows, chosen.presses) for rows in (1_000, 1_000_000)],
        "tails": [measure_tail(rate) for rate in (20, 1_000)],
    }
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
