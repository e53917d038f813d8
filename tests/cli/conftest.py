"""The program that the tests of the commands run."""

from pathlib import Path

import pytest

from tests.cli.program import Program


@pytest.fixture
def hookline(home: Path) -> Program:
    """Hookline over a store in memory; `ada` is at the keyboard of workspace acme."""
    return Program(home / "hookline")
