"""What the mails about signing in say, worked out as they are delivered."""

from __future__ import annotations

from collections.abc import Mapping

from flask import url_for
from flask_babel import gettext as _

from dsbs.accounts import links, queries
from dsbs.accounts.models import SignedLink
from dsbs.core import clock
from dsbs.core.db import db
from dsbs.core.refusals import NotFound


def sign_in(**ids: int) -> Mapping[str, object]:
    """The sign-in link, good for fifteen minutes."""
    link = _link(ids["link"])
    address = url_for("accounts.sign_in_link", token=links.mark(link), _external=True)
    return {"person": link.person, "expires_at": link.expires_at, "action": (_("Sign in"), address)}


def new_password(**ids: int) -> Mapping[str, object]:
    """The link that sets a new password, good for an hour."""
    link = _link(ids["link"])
    address = url_for("accounts.password_link", token=links.mark(link), _external=True)
    return {"person": link.person, "expires_at": link.expires_at, "action": (_("Choose a new password"), address)}


def password_changed(**ids: int) -> Mapping[str, object]:
    """The word that the password is another now, in case that it was somebody else who changed it."""
    person = queries.person(db.session(), ids["person"])
    address = url_for("accounts.forgotten_password", _external=True)
    return {
        "person": person,
        "has_password": person.password_hash is not None,
        "action": (_("That was not me"), address),
    }


def _link(link_id: int) -> SignedLink:
    """The link, unless it was withdrawn or grew too old before the mail could leave."""
    link = db.session().get(SignedLink, link_id)
    if link is None or link.revoked_at is not None or link.expires_at <= clock.now():
        raise NotFound
    return link
