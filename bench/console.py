"""The console from outside, in a pseudo-terminal of 120 × 40, over a real database.

    python -m bench.console [--rows 1000000] [--presses 60]

Time to first paint beside the least Textual app there can be, in turn in the same run;
the page turn, and the memory, at 1,000 and at a million deliveries.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.least import MARKER
from bench.pty_session import pty_session
from bench.store import an_audit, fill, furnish
from core.access import Membership, Role
from hookline.wiring import current_login
from store import create_store

PAGE_DOWN = b"\x1b[6~"
MEGABYTE = 1024 * 1024


def environ(home: Path) -> dict[str, str]:
    return {
        **os.environ,
        "HOOKLINE_HOME": str(home),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
    }


async def prepare(home: Path, rows: int) -> None:
    """A database with so many deliveries, of which this login is the admin."""
    store = await create_store(home / "hookline.db", home / "key")
    await furnish(store)
    admin = Membership(current_login(), Role.PLATFORM_ADMIN)
    await store.set_member(admin, an_audit())
    await store.close()
    fill(home / "hookline.db", rows, backlog=False)


def first_paint(argv: list[str], home: Path, marker: bytes) -> float:
    with pty_session(argv, environ(home)) as seen:
        return seen.wait_for(marker)


def measure_start(home: Path, rounds: int) -> None:
    least = [sys.executable, "-m", "bench.least"]
    ours = [sys.executable, "-m", "hookline"]
    pairs = [
        (
            first_paint(ours, home, b"Webhooks"),
            first_paint(least, home, MARKER.encode()),
        )
        for _ in range(rounds + 1)
    ][1:]
    console, minimal = (
        statistics.median(column) for column in zip(*pairs, strict=True)
    )
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    print(
        f"first paint: {console * 1000:.0f} ms, least Textual app "
        f"{minimal * 1000:.0f} ms, ratio {ratio:.2f} (median of {rounds} pairs)"
    )


def measure_pages(home: Path, rows: int, presses: int) -> float:
    """Turn pages in the history; returns the memory at the end, in megabytes."""
    with pty_session([sys.executable, "-m", "hookline"], environ(home)) as seen:
        seen.wait_for("●".encode())  # it is live: the store was opened
        seen.settle(1.0)
        seen.press(b"2", quiet=1.0)
        seen.press(PAGE_DOWN, quiet=1.0)
        turns = [seen.painted(PAGE_DOWN) for _ in range(presses)]
        jump_to_end = seen.press(b"G")[0] * 1000
        memory = seen.memory / MEGABYTE
    rows_there, all_there = (spread(column) for column in zip(*turns, strict=True))
    print(
        f"{rows:>9,} deliveries: page turn {rows_there}, with the peek {all_there}; to "
        f"the oldest {jump_to_end:.0f} ms; memory {memory:.1f} MB"
    )
    return memory


def spread(seconds: Sequence[float]) -> str:
    times = sorted(second * 1000 for second in seconds)
    p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
    return f"p50 {p50:.0f} ms, p95 {p95:.0f} ms"


def measure_sizes(sizes: list[int], presses: int, rounds: int) -> None:
    memory = []
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            asyncio.run(prepare(home, rows))
            if rows == sizes[0]:
                measure_start(home, rounds)
            memory.append(measure_pages(home, rows, presses))
    print(f"memory grew by {memory[-1] - memory[0]:+.1f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--presses", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    measure_sizes([1_000, asked.rows], asked.presses, asked.rounds)


if __name__ == "__main__":
    main()
