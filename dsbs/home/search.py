"""Search across: sessions, programmes, and people as far as the viewer may list them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from flask import render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from dsbs.accounts import access as people_access
from dsbs.accounts import queries as people
from dsbs.accounts.rules import folded
from dsbs.activities import catalogue
from dsbs.activities.catalogue import Listing, Wanted
from dsbs.activities.rules.conditions import Candidate
from dsbs.core import clock, dates
from dsbs.core.access import Viewer, signed_in, viewer
from dsbs.core.db import db
from dsbs.core.template import role_name
from dsbs.enrolments import access as enrolment_access
from dsbs.enrolments import queries as enrolments
from dsbs.home.start import blueprint
from dsbs.programmes.queries import programmes

_MOST_EACH = 8
_LONGEST = 100
_MOST_WORDS = 8


@dataclass(frozen=True)
class Hit:
    """One thing found: its name, where it is, a line about it."""

    title: str
    url: str
    about: str


@dataclass(frozen=True)
class Group:
    """What was found of one kind; ``more`` is where the whole list is, when it is longer."""

    title: str
    hits: Sequence[Hit]
    more: str | None = None


@blueprint.get("/search")
@signed_in
def search() -> str:
    """Whatever has all of these words in its name; nothing is looked for until there are some."""
    asked = request.args.get("q", "").replace("\0", "").strip()[:_LONGEST]
    groups = list(_found(db.session(), viewer(), asked, clock.today())) if asked else []
    return render_template("home/search.html", asked=asked, groups=[group for group in groups if group.hits])


def _found(session: Session, looking: Viewer, asked: str, today: date) -> Iterator[Group]:
    yield _sessions(session, looking, asked)
    yield _programmes(session, asked)
    if people_access.may_list_people(looking):
        yield _people(session, looking, asked, today)
    elif looking.has(*enrolment_access.LOOKERS):
        yield _researchers(session, looking, asked, today)


def _sessions(session: Session, looking: Viewer, asked: str) -> Group:
    """Who may join plays no part here, so nobody in particular asks."""
    found = catalogue.coming(
        session,
        viewer_id=looking.id,
        candidate=Candidate(is_researcher=False, programmes=()),
        wanted=Wanted(words=tuple(asked.split()[:_MOST_WORDS])),
        now=clock.now(),
        show=_MOST_EACH,
    )
    more = url_for("activities.catalogue", q=asked) if found.matching > _MOST_EACH else None
    return Group(_("Sessions to come"), [_session(listing) for listing in found.listings], more)


def _session(listing: Listing) -> Hit:
    offer = listing.offer
    meeting = offer.next_meeting(clock.now())
    about = dates.span(meeting.start, meeting.end)
    about = f"{about}, {meeting.venue}" if meeting.venue else about
    return Hit(offer.name, url_for("activities.session", session_id=offer.id), about)


def _programmes(session: Session, asked: str) -> Group:
    words = folded(asked).split()
    hits = [
        Hit(programme.name, url_for("programmes.programme", code=programme.code), programme.short_name)
        for programme in programmes(session)
        if all(word in folded(f"{programme.name} {programme.short_name} {programme.code}") for word in words)
    ]
    return Group(_("Programmes"), hits)


def _researchers(session: Session, looking: Viewer, asked: str, today: date) -> Group:
    found = enrolments.researchers(session, looking, today=today, wanted=enrolments.Wanted(search=asked))
    hits = [
        Hit(
            enrolment.person.name,
            url_for("enrolments.enrolment", enrolment_id=enrolment.id),
            _("%(programme)s, since %(day)s", programme=enrolment.programme.short_name, day=dates.day(enrolment.start)),
        )
        for enrolment in found.rows[:_MOST_EACH]
    ]
    more = url_for("enrolments.researchers", q=asked) if found.total > _MOST_EACH else None
    return Group(_("Researchers"), hits, more)


def _people(session: Session, looking: Viewer, asked: str, today: date) -> Group:
    found = people.people(session, looking, today=today, search=asked)
    hits = [
        Hit(
            person.name,
            url_for("home.person", person_id=person.id),
            ", ".join(dict.fromkeys(role_name(grant.role) for grant in person.grants_on(today))) or person.mail or "",
        )
        for person in found.rows[:_MOST_EACH]
    ]
    more = url_for("home.people", q=asked) if found.total > _MOST_EACH else None
    return Group(_("People"), hits, more)
