"""Reads about activities, sessions and registrations, named as answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from dsbs.activities.models import Activity, ActivityProgramme, ActivitySession, Meeting, Registration
from dsbs.activities.rules import Audience, SessionFacts, SessionState
from dsbs.core.refusals import NotFound


def seats_taken() -> ColumnElement[int]:
    """How many people are in the session of the surrounding query, as a column of it."""
    return (
        select(func.count())
        .select_from(Registration)
        .where(Registration.session_id == ActivitySession.id, Registration.ended_at.is_(None))
        .correlate(ActivitySession)
        .scalar_subquery()
    )


def session_in_full(session: Session, session_id: int) -> ActivitySession:
    """A session with its activity, programmes, meetings, slots and venues. Raises ``NotFound``."""
    found = session.scalars(_in_full().where(ActivitySession.id == session_id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def activity_in_full(session: Session, activity_id: int) -> Activity:
    """An activity with its programmes. Raises ``NotFound``."""
    found = session.scalars(
        select(Activity)
        .where(Activity.id == activity_id)
        .options(selectinload(Activity.offered_by).joinedload(ActivityProgramme.programme))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def sessions_of(session: Session, activity_id: int) -> Sequence[ActivitySession]:
    """All sessions of an activity, the latest first."""
    return session.scalars(
        _in_full().where(ActivitySession.activity_id == activity_id).order_by(ActivitySession.starts_at.desc())
    ).all()


def coming_sessions_of(session: Session, activity_id: int) -> Sequence[ActivitySession]:
    """The sessions of an activity that are not cancelled."""
    return session.scalars(
        _in_full().where(ActivitySession.activity_id == activity_id, ActivitySession.state != SessionState.CANCELLED)
    ).all()


def facts_of(session: Session, offered: ActivitySession) -> SessionFacts:
    """What the rules need to know of a session, counted now: call it under the session's lock before a change."""
    taken = session.scalar(
        select(func.count())
        .select_from(Registration)
        .where(Registration.session_id == offered.id, Registration.ended_at.is_(None))
    )
    audience, programmes = _audience_of(session, offered.activity_id)
    return SessionFacts(
        state=offered.state,
        mode=offered.mode,
        audience=audience,
        programmes=programmes,
        capacity=offered.capacity,
        taken=taken or 0,
        opens_at=offered.opens_at,
        closes_at=offered.closes_at,
        starts_at=offered.starts_at,
        ends_at=offered.ends_at,
    )


def _audience_of(session: Session, activity_id: int) -> tuple[Audience, frozenset[int]]:
    rows = session.execute(
        select(Activity.audience, ActivityProgramme.programme_id)
        .outerjoin(ActivityProgramme, ActivityProgramme.activity_id == Activity.id)
        .where(Activity.id == activity_id)
    ).all()
    return rows[0].audience, frozenset(row.programme_id for row in rows if row.programme_id is not None)


def numbers_taken(session: Session, session_id: int) -> Sequence[int]:
    """The seat numbers in use; read under the session's lock."""
    return session.scalars(
        select(Registration.number)
        .where(Registration.session_id == session_id, Registration.number.is_not(None))
        .order_by(Registration.number)
    ).all()  # type: ignore[return-value]  # the filter leaves no null


def active_registration(session: Session, *, session_id: int, person_id: int) -> Registration | None:
    """The person's registration that has not ended, if there is one."""
    return session.scalars(
        select(Registration).where(
            Registration.session_id == session_id,
            Registration.person_id == person_id,
            Registration.ended_at.is_(None),
        )
    ).one_or_none()


def active_registrations(session: Session, session_id: int) -> Sequence[Registration]:
    """Everybody in a session, by seat number and then by the moment of registering."""
    return session.scalars(
        select(Registration)
        .options(joinedload(Registration.person))
        .where(Registration.session_id == session_id, Registration.ended_at.is_(None))
        .order_by(Registration.number, Registration.made_at, Registration.id)
    ).all()


def registration_in_full(session: Session, registration_id: int) -> Registration:
    """A registration with its person and all of its session. Raises ``NotFound``."""
    found = session.scalars(
        select(Registration)
        .where(Registration.id == registration_id)
        .options(
            joinedload(Registration.person),
            joinedload(Registration.session).joinedload(ActivitySession.activity),
            joinedload(Registration.session)
            .selectinload(ActivitySession.meetings)
            .joinedload(Meeting.slot)
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def registrations_of(session: Session, person_id: int) -> Sequence[Registration]:
    """All that a person registered for, with sessions and meetings, by the date of the session."""
    return session.scalars(
        select(Registration)
        .join(Registration.session)
        .where(Registration.person_id == person_id)
        .options(
            joinedload(Registration.session).joinedload(ActivitySession.activity),
            joinedload(Registration.session).selectinload(ActivitySession.meetings).joinedload(Meeting.slot),
        )
        .order_by(ActivitySession.starts_at, Registration.id)
    ).all()


def counts_of(session: Session, session_ids: Collection[int]) -> Mapping[int, int]:
    """How many people are in each of these sessions."""
    rows = session.execute(
        select(Registration.session_id, func.count())
        .where(Registration.session_id.in_(session_ids), Registration.ended_at.is_(None))
        .group_by(Registration.session_id)
    )
    return {session_id: count for session_id, count in rows}


def _in_full() -> Select[tuple[ActivitySession]]:
    return select(ActivitySession).options(
        joinedload(ActivitySession.activity)
        .selectinload(Activity.offered_by)
        .joinedload(ActivityProgramme.programme),
        selectinload(ActivitySession.meetings).joinedload(Meeting.slot),
    )
