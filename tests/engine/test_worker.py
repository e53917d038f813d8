"""The worker over the memory store: what it claims, sends, records and gives back."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from core.catalogue import default_catalogue
from core.engine.worker import Worker
from core.errors import DatabaseLocked
from core.history import DeliveryFilter, Window
from core.model import DeliveryState, Limits, Signing, SigningSecret, Webhook
from core.outcome import Failure, FailureKind, Outcome, Response
from core.ports import Send
from core.request import PreparedRequest
from core.retry import RetryPolicy
from core.secret import Secret
from core.work import Finished
from tests.builders import (
    NOON,
    WORKSPACE_ID,
    a_beat,
    a_webhook,
    a_workspace,
    an_audit_entry,
    an_event,
    counting_ids,
    fan_out,
)
from tests.memory_store import MemoryStore

State = DeliveryState


async def until(condition: Callable[[], bool]) -> None:
    """Let the others run until this holds; fail if it never does."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - it watches plain values
            await asyncio.sleep(0)


class World:
    """A store with webhooks and events, a clock that stands, a scripted sender."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        self.store = store or MemoryStore()
        self.now = NOON
        self.new_id = counting_ids()
        self.sent: list[PreparedRequest] = []

    async def with_webhooks(self, *webhooks: Webhook) -> "World":
        await self.store.add_workspace(
            a_workspace(), default_catalogue(), an_audit_entry()
        )
        for webhook in webhooks:
            await self.store.add_webhook(webhook, an_audit_entry())
        return self

    async def emit(self, count: int = 1) -> None:
        events = [an_event(id=self.new_id("evt")) for _ in range(count)]
        await self.store.accept(events, fan_out(self.new_id))

    def answering(self, *answers: Outcome) -> Send:
        """Send these, in order; the last one for ever."""

        async def send(request: PreparedRequest) -> Outcome:
            self.sent.append(request)
            return answers[min(len(self.sent), len(answers)) - 1]

        return send

    def worker(self, send: Send, **settings: object) -> Worker:
        clock: Callable[[], datetime] = lambda: self.now  # noqa: E731
        return Worker(
            self.store,
            send,
            clock=clock,
            new_id=self.new_id,
            jitter=lambda: 1.0,
            identity=a_beat(),
            **settings,  # type: ignore[arg-type]
        )

    async def states(self) -> list[tuple[State, int, datetime | None]]:
        rows = await self.store.deliveries(WORKSPACE_ID, DeliveryFilter(), Window())
        found = [row.delivery for row in reversed(rows)]
        return [(d.state, d.attempts, d.due_at) for d in found]


async def test_what_is_due_is_sent_and_recorded() -> None:
    world = await World().with_webhooks(a_webhook())
    await world.emit(3)

    await world.worker(world.answering(Response(200))).run_until_idle()

    assert await world.states() == [(State.DELIVERED, 1, None)] * 3
    assert len(world.sent) == 3


async def test_a_failure_waits_for_its_time_and_then_succeeds() -> None:
    world = await World().with_webhooks(a_webhook())
    await world.emit()
    send = world.answering(Response(503), Response(200))

    await world.worker(send).run_until_idle()
    after_first = await world.states()
    await world.worker(send).run_until_idle()
    too_early = await world.states()
    world.now += timedelta(seconds=5)
    await world.worker(send).run_until_idle()

    retry = (State.RETRYING, 1, NOON + timedelta(seconds=5))
    assert (after_first, too_early) == ([retry], [retry])
    assert await world.states() == [(State.DELIVERED, 2, None)]


async def test_the_schedule_ends_in_exhausted() -> None:
    hasty = a_webhook(retry=RetryPolicy(schedule=(0, 0, 0)))
    world = await World().with_webhooks(hasty)
    await world.emit()

    async def fail(request: PreparedRequest) -> Outcome:
        world.now += timedelta(seconds=1)
        return Response(500)

    await world.worker(fail).run_until_idle()

    assert await world.states() == [(State.EXHAUSTED, 3, None)]


async def test_gone_disables_the_webhook_and_what_comes_later_is_held() -> None:
    world = await World().with_webhooks(a_webhook())
    await world.emit()

    await world.worker(world.answering(Response(410))).run_until_idle()
    await world.emit()

    webhook = await world.store.webhook(WORKSPACE_ID, "CI")
    assert (webhook.active, webhook.disabled_reason) == (
        False,
        "410 Gone: the receiver wants no more events.",
    )
    assert await world.states() == [(State.EXHAUSTED, 1, None), (State.HELD, 0, None)]
    audit = await world.store.audit_entries(WORKSPACE_ID, Window())
    assert ("hookline", "webhook.disabled") in {(e.login, e.action) for e in audit}


async def test_a_template_that_breaks_is_a_failed_attempt_and_nothing_is_sent() -> None:
    world = await World().with_webhooks(a_webhook(template="{{ data.nope }}"))
    await world.emit()

    await world.worker(world.answering(Response(200))).run_until_idle()

    assert world.sent == []
    row = (await world.store.deliveries(WORKSPACE_ID, DeliveryFilter(), Window()))[0]
    assert row.last is not None
    assert (row.delivery.state, row.last.failure) == (
        State.RETRYING,
        FailureKind.TEMPLATE,
    )
    assert row.last.why == (
        "Template line 1: 'nope' is undefined. Known here: pull_request."
    )


async def test_a_mistake_of_ours_is_recorded_and_costs_only_its_delivery() -> None:
    world = await World().with_webhooks(a_webhook())
    await world.emit(2)

    async def broken(request: PreparedRequest) -> Outcome:
        world.sent.append(request)
        if len(world.sent) == 1:
            raise AssertionError("a bug")
        return Response(200)

    await world.worker(broken).run_until_idle()

    assert sorted(state for state, _, _ in await world.states()) == [
        State.DELIVERED,
        State.RETRYING,
    ]


class Gate:
    """A sender that holds requests to one webhook until it is opened."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.flying = 0
        self.most = 0
        self.passed: list[str] = []

    async def __call__(self, request: PreparedRequest) -> Outcome:
        if request.url.host != "hanging.example.com":
            self.passed.append(request.url.host)
            return Response(200)
        self.flying += 1
        self.most = max(self.most, self.flying)
        await self.opened.wait()
        self.flying -= 1
        return Failure(FailureKind.TIMEOUT, "No answer.")


def two_webhooks() -> Sequence[Webhook]:
    hanging = a_webhook("https://hanging.example.com/", limits=Limits(in_flight=2))
    healthy = a_webhook("https://healthy.example.com/", id="whk_2", name="healthy")
    return hanging, healthy


async def test_a_hanging_webhook_fills_its_own_lane_only() -> None:
    world = await World().with_webhooks(*two_webhooks())
    await world.emit(20)
    gate = Gate()

    worker = world.worker(gate, limit=8)
    running = asyncio.create_task(worker.run())
    await until(lambda: len(gate.passed) == 20)
    worker.stop()
    gate.opened.set()
    await running

    assert (gate.most, len(gate.passed)) == (2, 20)


async def test_stopping_waits_for_what_is_under_way_and_gives_back_the_rest() -> None:
    hanging, _ = two_webhooks()
    world = await World().with_webhooks(hanging)
    await world.emit(10)
    gate = Gate()

    worker = world.worker(gate)
    running = asyncio.create_task(worker.run())
    await until(lambda: gate.flying == 2)
    worker.stop()
    gate.opened.set()
    await running

    states = await world.states()
    assert [state for state, _, _ in states].count(State.RETRYING) == 2
    assert [s for s in states if s[0] is State.PENDING] == [
        (State.PENDING, 0, NOON)
    ] * 8
    assert await world.store.workers() == []


async def test_new_work_wakes_an_idle_worker() -> None:
    world = await World().with_webhooks(a_webhook())

    worker = world.worker(world.answering(Response(200)))
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(0)
    await world.emit()
    await until(lambda: bool(world.sent))
    worker.stop()
    await running

    assert await world.states() == [(State.DELIVERED, 1, None)]


class Refusing(MemoryStore):
    """A store whose disk is full for the first two batches."""

    refusals = 2

    async def record(self, finished: Sequence[Finished]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise DatabaseLocked("The database is locked.")
        await super().record(finished)


async def test_a_store_that_refuses_a_batch_gets_it_again() -> None:
    world = await World(Refusing()).with_webhooks(a_webhook())
    await world.emit(2)

    await world.worker(world.answering(Response(200))).run_until_idle()

    assert await world.states() == [(State.DELIVERED, 1, None)] * 2
    assert len(world.sent) == 2


class Choking(MemoryStore):
    """A store with a mistake that shows with one delivery only."""

    poison = "dlv_000004"

    async def record(self, finished: Sequence[Finished]) -> None:
        if any(one.delivery.id == self.poison for one in finished):
            raise ValueError("a bug")
        await super().record(finished)


async def test_an_attempt_that_cannot_be_recorded_costs_no_other() -> None:
    world = await World(Choking()).with_webhooks(a_webhook())
    await world.emit()
    await world.emit()
    await world.emit()

    await world.worker(world.answering(Response(200))).run_until_idle()

    found = [state for state, _, _ in await world.states()]
    assert sorted(found) == [State.DELIVERED, State.DELIVERED, State.SENDING]


async def test_the_lease_of_a_crashed_worker_ends_and_another_goes_on() -> None:
    world = await World().with_webhooks(a_webhook())
    await world.emit()
    await world.store.claim(NOON, NOON + timedelta(seconds=60), 10, {})

    await world.worker(world.answering(Response(200))).run_until_idle()
    during = await world.states()
    world.now += timedelta(seconds=60)
    await world.worker(world.answering(Response(200))).run_until_idle()

    assert during == [(State.SENDING, 0, NOON + timedelta(seconds=60))]
    assert await world.states() == [(State.DELIVERED, 1, None)]


async def test_without_an_active_secret_nothing_goes_out_unsigned() -> None:
    expired = SigningSecret(Secret("an old key"), NOON, expires_at=NOON)
    signed = a_webhook(signing=Signing("acrity", (expired,)))
    world = await World().with_webhooks(signed)
    await world.emit()

    await world.worker(world.answering(Response(200))).run_until_idle()

    assert world.sent == []
    row = (await world.store.deliveries(WORKSPACE_ID, DeliveryFilter(), Window()))[0]
    assert row.last is not None
    assert (row.delivery.state, row.last.failure) == (
        State.RETRYING,
        FailureKind.BLOCKED,
    )
