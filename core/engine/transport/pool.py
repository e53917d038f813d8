"""Keeps connections between requests, the freshest first.

It has no upper bound on connections in use, for the worker bounds what is in flight
per webhook; it bounds those that rest, per origin and in all, and how long they do.
Taking and giving back cost the same however many there are: httpcore scans all of them
twice per request, which at 256 connections is 30 ms.
"""

import asyncio
from collections import OrderedDict

import httpx

from core.engine.transport.connection import Connection, Origin

MAX_IDLE_PER_ORIGIN = 256
MAX_IDLE = 512
KEPT = 30.0  # seconds at rest; servers and proxies usually wait 60 s and more
MAX_AGE = 300.0  # seconds; then a name that moved, or a new address policy, is noticed


class Pool:
    """All open connections, and which of them are idle."""

    def __init__(
        self,
        *,
        max_idle_per_origin: int = MAX_IDLE_PER_ORIGIN,
        max_idle: int = MAX_IDLE,
        kept: float = KEPT,
        max_age: float = MAX_AGE,
    ) -> None:
        self.is_closed = False
        self._max_idle_per_origin = max_idle_per_origin
        self._max_idle = max_idle
        self._kept = kept
        self._max_age = max_age
        self._open: set[Connection] = set()
        self._idle: dict[Origin, list[Connection]] = {}
        # The same connections, the one that has rested longest first.
        self._by_age: OrderedDict[Connection, None] = OrderedDict()
        self._sweeper: asyncio.TimerHandle | None = None
        self._emptied = asyncio.Event()

    def __repr__(self) -> str:
        state = "closed" if self.is_closed else f"{len(self._idle)} origins"
        return f"<Pool {len(self._open)} open, {len(self._by_age)} idle, {state}>"

    def take(self, origin: Origin) -> Connection | None:
        """The idle connection to this origin that served last, if there is one."""
        while resting := self._idle.get(origin):
            connection = resting[-1]
            self._wake(connection)
            if connection.is_open:
                return connection
        return None

    def add(self, connection: Connection) -> None:
        """Hold one that was dialled, until it is lost.

        Not when it opens: a dial that is cancelled in that very moment is closed by the
        event loop, and uvloop does not tell the connection.
        """
        if connection.is_open:
            self._open.add(connection)
        if self.is_closed:
            connection.fail(closed())

    async def aclose(self) -> None:
        """Close every connection, busy ones too, and wait until they are."""
        self.is_closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
        for connection in tuple(self._open):
            connection.fail(closed())
        while self._open:
            self._emptied.clear()
            await self._emptied.wait()

    # What connections report.

    def release(self, connection: Connection) -> None:
        """It has served, and may serve again."""
        loop = asyncio.get_running_loop()
        connection.idle_since = loop.time()
        resting = self._idle.get(connection.origin, [])
        if (
            self.is_closed
            or len(resting) >= self._max_idle_per_origin
            or connection.idle_since - connection.opened_at > self._max_age
        ):
            connection.abort()
            return
        if len(self._by_age) >= self._max_idle:
            self._close_oldest()
        resting.append(connection)
        self._idle[connection.origin] = resting
        self._by_age[connection] = None
        if self._sweeper is None:
            self._sweeper = loop.call_later(self._kept, self._sweep)

    def lost(self, connection: Connection) -> None:
        """It is closed."""
        self._open.discard(connection)
        if connection in self._by_age:
            self._wake(connection)
        if not self._open:
            self._emptied.set()

    def _wake(self, connection: Connection) -> None:
        """It is idle no more."""
        del self._by_age[connection]
        resting = self._idle[connection.origin]
        if resting[-1] is connection:
            resting.pop()
        else:
            resting.remove(connection)
        if not resting:
            del self._idle[connection.origin]

    def _close_oldest(self) -> None:
        oldest = next(iter(self._by_age))
        self._wake(oldest)
        oldest.abort()

    def _sweep(self) -> None:
        """Close what has rested too long, and come back when the next one will have."""
        self._sweeper = None
        loop = asyncio.get_running_loop()
        while self._by_age:
            due = next(iter(self._by_age)).idle_since + self._kept
            if due > loop.time():
                self._sweeper = loop.call_at(due, self._sweep)
                return
            self._close_oldest()


def closed() -> httpx.LocalProtocolError:
    """What requests get that come, or are under way, when the transport closes."""
    return httpx.LocalProtocolError("Hookline closed its transport.")
