"""Signed links: one address, one person, one purpose, for a while. Every feature's mails use these four verbs.

The secret is worked out from the server's key and the row's nonce, and only its hash is kept: who reads the database
can open nothing. In a mail at rest the address holds ``mark(link)``; ``secret_of`` puts the secret in as it leaves.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

from flask import current_app
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session, joinedload

from dsbs.accounts import rules
from dsbs.accounts.models import Person, SignedLink
from dsbs.core.db import db
from dsbs.core.refusals import NotFound, Refused
from dsbs.mail import marks

_TOKEN = re.compile(r"\d{1,18}-[A-Za-z0-9_-]{43}", re.ASCII)


def make(
    session: Session,
    *,
    purpose: str,
    person: Person,
    now: datetime,
    lifetime: timedelta,
    uses: int = 1,
    subject: str | None = None,
    subject_id: int | None = None,
    next_path: str | None = None,
) -> SignedLink:
    """Make a link for this person, good for ``lifetime`` from ``now`` and for so many uses.

    ``subject`` and ``subject_id`` name the row that it is about; ``next_path`` must be a path of our own.
    """
    link = SignedLink(
        purpose=purpose,
        person=person,
        subject=subject,
        subject_id=subject_id,
        nonce=token_hex(16),
        secret_hash=token_hex(32),  # the token holds the id, which the database gives
        made_at=now,
        expires_at=now + lifetime,
        uses_left=uses,
        next_path=rules.own_path(next_path),
    )
    session.add(link)
    session.flush()
    link.secret_hash = _hash(token_of(link))
    session.flush()
    return link


@dataclass(frozen=True, kw_only=True)
class About:
    """Whom a link is for, about which row (``subject`` is its table), and until when it is good."""

    person_id: int
    subject: str
    subject_id: int
    until: datetime


def make_all(session: Session, *, purpose: str, wanted: Sequence[About], now: datetime) -> list[SignedLink]:
    """Make many links, in their order, each good for one use; three statements for hundreds."""
    rows = [
        {
            "purpose": purpose,
            "person_id": one.person_id,
            "subject": one.subject,
            "subject_id": one.subject_id,
            "nonce": token_hex(16),
            "secret_hash": token_hex(32),  # known again by it, until the id is known
            "made_at": now,
            "expires_at": one.until,
            "uses_left": 1,
        }
        for one in wanted
    ]
    if not rows:
        return []
    session.execute(insert(SignedLink), rows)
    places = {row["secret_hash"]: place for place, row in enumerate(rows)}
    found = session.scalars(select(SignedLink).where(SignedLink.secret_hash.in_(places))).all()
    made = sorted(found, key=lambda link: places[link.secret_hash])
    for link in made:
        link.secret_hash = _hash(token_of(link))
    session.flush()
    return made


def find(session: Session, *, token: str, purpose: str, now: datetime) -> SignedLink:
    """The link behind this token, ready to be used, with its person.

    Raises ``NotFound`` for a token that was never given out for this purpose, and ``Refused`` with the one reason when
    the link is used up, withdrawn or too old.
    """
    link = look_up(session, token=token, purpose=purpose)
    check(link, now=now)
    return link


def look_up(session: Session, *, token: str, purpose: str) -> SignedLink:
    """The link behind this token, in whatever state. Raises ``NotFound`` for one never given out for this purpose."""
    if _TOKEN.fullmatch(token) is None:
        raise NotFound
    wanted = (SignedLink.secret_hash == _hash(token), SignedLink.purpose == purpose)
    link = session.scalars(select(SignedLink).where(*wanted).options(joinedload(SignedLink.person))).one_or_none()
    if link is None:
        raise NotFound
    return link


def check(link: SignedLink, *, now: datetime) -> None:
    """Refuse a link that opens nothing any more, with the reason."""
    rules.check_link(
        now=now,
        expires_at=link.expires_at,
        uses_left=link.uses_left,
        revoked_at=link.revoked_at,
        active=link.person.active,
    )


def use(session: Session, *, link: SignedLink, now: datetime, browser: str | None = None) -> None:
    """Use the link up by one. Of two who do so at once, the database lets one win; the other is refused.

    ``browser`` marks who asks (never the secret itself): the one who used it within the last minute may repeat, so that
    a double click is one use.
    """
    won = session.execute(
        update(SignedLink)
        .where(
            SignedLink.id == link.id,
            SignedLink.uses_left > 0,
            SignedLink.revoked_at.is_(None),
            SignedLink.expires_at > now,
        )
        .values(uses_left=SignedLink.uses_left - 1, last_used_at=now, last_used_from=browser)
        .returning(SignedLink.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    session.refresh(link, ["uses_left", "last_used_at", "last_used_from", "revoked_at"])
    if won is None and not is_same_click(link, browser=browser, now=now):
        check(link, now=now)
        raise Refused(rules.USED)


def is_same_click(link: SignedLink, *, browser: str | None, now: datetime) -> bool:
    """Whether this browser used the link a moment ago."""
    if browser is None or link.last_used_at is None or link.last_used_from != browser:
        return False
    return now - link.last_used_at <= rules.SAME_CLICK


def revoke(session: Session, *, link: SignedLink, now: datetime) -> None:
    """Withdraw a link; one that is withdrawn already stays so since then."""
    link.revoked_at = link.revoked_at or now
    session.flush()


def revoke_all(session: Session, *, person: Person, purposes: tuple[str, ...], now: datetime) -> None:
    """Withdraw all of a person's links for these purposes that could still be used."""
    session.execute(
        update(SignedLink)
        .where(
            SignedLink.person_id == person.id,
            SignedLink.purpose.in_(purposes),
            SignedLink.uses_left > 0,
            SignedLink.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )


def mark(link: SignedLink) -> str:
    """What stands in a stored mail in place of the secret; safe in an address."""
    return marks.mark(link.id)


def token_of(link: SignedLink) -> str:
    """The real token, for the address that leaves the house. Changes with the server's key."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    digest = hmac.digest(key, f"signed-link:{link.id}:{link.purpose}:{link.nonce}".encode(), "sha256")
    return f"{link.id}-{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def secret_of(link_id: int) -> str:
    """The token of this link, put into a mail as it leaves. Raises ``NotFound`` when the link is gone."""
    link = db.session().get(SignedLink, link_id)
    if link is None:
        raise NotFound
    return token_of(link)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
