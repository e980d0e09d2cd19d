"""What several pages of activities look up before they show or change something."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import cast

from flask import current_app
from sqlalchemy.orm import Session

from dsbs.accounts.models import Person
from dsbs.activities import access, queries
from dsbs.activities.eligibility import record_if_asked
from dsbs.activities.models import Activity, ActivitySession, Registration
from dsbs.activities.rules.conditions import Candidate
from dsbs.activities.rules.requirements import Requirement
from dsbs.core import clock
from dsbs.core.access import Role, Viewer
from dsbs.core.refusals import NotFound
from dsbs.enrolments import queries as enrolments
from dsbs.enrolments.rules import year_of_track


def candidate_of(session: Session, viewer: Viewer, requirements: Iterable[Requirement], *, now: datetime) -> Candidate:
    """The viewer as the rules of registration see her where this is asked. At most one query."""
    if not viewer.has(Role.RESEARCHER):
        return Candidate(is_researcher=False, programmes=())
    today = clock.local(now).date()
    place = enrolments.place_of(session, viewer.id, today)
    record = record_if_asked(session, viewer.id, requirements)
    if place is None:
        return Candidate(is_researcher=True, programmes=(), record=record)
    return Candidate(True, (place.programme_id,), year_of_track(place.start, today), record)


def person_of(session: Session, viewer: Viewer) -> Person:
    """The viewer's own row, inside the transaction that is about to change something of hers."""
    return session.get_one(Person, viewer.id)


def owners_of(offered: ActivitySession) -> access.SessionOwners:
    """Whose the session is, as the rules of access ask."""
    return access.SessionOwners(session_id=offered.id, programmes=programmes_of(offered.activity), state=offered.state)


def programmes_of(activity: Activity) -> frozenset[int]:
    """The programmes that offer the activity."""
    return frozenset(offer.programme_id for offer in activity.offered_by)


def session_to_manage(session: Session, viewer: Viewer, session_id: int) -> ActivitySession:
    """The session in full, if the viewer may change it. Raises ``NotFound`` otherwise."""
    offered = queries.session_in_full(session, session_id)
    if not access.may_manage_activity(viewer, programmes_of(offered.activity)):
        raise NotFound
    return offered


def session_to_look_at(session: Session, viewer: Viewer, session_id: int) -> ActivitySession:
    """The session in full, if the viewer may see its people. Raises ``NotFound`` otherwise."""
    offered = queries.session_in_full(session, session_id)
    if not access.may_see_people(viewer, owners_of(offered)):
        raise NotFound
    return offered


def part_in(session: Session, session_id: int, registration_id: int) -> Registration:
    """Somebody's part in this session. Raises ``NotFound`` for another session's."""
    found = queries.registration_in_full(session, registration_id)
    if found.session_id != session_id:
        raise NotFound
    return found


def activity_to_manage(session: Session, viewer: Viewer, activity_id: int) -> Activity:
    """The activity, if the viewer may change it. Raises ``NotFound`` otherwise."""
    activity = queries.activity_in_full(session, activity_id)
    if not access.may_manage_activity(viewer, programmes_of(activity)):
        raise NotFound
    return activity


def page_of_person(person_id: int) -> str | None:
    """The address of a person's page, as the feature that shows people gives it; None where the viewer may not go."""
    known = cast("Callable[[int], str | None] | None", current_app.extensions.get("dsbs.page_of_person"))
    return known(person_id) if known else None
