"""A secret never shows, whatever one does to show it."""

import copy
import json
import logging
import pickle
import traceback
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.headers import Header
from core.secret import MASK, Secret
from tests.builders import a_signed_webhook, a_signing

VALUE = "whsec_canary-that-nobody-may-see"
SECRET = Secret(VALUE)


@dataclass(frozen=True)
class Holder:
    secret: Secret


@pytest.mark.parametrize(
    "shown",
    [
        repr(SECRET),
        str(SECRET),
        f"{SECRET}",
        f"{SECRET!s} {SECRET!r} {SECRET:>40}",
        "{}".format(SECRET),  # noqa: UP032
        "{!r:50}".format(SECRET),  # noqa: UP032
        "%s %r" % (SECRET, SECRET),  # noqa: UP031
        ascii(SECRET),
        repr([SECRET, {"key": SECRET}, (SECRET,)]),
        repr(Holder(SECRET)),
        repr(Header("Authorization", SECRET)),
        repr(a_signed_webhook(signing=a_signing(VALUE))),
        logging.makeLogRecord({"msg": "%s %r", "args": (SECRET, SECRET)}).getMessage(),
        repr(KeyError(SECRET)),
    ],
)
def test_a_secret_is_masked_wherever_it_is_printed(shown: str) -> None:
    assert VALUE not in shown
    assert "canary" not in shown
    assert MASK in shown or ascii(MASK)[1:-1] in shown


def test_the_end_of_a_long_secret_tells_it_from_another() -> None:
    assert Secret("whsec_abcdefKq8").masked == "••••Kq8"


@given(st.text(max_size=11))
@settings(max_examples=30)
def test_a_short_secret_shows_nothing_of_itself(value: str) -> None:
    assert Secret(value).masked == "••••"


def test_a_traceback_with_its_local_variables_shows_no_secret() -> None:
    def sign(secret: Secret) -> None:
        raise ValueError(f"cannot use {secret}")

    try:
        sign(SECRET)
    except ValueError as error:
        told = traceback.TracebackException.from_exception(error, capture_locals=True)

    printed = "".join(told.format())
    assert "secret = Secret(••••see)" in printed
    assert "canary" not in printed


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_is_not_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(SECRET, protocol)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_secret_is_not_copied(copied: object) -> None:
    assert callable(copied)
    with pytest.raises(TypeError, match="not pickled"):
        copied(SECRET)


def test_json_refuses_a_secret_without_showing_it() -> None:
    with pytest.raises(TypeError) as refusal:
        json.dumps({"secret": SECRET})

    assert "canary" not in str(refusal.value)


@pytest.mark.parametrize("looked_into", [vars, list, len, bytes])
def test_nothing_else_looks_into_a_secret(looked_into: object) -> None:
    assert callable(looked_into)
    with pytest.raises(TypeError):
        looked_into(SECRET)


def test_a_secret_does_not_slip_into_text() -> None:
    with pytest.raises(TypeError):
        "key: " + SECRET  # type: ignore[operator]
    with pytest.raises(TypeError):
        "".join([SECRET])  # type: ignore[list-item]


def test_only_reveal_gives_the_value() -> None:
    assert SECRET.reveal() == VALUE


def test_secrets_are_equal_by_value() -> None:
    assert Secret(VALUE) == SECRET
    assert {Secret(VALUE)} == {SECRET}
    assert Secret("other") != SECRET
    assert Secret("half a pair \ud800") == Secret("half a pair \ud800")
    assert SECRET != VALUE


def test_a_value_that_holds_a_secret_can_be_changed() -> None:
    header = Header("Authorization", SECRET)

    assert replace(header, name="X-Key").value is SECRET
