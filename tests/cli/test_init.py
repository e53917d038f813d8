"""`hookline init`, over a real database."""

import os
import pwd
import stat
from pathlib import Path

import pytest

from hookline.settings import Settings
from hookline.wiring import wire
from tests.cli.program import Ended, Hookline, at_keyboard

LOGIN = pwd.getpwuid(os.geteuid()).pw_name


@pytest.fixture
def real(home: Path) -> Hookline:
    """Hookline as it is outside of tests, over a home that is not there yet."""
    settings = Settings(home / "hookline")
    return at_keyboard(settings, lambda: wire(settings))


def modes(home: Path) -> dict[str, str]:
    folder = home / "hookline"
    found = {path.name: path for path in (folder, *folder.iterdir())}
    return {name: f"{stat.S_IMODE(p.stat().st_mode):o}" for name, p in found.items()}


def test_everything_is_made_for_its_owner_only(real: Hookline, home: Path) -> None:
    ended = real("init")

    folder = home / "hookline"
    assert ended == Ended(
        0,
        out=f"Made the database {folder}/hookline.db\n"
        f"Made the key      {folder}/key\n"
        "Keep a copy of the key: without it no saved secret can be opened.\n",
        err=f"{LOGIN} is platform admin of workspace main.\n"
        "Next: 'hookline webhooks create --help', or 'hookline' for the console.\n",
    )
    assert modes(home) == {"hookline": "700", "hookline.db": "600", "key": "600"}


def test_the_first_workspace_is_named(real: Hookline) -> None:
    ended = real("init", "--workspace", "acme", "--name", "Acme Inc.", "--json")

    [workspace] = ended.json["workspaces"]
    assert (workspace["slug"], workspace["name"]) == ("acme", "Acme Inc.")
    assert ended.json["made"] is True


def test_run_again_it_says_what_is_there(real: Hookline, home: Path) -> None:
    real("init", "--workspace", "acme")
    key = (home / "hookline" / "key").read_bytes()

    again = real("init")
    same = real("init", "--workspace", "acme", "--json")

    assert again == Ended(
        0,
        out=f"The database {home}/hookline/hookline.db is there and up to date.\n"
        "Workspaces: acme\n",
    )
    assert same.json["made"] is False
    assert (home / "hookline" / "key").read_bytes() == key


def test_a_further_workspace_is_not_made_by_the_way(real: Hookline) -> None:
    real("init")

    assert real("init", "--workspace", "beta") == Ended(
        3,
        err="hookline: Hookline is set up already, without a workspace 'beta'.\n"
        "  'hookline workspaces add beta' adds one.\n",
    )


@pytest.mark.parametrize("slug", ["Acme", "a.b", ""])
def test_a_slug_that_cannot_be_is_refused(real: Hookline, slug: str) -> None:
    ended = real("init", "--workspace", slug)

    assert ended.code == 2
    assert ended.err.startswith(f"hookline: {slug!r} cannot name a workspace.")
    assert real("init").code == 0


def test_a_folder_that_others_can_write_to_is_refused(
    real: Hookline, home: Path
) -> None:
    (home / "hookline").mkdir()
    (home / "hookline").chmod(0o777)

    assert real("init") == Ended(
        5,
        err=f"hookline: Others can write to the folder {home}/hookline (mode 777).\n"
        f"  Run 'chmod 700 {home}/hookline', and then this again.\n",
    )


def test_a_home_that_is_a_file_is_refused(real: Hookline, home: Path) -> None:
    (home / "hookline").write_text("")

    ended = real("init")

    assert ended.code == 5
    assert ended.err.startswith(
        f"hookline: The folder {home}/hookline cannot be made: File exists.\n"
    )


def test_before_init_every_command_says_so(real: Hookline, home: Path) -> None:
    assert real("webhooks", "list") == Ended(
        5,
        err=f"hookline: There is no database {home}/hookline/hookline.db yet.\n"
        "  Run 'hookline init' to make one.\n",
    )


def test_a_key_that_is_lost_or_open_is_said(real: Hookline, home: Path) -> None:
    real("init")
    key = home / "hookline" / "key"
    key.chmod(0o644)
    too_open = real("webhooks", "list")
    key.unlink()
    lost = real("webhooks", "list")

    assert (too_open.code, lost.code) == (5, 5)
    assert "is open to others" in too_open.err
    assert "is missing" in lost.err


def test_a_webhook_made_by_command_is_there_for_the_next(real: Hookline) -> None:
    """The whole path over SQLite, but for the sending."""
    real("init")
    create = ("webhooks", "create", "--name", "ERP", "--url", "https://erp.example.com")
    made = real(*create, "--events", "*", "--generate-secret", "--json").json
    event = real("emit", "review.completed", "--data", '{"n": 1}').out.strip()

    [delivery] = real("deliveries", "list", "--json").json
    shown = real("deliveries", "show", delivery["id"], "--json").json
    preview = real("preview", "--webhook", "ERP", "--event", event, "--json").json

    assert delivery["webhook_id"] == made["id"]
    assert (shown["state"], shown["event"]["id"]) == ("pending", event)
    assert ["X-ACR-Delivery", delivery["id"]] in preview["headers"]
