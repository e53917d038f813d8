"""What all commands share: how one is declared, run, and given what it works with."""

import io
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cached_property, update_wrapper
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from hookline.output import ExitCode, Output, Usage
from hookline.settings import Settings

if TYPE_CHECKING:
    # Only for types: help and the console must not load what the core loads.
    from core.actions.caller import Caller
    from hookline.cli.sources import Sources
    from hookline.wiring import Wiring

Run = Callable[..., Coroutine[Any, Any, ExitCode | None]]
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


@dataclass
class Session:
    """One call of the program: where it prints, what is set, and what it works with.

    Settings and wiring are made when a command first asks for them: help needs neither.
    """

    output: Output
    load_settings: Callable[[], Settings]
    wire: "Callable[[Settings], Wiring]"
    interactive: bool
    """Whether a person is at the other end, who can be asked."""
    workspace: str | None = None

    @cached_property
    def settings(self) -> Settings:
        """What is set. Raises InvalidSettings."""
        return self.load_settings()

    @cached_property
    def wiring(self) -> "Wiring":
        """Clock, ids, randomness and the store."""
        return self.wire(self.settings)

    @asynccontextmanager
    async def caller(self) -> "AsyncIterator[Caller]":
        """The person, in the chosen workspace, with the store open."""
        async with self.wiring.caller(self.workspace) as caller:
            yield caller

    @property
    def stdin(self) -> BinaryIO:
        """The bytes of stdin; empty where whoever started us closed it."""
        return sys.stdin.buffer if sys.stdin else io.BytesIO()

    @cached_property
    def sources(self) -> "Sources":
        """Where files, stdin and secrets are read."""
        from hookline.cli.sources import Sources

        return Sources(self.stdin, self.ask_unseen if self.interactive else None)

    def ask_unseen(self, question: str) -> str:
        """Ask a person, who is there, for what must not be seen."""
        with hearing_ctrl_c():
            return str(click.prompt(question, hide_input=True, err=True))

    def confirm(self, what: str, flag: str) -> None:
        """Let a person agree to what will happen; a script must have, with a flag.

        Raises:
            Usage: when there is nobody to ask; `flag` says how to agree.
            click.Abort: when the person says no.
        """
        if not self.interactive:
            raise Usage(what, flag)
        with hearing_ctrl_c():
            click.confirm(f"{what} Go on?", abort=True, err=True)

    def ask(self, question: str, choices: Sequence[str] = ()) -> str:
        """Ask a person, who is there; with choices until one of them is typed."""
        kind = click.Choice([str(one) for one in choices]) if choices else None
        with hearing_ctrl_c():
            return str(click.prompt(question, type=kind, err=True))


@contextmanager
def hearing_ctrl_c() -> Iterator[None]:
    """Let ^C end a wait for stdin at once: asyncio would let the wait end first."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def command(
    name: str,
    *examples: str,
    scoped: bool = True,
    gives_data: bool = True,
) -> Callable[[Run], click.Command]:
    """Declare a command: an async function of a `Session` and its own options.

    Args:
        name: what is typed.
        examples: command lines that the help shows.
        scoped: whether it works in a workspace, chosen by `-w`.
        gives_data: whether it has `--json`.
    """

    def decorate(run: Run) -> click.Command:
        def callback(session: Session, /, **given: Any) -> ExitCode | None:
            import asyncio  # only here: 30 ms that help does not need

            return asyncio.run(run(session, **given))

        shared = [workspace_option] * scoped + [json_option] * gives_data
        function = click.pass_obj(update_wrapper(callback, run))
        for option in shared:
            function = option(function)
        return click.command(name, epilog=shown_examples(*examples))(function)

    return decorate


def shown_examples(*lines: str) -> str:
    """The end of a help text; the mark keeps click from joining the lines."""
    return "\n".join(("\b", "Examples:", *(f"  {line}" for line in lines)))


def _choose_workspace(
    ctx: click.Context, _: click.Parameter, slug: str | None
) -> str | None:
    if slug is not None:
        ctx.ensure_object(Session).workspace = slug
    return slug


workspace_option: Decorator = click.option(
    "-w",
    "--workspace",
    metavar="SLUG",
    expose_value=False,
    callback=_choose_workspace,
    help="Work in this workspace (or set HOOKLINE_WORKSPACE).",
)
# `hookline.cli.main.run` looks for the flag itself: errors may come before it is read.
json_option: Decorator = click.option(
    "--json", is_flag=True, expose_value=False, help="Print JSON, errors included."
)
