"""Where the store's work runs: on the event loop, or beside it in threads.

A worker's transactions take about a millisecond, and a thread for them costs more than
it gives. The console's loop must never wait, so there the work goes to threads.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

T = TypeVar("T")

THREADS = 4  # readers at the same time; writers take turns anyway


class Run(Protocol):
    """Runs a piece of work and gives its result."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]:
        """Run it."""


async def inline(work: Callable[[], T], /) -> T:
    """Run it here and now: for workers and commands."""
    return work()


def in_threads() -> Run:
    """Run it in threads of the store's own: for the console."""
    executor = ThreadPoolExecutor(THREADS, thread_name_prefix="hookline-store")

    async def run(work: Callable[[], T], /) -> T:
        return await asyncio.get_running_loop().run_in_executor(executor, work)

    return run
