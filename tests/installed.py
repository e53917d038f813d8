"""Hookline as a stranger gets it: the wheel of this checkout, built and installed.

Nothing is fetched: an installed wheel finds its dependencies in the environment that
runs the tests, and never the checkout.
"""

import fcntl
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent


def build_wheel(folder: Path) -> Path:
    """Build the wheel into the folder and return its path."""
    _run("hatchling", "build", "--target", "wheel", "--directory", folder)
    [wheel] = folder.glob("*.whl")
    return wheel


def install_wheel(wheel: Path, folder: Path) -> Path:
    """Install the wheel into a new environment and return the command `hookline`."""
    venv.create(folder)
    python = folder / "bin" / "python"
    _run("pip", "--python", python, "install", "--no-deps", "--no-index", wheel)
    # After the installation: pip would take the editable install beside them for ours.
    site = sysconfig.get_path("purelib", "venv", {"base": str(folder)})
    Path(site, "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return python.with_name("hookline")


def made_once(folder: Path, make: Callable[[Path], Path]) -> Path:
    """Return what `make` makes in the folder; of several workers the first makes it."""
    folder.mkdir(exist_ok=True)
    made = folder / "made"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            made.write_text(str(make(folder / "it")))
    return Path(made.read_text())


def _run(module: str, *arguments: str | Path) -> None:
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
