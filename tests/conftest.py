"""What every test may rely on: a home of its own, UTC, one terminal, no network.

Nothing of the developer's machine reaches a test, and no test reaches past loopback.
"""

import importlib
import itertools
import os
import sys
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
import textual.constants

from tests.installed import build_wheel, install_wheel, made_once

KEPT = ("PATH", "TMPDIR", "LD_LIBRARY_PATH", "PYTEST_", "COV", "TEXTUAL_SNAPSHOT_")
SET = {
    # Hypothesis tries the same examples each time, and sets no deadline.
    "CI": "true",
    "COLORTERM": "truecolor",
    "COLUMNS": "120",
    "LANG": "C.UTF-8",
    "LINES": "40",
    "TERM": "xterm-256color",
    "TEXTUAL_ANIMATIONS": "none",
    "TZ": "UTC",
}


def _forget_the_machine() -> None:
    for name in os.environ.keys() - SET.keys():
        if not name.startswith(KEPT):
            del os.environ[name]
    os.environ.update(SET)
    time.tzset()
    # The snapshot plugin has imported Textual, which read the old environment.
    importlib.reload(textual.constants)


def _is_loopback(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        return ip_address(str(name)).is_loopback
    except ValueError:
        return False


def _stay_on_loopback(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if not _is_loopback(host):
        # No OSError: the engine would record it as one more failed attempt.
        pytest.fail(f"{event} to {host!r}: tests talk to loopback only")


_forget_the_machine()
sys.addaudithook(_stay_on_loopback)


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of this run of pytest, shared by its workers."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def wheel(run_folder: Path) -> Path:
    """The wheel of this checkout."""
    return made_once(run_folder / "wheel", build_wheel)


@pytest.fixture(scope="session")
def installed_hookline(wheel: Path, run_folder: Path) -> Path:
    """The command `hookline`, installed from the wheel; its Python lies beside it."""
    return made_once(
        run_folder / "installed", lambda folder: install_wheel(wheel, folder)
    )


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Names of homes, a new one each time it is asked."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def home(homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own; `HOOKLINE_HOME` names a folder in it, not yet made."""
    home = next(homes)
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("HOOKLINE_HOME", str(home / "hookline"))
    return home
