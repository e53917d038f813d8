"""A program in a pseudo-terminal, and when its output came: what a person waits for."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

QUIET = 0.15  # seconds without output after which a paint has ended


class PtySession:
    """A running program: what it wrote, and how much memory it takes."""

    def __init__(self, pid: int, descriptor: int, started: float) -> None:
        self.pid = pid
        self.started = started
        self.output = b""
        self._descriptor = descriptor

    def wait_for(self, marker: bytes, timeout: float = 30.0) -> float:
        """Read until the marker shows; seconds since the start."""
        deadline = time.perf_counter() + timeout
        while marker not in self.output:
            if not self._read(deadline - time.perf_counter()):
                raise TimeoutError(f"{marker!r} did not show: {self.output[-300:]!r}")
        return time.perf_counter() - self.started

    def settle(self, quiet: float = QUIET) -> None:
        """Read until nothing came for a while."""
        while self._read(quiet):
            pass

    def press(self, keys: bytes, quiet: float = QUIET) -> tuple[float, int]:
        """Send keys; seconds until the last byte they caused, and how many bytes."""
        before = len(self.output)
        sent = last = time.perf_counter()
        os.write(self._descriptor, keys)
        while self._read(quiet if len(self.output) > before else 2.0):
            last = time.perf_counter()
        return last - sent, len(self.output) - before

    def painted(self, keys: bytes) -> tuple[float, float]:
        """Send keys; seconds until nine tenths of the bytes they caused were there, and
        until the last: a page is painted first, and what is beside it a frame later.
        """
        before = len(self.output)
        sent = time.perf_counter()
        os.write(self._descriptor, keys)
        came: list[tuple[float, int]] = []
        while self._read(QUIET if came else 2.0):
            came.append((time.perf_counter() - sent, len(self.output) - before))
        most = 0.9 * came[-1][1]
        return next(when for when, size in came if size >= most), came[-1][0]

    def type(self, keys: bytes) -> None:
        """Send keys, and wait for nothing."""
        os.write(self._descriptor, keys)

    @property
    def memory(self) -> int:
        """Resident bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) * 1024

    def _read(self, timeout: float) -> bool:
        if not select.select([self._descriptor], [], [], max(0.0, timeout))[0]:
            return False
        try:
            data = os.read(self._descriptor, 65536)
        except OSError:  # the program ended
            return False
        self.output += data
        return bool(data)


@contextmanager
def pty_session(
    argv: Sequence[str],
    environ: Mapping[str, str],
    *,
    columns: int = 120,
    lines: int = 40,
) -> Iterator[PtySession]:
    """Run a program in a terminal of a size; it is ended with SIGTERM."""
    started = time.perf_counter()
    pid, descriptor = pty.fork()
    if pid == 0:
        os.execvpe(argv[0], list(argv), dict(environ))
    size = struct.pack("HHHH", lines, columns, 0, 0)
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, size)
    session = PtySession(pid, descriptor, started)
    try:
        yield session
    finally:
        os.kill(pid, signal.SIGTERM)
        session.settle(0.5)
        os.close(descriptor)
        os.waitpid(pid, 0)
