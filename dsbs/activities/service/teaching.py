"""Who runs a session: the role that opens it and its people to her, and its meetings in her calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from dsbs.accounts import service as accounts
from dsbs.accounts.models import Person, RoleGrant
from dsbs.activities import queries
from dsbs.activities.rules import SessionState
from dsbs.activities.service.registering import ORGANISER, PART, locked
from dsbs.agenda import service as agenda
from dsbs.core.access import Role
from dsbs.core.refusals import N_, NotFound, Refused


def name_organiser(session: Session, *, session_id: int, person: Person, today: date) -> RoleGrant:
    """Let somebody run a session from today on: she sees it and its people, and her calendar has its meetings.

    Refused when the session was cancelled, and when she runs it already.
    """
    offered = locked(session, session_id)
    if offered.state is SessionState.CANCELLED:
        raise Refused(N_("This session was cancelled, so nobody has to run it."), field="organiser")
    given = accounts.grant(session, person=person, role=Role.ORGANISER, since=today, session_id=session_id)
    for meeting in offered.meetings:
        agenda.bind_person(session, slot=meeting.slot, person_id=person.id, part=ORGANISER)
    return given


def end_organiser(session: Session, *, session_id: int, grant_id: int, now: datetime, today: date) -> str:
    """End somebody's part in running a session at once; what is still to come leaves her calendar. Gives her name.

    Who also has a seat in it keeps that, in her calendar too. Raises ``NotFound`` when she does not run it today.
    """
    offered = locked(session, session_id)
    running = queries.organisers_of(session, session_id=session_id, today=today)
    grant = next((grant for grant in running if grant.id == grant_id), None)
    if grant is None:
        raise NotFound
    person_id, name = grant.person_id, grant.person.name
    comes = queries.active_registration(session, session_id=session_id, person_id=person_id) is not None
    accounts.end_grant(session, grant=grant, on=today - timedelta(days=1))
    for meeting in offered.meetings:
        if comes:
            agenda.bind_person(session, slot=meeting.slot, person_id=person_id, part=PART)
        elif meeting.slot.end > now:
            agenda.release_person(session, slot=meeting.slot, person_id=person_id)
    return name
