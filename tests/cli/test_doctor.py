"""`hookline doctor`: each check, and the whole over a real database."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.access import Actor
from hookline.doctor import (
    MIB,
    Check,
    Level,
    check_backlog,
    check_disk,
    check_filesystem,
    check_home,
    check_person,
    check_private,
    check_terminal,
    check_workers,
    check_workspace,
    filesystem_of,
)
from hookline.settings import Settings, Terminal
from hookline.wiring import wire
from tests.builders import HOUR, MINUTE, NOON, SECOND, a_beat, a_membership, a_workspace
from tests.cli.program import Program, at_keyboard

MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
tmpfs /run tmpfs rw 0 0
filer:/x /srv/nfs\\040share nfs4 rw 0 0
filer:/y /srv fuse.sshfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/hookline", "ext4"),
        ("/run/hookline", "tmpfs"),
        ("/runner", "ext4"),
        ("/srv/nfs share/hookline", "nfs4"),
        ("/srv/hookline", "fuse.sshfs"),
    ],
)
def test_the_filesystem_is_that_of_the_nearest_mount(path: str, kind: str) -> None:
    assert filesystem_of(Path(path), MOUNTS) == kind


@pytest.mark.parametrize(
    ("path", "level"),
    [
        ("/var/lib/hookline", Level.OK),
        ("/run/hookline", Level.WARN),
        ("/srv/nfs share", Level.FAIL),
        ("/srv/hookline", Level.FAIL),
    ],
)
def test_a_network_share_is_no_place_for_the_database(path: str, level: Level) -> None:
    assert check_filesystem(Path(path), MOUNTS).level is level


def test_where_mounts_are_not_known_nothing_is_claimed() -> None:
    assert check_filesystem(Path("/"), "") == Check("filesystem", Level.OK, "unknown")


@pytest.mark.parametrize(
    ("free", "level"),
    [(2048 * MIB, Level.OK), (500 * MIB, Level.WARN), (MIB, Level.FAIL)],
)
def test_a_full_disk_is_seen_before_it_is_full(free: int, level: Level) -> None:
    assert check_disk(free).level is level


@pytest.mark.parametrize(
    ("mode", "level"), [(0o700, Level.OK), (0o755, Level.WARN), (0o770, Level.FAIL)]
)
def test_the_home_is_for_its_owner(tmp_path: Path, mode: int, level: Level) -> None:
    tmp_path.chmod(mode)

    assert check_home(tmp_path).level is level


def test_a_home_that_is_not_there_asks_for_init(tmp_path: Path) -> None:
    assert check_home(tmp_path / "no") == Check(
        "home",
        Level.FAIL,
        f"{tmp_path / 'no'} is not there",
        "Run 'hookline init', or set HOOKLINE_HOME to where it was run.",
    )


def test_a_file_that_others_can_read_is_named(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.touch(mode=0o640)

    assert check_private(key) == Check(
        "key",
        Level.FAIL,
        f"{key} is open to others (mode 640)",
        f"Run 'chmod 600 {key}'.",
    )


def test_who_belongs_to_no_workspace_is_told_whom_to_ask() -> None:
    assert check_person(Actor("eve"), []).level is Level.WARN
    assert check_person(Actor("ada", (a_membership(),)), [a_workspace()]) == Check(
        "you", Level.OK, "ada, workspace admin: acme"
    )


def test_no_worker_is_a_warning_and_another_clock_a_failure() -> None:
    ahead = a_beat(seen_at=NOON + 5 * MINUTE)

    assert check_workers([], NOON).level is Level.WARN
    assert check_workers([a_beat()], NOON) == Check(
        "workers", Level.OK, "1 running: build-7/4711"
    )
    assert check_workers([a_beat(), ahead], NOON).words == (
        "a worker's clock is 5 m ahead of this one"
    )


@pytest.mark.parametrize(
    ("late", "workers", "level", "todo"),
    [
        (timedelta(0), 0, Level.OK, ""),
        (-HOUR, 1, Level.OK, ""),
        (HOUR, 0, Level.WARN, "Start a worker: 'hookline worker'."),
        (
            HOUR,
            2,
            Level.WARN,
            "Let the worker have more in flight, or run a second one.",
        ),
    ],
)
def test_what_is_due_for_long_needs_a_worker(
    late: timedelta, workers: int, level: Level, todo: str
) -> None:
    check = check_backlog(NOON - late, workers, NOON)

    assert (check.level, check.todo) == (level, todo)


def test_an_event_from_the_future_means_a_clock_was_set_back() -> None:
    soon, later = NOON + SECOND, NOON + HOUR

    assert check_workspace(a_workspace(), 1234, soon, NOON) == Check(
        "in acme", Level.OK, "1,234 waiting, last event 2026-11-23 12:00:01Z"
    )
    assert check_workspace(a_workspace(), 0, later, NOON).level is Level.FAIL
    assert check_workspace(a_workspace(), 0, None, NOON).words == (
        "0 waiting, no event yet"
    )


@pytest.mark.parametrize(
    ("terminal", "level", "words"),
    [
        (
            Terminal("xterm-256color", "truecolor", locale="C.UTF-8"),
            Level.OK,
            "xterm-256color 120x40, all colours, locale C.UTF-8",
        ),
        (
            Terminal("screen", in_tmux=True, over_ssh=True, locale="de_DE"),
            Level.WARN,
            "screen 120x40, 256 colours at most, locale de_DE, in tmux, over SSH",
        ),
        (
            Terminal("vt100", no_colour=True, locale="C.UTF-8"),
            Level.OK,
            "vt100 120x40, no colours, as NO_COLOR asks, locale C.UTF-8",
        ),
        (
            Terminal("dumb"),
            Level.WARN,
            "the console cannot be drawn on TERM=dumb",
        ),
    ],
)
def test_what_the_terminal_can_do(terminal: Terminal, level: Level, words: str) -> None:
    check = check_terminal(terminal, has_terminal=True)

    assert (check.level, check.words) == (level, words)


def test_without_a_terminal_there_is_nothing_to_warn_about() -> None:
    assert check_terminal(Terminal("dumb"), has_terminal=False).level is Level.OK


def test_the_doctor_of_a_healthy_home_finds_only_that_no_worker_runs(
    home: Path,
) -> None:
    settings = Settings(home / "hookline")
    hookline = at_keyboard(settings, lambda: wire(settings))
    hookline("init")

    people, program = hookline("doctor"), hookline("doctor", "--json")

    assert people.code == 0
    assert "ok   database    opens with its key, WAL and FULL sync\n" in people.out
    assert {row["name"]: row["level"] for row in program.json} == {
        "versions": "ok",
        "home": "ok",
        "filesystem": program.json[2]["level"],
        "disk": "ok",
        "key": "ok",
        "hookline.db": "ok",
        "database": "ok",
        "you": "ok",
        "workers": "warn",
        "due": "ok",
        "in main": "ok",
        "terminal": "ok",
    }


def test_the_doctor_goes_on_after_what_is_broken(home: Path) -> None:
    settings = Settings(home / "hookline")
    hookline = at_keyboard(settings, lambda: wire(settings))

    ended = hookline("doctor")

    assert ended.code == 1
    assert "fail home        " in ended.out
    assert "fail database    There is no database" in ended.out
    assert "                 Run 'hookline init' to make one.\n" in ended.out
    assert "ok   terminal " in ended.out


def test_the_doctor_shows_only_the_workspaces_one_may_see(hookline: Program) -> None:
    admin = {row["name"] for row in hookline("doctor", "--json").json}
    member = {
        row["name"] for row in hookline("doctor", "--json", as_login="linus").json
    }

    assert admin - member == {"in acme"}
