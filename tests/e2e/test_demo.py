"""The demo delivers for real, and leaves nothing behind."""

import json
from pathlib import Path

import pytest

from tests.e2e.programs import PATIENCE, Program, processes_of_session, wait_until


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_without_a_screen_it_says_what_was_delivered_and_keeps_its_home(
    hookline: Program,
    home: Path,
    temporary: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = home / "kept"
    headless = ("demo", "--headless", "--seconds", "5", "--json", "--keep", str(kept))
    with hookline.running(*headless) as process:
        out, err = process.communicate(timeout=PATIENCE)
        left = processes_of_session(process.pid)

    assert (process.returncode, left, list(temporary.iterdir())) == (0, [], []), err
    report = json.loads(out)
    assert report["delivered"] > 0
    assert report["signatures"]["verified"] > 0
    assert report["signatures"]["refused"] == 0
    assert len(report["webhooks"]) == 16

    monkeypatch.setenv("HOOKLINE_HOME", str(kept))
    slugs = [workspace["slug"] for workspace in hookline.json("workspaces", "list")]
    assert slugs == ["acme", "initech", "northwind"]


def test_what_is_alive_ends_with_its_starter(
    hookline: Program, temporary: Path
) -> None:
    with hookline.running("demo", "--stage") as stage:
        assert stage.stdout is not None
        assert stage.stdin is not None
        home = Path(json.loads(stage.stdout.readline())["home"])
        assert (home / "hookline.db").exists()
        stage.stdin.close()
        wait_until(lambda: processes_of_session(stage.pid) == [])

    assert list(temporary.iterdir()) == []
