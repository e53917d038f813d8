"""Secrets at rest: what opens, what does not, and what the file may show."""

import base64
import os
import urllib.parse
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import KeyProblem
from core.ports import Store
from core.secret import Secret
from store.sealing import KEY_SIZE, KeyRing, Place, key_id_of
from tests.builders import (
    HEADER_KEY,
    SIGNING_KEY,
    WORKSPACE_ID,
    a_signed_webhook,
    an_audit_entry,
)

PLACE = Place("webhooks", "headers", "whk_1", "wsp_1", "Authorization")


def a_ring(*keys: bytes) -> KeyRing:
    """A ring with these keys, or a new one; the first seals."""
    return KeyRing({key_id_of(key): key for key in keys or [os.urandom(KEY_SIZE)]})


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_was_sealed_opens_in_its_place(value: str) -> None:
    ring = a_ring()

    assert ring.open(ring.seal(Secret(value), PLACE), PLACE) == Secret(value)


def test_the_same_secret_never_looks_the_same() -> None:
    ring = a_ring()

    assert ring.seal(Secret("a"), PLACE) != ring.seal(Secret("a"), PLACE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(PLACE, table="others"),
        replace(PLACE, column="signing"),
        replace(PLACE, row_id="whk_2"),
        replace(PLACE, workspace_id="wsp_2"),
        replace(PLACE, name="X-Token"),
        Place("webhooks", "headers", "whk_1", "wsp_1|13:Authorization"),
    ],
)
def test_what_was_moved_does_not_open(elsewhere: Place) -> None:
    ring = a_ring()
    sealed = ring.seal(Secret("a value"), PLACE)

    with pytest.raises(KeyProblem, match="damaged"):
        ring.open(sealed, elsewhere)


@pytest.mark.parametrize("part", range(4))
def test_what_was_changed_does_not_open(part: int) -> None:
    ring = a_ring()
    parts = ring.seal(Secret("a value"), PLACE).split(".")
    parts[part] = ("B" if parts[part][0] == "A" else "A") + parts[part][1:]

    with pytest.raises(KeyProblem):
        ring.open(".".join(parts), PLACE)


@pytest.mark.parametrize("sealed", ["", "a value", "v1.k.n", "v1.k.n.c.x", "v1.ä.ä.ä"])
def test_what_was_never_sealed_does_not_open(sealed: str) -> None:
    with pytest.raises(KeyProblem):
        a_ring().open(sealed, PLACE)


def test_every_key_of_the_ring_opens_and_the_first_seals() -> None:
    old, new = os.urandom(KEY_SIZE), os.urandom(KEY_SIZE)
    sealed = a_ring(old).seal(Secret("a value"), PLACE)
    ring = a_ring(new, old)

    assert ring.open(sealed, PLACE) == Secret("a value")
    assert ring.seal(Secret("a value"), PLACE).split(".")[1] == key_id_of(new)
    with pytest.raises(KeyProblem, match="not in the key file"):
        a_ring(new).open(sealed, PLACE)


def test_neither_keys_nor_secrets_show_in_words() -> None:
    key = os.urandom(KEY_SIZE)
    ring = a_ring(key)
    sealed = ring.seal(Secret("a value nobody may see"), PLACE)

    with pytest.raises(KeyProblem) as refused:
        ring.open(sealed, replace(PLACE, row_id="whk_2"))

    words = f"{ring!r} {refused.value} {refused.value.__cause__!r}"
    assert "nobody" not in words
    assert key.hex() not in words
    assert repr(ring) == f"<KeyRing {key_id_of(key)}>"


async def test_no_file_shows_a_secret(
    sqlite_store: Store, database: Path, key_file: Path
) -> None:
    """Neither the database nor its WAL, in any usual spelling, also after deletion."""
    signed = a_signed_webhook(id="whk_2", name="Signed")
    await sqlite_store.add_webhook(signed, an_audit_entry(id="aud_1"))
    again = replace(signed, revision=2, headers=())
    await sqlite_store.save_webhook(again, an_audit_entry(id="aud_2"))

    stored = b"".join(
        file.read_bytes() for file in database.parent.iterdir() if file != key_file
    )

    assert len(list(database.parent.iterdir())) == 4
    found = [text for text in spellings(SIGNING_KEY, HEADER_KEY) if text in stored]
    assert found == []
    assert await sqlite_store.webhook(WORKSPACE_ID, "whk_2") == again


def spellings(*secrets: str) -> list[bytes]:
    """Secrets as somebody might write them down."""
    return [
        spelling
        for secret in map(str.encode, secrets)
        for spelling in (
            secret,
            base64.b64encode(secret)[:-4],
            base64.urlsafe_b64encode(secret)[:-4],
            secret.hex().encode(),
            urllib.parse.quote(secret).encode(),
            secret[::-1],
        )
    ]
