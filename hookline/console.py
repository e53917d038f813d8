"""`hookline` without a command: wires the console and runs it.

Only what the first paint needs is imported here; the store follows in a thread while
the frame of the console is already on the screen.
"""

import asyncio
import importlib
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from hookline.output import ExitCode
from hookline.settings import Settings
from tui.app import Surroundings
from tui.console import Console

if TYPE_CHECKING:
    from tui.desk import Desk, Place


def run_console(
    settings: Settings, place: "Place", *, workspace: str | None = None
) -> ExitCode:
    """Open the console at a place, until the person leaves it."""
    return asyncio.run(_run(settings, place, workspace))


async def _run(settings: Settings, place: "Place", workspace: str | None) -> ExitCode:
    async with AsyncExitStack() as stack:

        async def open_desk() -> "Desk":
            return await _open_desk(settings, workspace, stack)

        app = Console(open_desk, _surroundings(settings), place)
        await app.run_async(mouse=True)
        return _exit_code(app.return_code)


def _surroundings(settings: Settings) -> Surroundings:
    return Surroundings(
        state_folder=settings.home,
        in_tmux=settings.terminal.in_tmux,
        no_color=settings.terminal.no_colour,
        editor=settings.editor,
    )


async def _open_desk(
    settings: Settings, workspace: str | None, stack: AsyncExitStack
) -> "Desk":
    # The imports take longer than anything else, and a thread lets the loop paint.
    await asyncio.to_thread(importlib.import_module, "store")
    await asyncio.to_thread(importlib.import_module, "core.engine.sender")
    from core.actions.caller import enter
    from core.engine.sender import open_sender
    from hookline.local_worker import WorkerProcess
    from hookline.wiring import current_login, new_id, utc_now
    from store import in_threads, open_store
    from tui.desk import Desk

    store = await open_store(settings.database, settings.key_file, in_threads())
    stack.push_async_callback(store.close)
    slug = workspace or settings.workspace
    caller = await enter(store, current_login(), slug, utc_now, new_id)
    send = await stack.enter_async_context(open_sender())
    return Desk(caller, send, WorkerProcess(settings.home))


def _exit_code(code: int | None) -> ExitCode:
    try:
        return ExitCode(code or 0)
    except ValueError:  # 128 and the number of a signal: told to leave, and left
        return ExitCode.OK if code and code > 128 else ExitCode.CRASHED
