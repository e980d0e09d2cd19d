"""What several pages of activities look up before they show or change something."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import cast

from flask import current_app
from sqlalchemy.orm import Session

from dsbs.accounts.models import Person
from dsbs.activities import access, queries
from dsbs.activities.models import Activity, ActivitySession
from dsbs.activities.rules import Candidate
from dsbs.core.access import Role, Viewer
from dsbs.core.refusals import NotFound
from dsbs.enrolments import queries as enrolments


def candidate_of(session: Session, viewer: Viewer, today: date) -> Candidate:
    """The viewer as the rules of registration see her."""
    if not viewer.has(Role.RESEARCHER):
        return Candidate(is_researcher=False, programmes=())
    programme_id = enrolments.programme_of(session, viewer.id, today)
    return Candidate(is_researcher=True, programmes=() if programme_id is None else (programme_id,))


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
