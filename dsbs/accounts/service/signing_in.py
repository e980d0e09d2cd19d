"""Ways in: links by mail, passwords, and ending all sessions.

Passwords come in as hashes: hashing takes a tenth of a second, which no write scope waits for.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from secrets import token_hex

from sqlalchemy.orm import Session

from dsbs.accounts import links, rules
from dsbs.accounts.models import Person, SignedLink
from dsbs.mail import service as mail


def send_sign_in_link(session: Session, *, person: Person, now: datetime, next_path: str | None = None) -> SignedLink:
    """Make a sign-in link, good for fifteen minutes and one use, and queue the mail that carries it."""
    link = make_sign_in_link(session, person=person, now=now, lifetime=rules.SIGN_IN_LIFETIME, next_path=next_path)
    _queue(session, person, template="accounts/sign_in", key=f"sign-in-link:{link.id}", ids={"link": link.id}, now=now)
    return link


def make_sign_in_link(
    session: Session, *, person: Person, now: datetime, lifetime: timedelta, next_path: str | None = None
) -> SignedLink:
    """Make a sign-in link without sending it; the caller hands it over."""
    return links.make(session, purpose=rules.SIGN_IN, person=person, now=now, lifetime=lifetime, next_path=next_path)


def send_password_link(session: Session, *, person: Person, now: datetime) -> SignedLink:
    """Make a link that sets a new password, good for an hour and one use, and queue the mail that carries it."""
    link = links.make(session, purpose=rules.NEW_PASSWORD, person=person, now=now, lifetime=rules.NEW_PASSWORD_LIFETIME)
    key = f"password-link:{link.id}"
    _queue(session, person, template="accounts/new_password", key=key, ids={"link": link.id}, now=now)
    return link


def sign_in_with(session: Session, *, link: SignedLink, browser: str, now: datetime) -> Person:
    """Use a sign-in link up and return whose it is. Refused when it opens nothing any more."""
    links.use(session, link=link, now=now, browser=browser)
    return link.person


def set_password_with(session: Session, *, link: SignedLink, password_hash: str, browser: str, now: datetime) -> Person:
    """Use a password link up and set the password. Refused when the link opens nothing any more."""
    links.use(session, link=link, now=now, browser=browser)
    return change_password(session, person=link.person, password_hash=password_hash, now=now)


def set_password(session: Session, *, person: Person, password_hash: str | None) -> Person:
    """Set or (None) remove the password and end all sessions of the person; tells nobody."""
    person.password_hash = password_hash
    return end_sessions(session, person=person)


def change_password(session: Session, *, person: Person, password_hash: str | None, now: datetime) -> Person:
    """Set or (None) remove the password, end all sessions and open links, and tell the person by mail."""
    set_password(session, person=person, password_hash=password_hash)
    links.revoke_all(session, person=person, purposes=(rules.NEW_PASSWORD, rules.SIGN_IN), now=now)
    key = f"password-changed:{person.id}:{person.session_key}"
    _queue(session, person, template="accounts/password_changed", key=key, ids={"person": person.id}, now=now)
    return person


def end_sessions(session: Session, *, person: Person) -> Person:
    """Sign the person out on all devices, this one included."""
    person.session_key = token_hex(16)
    session.flush()
    return person


def _queue(session: Session, person: Person, *, template: str, key: str, ids: dict[str, int], now: datetime) -> None:
    mail.queue(session, key=key, to=person.recipient, template=template, ids=ids, now=now, urgent=True)
