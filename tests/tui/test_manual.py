"""docs/console.md says what the keys do."""

from pathlib import Path

import pytest

from tui.actions import ACTIONS, PLACES, Action
from tui.widgets.key_help import all_keys

MANUAL = (Path(__file__).parents[2] / "docs" / "console.md").read_text("utf-8")


def row(action: Action) -> str:
    keys = " ".join(f"`{key}`" for key in all_keys(action).split())
    return f"| {keys} | {action.does} |\n"


@pytest.mark.parametrize("place", PLACES)
def test_the_manual_has_every_key(place: str) -> None:
    heading = f"### {PLACES[place]}\n\n| key | |\n|---|---|\n"  # type: ignore[index]
    rows = "".join(row(action) for action in ACTIONS if action.place == place)

    assert heading + rows in MANUAL
