"""`hookline worker`: deliver what is due, until told to stop."""

import asyncio
import gc
import logging
import signal
from collections.abc import Callable
from datetime import timedelta

import click

from core.access import Actor, Capability, require
from core.engine.worker import IN_FLIGHT, Worker
from core.history import WorkerBeat
from core.ports import Store
from core.work import LEASE
from hookline.cli.session import Session, command
from hookline.local_worker import READY
from hookline.output import Output
from hookline.settings import MAX_IN_FLIGHT
from hookline.tether import call_when_stdin_ends
from hookline.wiring import Wiring, worker_identity


@command(
    "worker",
    "hookline worker",
    "hookline worker --until-idle --json",
    "hookline worker --in-flight 256",
    scoped=False,
)
@click.option("--until-idle", is_flag=True, help="Deliver what is due now, then end.")
@click.option(
    "--in-flight",
    "--concurrency",
    "in_flight",
    type=click.IntRange(1, MAX_IN_FLIGHT),
    metavar="N",
    help=f"Requests at the same time; {IN_FLIGHT} if you do not say.",
)
@click.option(
    "--lease",
    type=click.FloatRange(1.0, 3600.0),
    default=LEASE.total_seconds(),
    show_default=True,
    metavar="SECONDS",
    help="How long another worker leaves alone what a crashed one had in hand.",
)
@click.option("--tied", is_flag=True, hidden=True, help="End when stdin ends.")
async def worker(
    session: Session,
    *,
    until_idle: bool,
    in_flight: int | None,
    lease: float,
    tied: bool,
) -> None:
    """Deliver what is due in all workspaces, until told to stop.

    SIGTERM or ^C lets it finish and record what is in flight. A second one ends it at
    once: another worker takes up what was in flight when its lease ends.
    """
    wiring, output = session.wiring, session.output
    limit = in_flight or session.settings.in_flight or IN_FLIGHT
    _log_to(output)
    async with (
        wiring.open_store(session.settings) as store,
        wiring.open_sender() as send,
    ):
        await _check_may(wiring, store)
        identity = worker_identity(wiring)
        ours = Worker(
            store,
            send,
            clock=wiring.clock,
            new_id=wiring.new_id,
            jitter=wiring.jitter,
            identity=identity,
            limit=limit,
            lease=timedelta(seconds=lease),
        )
        _stop_on_signals(ours.stop, output)
        _spare_the_collector()
        if tied:
            await _tie(store, identity, output, ours.stop)
        elif not until_idle:
            output.say(f"Delivering, up to {limit} at a time. ^C ends it.")
        await (ours.run_until_idle() if until_idle else ours.run())
    if not tied:
        output.show(
            {"delivered": ours.delivered, "failed": ours.failed},
            [f"{ours.delivered:,} delivered, {ours.failed:,} failed."],
        )


class _Words(logging.Handler):
    """What the engine logs, said as everything else is."""

    def __init__(self, output: Output) -> None:
        super().__init__(logging.WARNING)
        self._output = output

    def emit(self, record: logging.LogRecord) -> None:
        # A traceback has no local variables, so no secrets.
        first, *more = self.format(record).splitlines()
        self._output.warn(first)
        self._output.say(*more)


def _log_to(output: Output) -> None:
    logging.basicConfig(handlers=[_Words(output)], force=True)


async def _check_may(wiring: Wiring, store: Store) -> None:
    """A worker delivers for all workspaces, so only a platform admin runs one."""
    actor = Actor(wiring.login, tuple(await store.memberships(wiring.login)))
    require(actor, Capability.RUN_WORKER, None)


def _spare_the_collector() -> None:
    """What is loaded by now stays: looking through it again and again took a tenth of
    the time that claiming and recording take.
    """
    gc.collect()
    gc.freeze()


def _stop_on_signals(stop: Callable[[], None], output: Output) -> None:
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    asked: list[int] = []

    def on_signal(number: int) -> None:
        if asked and task is not None:
            task.cancel()
            return
        asked.append(number)
        output.say("Finishing what is in flight; once more ends at once.")
        stop()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, on_signal, number)


async def _tie(
    store: Store, identity: WorkerBeat, output: Output, stop: Callable[[], None]
) -> None:
    """Say that it lives, and stop when whoever started it is gone."""
    await store.beat(identity)
    output.raw(READY.decode().strip())
    output.stdout.flush()
    call_when_stdin_ends(stop)
