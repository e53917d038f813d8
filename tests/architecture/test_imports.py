"""What a module may load: a linter does not see what an import drags in.

Importing SQLModel takes half a second and Textual a quarter, so a command that needs
neither loads neither, and the console paints before the store is there.
"""

import subprocess
import sys

import pytest

from tests.installed import ROOT

DATABASE = {"alembic", "sqlalchemy", "sqlmodel"}
SEALING = {"cryptography"}
SENDING = {"httpcore", "httpx"}
CONSOLE = {"rich", "textual"}
TEMPLATES = {"jinja2"}

NEVER_LOADED = {
    "core.request": DATABASE | SEALING | SENDING | CONSOLE,
    "hookline.cli.main": DATABASE | SEALING | SENDING | CONSOLE | TEMPLATES,
    "hookline.console": DATABASE | SEALING | SENDING | TEMPLATES,
    "tui.desk": DATABASE | SEALING | SENDING | CONSOLE | TEMPLATES,
    "tui.app": DATABASE | SEALING | SENDING | TEMPLATES,
    "tui.console": DATABASE | SEALING | SENDING | TEMPLATES,
}

LIST_LOADED = "import sys, {module}; print(*sys.modules, sep='\\n')"


def loaded_by(module: str) -> set[str]:
    code = LIST_LOADED.format(module=module)
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", NEVER_LOADED)
def test_a_module_loads_nothing_it_can_do_without(module: str) -> None:
    assert loaded_by(module) & NEVER_LOADED[module] == set()
