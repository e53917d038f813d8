"""How each run of the program begins and ends."""

import io
import os
import pty
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import click
import pytest

from core.errors import DatabaseLocked
from core.ports import Store
from hookline.cli.main import COMMANDS, cli
from hookline.settings import Settings
from tests.builders import a_webhook
from tests.cli.program import Ended, Program
from tests.installed import ROOT


class Broken(Program):
    """A program whose store raises what it is told to."""

    error: BaseException | None = KeyError("id")

    @asynccontextmanager
    async def _open_store(self, settings: Settings) -> AsyncIterator[Store]:
        variable = "-".join(("local", "variable"))
        if self.error and variable:
            raise self.error
        yield self.store


def run_python(*args: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "hookline", *args],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def commands_of(
    group: click.Group, path: tuple[str, ...] = ()
) -> list[tuple[str, ...]]:
    ctx = click.Context(group)
    found: list[tuple[str, ...]] = []
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        found.append((*path, name))
        if isinstance(command, click.Group):
            found += commands_of(command, (*path, name))
    return found


@pytest.mark.parametrize("path", commands_of(cli), ids=" ".join)
def test_every_command_says_what_it_does_and_shows_examples(
    hookline: Program, path: tuple[str, ...]
) -> None:
    ended = hookline(*path, "--help")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"Usage: hookline {' '.join(path)} ")
    has_commands = "COMMAND [ARGS]" in ended.out
    assert has_commands or "Examples:\n" in ended.out


def test_help_names_every_command_and_every_exit_code(hookline: Program) -> None:
    out = hookline("--help").out

    for name, found in COMMANDS.items():
        assert f"  {name:<11}  {found.summary}\n" in out
    assert "    4  you may not do this\n" in out


def test_there_is_no_option_that_takes_a_secret() -> None:
    """Whoever lists the processes would read it."""
    given = {
        option
        for path in commands_of(cli)
        for option in _options(path)
        if "secret" in option and not option.endswith("-file")
    }

    assert given == {"--generate-secret", "--drop-secret-headers"}


def _options(path: tuple[str, ...]) -> list[str]:
    command: click.Command = cli
    for name in path:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), name)
        assert found is not None
        command = found
    return [option for param in command.params for option in param.opts]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("webhook", " Did you mean 'webhooks'?"),
        ("dellveries", " Did you mean 'deliveries'?"),
        ("qqq", ""),
    ],
)
def test_an_unknown_command_is_usage(hookline: Program, typed: str, meant: str) -> None:
    assert hookline(typed) == Ended(
        2,
        err=f"hookline: No such command '{typed}'.{meant}\n"
        "  'hookline --help' shows what it takes.\n",
    )


def test_a_missing_option_is_usage_and_names_the_help(hookline: Program) -> None:
    assert hookline("webhooks", "create") == Ended(
        2,
        err="hookline: Missing option '--name'.\n"
        "  'hookline webhooks create --help' shows what it takes.\n",
    )


def test_usage_errors_are_json_too(hookline: Program) -> None:
    assert hookline("webhooks", "list", "--frob", "--json") == Ended(
        2,
        err='{"error": "No such option \'--frob\'.", '
        '"hint": "\'hookline webhooks list --help\' shows what it takes."}\n',
    )


def test_a_group_alone_shows_its_commands(hookline: Program) -> None:
    ended = hookline("webhooks")

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("Usage: hookline webhooks [OPTIONS] COMMAND")
    assert "  activate " in ended.err


def test_without_a_terminal_the_console_names_a_command(hookline: Program) -> None:
    assert hookline() == Ended(
        2,
        err="hookline: The console needs a terminal, and this is none.\n"
        "  Use a command instead, such as 'hookline webhooks list' or 'hookline "
        "deliveries list --json'.\n",
    )


def test_a_place_is_for_the_console_only(hookline: Program) -> None:
    assert hookline("--webhook", "ERP", "webhooks", "list") == Ended(
        2,
        err="hookline: --webhook and --delivery open the console at a place.\n"
        "  Leave them out, or leave 'webhooks' out.\n",
    )


def test_a_problem_of_the_store_has_its_code(home: Path) -> None:
    program = Broken(home)
    program.error = DatabaseLocked("The database is locked.", "Wait.")

    assert program("webhooks", "list") == Ended(
        5, err="hookline: The database is locked.\n  Wait.\n"
    )


def test_a_mistake_of_ours_is_one_line_and_a_private_report(home: Path) -> None:
    (home / "hookline").mkdir()

    ended = Broken(home)("webhooks", "list")

    [report] = (home / "hookline" / "crashes").iterdir()
    text = report.read_text()
    assert ended == Ended(
        70,
        err=f"hookline: Hookline made a mistake (KeyError).\n  The report: {report}\n",
    )
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert text.startswith("Traceback")
    assert "local-variable" not in text


def test_an_interruption_has_the_code_shells_give_it(home: Path) -> None:
    program = Broken(home)
    program.error = KeyboardInterrupt()

    ended = program("webhooks", "list")

    assert (ended.code, ended.out) == (130, "")
    assert ended.err.strip() == "Interrupted."


def test_a_reader_that_goes_away_is_not_complained_about() -> None:
    """As in `hookline … | head -1`."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as pipe:
        done = subprocess.run(
            [sys.executable, "-m", "hookline", "completion", "zsh"],
            cwd=ROOT,
            stdout=pipe,
            stderr=subprocess.PIPE,
            timeout=60,
        )

    assert (done.returncode, done.stderr) == (141, b"")


def test_output_that_cannot_be_written_is_said() -> None:
    """A script must not take a full disk for an empty list."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "hookline", "completion", "zsh"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
        )

    said = b"hookline: The output cannot be written: No space left on device.\n"
    assert (done.returncode, done.stderr) == (1, said)


def test_streams_that_are_closed_are_no_mistake() -> None:
    """As a service manager or cron may start it."""
    command = f"{sys.executable} -m hookline event-types list <&- >&-; echo $? >&2"

    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=60
    )

    first, *_, code = done.stderr.splitlines()
    assert first.startswith("hookline: There is no database")
    assert code == "5"


class InterruptedAnswer(io.BytesIO):
    """An answer during which ^C is typed."""

    def read1(self, size: int | None = -1, /) -> bytes:
        signal.raise_signal(signal.SIGINT)
        return super().read1(size)


def test_ctrl_c_ends_a_prompt(hookline: Program) -> None:
    """asyncio holds SIGINT back until something is awaited; a prompt awaits nothing."""
    hookline.add(a_webhook())
    answer = InterruptedAnswer(b"CI\n")

    ended = hookline("webhooks", "delete", "CI", stdin=answer, interactive=True)

    assert ended.code == 130
    assert hookline("webhooks", "show", "CI").code == 0


def test_help_loads_nothing_it_can_do_without() -> None:
    code = (
        "import sys; from hookline.cli.main import run; run(['--help']); "
        "print(*sorted(sys.modules.keys() & {*sys.argv}), file=sys.stderr)"
    )
    slow = ("textual", "sqlmodel", "httpx", "jinja2", "asyncio", "core.actions.caller")

    done = subprocess.run(
        [sys.executable, "-c", code, *slow],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (done.returncode, done.stderr.strip()) == (0, "")


def test_the_version_is_printed(hookline: Program) -> None:
    assert hookline("--version").out.startswith("hookline, version ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_completion(hookline: Program, shell: str) -> None:
    ended = hookline("completion", shell)

    assert ended.code == 0
    assert f"_HOOKLINE_COMPLETE={shell}_complete" in ended.out


def test_a_shell_completes_commands_without_loading_them() -> None:
    done = run_python(
        _HOOKLINE_COMPLETE="fish_complete", COMP_WORDS="hookline web", COMP_CWORD="web"
    )

    assert done.stdout == "plain,webhooks\tCreate, edit, switch and test webhooks.\n"


def test_a_dumb_terminal_gets_a_sentence() -> None:
    """Over a real terminal, for only there the console could open."""
    parent, child = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "hookline"],
        cwd=ROOT,
        env={**os.environ, "TERM": "dumb"},
        stdin=child,
        stdout=child,
        stderr=child,
        timeout=60,
    )
    os.close(child)
    said = os.read(parent, 4096).decode().replace("\r\n", "\n")
    os.close(parent)

    assert (done.returncode, said) == (
        2,
        "hookline: The console cannot be drawn on TERM=dumb.\n"
        "  Set TERM to what your terminal is, such as xterm-256color, or use a command "
        "such as 'hookline webhooks list' or 'hookline deliveries list --json'.\n",
    )
