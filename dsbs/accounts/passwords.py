"""Passwords as argon2 hashes. Hashing takes a tenth of a second on purpose: never do it inside a write scope."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
# Checking an unknown person costs the same as checking a known one, so that the answer's time tells nothing.
_NOBODY = _hasher.hash("nobody's password")


def hashed(password: str) -> str:
    """The hash to keep for this password."""
    return _hasher.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Whether this is the password behind the kept hash; takes the same time when there is none."""
    try:
        return _hasher.verify(kept or _NOBODY, password) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False
