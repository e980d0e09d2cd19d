"""Taking a seat, giving it back, and all of it on one page of one's own."""

from __future__ import annotations

from datetime import datetime

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dsbs.activities import offers, queries
from dsbs.activities.offers import Offer
from dsbs.activities.rules import Candidate, SessionFacts, obstacle, refusal
from dsbs.activities.service import registering
from dsbs.activities.views.looking_up import candidate_of, person_of
from dsbs.core import clock, dates
from dsbs.core.access import signed_in, viewer
from dsbs.core.db import db, write
from dsbs.core.template import confirm

#: A confirmation travels in the session cookie, so a long title is cut.
_LONGEST_NAME = 80
#: However often somebody asks for more, a page of her past holds no more rows.
_MOST_SHOWN = 1000


@signed_in
def register(session_id: int) -> Response:
    """Take a seat; a second click finds the seat taken already and says so."""
    now, today = clock.now(), clock.today()
    offer, candidate = offers.offer(db.session(), session_id), candidate_of(db.session(), viewer(), today)
    _refuse_at_once(offer, candidate, now)
    with write(by=viewer().actor, why="Took a seat", at=now) as session:
        person = person_of(session, viewer())
        registration_id = registering.register(
            session, session_id=session_id, person=person, candidate=candidate, now=now
        )
        is_mailed = person.wants_confirmations
    mailed = _("A mail with the dates for your calendar is on its way.") if is_mailed else ""
    confirm(
        _("You have the seat") if offer.capacity else _("They know that you come"),
        " ".join(filter(None, (_in_words(offer), mailed))),
        links=[
            (_("Put it in my calendar"), url_for("activities.session_calendar", session_id=session_id)),
            (_("My activities"), url_for("activities.mine")),
        ],
        undo=(
            _("Give it back") if offer.capacity else _("I cannot come after all"),
            url_for("activities.cancel", registration_id=registration_id),
        ),
    )
    return redirect(url_for("activities.session", session_id=session_id))


@signed_in
def cancel(registration_id: int) -> Response:
    """Give the seat back; who does so on the page of her activities stays there."""
    now = clock.now()
    with write(by=viewer().actor, why="Gave the seat back", at=now) as session:
        person = person_of(session, viewer())
        ended = registering.cancel(session, registration_id=registration_id, person=person, now=now)
        session_id, is_mailed = ended.session_id, person.wants_confirmations
    offer = offers.offer(db.session(), session_id)
    freed = _("The seat is free for somebody else at once.") if offer.capacity else ""
    mailed = _("A mail that takes it out of your calendar is on its way.") if is_mailed else ""
    confirm(
        _("You gave the seat back") if offer.capacity else _("They know that you do not come"),
        " ".join(filter(None, (_in_words(offer), freed, mailed))),
        links=[(_("Find an activity"), url_for("activities.catalogue"))],
        undo=_way_back(offer, now),
    )
    stays = request.form.get("back") == "mine"
    return redirect(url_for("activities.mine") if stays else url_for("activities.session", session_id=session_id))


def _refuse_at_once(offer: Offer, candidate: Candidate, now: datetime) -> None:
    """Tell who cannot join so without a wait for the session's lock; the verb asks once more under it."""
    own, facts = _standing(offer)
    found = obstacle(facts, candidate, now)
    if own is None and found is not None:
        raise refusal(found, facts)


def _way_back(offer: Offer, now: datetime) -> tuple[str, str] | None:
    """The button that takes the seat again, if she may."""
    _own, facts = _standing(offer)
    if obstacle(facts, candidate_of(db.session(), viewer(), clock.today()), now) is not None:
        return None
    words = _("Take it again") if offer.capacity else _("I come after all")
    return words, url_for("activities.register", session_id=offer.id)


def _standing(offer: Offer) -> tuple[int | None, SessionFacts]:
    """The viewer's own registration, if she has one, and the session as the rules see it."""
    taken, own = queries.people_in(db.session(), session_id=offer.id, person_id=viewer().id)
    return own, offer.facts(taken)


def _in_words(offer: Offer) -> str:
    """What it is about, when and where: ``Scientific writing: Thu 10 Dec 2026, 9:00-12:30, Room 02.114.``."""
    name = offer.name if len(offer.name) <= _LONGEST_NAME else offer.name[:_LONGEST_NAME] + "…"
    first = offer.meetings[0]
    when = dates.span(first.start, first.end)
    if len(offer.meetings) > 1:
        number = len(offer.meetings)
        return _("%(name)s: %(number)d meetings, the first on %(when)s.", name=name, number=number, when=when)
    place = first.venue or (_("online") if offer.online else "")
    return f"{name}: {when}, {place}." if place else f"{name}: {when}."


@signed_in
def mine() -> str:
    """Everything that the viewer registered for: coming, past, given back."""
    now = clock.now()
    show = min(max(request.args.get("show", queries.PAGE, type=int), 1), _MOST_SHOWN)
    found = queries.registrations_of(db.session(), viewer().id, now=now, most=show)
    return render_template(
        "activities/mine.html",
        coming=sorted(found.coming, key=lambda registration: registration.session.next_meeting(now).slot.start),
        found=found,
        open_fold=request.args.get("fold"),
        next_page=min(show + queries.PAGE, _MOST_SHOWN),
        now=now,
    )
