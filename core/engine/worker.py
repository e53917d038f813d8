"""The worker: claims what is due, sends it, judges, records, and says that it lives.

It holds a few claims more than it sends, so that a slot never waits for the database.
Each webhook has a lane of its own: one that hangs fills its lane and costs nobody else
a slot. What was sent is recorded in batches; a batch that cannot be written is kept and
written again until it can.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.engine.attempt import make_attempt
from core.engine.disable import disable
from core.errors import StoreProblem
from core.history import HEARTBEAT, WorkerBeat
from core.model import Attempt, Delivery
from core.outcome import Failure, FailureKind
from core.ports import Clock, NewId, Send, Store
from core.retry import GiveUp, RetryAt
from core.work import LEASE, Claim, Finished

IN_FLIGHT = 64  # requests at the same time, over all webhooks
LINGER = 0.02  # seconds a finished attempt may wait for others to be recorded with
POLL = 0.025  # seconds between looks at whether the store changed
_AHEAD = 2  # claims held, as a multiple of what may be in flight
_PACE = 0.005  # seconds between claims while requests are in flight
_STORE_RETRY = 0.5  # seconds between tries to write to a store that refuses

log = logging.getLogger("hookline.worker")


@dataclass(slots=True)
class Lane:
    """The claims of one webhook: those that wait here, and how many are being sent."""

    limit: int
    waiting: deque[Claim] = field(default_factory=deque)
    flying: int = 0

    @property
    def can_start(self) -> bool:
        """Whether another of its requests may begin."""
        return bool(self.waiting) and self.flying < self.limit

    @property
    def room(self) -> int:
        """How many more claims it may hold."""
        return max(0, _AHEAD * self.limit - self.flying - len(self.waiting))


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
        self._limit = limit
        self._lease = lease
        self._lanes: dict[str, Lane] = {}
        self._held: dict[str, Delivery] = {}
        self._claimed_at = 0.0  # the loop's time
        self._finished: list[Finished] = []
        self._flying = 0
        self._waiting = 0
        self._delivered = 0
        self._stopping = False
        self._woken = asyncio.Event()
        self._recording = asyncio.Event()

    def __repr__(self) -> str:
        state = "stopping" if self._stopping else "running"
        return (
            f"<Worker {state}, {self._flying} in flight, {len(self._held)} held, "
            f"{len(self._finished)} to record>"
        )

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
            recorder = tasks.create_task(self._record())
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
                _AHEAD * self._limit - self._flying - self._waiting,
                {webhook: lane.room for webhook, lane in self._lanes.items()},
            )
        except StoreProblem as problem:
            log.warning("Cannot claim: %s", problem)
            await asyncio.sleep(_STORE_RETRY)
            return 0
        for claim in claims:
            self._hold(claim)
        return len(claims)

    def _wants_claims(self) -> bool:
        """Whether the lanes run low, and the last claim is long enough ago: a claim per
        finished request would cost more than the request.
        """
        now = asyncio.get_running_loop().time()
        if self._waiting > self._limit // 2 or (
            self._flying and now - self._claimed_at < _PACE
        ):
            return False
        self._claimed_at = now
        return True

    def _hold(self, claim: Claim) -> None:
        webhook = claim.webhook
        lane = self._lanes.setdefault(webhook.id, Lane(webhook.limits.in_flight))
        lane.limit = webhook.limits.in_flight
        lane.waiting.append(claim)
        self._waiting += 1
        self._held[claim.delivery.id] = claim.delivery

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
        """Begin what may begin, one request per lane in turn."""
        started = 0
        ready = deque(lane for lane in self._lanes.values() if lane.can_start)
        while ready and self._flying < self._limit:
            lane = ready.popleft()
            claim = lane.waiting.popleft()
            lane.flying += 1
            self._flying += 1
            self._waiting -= 1
            started += 1
            tasks.create_task(self._deliver(lane, claim))
            if lane.can_start:
                ready.append(lane)
        return started

    async def _deliver(self, lane: Lane, claim: Claim) -> None:
        try:
            attempt = await self._attempt(claim)
        finally:
            lane.flying -= 1
            self._flying -= 1
            self._woken.set()
        self._finished.append(Finished(claim.delivery, attempt))
        self._recording.set()

    async def _attempt(self, claim: Claim) -> Attempt:
        try:
            return await make_attempt(
                claim, send=self._send, clock=self._clock, jitter=self._jitter()
            )
        # A mistake of ours in one delivery must not end the worker for all others.
        except Exception as error:
            log.exception("Hookline failed at %s", claim.delivery.id)
            return _broken(claim, error, self._clock())

    # Recording.

    async def _record(self) -> None:
        while True:
            await self._recording.wait()
            await asyncio.sleep(LINGER)
            await self._flush()

    async def _flush(self) -> None:
        """Write what has finished; keep it for the next time if the store refuses."""
        self._recording.clear()
        batch, self._finished = self._finished, []
        if not batch:
            return
        try:
            await self._store.record(batch)
        except StoreProblem as problem:
            log.warning("Cannot record %d attempts yet: %s", len(batch), problem)
            self._finished = batch + self._finished
            await asyncio.sleep(_STORE_RETRY)
            self._recording.set()
            return
        self._recorded(batch)
        for finished in batch:
            await self._follow(finished)

    def _recorded(self, batch: list[Finished]) -> None:
        for finished in batch:
            self._held.pop(finished.delivery.id, None)
        self._delivered += sum(done.attempt.outcome.is_success for done in batch)
        self._lanes = {
            webhook: lane
            for webhook, lane in self._lanes.items()
            if lane.flying or lane.waiting
        }
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
            in_flight=self._flying,
            delivered=self._delivered,
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
        unsent = [
            claim.delivery for lane in self._lanes.values() for claim in lane.waiting
        ]
        for lane in self._lanes.values():
            lane.waiting.clear()
        self._waiting = 0
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
