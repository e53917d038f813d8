"""The command `hookline` and what every command shares."""

import click


@click.group()
@click.version_option(package_name="hookline")
def cli() -> None:
    """Create, test, deliver and watch outbound webhooks from a terminal."""
