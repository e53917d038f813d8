"""Writes docs/commands.md from what the commands say of themselves.

`python -m hookline.cli.manual > docs/commands.md`; a test holds the two together.
"""

from collections.abc import Iterator

import click

from hookline.cli.main import cli
from hookline.output import MEANINGS, standard_output
from hookline.settings import Terminal

_HEAD = """\
# The commands

`hookline` opens the console. Everything the console does is also a command, through the
same actions and with the same rules about who may do what.

- **Data goes to stdout, words go to stderr**, so `hookline … > file` holds only data.
- `--json` prints JSON: a list is an array, one thing is an object, a stream is one
  object a line. Errors are JSON too, on stderr: `{"error": …, "hint": …, "field": …}`,
  with `line` where a line is meant. Fields are never renamed; new ones may come.
- `-w SLUG` chooses the workspace; else `HOOKLINE_WORKSPACE`, else `workspace` in
  `settings.toml`, else the oldest you belong to.
- **Secrets** come from a file, from stdin (`-`), or from a prompt that does not show
  them (`-` on a terminal). There is no option that takes one as an argument: others
  could read it in the list of processes. What is saved is only ever shown masked, as
  `••••Kq8`; a generated secret is printed once, by the command that made it.
- `HOOKLINE_HOME` names the folder of database, key and settings. If it is not set,
  that is `hookline` in the folder for data that XDG names (`~/.local/share/hookline`).
- A command asks only on a terminal. In a script it names the flag that answers.
- Times are ISO 8601 in UTC, durations in milliseconds (`…_ms`), the limits of a webhook
  (`timeout`, `schedule`) in seconds, and what is not there is null. A body that is no
  text is in `body_base64` instead of `body`. The headers of requests and responses are
  lists of pairs, in the order of the wire.

`settings.toml` in that folder may hold, and need not exist:

    workspace = "acme"      # where commands work if you do not say

    [worker]
    in_flight = 64          # requests at the same time

## Exit codes
"""


def manual() -> str:
    """The whole page."""
    return "\n".join((*_HEAD.splitlines(), "", *_codes(), *_commands(), ""))


def _codes() -> Iterator[str]:
    yield "| code | meaning |"
    yield "|---|---|"
    for code, meaning in MEANINGS.items():
        yield f"| {int(code)} | {meaning} |"


def _commands() -> Iterator[str]:
    root = click.Context(cli, info_name="hookline", terminal_width=80)
    for name in cli.list_commands(root):
        command = cli.get_command(root, name)
        if command is not None:
            ctx = click.Context(command, root, info_name=name, terminal_width=80)
            yield from _command(ctx, "##")


def _command(ctx: click.Context, level: str) -> Iterator[str]:
    command = ctx.command
    yield from ("", f"{level} {ctx.command_path}", "")
    yield from _prose(command)
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            below = click.Context(child, ctx, info_name=name, terminal_width=80)
            yield from _command(below, level + "#")
        return
    yield from ("", f"    {command.get_usage(ctx).removeprefix('Usage: ')}")
    yield from _options(ctx)
    yield from _examples(command)


def _prose(command: click.Command) -> Iterator[str]:
    yield from (line.strip() for line in (command.help or "").strip().splitlines())


def _options(ctx: click.Context) -> Iterator[str]:
    # What is not exposed is the same everywhere: --json, -w and --help.
    own = [p for p in ctx.command.params if p.expose_value]
    options = [p for p in own if isinstance(p, click.Option)]
    records = [r for r in (o.get_help_record(ctx) for o in options) if r is not None]
    if records:
        yield ""
    for names, words in records:
        yield f"- `{names}` {words}".rstrip()


def _examples(command: click.Command) -> Iterator[str]:
    lines = (command.epilog or "").splitlines()[2:]
    if lines:
        yield ""
    yield from (f"  {line}" for line in lines)


if __name__ == "__main__":
    standard_output(Terminal(), as_json=False).raw(manual().rstrip("\n"))
