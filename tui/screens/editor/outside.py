"""The template in the person's own editor, by way of a private file."""

import shlex
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory


def edit_outside(command: str, text: str) -> str:
    """Run an editor on a text and return what it left; the terminal must be free.

    Raises:
        OSError: when the editor cannot be started.
    """
    with TemporaryDirectory(prefix="hookline-") as folder:
        path = Path(folder) / "template.jinja"
        path.write_text(text, "utf-8")
        subprocess.run([*shlex.split(command), str(path)], check=False)  # noqa: S603
        return path.read_text("utf-8", errors="replace")
