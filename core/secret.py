"""A secret has a type, so that it cannot be shown by accident.

Only `reveal()` gives the value, and only the signer, the sender and the sealing module
call it.
"""

import hmac
from typing import NoReturn

MASK = "••••"
_SHOWN = 3  # characters at the end, so that an admin can tell two secrets apart
_LONG_ENOUGH_TO_HINT = 12


class Secret:
    """A value that prints as `••••Kq8`, compares in constant time and never pickles."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value itself."""
        return self._value

    @property
    def masked(self) -> str:
        """What may be shown: a mask, and the end of a value long enough to spare it."""
        if len(self._value) < _LONG_ENOUGH_TO_HINT:
            return MASK
        return MASK + self._value[-_SHOWN:]

    def __repr__(self) -> str:
        return f"Secret({self.masked})"

    def __str__(self) -> str:
        return self.masked

    def __format__(self, spec: str) -> str:
        return format(self.masked, spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._bytes(), other._bytes())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def _bytes(self) -> bytes:
        return self._value.encode(errors="surrogatepass")

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret is not pickled.")
