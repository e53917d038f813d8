"""`hookline init`: the folder, the key, the database, and the first workspace."""

import stat
from collections.abc import Sequence
from pathlib import Path

import click

from core.actions.workspaces import check_workspace, found
from core.errors import NotFound, StoreProblem
from core.model import Workspace
from core.ports import Store
from hookline.cli.session import Session, command
from hookline.forms import workspace_form
from hookline.settings import Settings
from hookline.wiring import Wiring

PRIVATE = 0o700
FIRST = "main"


@command(
    "init",
    "hookline init",
    "hookline init --workspace acme --name 'Acme Inc.'",
    "HOOKLINE_HOME=/var/lib/hookline hookline init",
    scoped=False,
)
@click.option(
    "--workspace",
    "slug",
    metavar="SLUG",
    help=f"The first workspace; {FIRST} if you do not say.",
)
@click.option("--name", default="", help="What people call the workspace.")
async def init(session: Session, slug: str | None, name: str) -> None:
    """Make the database and the key, and a first workspace.

    Whoever runs it becomes platform admin. Run again, it says what is there already,
    and brings an older database up to date.
    """
    settings, output = session.settings, session.output
    check_workspace("", FIRST if slug is None else slug, name)
    make_home(settings.home)
    async with session.wiring.create_store(settings) as store:
        fresh = not await store.workspaces()
        workspaces = await _workspaces(session.wiring, store, slug, name)
    lines = _made(settings) if fresh else _was_there(settings, workspaces)
    output.show(_form(settings, workspaces, made=fresh), lines)
    if fresh:
        login = session.wiring.login
        output.say(
            f"{login} is platform admin of workspace {workspaces[0].slug}.",
            "Next: 'hookline webhooks create --help', or 'hookline' for the console.",
        )


def make_home(home: Path) -> None:
    """Make the folder, for its owner only.

    Raises:
        StoreProblem: when it cannot be made, or is open to others.
    """
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        home.mkdir(mode=PRIVATE, exist_ok=True)
        mode = stat.S_IMODE(home.stat().st_mode)
    except OSError as error:
        raise StoreProblem(
            f"The folder {home} cannot be made: {error.strerror}.",
            "Set HOOKLINE_HOME to a folder of yours.",
        ) from error
    if mode & 0o022:
        raise StoreProblem(
            f"Others can write to the folder {home} (mode {mode:03o}).",
            f"Run 'chmod 700 {home}', and then this again.",
        )


async def _workspaces(
    wiring: Wiring, store: Store, slug: str | None, name: str
) -> Sequence[Workspace]:
    there = await store.workspaces()
    if not there:
        first = await found(
            store,
            wiring.login,
            slug=slug or FIRST,
            name=name,
            clock=wiring.clock,
            new_id=wiring.new_id,
        )
        return [first]
    if slug not in (None, *(workspace.slug for workspace in there)):
        raise NotFound(
            f"Hookline is set up already, without a workspace {slug!r}.",
            f"'hookline workspaces add {slug}' adds one.",
        )
    return there


def _made(settings: Settings) -> list[str]:
    return [
        f"Made the database {settings.database}",
        f"Made the key      {settings.key_file}",
        "Keep a copy of the key: without it no saved secret can be opened.",
    ]


def _was_there(settings: Settings, workspaces: Sequence[Workspace]) -> list[str]:
    slugs = ", ".join(workspace.slug for workspace in workspaces)
    return [
        f"The database {settings.database} is there and up to date.",
        f"Workspaces: {slugs}",
    ]


def _form(settings: Settings, workspaces: Sequence[Workspace], *, made: bool) -> object:
    return {
        "home": str(settings.home),
        "database": str(settings.database),
        "key_file": str(settings.key_file),
        "made": made,
        "workspaces": [workspace_form(workspace) for workspace in workspaces],
    }
