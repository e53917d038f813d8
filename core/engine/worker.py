"""The worker: claims what is due, sends it, judges, records, and says that it lives."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from core.engine.attempt import make_attempt
from core.engine.disable import disable
from core.engine.lanes import Lanes
from core.engine.recorder import STORE_RETRY, Recorder
from core.errors import StoreProblem
from core.history import HEARTBEAT, WorkerBeat
from core.model import Attempt, Delivery
from core.outcome import Failure, FailureKind
from core.ports import Clock, NewId, Send, Store
from core.retry import GiveUp, RetryAt
from core.work import LEASE, Claim, Finished

IN_FLIGHT = 64  # requests at the same time, over all webhooks
POLL = 0.025  # seconds between looks at whether the store changed
_PACE = 0.005  # seconds between claims while requests are in flight

log = logging.getLogger("hookline.worker")


class Worker:
    """Delivers until it is told to stop; run one in each process.

    Args:
        store: where deliveries are claimed and recorded.
        send: makes the requests.
        clock: the time.
        new_id: draws the ids of audit entries.
        jitter: draws a factor within `core.retry.JITTER`.
        identity: who this worker says it is.
        limit: requests in flight at the same time, over all webhooks.
        lease: how long a claim is held before another worker may take it.
    """

    def __init__(
        self,
        store: Store,
        send: Send,
        *,
        clock: Clock,
        new_id: NewId,
        jitter: Callable[[], float],
        identity: WorkerBeat,
        limit: int = IN_FLIGHT,
        lease: timedelta = LEASE,
    ) -> None:
        self._store = store
        self._send = send
        self._clock = clock
        self._new_id = new_id
        self._jitter = jitter
        self._identity = identity
        self._lease = lease
        self._lanes = Lanes(limit)
        self._recorder = Recorder(store, self._recorded, self._let_go)
        self._held: dict[str, Delivery] = {}  # claimed, and not yet recorded
        self._claimed_at = 0.0  # the loop's time
        self.delivered = 0
        self.failed = 0
        """Attempts recorded so far, also those whose request could not be built."""
        self._stopping = False
        self._woken = asyncio.Event()

    def __repr__(self) -> str:
        state = "stopping" if self._stopping else "running"
        return f"<Worker {state}, {len(self._held)} held, {self._lanes!r}>"

    def stop(self) -> None:
        """Claim no more; `run` ends when what is in flight is recorded."""
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        """Deliver until `stop` is called."""
        await self._work(until_idle=False)

    async def run_until_idle(self) -> None:
        """Deliver what is due, then end; what is due later does not keep it."""
        await self._work(until_idle=True)

    async def _work(self, *, until_idle: bool) -> None:
        await self._beat()
        async with asyncio.TaskGroup() as tasks:
            recorder = tasks.create_task(self._recorder.run())
            heart = tasks.create_task(self._live())
            await self._dispatch(tasks, until_idle=until_idle)
            await self._drain()
            heart.cancel()
            recorder.cancel()
        with contextlib.suppress(StoreProblem):
            await self._store.retire(self._identity.id)

    async def _dispatch(self, tasks: asyncio.TaskGroup, *, until_idle: bool) -> None:
        while not self._stopping:
            self._woken.clear()
            claimed = await self._claim()
            started = self._start(tasks)
            if claimed or started:
                await asyncio.sleep(0)
            elif until_idle and not self._held:
                return
            else:
                await self._news()

    # Claiming.

    async def _claim(self) -> int:
        """Fill the lanes once they run low; returns how many claims that brought."""
        if not self._wants_claims():
            return 0
        now = self._clock()
        try:
            claims = await self._store.claim(
                now,
                now + self._lease,
                self._lanes.room,
                self._lanes.room_by_webhook,
            )
        except StoreProblem as problem:
            log.warning("Cannot claim: %s", problem)
            await asyncio.sleep(STORE_RETRY)
            return 0
        for claim in claims:
            self._lanes.hold(claim)
            self._held[claim.delivery.id] = claim.delivery
        return len(claims)

    def _wants_claims(self) -> bool:
        """Whether the lanes run low, and the last claim is long enough ago: a claim per
        finished request would cost more than the request.
        """
        now = asyncio.get_running_loop().time()
        too_soon = self._lanes.flying and now - self._claimed_at < _PACE
        if too_soon or not self._lanes.run_low:
            return False
        self._claimed_at = now
        return True

    async def _news(self) -> None:
        """Wait until something ended here, something changed there, or work is due."""
        mark = await self._mark()
        due = await self._next_due()
        while not self._woken.is_set() and not self._stopping:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), POLL)
            if await self._mark() != mark or (due and due <= self._clock()):
                return

    async def _mark(self) -> int | None:
        try:
            return await self._store.change_mark()
        except StoreProblem:
            return None

    async def _next_due(self) -> datetime | None:
        try:
            return await self._store.next_due()
        except StoreProblem:
            return None

    # Sending.

    def _start(self, tasks: asyncio.TaskGroup) -> int:
        started = 0
        for claim in self._lanes.starting():
            tasks.create_task(self._deliver(claim))
            started += 1
        return started

    async def _deliver(self, claim: Claim) -> None:
        try:
            attempt = await self._attempt(claim)
        finally:
            self._lanes.ended(claim)
            self._woken.set()
        self._recorder.add(Finished(claim.delivery, attempt))

    async def _attempt(self, claim: Claim) -> Attempt:
        try:
            return await make_attempt(
                claim, send=self._send, clock=self._clock, jitter=self._jitter()
            )
        # A mistake of ours in one delivery must not end the worker for all others.
        except Exception as error:
            log.exception("Hookline failed at %s", claim.delivery.id)
            return _broken(claim, error, self._clock())

    # Following up.

    async def _recorded(self, batch: Sequence[Finished]) -> None:
        for finished in batch:
            self._held.pop(finished.delivery.id, None)
            self.delivered += finished.attempt.outcome.is_success
            self.failed += not finished.attempt.outcome.is_success
        self._woken.set()
        for finished in batch:
            await self._follow(finished)

    def _let_go(self, finished: Finished) -> None:
        self._held.pop(finished.delivery.id, None)
        self._woken.set()

    async def _follow(self, finished: Finished) -> None:
        verdict = finished.attempt.verdict
        if not (isinstance(verdict, GiveUp) and verdict.disable):
            return
        try:
            await disable(
                self._store, finished.delivery, verdict.why, self._clock, self._new_id
            )
        except StoreProblem as problem:
            log.warning("Cannot disable a webhook: %s", problem)

    # Living and ending.

    async def _live(self) -> None:
        while True:
            await asyncio.sleep(min(HEARTBEAT, self._lease / 3).total_seconds())
            with contextlib.suppress(StoreProblem):
                await self._beat()
                await self._extend()

    async def _beat(self) -> None:
        beat = replace(
            self._identity,
            seen_at=self._clock(),
            in_flight=self._lanes.flying,
            delivered=self.delivered,
        )
        await self._store.beat(beat)

    async def _extend(self) -> None:
        """Keep what is held: a lease must not end under a request that is under way."""
        if self._held:
            await self._store.extend(
                list(self._held.values()), self._clock() + self._lease
            )

    async def _drain(self) -> None:
        """Give back what was not begun, wait for what was, and record it."""
        unsent = self._lanes.give_up_waiting()
        for delivery in unsent:
            self._held.pop(delivery.id, None)
        if unsent:
            with contextlib.suppress(StoreProblem):
                await self._store.release(unsent, self._clock())
        while self._held:
            self._woken.clear()
            await self._woken.wait()


def _broken(claim: Claim, error: Exception, now: datetime) -> Attempt:
    """The attempt that a mistake of Hookline's own ended; tried again later."""
    detail = f"Hookline itself failed ({type(error).__name__}); its log says more."
    return Attempt(
        delivery_id=claim.delivery.id,
        number=claim.delivery.attempts + 1,
        trigger=claim.delivery.trigger,
        revision=claim.webhook.revision,
        started_at=now,
        duration=timedelta(0),
        request=None,
        outcome=Failure(FailureKind.PROTOCOL, detail),
        verdict=RetryAt(now + timedelta(minutes=5), "after a mistake of Hookline"),
    )
