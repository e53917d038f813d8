"""Groups of commands: one lists them as they were given, one loads them when called."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


@dataclass(frozen=True, slots=True)
class Lazy:
    """Where a command is, and its line in the list of commands."""

    module: str
    summary: str
    attribute: str = ""


class Group(click.Group):
    """Lists its commands in the order they were given, not by the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in order."""
        return list(self.commands)


class LazyGroup(click.Group):
    """Lists commands from a table; loads one when it is called."""

    def __init__(
        self, *args: Any, commands_at: Mapping[str, Lazy], **kwargs: Any
    ) -> None:
        """Take a group's arguments, and where each command is by its name."""
        super().__init__(*args, **kwargs)
        self.commands_at = commands_at

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(self.commands_at)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command; None when there is none of this name."""
        found = self.commands_at.get(cmd_name)
        if found is None:
            return None
        attribute = found.attribute or cmd_name.replace("-", "_")
        command = getattr(import_module(found.module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{found.module}.{attribute} is not a command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command. Raises UsageError, with the name that was meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            # Click looks among loaded commands only, of which there are none.
            from core.matching import nearest

            close = nearest(args[0], self.list_commands(ctx))
            meant = f" Did you mean {close[0]!r}?" if close else ""
            raise click.UsageError(error.message + meant, ctx) from error

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the list from the table, so that help loads no command."""
        rows = [(name, found.summary) for name, found in self.commands_at.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def shell_complete(
        self, ctx: click.Context, incomplete: str
    ) -> "list[CompletionItem]":
        """Complete names from the table: a shell asks at each press of its key."""
        from click.shell_completion import CompletionItem

        names = [
            CompletionItem(name, help=found.summary)
            for name, found in self.commands_at.items()
            if name.startswith(incomplete)
        ]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]
