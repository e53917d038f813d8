"""What no other tool checks: names in the package, and what the lock may say."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest

from tests.installed import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = (ROOT / "requirements.lock").read_text()

WANTED = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]


def name_of(requirement: str) -> str:
    return re.split(r"[^\w-]", requirement, maxsplit=1)[0]


def test_no_name_in_the_package_hides_someone_elses_module() -> None:
    """In a wheel the package's folder comes first on the path, before all others."""
    ours = {path.stem for path in (ROOT / "hookline").iterdir()} - {"__pycache__"}
    theirs = sys.stdlib_module_names | packages_distributions().keys() - {"hookline"}

    assert ours & theirs == set()


@pytest.mark.parametrize("requirement", WANTED)
def test_the_lock_pins_every_requirement(requirement: str) -> None:
    assert re.search(rf"(?m)^{name_of(requirement)}==\S+ ", LOCK)


def test_the_lock_has_a_hash_for_every_pin() -> None:
    pins = re.findall(r"(?m)^(\S+==\S+)(.*\n)((?:    --hash=sha256:\w{64}.*\n)*)", LOCK)

    assert [pin for pin, _, hashes in pins if not hashes] == []


def test_the_lock_names_no_place_to_download_from() -> None:
    assert (
        re.findall(r"--(?:index|extra-index|find-links)\S*|\w+://\S+| @ ", LOCK) == []
    )
