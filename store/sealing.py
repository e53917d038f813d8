"""Secrets at rest: AES-256-GCM, each bound to the one place where it belongs.

The only module of the store that looks into a `Secret`, and the only one that holds
keys. A sealed value moved to another row, column or workspace does not open.
"""

import hashlib
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.errors import KeyProblem
from core.secret import Secret

KEY_SIZE = 32  # bytes: AES-256
_NONCE_SIZE = 12  # bytes: the size GCM is made for; random, so up to 2^32 per key
_VERSION = "v1"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value lives; `name` tells values of one column apart."""

    table: str
    column: str
    row_id: str
    workspace_id: str = ""
    name: str = ""

    @property
    def associated_data(self) -> bytes:
        """What the seal is bound to; a length before each part keeps parts apart."""
        parts = (self.table, self.column, self.row_id, self.workspace_id, self.name)
        bound = "|".join(f"{len(part)}:{part}" for part in parts)
        return f"hookline|{_VERSION}|{bound}".encode()


class KeyRing:
    """The keys by id: the first seals, all of them open."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}

    def __repr__(self) -> str:
        return f"<KeyRing {', '.join(self._ciphers)}>"

    def __contains__(self, key_id: object) -> bool:
        return key_id in self._ciphers

    @property
    def active(self) -> str:
        """The id of the key that seals."""
        return next(iter(self._ciphers))

    def seal(self, secret: Secret, place: Place) -> str:
        """Seal a secret for its place."""
        nonce = os.urandom(_NONCE_SIZE)
        sealed = self._ciphers[self.active].encrypt(
            nonce, secret.reveal().encode(), place.associated_data
        )
        return ".".join((_VERSION, self.active, _text(nonce), _text(sealed)))

    def open(self, sealed: str, place: Place) -> Secret:
        """Open what was sealed for this place.

        Raises:
            KeyProblem: no key fits, or the sealed value was changed or moved.
        """
        try:
            version, key_id, nonce, content = sealed.split(".")
            known = version == _VERSION and key_id in self._ciphers
            cipher = self._ciphers[key_id] if known else None
        except ValueError:
            cipher = None
        if cipher is None:
            raise _unopenable(
                place, "was sealed with a key that is not in the key file"
            )
        try:
            value = cipher.decrypt(
                _bytes(nonce), _bytes(content), place.associated_data
            )
        except (InvalidTag, ValueError):
            raise _unopenable(place, "is damaged") from None
        return Secret(value.decode())


def key_id_of(key: bytes) -> str:
    """A key's id: the start of its digest, so that another key has another id."""
    return "k" + hashlib.sha256(b"hookline key id|" + key).hexdigest()[:8]


def _unopenable(place: Place, why: str) -> KeyProblem:
    what = f"{place.name or place.column} of {place.row_id}"
    return KeyProblem(
        f"The secret {what} in the database {why}.",
        "Nothing is sent for it meanwhile. Restore the database and its key file from "
        "one backup, or type the secret again.",
    )


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
