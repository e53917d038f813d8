"""The template in the person's own editor."""

import shlex
import sys
from pathlib import Path

import pytest

from tui.screens.editor.outside import edit_outside

EDITOR = """
import pathlib, sys
path = pathlib.Path(sys.argv[-1])
assert path.stat().st_mode & 0o077 == 0 or path.parent.stat().st_mode & 0o077 == 0
path.write_text(path.read_text("utf-8") + "é {{ data }}", "utf-8")
"""


def test_what_the_editor_left_comes_back(tmp_path: Path) -> None:
    script = tmp_path / "my editor.py"
    script.write_text(EDITOR, "utf-8")
    command = shlex.join([sys.executable, str(script)])

    assert edit_outside(command, "ü ") == "ü é {{ data }}"


def test_an_editor_that_is_missing_is_an_error() -> None:
    with pytest.raises(OSError, match="no-such-editor"):
        edit_outside("no-such-editor", "text")
