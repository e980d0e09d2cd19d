"""Reads of series: their sessions in order of time, what these have in common, which days have none."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from dsbs.accounts.models import RoleGrant
from dsbs.accounts.queries import in_force
from dsbs.activities import queries
from dsbs.activities.models import Activity, ActivityProgramme, ActivitySession, Registration, SessionSeries
from dsbs.activities.rules import SEATED, RegistrationState, SessionState
from dsbs.activities.rules.rhythms import skipped
from dsbs.activities.rules.series import Aspect, Values, common, values_of
from dsbs.activities.service.offering import plan_of
from dsbs.core import clock
from dsbs.core.refusals import NotFound
from dsbs.programmes import queries as programmes

#: What the page of a series compares, in its order. When free cancellation ends differs by holidays, as it should.
COMPARED = (
    Aspect.DAYS,
    Aspect.HOURS,
    Aspect.PLACES,
    Aspect.LINK,
    Aspect.SEATS,
    Aspect.KEPT,
    Aspect.OPENS,
    Aspect.CLOSES,
    Aspect.LABEL,
    Aspect.WORDS,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One session of a series: how many are in it and wait for it, and in what it differs from most others."""

    offered: ActivitySession
    taken: int
    waiting: int
    differs: Sequence[Aspect]

    @property
    def day(self) -> date:
        """The day at the school on which it begins."""
        return clock.local(self.offered.starts_at).date()

    def is_to_come(self, now: datetime) -> bool:
        """Whether it has not begun and was not called off."""
        return self.offered.starts_at > now and self.offered.state is not SessionState.CANCELLED


@dataclass(frozen=True, slots=True)
class Gap:
    """A day of the rhythm without a session; ``closed`` is what a closed day is called."""

    day: date
    closed: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """A series as its page shows it: sessions in order of time, days without one, what most of them have in common."""

    series: SessionSeries
    rows: Sequence[Row]
    gaps: Sequence[Gap]
    common: Values

    @property
    def lines(self) -> Sequence[Row | Gap]:
        """Sessions and days without one, in order of time."""
        return sorted([*self.rows, *self.gaps], key=lambda line: line.day)


def series_in_full(session: Session, series_id: int) -> SessionSeries:
    """A series with its activity and programmes. Raises ``NotFound``."""
    found = session.scalars(
        select(SessionSeries)
        .where(SessionSeries.id == series_id)
        .options(
            joinedload(SessionSeries.activity).selectinload(Activity.offered_by).joinedload(ActivityProgramme.programme)
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def overview(session: Session, series: SessionSeries, *, language: str) -> Overview:
    """All of a series; closed days are called in this language. A fixed number of queries."""
    sessions = session.scalars(
        queries.in_full()
        .options(selectinload(ActivitySession.reservations))
        .where(ActivitySession.series_id == series.id)
        .order_by(ActivitySession.starts_at, ActivitySession.id)
    ).all()
    values = {offered.id: values_of(plan_of(offered), clock.zone()) for offered in sessions}
    standing = [values[offered.id] for offered in sessions if offered.state is not SessionState.CANCELLED]
    most = common(standing or list(values.values()), COMPARED) if values else {}
    counts = _counts(session, values)
    rows = [
        Row(
            offered,
            taken=sum(counts[offered.id][state] for state in SEATED),
            waiting=counts[offered.id][RegistrationState.WAITING],
            differs=[aspect for aspect in COMPARED if values[offered.id][aspect] != most[aspect]],
        )
        for offered in sessions
    ]
    return Overview(series, rows, _gaps(session, series, [row.day for row in rows], language), most)


def series_id_of(session: Session, session_id: int) -> int | None:
    """The series to which a session belongs, if it does."""
    return session.scalar(select(ActivitySession.series_id).where(ActivitySession.id == session_id))


def begin_of_sessions(session: Session, series_id: int) -> Mapping[int, datetime]:
    """When each session of a series begins, by its id."""
    of_series = ActivitySession.series_id == series_id
    rows = session.execute(select(ActivitySession.id, ActivitySession.starts_at).where(of_series))
    return {row.id: row.starts_at for row in rows}


def following_ids(session: Session, offered: ActivitySession, *, now: datetime) -> Sequence[int]:
    """The sessions of its series after this one that have not begun and were not called off, in order of time."""
    if offered.series_id is None:
        return ()
    later = or_(
        ActivitySession.starts_at > offered.starts_at,
        and_(ActivitySession.starts_at == offered.starts_at, ActivitySession.id > offered.id),
    )
    return session.scalars(
        select(ActivitySession.id)
        .where(
            ActivitySession.series_id == offered.series_id,
            ActivitySession.state != SessionState.CANCELLED,
            ActivitySession.starts_at > now,
            later,
        )
        .order_by(ActivitySession.starts_at, ActivitySession.id)
    ).all()


def concerned(session: Session, session_ids: Collection[int], *, today: date) -> Mapping[int, Collection[int]]:
    """Who has each of these sessions in her plans, by her id: who is in it or waits for it, and who runs it today."""
    found: dict[int, set[int]] = {id_: set() for id_ in session_ids}
    inside = select(Registration.session_id, Registration.person_id).where(
        Registration.session_id.in_(session_ids), Registration.ended_at.is_(None)
    )
    running = select(RoleGrant.session_id, RoleGrant.person_id).where(
        RoleGrant.session_id.in_(session_ids), in_force(today)
    )
    for statement in (inside, running):
        for session_id, person_id in session.execute(statement):
            if session_id is not None:
                found[session_id].add(person_id)
    return found


def _counts(session: Session, session_ids: Collection[int]) -> Mapping[int, Counter[RegistrationState]]:
    """How many parts of each of these sessions stand where."""
    found: dict[int, Counter[RegistrationState]] = defaultdict(Counter)
    rows = session.execute(
        select(Registration.session_id, Registration.state, func.count())
        .where(Registration.session_id.in_(session_ids), Registration.ended_at.is_(None))
        .group_by(Registration.session_id, Registration.state)
    )
    for session_id, state, count in rows:
        found[session_id][state] = count
    return found


def _gaps(session: Session, series: SessionSeries, days: Sequence[date], language: str) -> Sequence[Gap]:
    missing = skipped(days, series.rhythm)
    if not missing:
        return ()
    closed = programmes.names_of_closed_days(session, missing[0], missing[-1], language=language)
    return [Gap(day, closed.get(day)) for day in missing]
