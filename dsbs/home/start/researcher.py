"""What a PhD researcher finds on her start page: where she is expected, what she may still give back, what is on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta

from flask import url_for
from flask_babel import gettext as _

from dsbs.activities import catalogue, overviews
from dsbs.activities.catalogue import Listing, Wanted
from dsbs.activities.overviews import Glance
from dsbs.activities.rules import Candidate, Mode
from dsbs.core import clock, dates
from dsbs.enrolments import queries as enrolments
from dsbs.enrolments.models import Enrolment
from dsbs.enrolments.words import TRACKS
from dsbs.home.start import months
from dsbs.home.start.parts import Action, Asked, Empty, Look, Part, Section, Step
from dsbs.home.start.sessions import next_time, which_day
from dsbs.programmes.queries import people_of_programmes

#: So many days before free cancellation ends, the page asks whether she still comes.
ASK_BEFORE = timedelta(days=3)
FORTNIGHT = timedelta(days=14)
_MOST_STEPS = 30
_MOST_OFFERED = 3


def part(look: Look) -> Part:
    """Her sessions as steps, her enrolment, what her programme offers in the next fortnight."""
    ahead = overviews.sessions_ahead_of(look.session, look.viewer.id, now=look.now, most=_MOST_STEPS)
    enrolment = enrolments.current_enrolment(look.session, look.viewer.id, look.today)
    return Part(
        empty=Empty(
            title=_("Nothing waits for you"),
            text=_("Sessions that you take a seat in stand here, with their dates and places."),
            label=_("Find an activity"),
            url=url_for("activities.catalogue"),
        ),
        steps=[_step(glance, look) for glance in ahead],
        asked=() if enrolment else [_not_enrolled()],
        sections=list(_sections(enrolment, look)),
        foot=_coordinator(enrolment, look) if enrolment else None,
    )


def _step(glance: Glance, look: Look) -> Step:
    free_until = _asked_until(glance, look)
    return Step(
        at=glance.next_meeting(look.now).start,
        title=glance.name,
        text=next_time(glance, look.now),
        detail=_expected(glance, look) if free_until is None else _free_until(free_until),
        state=("act", _("Still coming?")) if free_until else None,
        actions=tuple(_actions(glance, look)),
        lost_at=free_until,
    )


def _asked_until(glance: Glance, look: Look) -> datetime | None:
    """Until when giving the seat back is free, if that ends so soon that she is asked."""
    until = glance.free_cancellation_until
    return until if until is not None and look.now < until <= look.now + ASK_BEFORE else None


def _free_until(moment: datetime) -> str:
    words: str = _("Giving it back is free until %(moment)s.", moment=dates.moment(moment))
    return words


def _expected(glance: Glance, look: Look) -> str:
    has = _("You have a seat.") if glance.mode is Mode.SEAT else _("They know that you come.")
    return f"{which_day(glance, look.now)} {has}".strip()


def _actions(glance: Glance, look: Look) -> Iterable[Action]:
    yield Action(_("See the details"), url_for("activities.session", session_id=glance.id))
    if look.now < glance.starts_at:
        label = _("Give it back") if glance.mode is Mode.SEAT else _("I cannot come")
        yield Action(label, url_for("activities.cancel", registration_id=glance.registration_id), post=True)


def _not_enrolled() -> Asked:
    return Asked(
        title=_("Your enrolment"),
        state=("waiting", _("Waiting for the school")),
        text=_("Your programme, department and supervisors stand here as soon as the school has enrolled you."),
        link=(_("What the school has on record"), url_for("enrolments.my_track")),
    )


def _sections(enrolment: Enrolment | None, look: Look) -> Iterable[Section]:
    if enrolment is None:
        return
    offered = _offered(enrolment, look)
    yield Section("home/start_offered.html", {"offered": offered, "enrolment": enrolment, "now": look.now})
    yield Section(
        "home/start_years.html",
        {
            "enrolment": enrolment,
            "track": _(TRACKS[enrolment.track]),
            "progress": months.progress(enrolment, look.today),
            "drawn": months.strip(enrolment, look.today) if enrolment.start <= look.today else None,
        },
    )


def _offered(enrolment: Enrolment, look: Look) -> Sequence[Listing]:
    """What her own programme offers in the next fortnight and she can still come to, soonest first."""
    last = clock.from_school_time(look.today + FORTNIGHT + timedelta(days=1), time())
    programmes = frozenset({enrolment.programme_id})
    return catalogue.coming(
        look.session,
        viewer_id=look.viewer.id,
        candidate=Candidate(is_researcher=True, programmes=programmes),
        wanted=Wanted(last=last, programmes=programmes, joinable_only=True),
        now=look.now,
        show=_MOST_OFFERED,
    ).listings


def _coordinator(enrolment: Enrolment, look: Look) -> tuple[str, str] | None:
    """Whom to ask: the first coordinator of her programme who has a mail address."""
    found = people_of_programmes(look.session, [enrolment.programme_id], look.today)[enrolment.programme_id]
    return next(((person.name, person.mail) for person in found.coordinators if person.mail), None)
