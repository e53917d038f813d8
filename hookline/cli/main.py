"""The command `hookline`: what there is, and how each run begins and ends.

Nothing here loads the core's rules, the store or the console: `hookline --help` and the
console's first paint wait for what this module imports.
"""

import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.errors import HooklineError
from hookline.cli.lazy import Lazy, LazyGroup
from hookline.cli.session import Session, shown_examples, workspace_option
from hookline.output import (
    MEANINGS,
    ExitCode,
    Output,
    OutputLost,
    ReaderGone,
    Usage,
    exit_code_for,
    is_terminal,
    standard_output,
)
from hookline.settings import Settings, home_of, read_settings, read_terminal

if TYPE_CHECKING:
    from hookline.wiring import Wiring

COMMANDS = {
    "init": Lazy("hookline.cli.init", "Make the database and the key."),
    "demo": Lazy("hookline.cli.demo", "Open the console on a demo that is alive."),
    "emit": Lazy("hookline.cli.emit", "Hand in events."),
    "worker": Lazy("hookline.cli.worker", "Deliver what is due."),
    "webhooks": Lazy(
        "hookline.cli.webhooks", "Create, edit, switch and test webhooks."
    ),
    "deliveries": Lazy("hookline.cli.deliveries", "Read the history; send again."),
    "events": Lazy("hookline.cli.events", "See what happened."),
    "event-types": Lazy("hookline.cli.event_types", "See and add kinds of events."),
    "preview": Lazy(
        "hookline.cli.preview", "Show the exact request before it is sent."
    ),
    "verify": Lazy("hookline.cli.verify", "Check a signature, and say why it fails."),
    "receiver": Lazy("hookline.cli.receiver", "Receive webhooks on this machine."),
    "doctor": Lazy("hookline.cli.doctor", "Check what Hookline needs to run."),
    "workspaces": Lazy("hookline.cli.workspaces", "See and add workspaces."),
    "members": Lazy("hookline.cli.members", "See and set who may do what."),
    "audit": Lazy("hookline.cli.audit", "See who changed what."),
    "completion": Lazy("hookline.cli.completion", "Print a shell's completion script."),
}

EXIT_CODES = "\n".join(
    (
        "\b",
        "Exit codes:",
        *(f"  {code:>3}  {words}" for code, words in MEANINGS.items()),
    )
)


@click.command(
    cls=LazyGroup,
    commands_at=COMMANDS,
    invoke_without_command=True,
    epilog="\n\n".join(
        (
            shown_examples(
                "hookline", "hookline --webhook ERP", "hookline webhooks list --json"
            ),
            EXIT_CODES,
        )
    ),
)
@workspace_option
@click.option("--webhook", metavar="ID", help="Open the console at this webhook.")
@click.option("--delivery", metavar="ID", help="Open the console at this delivery.")
@click.version_option(package_name="hookline")
@click.pass_context
def cli(
    ctx: click.Context, webhook: str | None, delivery: str | None
) -> ExitCode | None:
    """Create, test, deliver and watch outbound webhooks from a terminal.

    Without a command, Hookline opens its console.
    """
    if ctx.invoked_subcommand is None:
        return open_console(ctx.ensure_object(Session), webhook, delivery)
    if webhook or delivery:
        raise Usage(
            "--webhook and --delivery open the console at a place.",
            f"Leave them out, or leave {ctx.invoked_subcommand!r} out.",
        )
    return None


def open_console(
    session: Session, webhook: str | None, delivery: str | None
) -> ExitCode | None:
    """Open the console, if there is a terminal to draw it on."""
    check_terminal(
        session, "'hookline webhooks list' or 'hookline deliveries list --json'"
    )
    from hookline.console import run_console
    from tui.desk import Place

    return run_console(
        session.settings, Place(webhook, delivery), workspace=session.workspace
    )


def check_terminal(session: Session, instead: str) -> None:
    """Return if a console can be drawn.

    Raises:
        Usage: with the command to use instead.
    """
    if not (session.interactive and is_terminal(sys.stdout)):
        raise Usage(
            "The console needs a terminal, and this is none.",
            f"Use a command instead, such as {instead}.",
        )
    if session.settings.terminal.is_dumb:
        raise Usage(
            f"The console cannot be drawn on TERM={session.settings.terminal.kind}.",
            "Set TERM to what your terminal is, such as xterm-256color, or use a "
            f"command such as {instead}.",
        )


def run(
    args: Sequence[str] | None = None,
    *,
    begin: Callable[[Output], Session] | None = None,
) -> ExitCode:
    """Run the command line; whatever happens ends in words and an exit code.

    Args:
        args: what was typed after `hookline`; None takes it from the process.
        begin: makes the session; tests make their own.
    """
    given = list(sys.argv[1:] if args is None else args)
    output = standard_output(read_terminal(os.environ), as_json="--json" in given)
    try:
        return _run(given, (begin or _begin)(output))
    except ReaderGone:
        code = ExitCode.BROKEN_PIPE
    except OutputLost as error:
        output.fail(error)
        code = ExitCode.FAILED
    _give_up_stdout()
    return code


def _begin(output: Output) -> Session:
    return Session(
        output=output,
        load_settings=lambda: read_settings(os.environ),
        wire=_wire,
        interactive=is_terminal(sys.stdin) and is_terminal(sys.stderr),
    )


def _wire(settings: Settings) -> "Wiring":
    from hookline.wiring import wire

    return wire(settings)


def _run(args: list[str], session: Session) -> ExitCode:
    output = session.output
    try:
        code = cli.main(args, "hookline", standalone_mode=False, obj=session)
        output.flush()
        return ExitCode(code or ExitCode.OK)
    except (ReaderGone, OutputLost):
        raise
    except click.exceptions.NoArgsIsHelpError as error:
        output.say(*error.format_message().splitlines())
        return ExitCode.INVALID
    except click.ClickException as error:
        output.fail(_as_usage(error))
        return ExitCode.INVALID
    except click.Abort:
        output.say("Interrupted.")
        return ExitCode.INTERRUPTED
    except HooklineError as error:
        output.fail(error)
        return exit_code_for(error)
    # The last place there is: whatever else happens is a mistake of ours.
    except Exception as error:
        output.fail(_crash(error))
        return ExitCode.CRASHED


def _as_usage(error: click.ClickException) -> Usage:
    ctx = getattr(error, "ctx", None)
    path = ctx.command_path if ctx else "hookline"
    return Usage(error.format_message(), f"'{path} --help' shows what it takes.")


def _crash(error: Exception) -> HooklineError:
    from tui.crash import write_report

    kind = type(error).__name__
    try:
        path = write_report(error, _reports(), datetime.now(UTC))
    except OSError as problem:
        return HooklineError(
            f"Hookline made a mistake ({kind}), and could not write a report: "
            f"{problem.strerror}."
        )
    return HooklineError(f"Hookline made a mistake ({kind}).", f"The report: {path}")


def _reports() -> Path:
    """Where a crash is reported: Hookline's home, or a private folder before it is."""
    import tempfile

    home = home_of(os.environ)
    if home.is_dir():
        return home / "crashes"
    return Path(tempfile.mkdtemp(prefix="hookline-crash-"))


def _give_up_stdout() -> None:
    """Let the interpreter's own flush at its end find nobody who could complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
