"""The few rules that the values themselves hold."""

from dataclasses import FrozenInstanceError

import pytest

from core.model import Signing, SigningSecret
from core.secret import Secret
from tests.builders import NOON, SECOND, a_signing, a_webhook


def test_a_secret_without_an_end_signs_always() -> None:
    key = SigningSecret(Secret("a"), NOON)

    assert key.is_active(NOON)
    assert key.is_active(NOON.replace(year=9999))


def test_a_secret_signs_until_its_end() -> None:
    key = SigningSecret(Secret("a"), NOON, expires_at=NOON)

    assert key.is_active(NOON - SECOND)
    assert not key.is_active(NOON)


def test_the_secrets_that_sign_are_the_newest_first() -> None:
    keys = [
        SigningSecret(Secret("newest"), NOON),
        SigningSecret(Secret("ended"), NOON, expires_at=NOON),
        SigningSecret(Secret("ending"), NOON, expires_at=NOON + SECOND),
    ]

    active = Signing("standard", tuple(keys)).active(NOON)

    assert active == (Secret("newest"), Secret("ending"))


def test_values_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        a_webhook().name = "other"  # type: ignore[misc]


def test_values_with_secrets_are_equal_by_their_values() -> None:
    assert a_webhook(signing=a_signing("k")) == a_webhook(signing=a_signing("k"))
    assert a_webhook(signing=a_signing("k")) != a_webhook(signing=a_signing("l"))
