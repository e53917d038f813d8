"""`hookline demo`: all that Hookline does, on data of its own, with nothing to set up.

What is alive behind the console is a process of its own. It is tied to us by its stdin,
and removes the demo's home itself: nothing is left behind, however we end.
"""

import asyncio
import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import click

from core.errors import HooklineError
from hookline.cli.init import make_home
from hookline.cli.session import Session, json_option, shown_examples
from hookline.demo.cast import PLACES
from hookline.demo.stage import Stage, open_stage
from hookline.demo.tally import WebhookTally, webhook_tally
from hookline.output import ExitCode, Usage, table_lines
from hookline.tether import call_when_stdin_ends

_END = 10.0  # seconds the stage may take to end
# Imported while the stage is being set: by then the console can open at once.
_WANTED_SOON = ("hookline.console", "tui.places", "core.engine.sender", "store")
_COLUMNS = ("WORKSPACE", "WEBHOOK", "DELIVERED", "FAILED", "OUTCOMES")


class NoStage(HooklineError):
    """What is alive behind the console did not come up."""


@click.command(
    "demo",
    epilog=shown_examples(
        "hookline demo",
        "hookline demo --headless --seconds 20 --json",
        "hookline demo --keep ./demo",
    ),
)
@click.option("--headless", is_flag=True, help="No console: print what was delivered.")
@click.option(
    "--seconds",
    type=click.FloatRange(1.0, 3600.0),
    default=20.0,
    show_default=True,
    help="How long it runs without a console.",
)
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Make the demo's home here and leave it; else it is temporary.",
)
@click.option("--stage", is_flag=True, hidden=True, help="Be alive until stdin ends.")
@json_option
@click.pass_obj
def demo(
    session: Session, *, headless: bool, seconds: float, keep: Path | None, stage: bool
) -> ExitCode | None:
    """Open the console on a demo: three workspaces, webhooks of every kind, a receiver
    on this machine that behaves well or badly, a worker, and a stream of events.

    It touches nothing of yours, and leaves nothing behind.
    """
    if keep is not None and keep.exists() and any(keep.iterdir()):
        raise Usage(
            f"--keep: there is something in {keep} already.",
            f"Take another folder, or open that one: HOOKLINE_HOME={keep} hookline",
        )
    if stage:
        return asyncio.run(_be_alive(session, keep))
    if headless:
        return asyncio.run(_without_console(session, keep, seconds))
    return _with_console(session, keep)


# With the console: this process paints, another is alive.


def _with_console(session: Session, keep: Path | None) -> ExitCode | None:
    from hookline.cli.main import check_terminal, open_console

    check_terminal(session, "'hookline demo --headless'")
    session.output.say("Preparing the demo …")
    with _stage_process(keep) as ready:
        os.environ["SSL_CERT_FILE"] = ready["authority"]
        session.settings = replace(session.settings, home=Path(ready["home"]))
        session.workspace = PLACES[0].slug
        return open_console(session, None, None)


@contextlib.contextmanager
def _stage_process(keep: Path | None) -> Iterator[dict[str, str]]:
    """Start what is alive, and end it; gives what it says once it is."""
    kept = ("--keep", str(keep)) if keep else ()
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(  # noqa: S603 - our own command
            (sys.executable, "-P", "-m", "hookline", "demo", "--stage", *kept),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            # A ^c in the console is not one for the stage.
            start_new_session=True,
        )
        try:
            for name in _WANTED_SOON:
                importlib.import_module(name)
            yield _read_ready(process, words)
        finally:
            _end(process)


def _read_ready(process: subprocess.Popen[bytes], words: IO[bytes]) -> dict[str, str]:
    assert process.stdout is not None
    line = process.stdout.readline()
    if line:
        ready: dict[str, str] = json.loads(line)
        return ready
    process.wait()
    words.seek(0)
    said = words.read().decode("utf-8", "replace").strip()
    raise NoStage("The demo could not be prepared.", said.replace("\n", " "))


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


# Alive: a home, a receiver, a worker and events.


async def _be_alive(session: Session, keep: Path | None) -> None:
    ended = asyncio.Event()
    _end_on_signals(ended)
    call_when_stdin_ends(ended.set)
    with _demo_home(keep) as home:
        async with open_stage(session.wiring, home) as stage:
            ready = {"home": str(home), "authority": str(stage.receiver.authority)}
            session.output.raw(json.dumps(ready))
            session.output.stdout.flush()
            await ended.wait()


def _end_on_signals(ended: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, ended.set)


@contextlib.contextmanager
def _demo_home(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        make_home(keep.absolute())
        yield keep.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="hookline-demo-") as folder:
        yield Path(folder)


# Without the console.


async def _without_console(
    session: Session, keep: Path | None, seconds: float
) -> ExitCode:
    ended = asyncio.Event()
    _end_on_signals(ended)
    with _demo_home(keep) as home:
        async with open_stage(session.wiring, home) as stage:
            session.output.say(f"Delivering for {seconds:g} s …")
            loop = asyncio.get_running_loop()
            begin = loop.time()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), seconds)
            took = loop.time() - begin
            tallies = await _tallies(stage)
            form = _form(stage, tallies, took)
    session.output.show(form, _lines(form, tallies))
    return ExitCode.FAILED if form["signatures"]["refused"] else ExitCode.OK


async def _tallies(stage: Stage) -> list[WebhookTally]:
    workspaces = {workspace.id: workspace for workspace in stage.world.workspaces}
    return [
        await webhook_tally(
            stage.store, workspaces[webhook.workspace_id], webhook, stage.outcomes
        )
        for webhook in stage.world.webhooks
    ]


def _form(stage: Stage, tallies: list[WebhookTally], took: float) -> dict[str, Any]:
    delivered = sum(tally.delivered for tally in tallies)
    attempts = delivered + sum(tally.failed for tally in tallies)
    return {
        "seconds": round(took, 1),
        "events": stage.events.value,
        "attempts": attempts,
        "attempts_per_second": round(attempts / took, 1),
        "delivered": delivered,
        "signatures": stage.signatures.form,
        "webhooks": [tally.form for tally in tallies],
    }


def _lines(form: dict[str, Any], tallies: list[WebhookTally]) -> Iterator[str]:
    yield from table_lines(_COLUMNS, map(_cells, tallies))
    signatures = form["signatures"]
    yield ""
    yield (
        f"{form['events']} events, {form['attempts']} attempts "
        f"({form['attempts_per_second']:g} a second), {form['delivered']} delivered"
    )
    yield (
        f"The receiver verified {signatures['verified']} signatures and refused "
        f"{signatures['refused']}; {signatures['unsigned']} requests had none."
    )


def _cells(tally: WebhookTally) -> tuple[str, ...]:
    outcomes = [f"{count} × {words}" for words, count in tally.outcomes.items()]
    held = tally.states.get("held", 0)
    return (
        tally.workspace,
        tally.name,
        str(tally.delivered),
        str(tally.failed),
        ", ".join(outcomes) or (f"{held} held" if held else "-"),
    )
