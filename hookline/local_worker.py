"""A worker that the console runs for a person, as a process of its own.

It is tied to us by its standard input: when we end, however we end, that closes and it
stops. So no worker outlives the console that started it.
"""

import asyncio
import os
import sys
from pathlib import Path

from core.errors import HooklineError

READY = b"ready\n"
"""What a tied worker prints once it has said that it lives."""

_START = 15.0  # seconds it may take to come up
_STOP = 35.0  # seconds: the longest attempt, and time to record it


class NotStarted(HooklineError):
    """The worker did not come up."""


class WorkerProcess:
    """Starts and stops `hookline worker --tied` over a home folder."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._process: asyncio.subprocess.Process | None = None
        self._listener: asyncio.Task[None] | None = None
        self._last_words = "The worker ended without a word."

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it and wait until it works.

        Raises:
            NotStarted: with what it said.
        """
        if self.running:
            return
        self._process = process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "hookline", "worker", "--tied"),
            env={**os.environ, "HOOKLINE_HOME": str(self._home)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            # A ^c for the console is not one for the worker.
            start_new_session=True,
        )
        assert process.stdout is not None
        self._listener = asyncio.create_task(self._listen(process))
        try:
            async with asyncio.timeout(_START):
                if await process.stdout.readline() == READY:
                    return
        except TimeoutError:
            process.kill()
        await self._listener
        raise NotStarted(self._last_words, "'hookline doctor' says more.")

    async def stop(self) -> None:
        """Let it finish what is in flight and end."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(_STOP):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        """Keep its last words; somebody must read, or a full pipe would stop it."""
        assert process.stderr is not None
        async for line in process.stderr:
            self._last_words = line.decode("utf-8", "replace").strip()
        await process.wait()
