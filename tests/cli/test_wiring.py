"""Ids, the login, and the store between its opening and its end."""

import os
import pwd
import re
from datetime import UTC
from pathlib import Path

import pytest

from hookline.settings import Settings
from hookline.wiring import current_login, new_id, utc_now, wire, worker_identity


def test_ids_are_short_and_sort_by_the_time_they_were_drawn() -> None:
    drawn = [new_id("evt") for _ in range(1000)]

    assert drawn == sorted(drawn)
    assert len(set(drawn)) == len(drawn)
    assert all(re.fullmatch("evt_[0-9a-hjkmnp-tv-z]{26}", one) for one in drawn)


def test_an_id_tells_its_millisecond() -> None:
    before = utc_now().timestamp()

    letters = new_id("dlv").removeprefix("dlv_")

    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    number = sum(alphabet.index(c) << 5 * n for n, c in enumerate(reversed(letters)))
    assert abs((number >> 80) / 1000 - before) < 5


def test_the_login_is_the_systems_and_not_the_environments(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("USER", "mallory")
    monkeypatch.setenv("LOGNAME", "mallory")

    assert current_login() == pwd.getpwuid(os.geteuid()).pw_name


def test_the_clock_is_aware_and_utc() -> None:
    assert utc_now().tzinfo is UTC


def test_jitter_stays_within_its_bounds(tmp_path: Path) -> None:
    jitter = wire(Settings(tmp_path)).jitter

    assert all(0.8 <= jitter() <= 1.2 for _ in range(100))


def test_a_worker_says_who_it_is(tmp_path: Path) -> None:
    identity = worker_identity(wire(Settings(tmp_path)))

    assert identity.id.startswith("wrk_")
    assert identity.pid == os.getpid()
    assert identity.started_at == identity.seen_at
