"""The console as a person meets it: in a terminal, by its keys."""

import shutil
from pathlib import Path

import pytest

from tests.e2e.programs import Program, receiving
from tests.e2e.terminal import terminal

pytestmark = pytest.mark.skipif(
    shutil.which("tmux") is None, reason="tmux is not installed"
)

# The shell's own screen, its cursor, and no mouse that types when it is moved.
AS_BEFORE = "alternate 0, cursor 1, mouse 0"
STATE = "alternate #{alternate_on}, cursor #{cursor_flag}, mouse #{mouse_any_flag}"


def test_a_webhook_is_created_tested_and_seen_in_the_history(
    hookline: Program, home: Path, tmp_path: Path
) -> None:
    hookline.json("init", "--workspace", "acme")
    with (
        receiving(hookline, home) as receiver,
        terminal(tmp_path, str(hookline.path)) as console,
    ):
        console.expect("No webhook yet.")
        console.press("n")
        console.expect("New webhook", "No request yet.")
        console.write("CI of Acme")
        console.move_to("URL", "Tab")
        console.write(receiver.url + "/ok/ci")
        console.expect("POST /ok/ci HTTP/1.1")
        # Past certificate, method and content type.
        console.move_to("Events", "Tab", "Tab", "Tab", "Tab")
        console.write("review.*")
        console.expect("4 of 19 event types")
        console.press("C-s")
        console.expect("▸ ● active    CI of Acme")

        console.press("t")
        console.expect("for real")
        console.press("Enter")
        console.expect("✔ 200 OK", '{"ok": true}')
        console.press("Escape")
        console.expect("n new")
        console.press("2")
        console.expect("● delivered  CI of Acme", "1 match")
        console.press("q")
        console.expect("left 0")
        assert console.state(STATE) == AS_BEFORE
        [arrival] = receiver.arrivals()

    assert (arrival.method, arrival.path) == ("POST", "/ok/ci")
    assert arrival.by_name["x-acr-event"].startswith("review.")


def test_the_demo_opens_alive_and_leaves_nothing(
    hookline: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    with terminal(tmp_path, str(hookline.path), "demo") as console:
        console.expect("Partner portal", "● live")
        console.press("2")
        console.expect("following", "retrying", "delivered")
        console.press("q")
        console.expect("left 0")
        assert console.state(STATE) == AS_BEFORE

    assert list(temporary.iterdir()) == []
