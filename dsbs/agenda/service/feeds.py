"""The address under which a person's own calendar can be read without signing in."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy.orm import Session

from dsbs.accounts.models import Person


def open_feed(session: Session, *, person: Person) -> str:
    """Give the person a new secret address and return its key, which is told this once; an old one dies."""
    key = secrets.token_urlsafe(24)
    person.feed_key = hash_of(key)
    session.flush()
    return key


def close_feed(session: Session, *, person: Person) -> None:
    """Let the person's address die."""
    person.feed_key = None
    session.flush()


def hash_of(key: str) -> str:
    """What is kept of a key: enough to know it again, useless to open anything."""
    return hashlib.sha256(key.encode()).hexdigest()
