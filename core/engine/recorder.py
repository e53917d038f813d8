"""Attempts go into the store in batches, each a little after its first attempt ended.

A batch that the store refuses is kept and written again until it is taken: a full disk
or a locked database costs time, and no outcome. One attempt that cannot be written by a
mistake of ours costs only itself: its lease ends, and it is made again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from core.errors import StoreProblem
from core.ports import Store
from core.work import Finished

LINGER = 0.02  # seconds a finished attempt may wait for others to be recorded with
STORE_RETRY = 0.5  # seconds between tries to write to a store that refuses

log = logging.getLogger("hookline.worker")


class Recorder:
    """Collects finished attempts and records them.

    Args:
        store: where they go.
        recorded: told of each batch once it is durable.
        given_up: told of an attempt that cannot be recorded at all.
    """

    def __init__(
        self,
        store: Store,
        recorded: Callable[[Sequence[Finished]], Awaitable[None]],
        given_up: Callable[[Finished], None],
    ) -> None:
        self._store = store
        self._recorded = recorded
        self._given_up = given_up
        self._finished: list[Finished] = []
        self._has_some = asyncio.Event()

    def __repr__(self) -> str:
        return f"<Recorder {len(self._finished)} to record>"

    def add(self, finished: Finished) -> None:
        """Record it with the next batch."""
        self._finished.append(finished)
        self._has_some.set()

    async def run(self) -> None:
        """Record what is added, until cancelled."""
        while True:
            await self._has_some.wait()
            await asyncio.sleep(LINGER)
            self._has_some.clear()
            batch, self._finished = self._finished, []
            refused = await self._write(batch)
            if refused:
                self._finished = [*refused, *self._finished]
                self._has_some.set()
                await asyncio.sleep(STORE_RETRY)

    async def _write(self, batch: Sequence[Finished]) -> Sequence[Finished]:
        """Record a batch; returns what the store refuses for now."""
        try:
            await self._store.record(batch)
        except StoreProblem as problem:
            log.warning("Cannot record %d attempts yet: %s", len(batch), problem)
            return batch
        except Exception:
            return await self._write_one_by_one(batch)
        await self._recorded(batch)
        return ()

    async def _write_one_by_one(self, batch: Sequence[Finished]) -> Sequence[Finished]:
        if len(batch) == 1:
            log.exception("Cannot record an attempt of %s", batch[0].delivery.id)
            self._given_up(batch[0])
            return ()
        return [one for alone in batch for one in await self._write([alone])]
