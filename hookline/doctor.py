"""What Hookline needs to run, looked at one by one; each finding says what to do.

Looks and never mends, and goes on after what it cannot look at.
"""

import os
import platform
import shutil
import sqlite3
import stat
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from core.access import Actor, Capability
from core.errors import HooklineError
from core.history import DeliveryFilter, Window, WorkerBeat
from core.model import DeliveryState, Workspace
from core.ports import Store
from core.spans import span_words
from hookline.settings import Terminal
from hookline.wiring import Wiring

MIB = 1024 * 1024
LOW_DISK, NO_DISK = 1024 * MIB, 64 * MIB  # bytes free
CLOCK_SKEW = timedelta(minutes=1)
LATE = timedelta(minutes=1)
WAITING = frozenset({DeliveryState.PENDING, DeliveryState.RETRYING})
# SQLite's WAL needs memory that all processes share, which these cannot give.
NETWORK = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "fuse.sshfs", "fuse.gluster")


class Level(StrEnum):
    """How a check went."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: what was looked at, what is the case, and what to do about it."""

    name: str
    level: Level
    words: str
    todo: str = ""


async def examine(wiring: Wiring, *, has_terminal: bool) -> AsyncIterator[Check]:
    """Look at everything, from the ground up."""
    settings = wiring.settings
    yield check_versions()
    yield check_home(settings.home)
    if settings.home.is_dir():
        yield check_filesystem(settings.home, _mounts())
        yield check_disk(shutil.disk_usage(settings.home).free)
    for path in (settings.key_file, settings.database):
        if path.exists():
            yield check_private(path)
    try:
        async with wiring.open_store(settings) as store:
            yield Check("database", Level.OK, "opens with its key, WAL and FULL sync")
            async for check in _examine_store(wiring, store):
                yield check
    except HooklineError as error:
        yield Check("database", Level.FAIL, error.message, error.hint)
    yield check_terminal(settings.terminal, has_terminal=has_terminal)


async def _examine_store(wiring: Wiring, store: Store) -> AsyncIterator[Check]:
    now = wiring.clock()
    actor = Actor(wiring.login, tuple(await store.memberships(wiring.login)))
    workspaces = [w for w in await store.workspaces() if actor.roles_in(w.id)]
    beats = [beat for beat in await store.workers() if beat.is_alive(now)]
    yield check_person(actor, workspaces)
    yield check_workers(beats, now)
    yield check_backlog(await store.next_due(), len(beats), now)
    for workspace in workspaces:
        if actor.may(Capability.MANAGE_WEBHOOKS, workspace.id):
            yield await _examine_workspace(store, workspace, now)


async def _examine_workspace(
    store: Store, workspace: Workspace, now: datetime
) -> Check:
    newest = await store.events(workspace.id, Window(limit=1))
    waiting = await store.count_deliveries(workspace.id, DeliveryFilter(states=WAITING))
    return check_workspace(
        workspace,
        waiting.value,
        newest[0].event.created_at if newest else None,
        now,
    )


def check_versions() -> Check:
    """What runs here."""
    from hookline import __version__

    words = (
        f"Hookline {__version__}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}"
    )
    return Check("versions", Level.OK, words)


def check_home(home: Path) -> Check:
    """Whether the folder is there, ours, and nobody else writes to it."""
    try:
        found = home.stat()
    except FileNotFoundError:
        todo = "Run 'hookline init', or set HOOKLINE_HOME to where it was run."
        return Check("home", Level.FAIL, f"{home} is not there", todo)
    except OSError as error:
        return Check("home", Level.FAIL, f"{home}: {error.strerror}")
    mode = stat.S_IMODE(found.st_mode)
    if found.st_uid != os.geteuid():
        todo = "Run Hookline as the user it was set up for."
        return Check("home", Level.FAIL, f"{home} belongs to another user", todo)
    if mode & 0o022:
        todo = f"Run 'chmod 700 {home}'."
        return Check("home", Level.FAIL, f"others can write to {home}", todo)
    if mode & 0o077:
        todo = f"Run 'chmod 700 {home}'."
        return Check("home", Level.WARN, f"others can look into {home}", todo)
    return Check("home", Level.OK, str(home))


def check_private(path: Path) -> Check:
    """Whether only its owner can read a file."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return Check(
            path.name,
            Level.FAIL,
            f"{path} is open to others (mode {mode:03o})",
            f"Run 'chmod 600 {path}'.",
        )
    return Check(path.name, Level.OK, f"{path}, mode {mode:03o}")


def check_filesystem(home: Path, mounts: str) -> Check:
    """Whether the database lies on a local disk; `mounts` is /proc/mounts."""
    kind = filesystem_of(home, mounts)
    if kind.startswith(NETWORK):
        return Check(
            "filesystem",
            Level.FAIL,
            f"{home} is on a network share ({kind}), where SQLite loses data",
            "Move HOOKLINE_HOME to a local disk.",
        )
    if kind in ("tmpfs", "ramfs"):
        return Check(
            "filesystem",
            Level.WARN,
            f"{home} is in memory ({kind}) and gone after a restart",
            "Move HOOKLINE_HOME to a disk, unless this is a trial.",
        )
    return Check("filesystem", Level.OK, kind or "unknown")


def filesystem_of(path: Path, mounts: str) -> str:
    """The kind of the file system that holds a path; empty when it is not known."""
    best, kind = "", ""
    for line in mounts.splitlines():
        _, at, found, *_ = line.split()
        # The kernel writes a space in a path as \040.
        at = at.replace("\\040", " ")
        if path.resolve().is_relative_to(at) and len(at) >= len(best):
            best, kind = at, found
    return kind


def check_disk(free: int) -> Check:
    """Whether there is room for events."""
    words = f"{free // MIB:,} MiB free"
    if free >= LOW_DISK:
        return Check("disk", Level.OK, words)
    level = Level.FAIL if free < NO_DISK else Level.WARN
    return Check("disk", level, words, "Make room: a full disk accepts no events.")


def check_person(actor: Actor, workspaces: Sequence[Workspace]) -> Check:
    """What the person may do here."""
    if not workspaces:
        return Check(
            "you",
            Level.WARN,
            f"{actor.login} belongs to no workspace",
            "Ask a platform admin for 'hookline members add'.",
        )
    roles = {role.value for w in workspaces for role in actor.roles_in(w.id)}
    slugs = ", ".join(workspace.slug for workspace in workspaces)
    return Check("you", Level.OK, f"{actor.login}, {', '.join(sorted(roles))}: {slugs}")


def check_workers(beats: Sequence[WorkerBeat], now: datetime) -> Check:
    """Whether anybody delivers, and by a clock like ours."""
    if not beats:
        todo = "Start one: 'hookline worker', best as a service."
        return Check("workers", Level.WARN, "none is running", todo)
    ahead = max(beat.seen_at for beat in beats) - now
    if ahead > CLOCK_SKEW:
        return Check(
            "workers",
            Level.FAIL,
            f"a worker's clock is {span_words(ahead)} ahead of this one",
            "Let both hosts keep time by NTP.",
        )
    names = ", ".join(f"{beat.host}/{beat.pid}" for beat in beats)
    return Check("workers", Level.OK, f"{len(beats)} running: {names}")


def check_backlog(next_due: datetime | None, workers: int, now: datetime) -> Check:
    """Whether what is due goes out."""
    if next_due is None:
        return Check("due", Level.OK, "nothing waits")
    late = now - next_due
    if late <= LATE:
        return Check("due", Level.OK, f"next at {next_due:%F %T}Z")
    words = f"the oldest delivery is due for {span_words(late)}"
    todo = (
        "Let the worker have more in flight, or run a second one."
        if workers
        else "Start a worker: 'hookline worker'."
    )
    return Check("due", Level.WARN, words, todo)


def check_workspace(
    workspace: Workspace, waiting: int, newest: datetime | None, now: datetime
) -> Check:
    """How much waits in a workspace, and whether its newest event lies in the past."""
    name = f"in {workspace.slug}"
    if newest is not None and newest - now > CLOCK_SKEW:
        return Check(
            name,
            Level.FAIL,
            f"its newest event is {span_words(newest - now)} in the future",
            "This host's clock was set back: let it keep time by NTP.",
        )
    last = f", last event {newest:%F %T}Z" if newest else ", no event yet"
    return Check(name, Level.OK, f"{waiting:,} waiting{last}")


def check_terminal(terminal: Terminal, *, has_terminal: bool) -> Check:
    """Whether the console can be drawn here."""
    if not has_terminal:
        return Check("terminal", Level.OK, "none here: the commands do without")
    if terminal.is_dumb:
        return Check(
            "terminal",
            Level.WARN,
            f"the console cannot be drawn on TERM={terminal.kind or '(empty)'}",
            "Set TERM to what your terminal is, such as xterm-256color.",
        )
    words = ", ".join(_terminal_words(terminal))
    if "utf" not in terminal.locale.lower():
        todo = "Set LANG to one with UTF-8, such as C.UTF-8: signs may be missing."
        return Check("terminal", Level.WARN, words, todo)
    return Check("terminal", Level.OK, words)


def _terminal_words(terminal: Terminal) -> Iterator[str]:
    size = shutil.get_terminal_size()
    yield f"{terminal.kind} {size.columns}x{size.lines}"
    if terminal.no_colour:
        yield "no colours, as NO_COLOR asks"
    else:
        yield "all colours" if terminal.colours else "256 colours at most"
    yield f"locale {terminal.locale or 'not set'}"
    if terminal.in_tmux:
        yield "in tmux"
    if terminal.over_ssh:
        yield "over SSH"


def _mounts() -> str:
    try:
        return Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""  # another system than Linux
