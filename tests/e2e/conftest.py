"""What the end-to-end tests share."""

from pathlib import Path

import pytest

from tests.e2e.programs import Program


@pytest.fixture
def hookline(installed_hookline: Path, home: Path) -> Program:
    """The command of the installed wheel, in a home of the test's own."""
    return Program(installed_hookline)
