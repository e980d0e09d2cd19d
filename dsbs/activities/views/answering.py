"""Answering the offer of a seat: on the page of the session, or without signing in by the link in the mail."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import redirect, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dsbs.accounts import links
from dsbs.accounts.models import Person, SignedLink
from dsbs.activities import offers, queries
from dsbs.activities.clashing import Clashing
from dsbs.activities.models import Registration
from dsbs.activities.rules import OFFER_LINK, RegistrationState
from dsbs.activities.service import waiting
from dsbs.activities.views import by_link
from dsbs.activities.views.clashing import ask_about, clashes_known
from dsbs.activities.views.looking_up import person_of
from dsbs.core import clock
from dsbs.core.access import public, signed_in, viewer
from dsbs.core.db import db, write
from dsbs.core.headers import unseen
from dsbs.core.refusals import NotFound, Refused
from dsbs.core.template import confirm

#: Why the history says that an offer was answered.
_TOOK, _LEFT = "Took an offered seat", "Left an offered seat to the next"


@signed_in
def accept(registration_id: int) -> str | Response:
    """Take the seat that is offered; who has something else at that time is shown it first."""
    try:
        return _answer(partial(waiting.accept, knows=clashes_known()), registration_id, _TOOK)
    except Clashing as clashing:
        registration = queries.registration_in_full(db.session(), registration_id)
        session_page = url_for("activities.session", session_id=registration.session_id)
        return _ask_about(
            clashing, registration, url_for("activities.accept", registration_id=registration_id), session_page
        )


def _ask_about(clashing: Clashing, registration: Registration, action: str, back: str) -> str:
    offer = offers.offer(db.session(), registration.session_id)
    return ask_about(clashing, offer, action=action, anyway=_("Take the seat all the same"), back=back)


@signed_in
def decline(registration_id: int) -> Response:
    """Leave the seat that is offered to the next in line."""
    return _answer(waiting.decline, registration_id, _LEFT)


def _answer(act: Callable[..., Registration], registration_id: int, why: str) -> Response:
    with write(by=viewer().actor, why=why, at=clock.now()) as session:
        answered = act(session, registration_id=registration_id, person=person_of(session, viewer()), now=clock.now())
        session_id, state = answered.session_id, answered.state
    confirm(*_said(state), links=[(_("My activities"), url_for("activities.mine"))])
    return redirect(url_for("activities.session", session_id=session_id))


def _said(state: RegistrationState) -> tuple[str, str]:
    if state is RegistrationState.REGISTERED:
        return _("You have the seat"), _("A mail with the dates for your calendar is on its way.")
    return _("You left the seat to the next"), _("Who waits longest is asked at once.")


@public
def offered_seat(token: str) -> Response:
    """Show what is offered and to whom, or what has become of it. Nothing happens by looking."""
    try:
        link = links.look_up(db.session(), token=token, purpose=OFFER_LINK)
        return _page(link, token)
    except NotFound:
        return by_link.unknown()


@public
def answer_offer(token: str, verb: str) -> Response:
    """Take the seat or leave it, by the link alone; the page then says how it stands."""
    try:
        link = links.look_up(db.session(), token=token, purpose=OFFER_LINK)
        takes = verb == "accept"
        act = partial(waiting.accept, knows=clashes_known()) if takes else waiting.decline
        with write(by=link.person.actor, why=_TOOK if takes else _LEFT, at=clock.now()) as session:
            act(session, registration_id=link.subject_id or 0, person=_person_of(session, link), now=clock.now())
            # Last, so that of an offer that lapsed together with its link she reads just that. Nothing is kept then.
            links.check(link, now=clock.now())
    except NotFound:
        return by_link.unknown()
    except Clashing as clashing:
        registration = queries.registration_in_full(db.session(), link.subject_id or 0)
        action = url_for("activities.answer_offer", token=token, verb="accept")
        return unseen(_ask_about(clashing, registration, action, url_for("activities.offered_seat", token=token)), 200)
    except Refused as refused:
        return _page(link, token, refused)
    return unseen(redirect(url_for("activities.offered_seat", token=token)))


def _person_of(session: Session, link: SignedLink) -> Person:
    return session.get_one(Person, link.person_id)


def _page(link: SignedLink, token: str, refused: Refused | None = None) -> Response:
    registration = queries.registration_in_full(db.session(), link.subject_id or 0)
    until = registration.offered_until or link.expires_at
    is_open = by_link.is_open(link, registration, RegistrationState.OFFERED, until)
    return by_link.page("activities/offered_seat.html", link, token, registration, refused, is_open=is_open)
