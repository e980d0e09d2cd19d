"""Who was there, as the database has it: on the list of one meeting, and over all that one person did."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from dsbs.accounts.models import Person
from dsbs.activities.attending import Presence
from dsbs.activities.models import ActivitySession, Attendance, Meeting, Registration
from dsbs.activities.rules import RegistrationState, SessionState
from dsbs.agenda.models import Slot
from dsbs.core.refusals import NotFound


def attended_by(person_ids: Collection[int]) -> Select[int, int]:
    """Who of these people attended a session of which activity in full, to select from: her id, and the activity's.

    In full is as ``attending.outcome`` has it: at every meeting present or excused, and present at least once. What
    was called off counts for nobody. Once for each such session.
    """
    meetings = select(func.count()).select_from(Meeting).where(Meeting.session_id == ActivitySession.id)
    was_present = func.count(case((Attendance.mark == Presence.PRESENT, 1)))
    not_missed = func.count(case((Attendance.mark.in_((Presence.PRESENT, Presence.EXCUSED)), 1)))
    return (
        select(Attendance.person_id, ActivitySession.activity_id)
        .join(Meeting, Meeting.id == Attendance.meeting_id)
        .join(ActivitySession, ActivitySession.id == Meeting.session_id)
        .where(Attendance.person_id.in_(person_ids), ActivitySession.state == SessionState.PUBLISHED)
        .group_by(Attendance.person_id, ActivitySession.id, ActivitySession.activity_id)
        .having(was_present > 0, not_missed == meetings.correlate(ActivitySession).scalar_subquery())
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One person on the list of a meeting; ``registered`` is false for who only came along."""

    person: Person
    mark: Presence | None
    reason: str | None
    registered: bool


def list_of(session: Session, *, session_id: int, meeting_id: int) -> Sequence[Line]:
    """Everybody who is in a session or was at one of its meetings, by name, with what this meeting says. One query."""
    seated = select(Registration.person_id).where(_is_in(session_id))
    rows = session.execute(
        select(Person, Attendance.mark, Attendance.reason, Person.id.in_(seated))
        .outerjoin(Attendance, and_(Attendance.person_id == Person.id, Attendance.meeting_id == meeting_id))
        .where(Person.id.in_(_expected(session_id)))
        .order_by(Person.search_key, Person.id)
    )
    return [Line(person, mark, reason, bool(registered)) for person, mark, reason, registered in rows]


def people_expected(session: Session, session_id: int) -> Collection[int]:
    """The ids of those who stand on the lists of a session. Read under its lock by whoever is about to tick."""
    return set(session.scalars(_expected(session_id)))


def _expected(session_id: int) -> Select[int]:
    was_there = (
        select(Attendance.person_id)
        .join(Meeting, Meeting.id == Attendance.meeting_id)
        .where(Meeting.session_id == session_id, Attendance.mark.is_not(None))
    )
    return select(select(Registration.person_id).where(_is_in(session_id)).union(was_there).subquery().c.person_id)


def _is_in(session_id: int) -> ColumnElement[bool]:
    return and_(
        Registration.session_id == session_id,
        Registration.state == RegistrationState.REGISTERED,
    )


def noted_at_meeting(session: Session, meeting_id: int) -> Mapping[int, Attendance]:
    """What is noted at a meeting, by person; rows to be changed, read anew under the session's lock."""
    rows = session.scalars(
        select(Attendance).where(Attendance.meeting_id == meeting_id).execution_options(populate_existing=True)
    )
    return {row.person_id: row for row in rows}


def ticked_meeting_ids(session: Session, session_id: int) -> Collection[int]:
    """The meetings of a session at which anything is noted of anybody."""
    return set(
        session.scalars(
            select(Attendance.meeting_id)
            .join(Meeting, Meeting.id == Attendance.meeting_id)
            .where(Meeting.session_id == session_id, Attendance.mark.is_not(None))
            .distinct()
        )
    )


@dataclass(frozen=True, slots=True)
class Noted:
    """Of whom an entry of the history is, and at which meeting: its name and beginning."""

    name: str
    start: datetime


def noted_in_session(session: Session, session_id: int) -> Mapping[int, Noted]:
    """Whose each row of attendance in a session is and of which meeting, by its id. One query."""
    rows = session.execute(
        select(Attendance.id, Person.given_name, Person.family_name, Slot.start)
        .join(Person, Person.id == Attendance.person_id)
        .join(Meeting, Meeting.id == Attendance.meeting_id)
        .join(Meeting.slot)
        .where(Meeting.session_id == session_id)
    )
    return {row.id: Noted(f"{row.given_name} {row.family_name}", row.start) for row in rows}


def session_id_of(session: Session, meeting_id: int) -> int:
    """The session that a meeting belongs to. Raises ``NotFound``."""
    found = session.scalar(select(Meeting.session_id).where(Meeting.id == meeting_id))
    if found is None:
        raise NotFound
    return found
