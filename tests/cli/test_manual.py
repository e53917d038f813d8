"""docs/commands.md says what the commands say."""

from hookline.cli.manual import manual
from tests.installed import ROOT


def test_the_manual_is_what_the_commands_say_of_themselves() -> None:
    """`python -m hookline.cli.manual > docs/commands.md` brings it up to date."""
    assert (ROOT / "docs" / "commands.md").read_text() == manual()
