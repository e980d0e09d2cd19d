"""Giving a seat back without signing in, by the link in the mail that asks who still comes."""

from __future__ import annotations

from flask import redirect, url_for
from werkzeug.wrappers import Response

from dsbs.accounts import links
from dsbs.accounts.models import Person, SignedLink
from dsbs.activities import queries
from dsbs.activities.rules import SEAT_LINK, RegistrationState
from dsbs.activities.service import registering
from dsbs.activities.views import by_link
from dsbs.core import clock
from dsbs.core.access import public
from dsbs.core.db import db, write
from dsbs.core.headers import unseen
from dsbs.core.refusals import NotFound, Refused


@public
def held_seat(token: str) -> Response:
    """Show the seat and whose it is, or what has become of it. Nothing happens by looking."""
    try:
        return _page(links.look_up(db.session(), token=token, purpose=SEAT_LINK), token)
    except NotFound:
        return by_link.unknown()


@public
def give_back(token: str) -> Response:
    """Give the seat back by the link alone; the page then says so. Refused when the link is too old."""
    try:
        link = links.look_up(db.session(), token=token, purpose=SEAT_LINK)
        with write(by=link.person.actor, why="Gave the seat back", at=clock.now()) as session:
            links.check(link, now=clock.now())
            person = session.get_one(Person, link.person_id)
            registering.cancel(session, registration_id=link.subject_id or 0, person=person, now=clock.now())
    except NotFound:
        return by_link.unknown()
    except Refused as refused:
        return _page(link, token, refused)
    return unseen(redirect(url_for("activities.held_seat", token=token)))


def _page(link: SignedLink, token: str, refused: Refused | None = None) -> Response:
    registration = queries.registration_in_full(db.session(), link.subject_id or 0)
    begins = registration.session.starts_at
    until = min(link.expires_at, begins)
    return by_link.page(
        "activities/held_seat.html",
        link,
        token,
        registration,
        refused,
        has_begun=begins <= clock.now(),
        is_open=by_link.is_open(link, registration, RegistrationState.REGISTERED, until),
        until=link.expires_at,
    )
