"""Sessions at a glance, as plain rows: for who runs them, who plans them, who only counts them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from dsbs.activities.models import Activity, ActivityProgramme, ActivitySession, Meeting, Registration
from dsbs.activities.offers import Place
from dsbs.activities.queries import seats_taken
from dsbs.activities.rules import Mode, RegistrationState, SessionState
from dsbs.agenda.models import Slot, Venue
from dsbs.core.access import Role, Viewer


@dataclass(slots=True)
class Glance:
    """One session with its meetings and how many people are in it."""

    id: int
    title: str
    label: str
    state: SessionState
    mode: Mode
    capacity: int | None
    taken: int
    online: bool
    starts_at: datetime
    ends_at: datetime
    free_cancellation_until: datetime | None
    meetings: list[Place] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The title of its activity, with the session's own label."""
        return f"{self.title}: {self.label}" if self.label else self.title

    def next_meeting(self, now: datetime) -> Place:
        """The meeting that is on or comes next; the last one when all are over."""
        return next((meeting for meeting in self.meetings if meeting.end > now), self.meetings[-1])


@dataclass(frozen=True, slots=True)
class Figures:
    """How many sessions are to come, how many seats they have in all, and how many of these are taken."""

    sessions: int
    seats: int
    taken: int


def sessions_organised(session: Session, *, viewer: Viewer, now: datetime, most: int) -> Sequence[Glance]:
    """The announced sessions that the viewer runs as their teacher and that are not over, soonest first."""
    statement = _glance().where(ActivitySession.id.in_(viewer.sessions_organised), _is_coming(now))
    return _soonest(session, statement, most)


def drafts_to_publish(session: Session, *, viewer: Viewer, now: datetime, most: int) -> Sequence[Glance]:
    """The drafts that the viewer is the first to look after and that are not over, soonest first."""
    is_draft = and_(ActivitySession.state == SessionState.DRAFT, ActivitySession.ends_at > now)
    return _soonest(session, _glance().where(is_draft, first_looked_after_by(viewer)), most)


def requests_to_answer(session: Session, *, viewer: Viewer, now: datetime, most: int) -> Sequence[tuple[Glance, int]]:
    """The sessions that the viewer is the first to look after and for which people asked for a seat, soonest first.

    With how many wait for an answer. Three queries.
    """
    asked = (
        select(Registration.session_id, func.count().label("asking"))
        .where(Registration.state == RegistrationState.REQUESTED)
        .group_by(Registration.session_id)
        .subquery()
    )
    wanted = (
        _glance()
        .join(asked, asked.c.session_id == ActivitySession.id)
        .where(_is_coming(now), ActivitySession.starts_at > now, first_looked_after_by(viewer))
    )
    found = _soonest(session, wanted, most)
    counts: dict[int, int] = dict(
        session.execute(select(asked).where(asked.c.session_id.in_([one.id for one in found]))).all()
    )
    return [(glance, counts[glance.id]) for glance in found if glance.id in counts]


def sessions_planned(
    session: Session, *, viewer: Viewer, now: datetime, before: datetime, most: int
) -> Sequence[Glance]:
    """The announced sessions that the viewer is the first to look after and that begin before a moment."""
    statement = _glance().where(_is_coming(now), ActivitySession.starts_at < before, first_looked_after_by(viewer))
    return _soonest(session, statement, most)


def figures_by_programme(session: Session, *, now: datetime) -> Mapping[int | None, Figures]:
    """What each programme offers from now on, by its id; None is the whole school's own.

    What several programmes offer counts with each of them.
    """
    coming = _counted(now)
    rows = session.execute(
        select(ActivityProgramme.programme_id, *_sums(coming))
        .select_from(coming)
        .outerjoin(ActivityProgramme, ActivityProgramme.activity_id == coming.c.activity_id)
        .group_by(ActivityProgramme.programme_id)
    )
    return {row.programme_id: Figures(row.sessions, row.seats, row.taken) for row in rows}


def figures_of_school(session: Session, *, now: datetime) -> Figures:
    """What is offered from now on in all, each session counted once."""
    row = session.execute(select(*_sums(_counted(now)))).one()
    return Figures(row.sessions, row.seats, row.taken)


def _counted(now: datetime) -> Any:
    """Each session to come with its seats, and how many of them are taken."""
    has_seats = ActivitySession.mode == Mode.SEAT
    return (
        select(
            ActivitySession.activity_id,
            func.coalesce(ActivitySession.capacity, 0).label("seats"),
            case((has_seats, seats_taken()), else_=0).label("taken"),
        )
        .where(_is_coming(now))
        .subquery()
    )


def _sums(coming: Any) -> tuple[ColumnElement[int], ...]:
    return (
        func.count().label("sessions"),
        func.coalesce(func.sum(coming.c.seats), 0).label("seats"),
        func.coalesce(func.sum(coming.c.taken), 0).label("taken"),
    )


def _is_coming(now: datetime) -> ColumnElement[bool]:
    return and_(ActivitySession.state == SessionState.PUBLISHED, ActivitySession.ends_at > now)


def first_looked_after_by(viewer: Viewer) -> ColumnElement[bool]:
    """What her programmes offer; for administrators, who may change all, what no programme offers as well."""
    own = Activity.offered_by.any(
        ActivityProgramme.programme_id.in_(viewer.programmes_as(Role.COORDINATOR, Role.LEADER))
    )
    return or_(own, ~Activity.offered_by.any()) if viewer.is_administrator else own


def _glance() -> Select[*tuple[Any, ...]]:
    return select(
        ActivitySession.id,
        Activity.title,
        ActivitySession.label,
        ActivitySession.state,
        ActivitySession.mode,
        ActivitySession.capacity,
        seats_taken().label("taken"),
        ActivitySession.online_link.is_not(None).label("online"),
        ActivitySession.starts_at,
        ActivitySession.ends_at,
        ActivitySession.free_cancellation_until,
    ).join(ActivitySession.activity)


def _soonest(session: Session, statement: Select[*tuple[Any, ...]], most: int) -> Sequence[Glance]:
    """The rows of a glance, two queries whatever their number."""
    rows = session.execute(statement.order_by(ActivitySession.starts_at, ActivitySession.id).limit(most))
    found = [Glance(**row._asdict()) for row in rows]
    meetings = _meetings_of(session, [glance.id for glance in found])
    for glance in found:
        glance.meetings = meetings[glance.id]
    return found


def _meetings_of(session: Session, session_ids: Collection[int]) -> Mapping[int, list[Place]]:
    rows = session.execute(
        select(Meeting.session_id, Slot.start, Slot.end, Venue.name)
        .join(Meeting.slot)
        .outerjoin(Venue, Slot.venue_id == Venue.id)
        .where(Meeting.session_id.in_(session_ids))
        .order_by(Meeting.session_id, Meeting.position)
    )
    found: dict[int, list[Place]] = defaultdict(list)
    for session_id, start, end, venue in rows:
        found[session_id].append(Place(start, end, venue))
    return found
