"""Reads about activities, sessions and registrations, named as answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, or_, select, true, type_coerce
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from dsbs.accounts.models import Person, RoleGrant
from dsbs.accounts.queries import in_force
from dsbs.activities.models import (
    Activity,
    ActivityProgramme,
    ActivitySession,
    Invitation,
    Meeting,
    Registration,
)
from dsbs.activities.rules import SEATED, RegistrationState, SessionState
from dsbs.agenda.models import Commitment, CommitmentState, Slot
from dsbs.core.access import Role, Viewer
from dsbs.core.db import UtcDateTime
from dsbs.core.refusals import NotFound

#: How many rows a list of activities or of past sessions shows at once.
PAGE = 50


def seats_taken() -> ColumnElement[int]:
    """How many seats of the session of the surrounding query are taken or offered, as a column of it."""
    return (
        select(func.count())
        .select_from(Registration)
        .where(
            Registration.session_id == ActivitySession.id,
            Registration.state.in_(SEATED),
        )
        .correlate(ActivitySession)
        .scalar_subquery()
    )


def session_in_full(session: Session, session_id: int) -> ActivitySession:
    """A session with its activity, programmes, meetings, slots and venues. Raises ``NotFound``."""
    found = session.scalars(in_full().where(ActivitySession.id == session_id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def activity_in_full(session: Session, activity_id: int) -> Activity:
    """An activity with its programmes. Raises ``NotFound``."""
    found = session.scalars(
        select(Activity)
        .where(Activity.id == activity_id)
        .options(
            selectinload(Activity.offered_by).joinedload(ActivityProgramme.programme),
            selectinload(Activity.conditions),
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Managed:
    """An activity as its coordinators see it in a list. ``series_id``: the newest series that is not over."""

    id: int
    title: str
    kind: str
    drafts: int
    coming: int
    next_at: datetime | None
    series_id: int | None


@dataclass(frozen=True, slots=True)
class ManagedPage:
    """One page of them: ``page`` counts from 1, ``total`` is of all pages."""

    rows: Sequence[Managed]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // PAGE))


def activities_managed(session: Session, *, viewer: Viewer, now: datetime, page: int = 1) -> ManagedPage:
    """The activities that the viewer may change, with how many drafts and coming sessions each has, fifty a page.

    ``next_at`` is the beginning of the meeting that is on or comes next; the soonest first. Two queries.
    """
    managed = _managed_by(viewer)
    total = session.scalar(select(func.count()).select_from(Activity).where(managed)) or 0
    page = max(1, min(page, -(-total // PAGE)))
    statement = _with_sessions_counted(now).where(managed).limit(PAGE).offset((page - 1) * PAGE)
    return ManagedPage([Managed(**row._asdict()) for row in session.execute(statement)], total, page)


def _managed_by(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.is_administrator:
        return true()
    own = viewer.programmes_as(Role.COORDINATOR, Role.LEADER)
    return Activity.offered_by.any(ActivityProgramme.programme_id.in_(own))


def _with_sessions_counted(now: datetime) -> Select[*tuple[Any, ...]]:
    published = and_(ActivitySession.state == SessionState.PUBLISHED, ActivitySession.ends_at > now)
    next_at = func.min(case((published, _next_meeting_of_session(now))))
    goes_on = and_(ActivitySession.state != SessionState.CANCELLED, ActivitySession.ends_at > now)
    return (
        select(
            Activity.id,
            Activity.title,
            Activity.kind,
            func.count(case((ActivitySession.state == SessionState.DRAFT, 1))).label("drafts"),
            func.count(case((published, 1))).label("coming"),
            type_coerce(next_at, UtcDateTime()).label("next_at"),
            func.max(case((goes_on, ActivitySession.series_id))).label("series_id"),
        )
        .outerjoin(ActivitySession, ActivitySession.activity_id == Activity.id)
        .group_by(Activity.id)
        .order_by(next_at.is_(None), next_at, Activity.title, Activity.id)
    )


def _next_meeting_of_session(now: datetime) -> ColumnElement[datetime]:
    """When the next meeting of the session of the surrounding query begins, as a column of it."""
    return (
        select(func.min(Slot.start))
        .join(Meeting, Meeting.slot_id == Slot.id)
        .where(Meeting.session_id == ActivitySession.id, Slot.end > now)
        .correlate(ActivitySession)
        .scalar_subquery()
    )


def titles_to_name(session: Session, *, viewer: Viewer, besides: Activity | None) -> Sequence[tuple[int, str]]:
    """The activities that may be named as attended first by this one, ids and titles by title.

    Those announced once, the viewer's, and those that it names already.
    """
    announced = select(ActivitySession.activity_id).where(ActivitySession.state != SessionState.DRAFT)
    named = [row.other_activity_id for row in besides.conditions] if besides else []
    known = or_(Activity.id.in_(announced), _managed_by(viewer), Activity.id.in_([id_ for id_ in named if id_]))
    rows = session.execute(
        select(Activity.id, Activity.title)
        .where(known, Activity.id != (besides.id if besides else 0))
        .order_by(Activity.title)
    )
    return [(row.id, row.title) for row in rows]


def titles_of(session: Session, activity_ids: Collection[int]) -> Mapping[int, str]:
    """What these activities are called, by their ids."""
    rows = session.execute(select(Activity.id, Activity.title).where(Activity.id.in_(activity_ids)))
    return {row.id: row.title for row in rows}


def sessions_of(session: Session, activity_id: int) -> Sequence[ActivitySession]:
    """All sessions of an activity, the latest first."""
    return session.scalars(
        in_full().where(ActivitySession.activity_id == activity_id).order_by(ActivitySession.starts_at.desc())
    ).all()


def sessions_in_full(session: Session, session_ids: Collection[int]) -> Sequence[ActivitySession]:
    """These sessions, in order of time."""
    wanted = in_full().where(ActivitySession.id.in_(session_ids))
    return session.scalars(wanted.order_by(ActivitySession.starts_at, ActivitySession.id)).all()


def sessions_to_name(session: Session, activity_id: int, *, now: datetime) -> Sequence[ActivitySession]:
    """The sessions of an activity that are neither cancelled nor over, locked in the order of their ids."""
    return session.scalars(
        in_full()
        .where(
            ActivitySession.activity_id == activity_id,
            ActivitySession.state != SessionState.CANCELLED,
            ActivitySession.ends_at > now,
        )
        .order_by(ActivitySession.id)
        .with_for_update(of=ActivitySession)
    ).all()


def open_sessions_of(session: Session, activity_id: int, *, now: datetime) -> Sequence[ActivitySession]:
    """The announced sessions of an activity that have not begun, soonest first."""
    return session.scalars(
        in_full()
        .where(
            ActivitySession.activity_id == activity_id,
            ActivitySession.state == SessionState.PUBLISHED,
            ActivitySession.starts_at > now,
        )
        .order_by(ActivitySession.starts_at)
    ).all()


def invitations_of(session: Session, activity_id: int) -> Sequence[Invitation]:
    """Everybody who is invited to an activity, by name."""
    return session.scalars(
        select(Invitation)
        .join(Invitation.person)
        .options(contains_eager(Invitation.person))
        .where(Invitation.activity_id == activity_id)
        .order_by(Person.search_key, Invitation.id)
    ).all()


def is_invited(session: Session, *, activity_id: int, person_id: int) -> bool:
    """Whether this person is on the list of those who may join an activity."""
    wanted = select(Invitation.id).where(Invitation.activity_id == activity_id, Invitation.person_id == person_id)
    return session.scalar(wanted) is not None


_ACTIVE = select(Registration).where(
    Registration.session_id == bindparam("session_id"),
    Registration.person_id == bindparam("person_id"),
    Registration.ended_at.is_(None),
)


def active_registration(session: Session, *, session_id: int, person_id: int) -> Registration | None:
    """The person's registration that has not ended, if there is one."""
    return session.scalars(_ACTIVE, {"session_id": session_id, "person_id": person_id}).one_or_none()


def active_registrations(session: Session, session_id: int) -> Sequence[Registration]:
    """Everybody with a part in a session, also who waits or asks: by seat, by ticket, by the moment of registering."""
    return session.scalars(
        select(Registration)
        .options(joinedload(Registration.person))
        .where(Registration.session_id == session_id, Registration.ended_at.is_(None))
        .order_by(
            Registration.number.is_(None),
            Registration.number,
            Registration.ticket,
            Registration.made_at,
            Registration.id,
        )
    ).all()


def people_of(session: Session, offered: ActivitySession) -> Sequence[Registration]:
    """Everybody in a session; of one that was called off everybody who was in it then."""
    if offered.state is not SessionState.CANCELLED:
        return active_registrations(session, offered.id)
    return session.scalars(
        select(Registration)
        .options(joinedload(Registration.person))
        .where(Registration.session_id == offered.id, Registration.state == RegistrationState.CALLED_OFF)
        .order_by(Registration.made_at, Registration.id)
    ).all()


def names_of_registrations(session: Session, session_id: int) -> Mapping[int, str]:
    """Whose each registration for a session is or was, by its id. One query."""
    rows = session.execute(
        select(Registration.id, Person.given_name, Person.family_name)
        .join(Registration.person)
        .where(Registration.session_id == session_id)
    )
    return {row.id: f"{row.given_name} {row.family_name}" for row in rows}


def registration_in_full(session: Session, registration_id: int) -> Registration:
    """A registration with its person and all of its session. Raises ``NotFound``."""
    found = session.scalars(
        select(Registration)
        .where(Registration.id == registration_id)
        .options(
            joinedload(Registration.person),
            joinedload(Registration.session).joinedload(ActivitySession.activity),
            joinedload(Registration.session).selectinload(ActivitySession.meetings).joinedload(Meeting.slot),
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def commitment_sequence(session: Session, session_id: int, person_id: int) -> int:
    """How often the person's part in this session changed, as her calendar counts it."""
    statement = (
        select(func.max(Commitment.sequence))
        .join(Meeting, Meeting.slot_id == Commitment.slot_id)
        .where(Meeting.session_id == session_id, Commitment.person_id == person_id)
    )
    return session.scalar(statement) or 0


@dataclass(frozen=True, slots=True)
class Registrations:
    """What a person registered for: all to come, and the latest of what is past and of what ended, with how many."""

    coming: Sequence[Registration]
    past: Sequence[Registration]
    ended: Sequence[Registration]
    past_in_all: int
    ended_in_all: int


def registrations_of(session: Session, person_id: int, *, now: datetime, most: int = PAGE) -> Registrations:
    """All that a person registered for, with sessions and meetings; ``most`` limits what is past and what ended.

    Seven queries, however many rows.
    """
    active, is_over = Registration.ended_at.is_(None), ActivitySession.ends_at <= now
    hers = _registered_by(person_id)
    latest = hers.order_by(ActivitySession.starts_at.desc(), Registration.id.desc()).limit(most)
    counted = hers.with_only_columns(
        func.count(case((and_(active, is_over), 1))), func.count(case((Registration.ended_at.is_not(None), 1)))
    )
    past_in_all, ended_in_all = session.execute(counted).one()
    return Registrations(
        coming=_in_words(session, hers.where(active, ~is_over).order_by(ActivitySession.starts_at, Registration.id)),
        past=_in_words(session, latest.where(active, is_over)),
        ended=_in_words(session, latest.where(Registration.ended_at.is_not(None))),
        past_in_all=past_in_all,
        ended_in_all=ended_in_all,
    )


def _registered_by(person_id: int) -> Select[Registration]:
    return select(Registration).join(Registration.session).where(Registration.person_id == person_id)


def _in_words(session: Session, found: Select[Registration]) -> Sequence[Registration]:
    """The registrations with what is printed of their sessions."""
    return session.scalars(
        found.options(
            contains_eager(Registration.session).joinedload(ActivitySession.activity),
            contains_eager(Registration.session).selectinload(ActivitySession.meetings).joinedload(Meeting.slot),
        )
    ).all()


def organisers_of(session: Session, *, session_id: int, today: date) -> Sequence[RoleGrant]:
    """Who runs this session today."""
    return session.scalars(
        select(RoleGrant)
        .options(joinedload(RoleGrant.person))
        .where(RoleGrant.session_id == session_id, in_force(today))
        .order_by(RoleGrant.id)
    ).all()


def run_by(session: Session, person_id: int, *, session_ids: Collection[int], today: date) -> Collection[int]:
    """Which of these sessions this person runs today."""
    hers = (RoleGrant.person_id == person_id, RoleGrant.session_id.in_(session_ids), in_force(today))
    return {id_ for id_ in session.scalars(select(RoleGrant.session_id).where(*hers)) if id_ is not None}


def who_run(session: Session, session_ids: Collection[int], *, today: date) -> Mapping[Person, Sequence[int]]:
    """Who runs any of these sessions today, in the order of their ids, each with the ids of hers. One query."""
    found: dict[Person, list[int]] = {}
    grants = session.scalars(
        select(RoleGrant)
        .options(joinedload(RoleGrant.person))
        .where(RoleGrant.session_id.in_(session_ids), in_force(today))
        .order_by(RoleGrant.person_id, RoleGrant.session_id)
    )
    for grant in grants:
        found.setdefault(grant.person, []).append(grant.session_id or 0)
    return found


def grants_on(session: Session, session_id: int) -> Sequence[RoleGrant]:
    """Every role that somebody has or had in running this session."""
    return session.scalars(select(RoleGrant).where(RoleGrant.session_id == session_id)).all()


def bound_as(session: Session, session_id: int, *, part: str) -> Sequence[int]:
    """The ids of those who have a meeting of this session in their calendar as this part."""
    return session.scalars(
        select(Commitment.person_id)
        .join(Meeting, Meeting.slot_id == Commitment.slot_id)
        .where(Meeting.session_id == session_id, Commitment.part == part, Commitment.state != CommitmentState.RELEASED)
        .distinct()
        .order_by(Commitment.person_id)
    ).all()


def people_named(session: Session, names: Collection[str]) -> tuple[list[Person], list[str]]:
    """The people with these mail addresses or personnel numbers, in that order, and the names that nobody has."""
    wanted = {name.lower() for name in names}
    rows = session.scalars(
        select(Person).where(
            Person.active, or_(Person.mail.in_(wanted), func.lower(Person.personnel_number).in_(wanted))
        )
    ).all()
    known = {key.lower(): person for person in rows for key in (person.mail, person.personnel_number) if key}
    found = {known[name.lower()].id: known[name.lower()] for name in names if name.lower() in known}
    return list(found.values()), [name for name in names if name.lower() not in known]


def counts_of(session: Session, session_ids: Collection[int]) -> Mapping[int, int]:
    """How many people are in each of these sessions, without those who wait."""
    rows = session.execute(
        select(Registration.session_id, func.count())
        .where(
            Registration.session_id.in_(session_ids),
            Registration.state.in_(SEATED),
        )
        .group_by(Registration.session_id)
    )
    return {row[0]: row[1] for row in rows}


def in_full() -> Select[ActivitySession]:
    """Sessions with what every page about them prints: activity, programmes, meetings, slots, venues."""
    return select(ActivitySession).options(
        joinedload(ActivitySession.activity).selectinload(Activity.offered_by).joinedload(ActivityProgramme.programme),
        selectinload(ActivitySession.meetings).joinedload(Meeting.slot),
    )
