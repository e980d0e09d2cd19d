"""Taking a seat, giving it back, and all of it on one page of one's own."""

from __future__ import annotations

from datetime import datetime

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from dsbs.accounts import queries as accounts
from dsbs.activities import offers, queries
from dsbs.activities.clashing import Clashing, clashes_of_person
from dsbs.activities.offers import Offer
from dsbs.activities.rules import Obstacle, RegistrationState, SessionFacts, obstacle, refusal
from dsbs.activities.rules.conditions import Candidate
from dsbs.activities.rules.requirements import needs_approval
from dsbs.activities.service import registering
from dsbs.activities.service.registering import Part
from dsbs.activities.standing import pools_of, standing
from dsbs.activities.training_record import record_of
from dsbs.activities.views.clashing import ask_about, clashes_known, told_to_herself
from dsbs.activities.views.looking_up import candidate_of, person_of
from dsbs.core import clock, dates
from dsbs.core.access import signed_in, viewer
from dsbs.core.db import db, write
from dsbs.core.language import gettext as _
from dsbs.core.refusals import N_
from dsbs.core.seats import ordinal
from dsbs.core.template import confirm

#: A confirmation travels in the session cookie, so a long title is cut.
_LONGEST_NAME = 80
#: However often somebody asks for more, a page of her past holds no more rows.
_MOST_SHOWN = 1000


@signed_in
def register(session_id: int) -> str | Response:
    """Take a seat, ask for one, or join the waiting list; a second click finds the seat taken already and says so.

    Who has something else at that time is shown it first, unless the page with the button did.
    """
    now, or_wait = clock.now(), "or_wait" in request.form
    reading, who = db.session(), viewer()
    offer = offers.offer(reading, session_id)
    candidate = candidate_of(reading, who, offer.requirements, now=now)
    if not or_wait:
        _refuse_at_once(offer, candidate, now)
    person = accounts.contact(reading, who.id)
    try:
        with write(by=who.actor, why="Registered", at=now) as session:
            part = registering.register(
                session,
                session_id=session_id,
                person=person,
                candidate=candidate,
                now=now,
                or_wait=or_wait,
                knows=clashes_known(),
            )
    except Clashing as clashing:
        return _ask_about(clashing, offer, candidate, now)
    _SAYING[part.state](offer, part, is_mailed=person.wants_confirmations)
    return redirect(url_for("activities.session", session_id=session_id))


def _ask_about(clashing: Clashing, offer: Offer, candidate: Candidate, now: datetime) -> str:
    """What she has at that time. A seat that is free as she is asked may be gone when she answers; then she waits."""
    found = standing(db.session(), session_id=offer.id, person_id=viewer().id, now=now)
    is_full = offer.capacity is not None and (found.waiting or found.taken >= offer.capacity)
    seat = _("Take the seat all the same") if offer.capacity else _("Tell them you come all the same")
    if needs_approval(offer.requirements, candidate):
        is_full, seat = False, _("Ask all the same")
    return ask_about(
        clashing,
        offer,
        action=url_for("activities.register", session_id=offer.id),
        anyway=_("Join the list all the same") if is_full else seat,
        back=url_for("activities.session", session_id=offer.id),
    )


def _say_that_she_is_in(offer: Offer, part: Part, *, is_mailed: bool) -> None:
    mailed = _("A mail with the dates for your calendar is on its way.") if is_mailed else ""
    confirm(
        _("You have the seat") if offer.capacity else _("They know that you come"),
        " ".join(filter(None, (_in_words(offer), mailed))),
        links=[
            (_("Put it in my calendar"), url_for("activities.session_calendar", session_id=offer.id)),
            (_("My activities"), url_for("activities.mine")),
        ],
        undo=(
            _("Give it back") if offer.capacity else _("I cannot come after all"),
            url_for("activities.cancel", registration_id=part.registration_id),
        ),
    )


def _say_that_she_asked(offer: Offer, part: Part, *, is_mailed: bool) -> None:
    mailed = _("A mail about it is on its way.") if is_mailed else ""
    confirm(
        _("You asked for a seat") if offer.capacity else _("You asked to come"),
        " ".join(filter(None, (_in_words(offer), _("The coordinator decides, and you are told by mail."), mailed))),
        links=[(_("My activities"), url_for("activities.mine"))],
        undo=(_("Take it back"), url_for("activities.cancel", registration_id=part.registration_id)),
    )


def _say_that_she_waits(offer: Offer, part: Part, *, is_mailed: bool) -> None:
    confirm(
        _("All seats are taken: you are %(place)s on the waiting list", place=ordinal(part.place)),
        " ".join(
            filter(
                None,
                (
                    _in_words(offer),
                    _("A seat that is given back is offered in the order of the list."),
                    _("A mail about it is on its way.") if is_mailed else "",
                ),
            )
        ),
        links=[(_("My activities"), url_for("activities.mine"))],
        undo=(_("Leave the list"), url_for("activities.cancel", registration_id=part.registration_id)),
    )


_SAYING = {
    RegistrationState.REGISTERED: _say_that_she_is_in,
    RegistrationState.REQUESTED: _say_that_she_asked,
    RegistrationState.WAITING: _say_that_she_waits,
}


@signed_in
def cancel(registration_id: int) -> Response:
    """Give the seat back, leave the list or take a request back; who does so on the page of her activities stays."""
    now = clock.now()
    with write(by=viewer().actor, why="Gave the seat back", at=now) as session:
        person = person_of(session, viewer())
        ended = registering.cancel(session, registration_id=registration_id, person=person, now=now)
        session_id, is_mailed, state = ended.session_id, person.wants_confirmations, ended.state
    offer = offers.offer(db.session(), session_id)
    if state in _SEATLESS:
        confirm(_(_SEATLESS[state]), _in_words(offer), undo=_way_back(offer, now))
        return _back_to(session_id)
    freed = _("The seat is free for somebody else at once.") if offer.capacity else ""
    mailed = _("A mail that takes it out of your calendar is on its way.") if is_mailed else ""
    confirm(
        _("You gave the seat back") if offer.capacity else _("They know that you do not come"),
        " ".join(filter(None, (_in_words(offer), freed, mailed))),
        links=[(_("Find an activity"), url_for("activities.catalogue"))],
        undo=_way_back(offer, now),
    )
    return _back_to(session_id)


#: What is said to who gave up what was no seat yet.
_SEATLESS = {
    RegistrationState.LEFT: N_("You left the waiting list"),
    RegistrationState.WITHDRAWN: N_("You took your request back"),
}


def _back_to(session_id: int) -> Response:
    stays = request.form.get("back") == "mine"
    return redirect(url_for("activities.mine") if stays else url_for("activities.session", session_id=session_id))


def _refuse_at_once(offer: Offer, candidate: Candidate, now: datetime) -> None:
    """Tell who cannot join so without a wait for the session's lock; the verb asks once more under it."""
    own, facts = _standing(offer, now)
    found = obstacle(facts, candidate, now)
    if own is None and found not in (None, Obstacle.APPROVAL):
        raise refusal(found, facts)


def _way_back(offer: Offer, now: datetime) -> tuple[str, str] | None:
    """The button that takes the seat again, if she may."""
    _own, facts = _standing(offer, now)
    found = obstacle(facts, candidate_of(db.session(), viewer(), offer.requirements, now=now), now)
    if found not in (None, Obstacle.APPROVAL):
        return None
    if found is Obstacle.APPROVAL:
        words = _("Ask again")
    else:
        words = _("Take it again") if offer.capacity else _("I come after all")
    return words, url_for("activities.register", session_id=offer.id)


def _standing(offer: Offer, now: datetime) -> tuple[int | None, SessionFacts]:
    """The viewer's own registration, if she has one, and the session as the rules see it."""
    found = standing(db.session(), session_id=offer.id, person_id=viewer().id, now=now)
    pools = pools_of(db.session(), [offer.id], now=now).get(offer.id, ()) if offer.keeps_seats(now) else ()
    return found.registration_id, offer.facts(found.taken, found.waiting, pools)


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
    clashes = clashes_of_person(db.session(), viewer().id, now=now)
    return render_template(
        "activities/mine.html",
        clashes={session_id: told_to_herself(there) for session_id, there in clashes.items()},
        coming=sorted(found.coming, key=lambda registration: registration.session.next_meeting(now).slot.start),
        found=found,
        record=record_of(db.session(), viewer().id, now=now),
        open_fold=request.args.get("fold"),
        next_page=min(show + queries.PAGE, _MOST_SHOWN),
        now=now,
    )
