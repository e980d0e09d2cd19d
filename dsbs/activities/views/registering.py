"""Taking a seat, giving it back, and all of it on one page of one's own."""

from __future__ import annotations

from datetime import date, datetime

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dsbs.activities import offers, queries
from dsbs.activities.rules import obstacle, refusal
from dsbs.activities.service import registering
from dsbs.activities.views.looking_up import candidate_of, person_of
from dsbs.core import clock
from dsbs.core.access import signed_in, viewer
from dsbs.core.db import db, write


@signed_in
def register(session_id: int) -> Response:
    """Take a seat; a second click finds the seat taken already and says so."""
    now, today = clock.now(), clock.today()
    _refuse_at_once(session_id, now, today)
    with write(by=viewer().actor, why="Took a seat", at=now) as session:
        registering.register(
            session,
            session_id=session_id,
            person=person_of(session, viewer()),
            candidate=candidate_of(session, viewer(), today),
            now=now,
        )
    flash(_("You have the seat. A mail with the dates for your calendar is on its way."), "good")
    return redirect(url_for("activities.session", session_id=session_id))


def _refuse_at_once(session_id: int, now: datetime, today: date) -> None:
    """Tell who cannot join so without a wait for the session's lock; the verb asks once more under it."""
    session = db.session()
    taken, own = queries.people_in(session, session_id=session_id, person_id=viewer().id)
    facts = offers.offer(session, session_id).facts(taken)
    found = obstacle(facts, candidate_of(session, viewer(), today), now)
    if own is None and found is not None:
        raise refusal(found, facts)


@signed_in
def cancel(registration_id: int) -> Response:
    """Give the seat back."""
    now = clock.now()
    with write(by=viewer().actor, why="Gave the seat back", at=now) as session:
        ended = registering.cancel(
            session, registration_id=registration_id, person=person_of(session, viewer()), now=now
        )
        session_id = ended.session_id
    flash(_("You gave the seat back. It is free for somebody else at once."), "good")
    return redirect(url_for("activities.session", session_id=session_id))


@signed_in
def mine() -> str:
    """Everything that the viewer registered for: coming, past, given back."""
    now = clock.now()
    registrations = queries.registrations_of(db.session(), viewer().id)
    active = [registration for registration in registrations if registration.ended_at is None]
    return render_template(
        "activities/mine.html",
        coming=[registration for registration in active if registration.session.ends_at > now],
        past=[registration for registration in reversed(active) if registration.session.ends_at <= now],
        ended=[registration for registration in reversed(registrations) if registration.ended_at is not None],
        now=now,
    )
