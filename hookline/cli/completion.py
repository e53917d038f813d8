"""`hookline completion`: what a shell needs to complete Hookline's commands."""

import click
from click.shell_completion import get_completion_class

from hookline.cli.session import Session, command

HOW = {
    "bash": 'eval "$(hookline completion bash)"  # in ~/.bashrc',
    "zsh": 'eval "$(hookline completion zsh)"   # in ~/.zshrc',
    "fish": "hookline completion fish > ~/.config/fish/completions/hookline.fish",
}


@command("completion", *HOW.values(), scoped=False, gives_data=False)
@click.argument("shell", type=click.Choice(list(HOW)))
async def completion(session: Session, shell: str) -> None:
    """Print the completion script of a shell."""
    from hookline.cli.main import cli

    found = get_completion_class(shell)
    if found is None:
        raise LookupError(shell)
    complete = found(cli, {}, "hookline", "_HOOKLINE_COMPLETE")
    session.output.raw(complete.source())
