"""The key file: made once, for its owner only, and refused when in doubt."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import KeyProblem
from core.secret import Secret
from store.keyfile import create_key_file, read_key_file
from store.sealing import Place

PLACE = Place("webhooks", "signing", "whk_1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "hookline.key"


def test_a_new_key_file_is_read_by_its_owner_only(path: Path) -> None:
    before = os.umask(0)
    try:
        made = create_key_file(path)
    finally:
        os.umask(before)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    sealed = made.seal(Secret("a value"), PLACE)
    assert read_key_file(path).open(sealed, PLACE) == Secret("a value")


def test_a_key_file_is_never_replaced(path: Path) -> None:
    create_key_file(path)
    before = path.read_bytes()

    with pytest.raises(KeyProblem, match="already"):
        create_key_file(path)

    assert path.read_bytes() == before


def test_a_key_is_not_written_through_a_link(path: Path, tmp_path: Path) -> None:
    path.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(KeyProblem):
        create_key_file(path)

    assert not (tmp_path / "elsewhere").exists()


def test_a_key_file_needs_its_folder(tmp_path: Path) -> None:
    with pytest.raises(KeyProblem, match="cannot be written: No such file"):
        create_key_file(tmp_path / "nowhere" / "hookline.key")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_key_file_open_to_others_is_refused(path: Path, mode: int) -> None:
    create_key_file(path)
    path.chmod(mode)

    with pytest.raises(KeyProblem) as refused:
        read_key_file(path)

    assert f"mode {mode:04o}" in refused.value.message
    assert f"chmod 600 {path}" in refused.value.hint


def test_a_missing_key_file_is_said_so(path: Path) -> None:
    with pytest.raises(KeyProblem, match="missing"):
        read_key_file(path)


def test_a_linked_key_file_is_refused(path: Path, tmp_path: Path) -> None:
    create_key_file(tmp_path / "real.key")
    path.symlink_to(tmp_path / "real.key")

    with pytest.raises(KeyProblem, match="symbolic link"):
        read_key_file(path)


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_only_a_plain_file_is_a_key_file(
    path: Path, make: Callable[[Path], None]
) -> None:
    make(path)

    with pytest.raises(KeyProblem, match="plain file"):
        read_key_file(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_somebody_elses_key_file_is_refused(path: Path) -> None:
    create_key_file(path)
    os.chown(path, 65534, 65534)

    with pytest.raises(KeyProblem, match="another user"):
        read_key_file(path)


@pytest.mark.parametrize(
    "content",
    [
        "k00000000 AAAA\n",
        "k00000000 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "no key at all",
        "k00000000 ���\n",
    ],
)
def test_a_damaged_key_file_is_refused_without_its_content(
    path: Path, content: str
) -> None:
    path.write_text(content)
    path.chmod(0o600)

    with pytest.raises(KeyProblem, match="damaged") as refused:
        read_key_file(path)

    assert content.strip() not in str(refused.value)


@pytest.mark.parametrize("content", ["", "# only words\n\n"])
def test_an_empty_key_file_holds_no_key(path: Path, content: str) -> None:
    path.write_text(content)
    path.chmod(0o600)

    with pytest.raises(KeyProblem, match="holds no key"):
        read_key_file(path)
