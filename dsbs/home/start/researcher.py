"""What a PhD researcher finds on her start page: where she is expected, what she may still give back, what is on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from itertools import islice

from flask import url_for
from flask_babel import gettext as _

from dsbs.activities import catalogue
from dsbs.activities.catalogue import Listing
from dsbs.activities.eligibility import record_if_asked
from dsbs.activities.offers import Offer
from dsbs.activities.place_words import kept_for_others_in_words
from dsbs.activities.rules import Mode, RegistrationState
from dsbs.activities.rules.conditions import Candidate
from dsbs.core import clock, dates
from dsbs.core.refusals import N_
from dsbs.enrolments import months
from dsbs.enrolments import queries as enrolments
from dsbs.enrolments.queries import RunningEnrolment
from dsbs.enrolments.rules import year_of_track
from dsbs.enrolments.words import TRACKS
from dsbs.home.start.parts import Action, Asked, Empty, Look, Part, Section, Step
from dsbs.home.start.sessions import next_time, which_day
from dsbs.programmes.queries import coordinator_to_ask

#: So many days before free cancellation ends, the page asks whether she still comes.
ASK_BEFORE = timedelta(days=3)
FORTNIGHT = timedelta(days=14)
_MOST_STEPS = 30
_MOST_OFFERED = 3


def part(look: Look) -> Part:
    """Her sessions as steps, her enrolment, what her programme offers in the next fortnight."""
    enrolment = enrolments.current_enrolment(look.session, look.viewer.id, look.today)
    candidate = _candidate(enrolment, look)
    coming = catalogue.listings(look.session, viewer_id=look.viewer.id, candidate=candidate, now=look.now)
    ahead = [listing for listing in coming if listing.registration_id is not None]
    return Part(
        empty=Empty(
            title=_("Nothing waits for you"),
            text=_("Sessions that you take a seat in stand here, with their dates and places."),
            label=_("Find an activity"),
            url=url_for("activities.catalogue"),
        ),
        steps=[
            _offer(listing, look) if listing.state is RegistrationState.OFFERED else _step(listing, look)
            for listing in ahead[:_MOST_STEPS]
            if listing.state not in _ASKED
        ],
        asked=[
            *([] if enrolment else [_not_enrolled()]),
            *(_waits(listing, *_ASKED[listing.state]) for listing in ahead if listing.state in _ASKED),
        ],
        sections=list(_sections(enrolment, coming, look)) if enrolment else (),
        foot=coordinator_to_ask(look.session, enrolment.programme.id, look.today) if enrolment else None,
    )


def _candidate(enrolment: RunningEnrolment | None, look: Look) -> Candidate:
    requirements = catalogue.requirements_to_come(look.session, look.now)
    record = record_if_asked(look.session, look.viewer.id, requirements)
    if enrolment is None:
        return Candidate(is_researcher=True, programmes=(), record=record)
    return Candidate(True, (enrolment.programme.id,), year_of_track(enrolment.start, look.today), record)


def _step(listing: Listing, look: Look) -> Step:
    offer = listing.offer
    free_until = _asked_until(offer, look)
    return Step(
        at=offer.next_meeting(look.now).start,
        title=offer.name,
        text=next_time(offer, look.now),
        detail=_expected(offer, look) if free_until is None else _free_until(free_until),
        state=("act", _("Still coming?")) if free_until else None,
        actions=tuple(_actions(listing, look)),
        lost_at=free_until,
    )


def _offer(listing: Listing, look: Look) -> Step:
    """A seat that is offered to her, and lost if she does not answer."""
    until, part = listing.offered_until or listing.offer.starts_at, listing.registration_id
    return Step(
        at=listing.offer.next_meeting(look.now).start,
        title=listing.offer.name,
        text=next_time(listing.offer, look.now),
        detail=_("It is held for you until %(moment)s. Then it goes to the next in line.", moment=dates.moment(until)),
        state=("act", _("A seat is offered to you")),
        actions=(
            Action(_("Take the seat"), url_for("activities.accept", registration_id=part), post=True),
            Action(_("Leave it to the next"), url_for("activities.decline", registration_id=part), post=True),
        ),
        url=url_for("activities.session", session_id=listing.offer.id),
        lost_at=until,
    )


#: What she waits for where she has no seat: its name, what happens next, and what the page of the session shows.
_ASKED = {
    RegistrationState.WAITING: (
        N_("On the waiting list"),
        N_("A seat that is given back is offered by mail, in the order of the list."),
        N_("See your place"),
    ),
    RegistrationState.REQUESTED: (
        N_("Waiting for the coordinator"),
        N_("You asked for a seat. You are told by mail whether you have it."),
        N_("See the details"),
    ),
}


_FREE_FOR_HER = N_("A seat that is free for you is offered by mail.")


def _waits(listing: Listing, state: str, text: str, see: str) -> Asked:
    """Seats that are kept for others are said, since the list is not served in its order alone then."""
    kept = kept_for_others_in_words(listing.facts.room, listing.candidate.programmes)
    return Asked(
        title=listing.offer.name,
        state=("waiting", _(state)),
        text=f"{_(_FREE_FOR_HER if listing.state is RegistrationState.WAITING else text)} {kept}" if kept else _(text),
        link=(_(see), url_for("activities.session", session_id=listing.offer.id)),
    )


def _asked_until(offer: Offer, look: Look) -> datetime | None:
    """Until when giving the seat back is free, if that ends so soon that she is asked."""
    until = offer.free_cancellation_until
    return until if until is not None and look.now < until <= look.now + ASK_BEFORE else None


def _free_until(moment: datetime) -> str:
    words: str = _("Giving it back is free until %(moment)s.", moment=dates.moment(moment))
    return words


def _expected(offer: Offer, look: Look) -> str:
    has = _("You have a seat.") if offer.mode is Mode.SEAT else _("They know that you come.")
    return f"{which_day(offer, look.now)} {has}".strip()


def _actions(listing: Listing, look: Look) -> Iterable[Action]:
    offer = listing.offer
    yield Action(_("See the details"), url_for("activities.session", session_id=offer.id))
    if look.now < offer.starts_at:
        label = _("Give it back") if offer.mode is Mode.SEAT else _("I cannot come")
        yield Action(label, url_for("activities.cancel", registration_id=listing.registration_id), post=True)


def _not_enrolled() -> Asked:
    return Asked(
        title=_("Your enrolment"),
        state=("waiting", _("Waiting for the school")),
        text=_("Your programme, department and supervisors stand here as soon as the school has enrolled you."),
        link=(_("What the school has on record"), url_for("enrolments.my_track")),
    )


def _sections(enrolment: RunningEnrolment, coming: Sequence[Listing], look: Look) -> Iterable[Section]:
    yield Section("home/start_offered.html", {"offered": _offered(enrolment, coming, look), "now": look.now})
    yield Section(
        "home/start_years.html",
        {
            "enrolment": enrolment,
            "track": _(TRACKS[enrolment.track]),
            "progress": months.progress(enrolment, enrolment.pauses, look.today),
            "drawn": months.strip(enrolment, look.today) if enrolment.start <= look.today else None,
        },
    )


def _offered(enrolment: RunningEnrolment, coming: Sequence[Listing], look: Look) -> Sequence[Listing]:
    """What her own programme offers in the next fortnight and she can still come to, soonest first."""
    last = clock.from_school_time(look.today + FORTNIGHT + timedelta(days=1), time())
    own = (
        listing
        for listing in coming
        if enrolment.programme.id in listing.offer.programmes and listing.offer.starts_at < last and listing.joinable
    )
    return list(islice(own, _MOST_OFFERED))
