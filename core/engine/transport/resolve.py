"""Names to addresses, in threads of our own, with a short memory.

asyncio's own lookups share one executor of a few threads: a dozen names whose server
hangs make every healthy name time out. Here a name that hangs costs one thread, however
many requests wait for it, and the threads are daemons, so it cannot delay an exit.
"""

import asyncio
import ipaddress
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_THREADS = 32
MAX_NAMES = 4096  # remembered, and as many may wait for a thread
REMEMBERED = 30.0  # seconds
FAILURE_REMEMBERED = 2.0  # seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """What a lookup brought: addresses in the system's order, or an error."""

    addresses: tuple[Address, ...] = ()
    error: Exception | None = None


class Resolver:
    """Looks names up, each at most once at a time.

    Args:
        getaddrinfo: what does the work, in a thread.
        max_threads: how many lookups run at once; more wait in line.
        max_names: how many names are remembered, and how many may wait.
        remembered: seconds for which an answer holds.
    """

    def __init__(
        self,
        getaddrinfo: Callable[..., Iterable[Any]] = socket.getaddrinfo,
        *,
        max_threads: int = MAX_THREADS,
        max_names: int = MAX_NAMES,
        remembered: float = REMEMBERED,
    ) -> None:
        self._getaddrinfo = getaddrinfo
        self._free = max_threads
        self._max_names = max_names
        self._remembered = remembered
        self._queue: deque[bytes] = deque()
        self._under_way: dict[bytes, asyncio.Future[Answer]] = {}
        self._known: dict[bytes, tuple[float, Answer]] = {}

    def __repr__(self) -> str:
        return (
            f"<Resolver {len(self._known)} known, {len(self._under_way)} under way,"
            f" {len(self._queue)} waiting>"
        )

    async def resolve(self, host: bytes) -> Answer:
        """The addresses of a name; never raises for want of one."""
        known = self._known.get(host)
        if known is not None and known[0] > asyncio.get_running_loop().time():
            return known[1]
        lookup = self._under_way.get(host)
        if lookup is None:
            if len(self._queue) >= self._max_names:
                return Answer(error=OSError("too many names are being looked up"))
            lookup = self._begin(host)
        # Others may wait for the same lookup, so leaving does not end it.
        return await asyncio.shield(lookup)

    def _begin(self, host: bytes) -> asyncio.Future[Answer]:
        lookup: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._under_way[host] = lookup
        if self._free:
            self._free -= 1
            self._start(host)
        else:
            self._queue.append(host)
        return lookup

    def _start(self, host: bytes) -> None:
        loop = asyncio.get_running_loop()
        threading.Thread(
            target=self._look_up, args=(loop, host), name="hookline-dns", daemon=True
        ).start()

    def _look_up(self, loop: asyncio.AbstractEventLoop, host: bytes) -> None:
        """In the thread: ask, and hand the answer to the loop."""
        try:
            found = self._getaddrinfo(host, None, type=socket.SOCK_STREAM)
            addresses = (ipaddress.ip_address(info[4][0]) for info in found)
            answer = Answer(tuple(dict.fromkeys(addresses)))
        except Exception as error:  # whatever it is, somebody waits to hear it
            answer = Answer(error=error)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(self._settle, host, answer)

    def _settle(self, host: bytes, answer: Answer) -> None:
        self._remember(host, answer)
        self._under_way.pop(host).set_result(answer)
        if self._queue:
            self._start(self._queue.popleft())
        else:
            self._free += 1

    def _remember(self, host: bytes, answer: Answer) -> None:
        self._known.pop(host, None)
        if len(self._known) >= self._max_names:
            del self._known[next(iter(self._known))]
        kept = FAILURE_REMEMBERED if answer.error else self._remembered
        self._known[host] = (asyncio.get_running_loop().time() + kept, answer)
