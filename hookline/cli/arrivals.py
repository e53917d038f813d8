"""Lines of a stream as they arrive: none waits for the next.

Holds no more than one line, however long a line may be.
"""

import asyncio
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

CHUNK = 64 * 1024  # bytes read at a time
MAX_LINE = 2 * 1024 * 1024  # bytes: an event's data, each character escaped


@dataclass(frozen=True, slots=True)
class Line:
    """A line and its number, from one; `too_long` when only its start was kept."""

    number: int
    text: bytes
    too_long: bool = False


class Splitter:
    """Cuts bytes into lines as they come."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._number = 0

    def feed(self, chunk: bytes) -> list[Line]:
        """The lines that end in this chunk."""
        *whole, rest = chunk.split(b"\n")
        lines = [self._finish(part) for part in whole]
        self._add(rest)
        return lines

    def end(self) -> list[Line]:
        """The last line, if it had no end."""
        return [self._finish(b"")] if self._size else []

    def _add(self, part: bytes) -> None:
        self._size += len(part)
        if self._size <= MAX_LINE:
            self._parts.append(part)

    def _finish(self, part: bytes) -> Line:
        self._add(part)
        self._number += 1
        line = Line(self._number, b"".join(self._parts), self._size > MAX_LINE)
        self._parts, self._size = [], 0
        return line


async def arrivals(stream: BinaryIO) -> AsyncIterator[Sequence[Line]]:
    """The lines, as many at a time as have arrived; never none."""
    splitter = Splitter()
    while chunk := await _next(stream):
        if lines := splitter.feed(chunk):
            yield lines
    if lines := splitter.end():
        yield lines


async def _next(stream: BinaryIO) -> bytes:
    await _readable(stream)
    # read1 asks the system once and returns what was there.
    read = getattr(stream, "read1", stream.read)
    return bytes(read(CHUNK))


async def _readable(stream: BinaryIO) -> None:
    """Wait for a pipe or a terminal, so that ^C is heard meanwhile.

    A thread would have to be waited for at the end, until the next line.
    """
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        descriptor = stream.fileno()
        loop.add_reader(descriptor, ready.set)
    except (PermissionError, io.UnsupportedOperation):
        return  # a plain file: always readable, and nothing to poll
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)
