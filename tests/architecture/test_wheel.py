"""What a wheel holds, and that the installed command minds nobody else's `core`."""

import os
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.installed import ROOT

FOLDERS = ("core", "store", "tui")
SHIPPED = {".py", ".tcss", ".mako"}
"""What the program reads at run time: code, styles, and the pattern of a migration."""

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RELEASE = f"hookline-{PROJECT['version']}"

REPORT = """
import sys
from hookline.__main__ import main

sys.argv = ["hookline", "--version"]
try:
    main()
except SystemExit:
    pass

import core, store, tui
print(core.__file__, store.__file__, tui.__file__, sep="\\n")
"""


def contents(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def checked_out(folder: str) -> set[Path]:
    paths = (ROOT / folder).rglob("*")
    return {path.relative_to(ROOT) for path in paths if path.suffix in SHIPPED}


@pytest.fixture
def hostile_folder(tmp_path: Path) -> Path:
    for name in FOLDERS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('HIJACKED')")
    return tmp_path


def run(
    *command: str | Path, cwd: Path, python_path: str | None = None
) -> tuple[int, str, str]:
    environment = {**os.environ, "PYTHONPATH": python_path} if python_path else None
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=30
    )
    return done.returncode, done.stdout, done.stderr


def test_the_wheel_holds_the_program_and_nothing_else(wheel: Path) -> None:
    shipped = {Path(name) for name in contents(wheel) if name.startswith("hookline/")}
    tucked_in = {"hookline" / path for name in FOLDERS for path in checked_out(name)}

    assert shipped == checked_out("hookline") | tucked_in


def test_the_wheel_installs_one_import_name(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in contents(wheel)}

    assert tops == {"hookline", f"{RELEASE}.dist-info"}


def test_the_wheel_carries_its_license(wheel: Path) -> None:
    assert f"{RELEASE}.dist-info/licenses/LICENSE" in contents(wheel)


@pytest.mark.parametrize("python_path", [None, "."])
@pytest.mark.parametrize("as_module", [False, True])
def test_the_command_runs_in_a_folder_with_a_hostile_core(
    installed_hookline: Path,
    hostile_folder: Path,
    as_module: bool,
    python_path: str | None,
) -> None:
    python = installed_hookline.with_name("python")
    command = (python, "-m", "hookline") if as_module else (installed_hookline,)

    done = run(*command, "--version", cwd=hostile_folder, python_path=python_path)

    assert done == (0, f"hookline, version {PROJECT['version']}\n", "")


@pytest.mark.parametrize("python_path", [None, "."])
def test_the_folders_come_from_the_installed_package(
    installed_hookline: Path, hostile_folder: Path, python_path: str | None
) -> None:
    python = installed_hookline.with_name("python")

    code, printed, words = run(
        python, "-c", REPORT, cwd=hostile_folder, python_path=python_path
    )

    origins = [Path(line) for line in printed.splitlines()[1:]]
    [package] = {origin.parent.parent for origin in origins}
    assert (code, words) == (0, "")
    assert package.parent.name == "site-packages"
    assert package.is_relative_to(installed_hookline.parent.parent)
    assert [origin.parent.name for origin in origins] == list(FOLDERS)
