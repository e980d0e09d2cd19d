"""Sessions as they are offered: all that is printed of them but who comes. Read once, then kept until it changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session

from dsbs.activities.models import (
    Activity,
    ActivityCondition,
    ActivityProgramme,
    ActivitySession,
    Meeting,
    SeatReservation,
)
from dsbs.activities.rules import Mode, SessionFacts, SessionState
from dsbs.activities.rules.pools import Pool
from dsbs.activities.rules.requirements import Requirement, Stated, requirements_from
from dsbs.activities.standing import STATED, naming
from dsbs.agenda.models import Slot, Venue
from dsbs.agenda.rules import place_of
from dsbs.core.kept import Kept
from dsbs.core.refusals import NotFound
from dsbs.programmes.labels import ProgrammeLabel
from dsbs.programmes.models import Programme
from dsbs.programmes.queries import activity_kind_names


# One object for each session and meeting as it stands, equal only to itself: what was drawn of it is found by it.
@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One meeting of a session: when, and in which venue of the list if any (its name, with its building, where)."""

    start: datetime
    end: datetime
    venue: str | None = None
    place: str | None = None
    address: str = ""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Offer:
    """A session with its activity, programmes and meetings. Moments are aware UTC; ``kind`` is a code.

    ``programmes`` are the ids of those that offer it; none means the whole school. ``keeps_until`` is the last moment
    until which seats are kept for a programme, None where none ever are.
    """

    id: int
    activity_id: int
    series_id: int | None
    title: str
    label: str
    kind: str
    kind_name: str
    language: str
    description: str
    hours: Decimal | None
    credits: Decimal | None
    state: SessionState
    mode: Mode
    capacity: int | None
    online_link: str | None
    mail_words: str | None
    opens_at: datetime | None
    closes_at: datetime | None
    free_cancellation_until: datetime | None
    starts_at: datetime
    ends_at: datetime
    cancelled_because: str | None
    offered_by: tuple[ProgrammeLabel, ...]
    programmes: frozenset[int]
    requirements: tuple[Requirement, ...]
    keeps_until: datetime | None
    meetings: tuple[Place, ...]

    @property
    def name(self) -> str:
        """The title of its activity, with the session's own label."""
        return f"{self.title}: {self.label}" if self.label else self.title

    @property
    def online(self) -> bool:
        """Whether one can come by video."""
        return self.online_link is not None

    def next_meeting(self, now: datetime) -> Place:
        """The meeting that is on or comes next, the last one when all are over."""
        return next((meeting for meeting in self.meetings if meeting.end > now), self.meetings[-1])

    def number_of(self, meeting: Place) -> int:
        """Which of the session's meetings this is, from 1."""
        return self.meetings.index(meeting) + 1

    def keeps_seats(self, now: datetime) -> bool:
        """Whether seats are kept for a programme now."""
        return self.keeps_until is not None and now < self.keeps_until

    def facts(self, taken: int, waiting: int, pools: tuple[Pool, ...] = ()) -> SessionFacts:
        """What the rules need to know of it, with so many people in it and on its waiting list, and the seats kept."""
        return SessionFacts(
            self.state,
            self.mode,
            self.capacity,
            taken,
            waiting,
            self.opens_at,
            self.closes_at,
            self.starts_at,
            self.ends_at,
            self.requirements,
            pools,
        )


@Kept
def offers_to_come(session: Session, day: date) -> Sequence[Offer]:
    """The published sessions that are not over the day before this one (UTC), by their first meeting."""
    from_here = datetime.combine(day, time(), UTC) - timedelta(days=1)
    return _offers(session, ActivitySession.state == SessionState.PUBLISHED, ActivitySession.ends_at > from_here)


@Kept
def offer(session: Session, session_id: int) -> Offer:
    """One session, whatever its state. Raises ``NotFound``."""
    found = _offers(session, ActivitySession.id == session_id)
    if not found:
        raise NotFound
    return found[0]


@dataclass(frozen=True, slots=True)
class Labels:
    """What sessions are sorted by in lists: the programmes, and what each kind of activity is called, by its code."""

    programmes: tuple[ProgrammeLabel, ...]
    kinds: Mapping[str, str]


@Kept
def labels(session: Session) -> Labels:
    """The programmes and kinds of the school, in its own order."""
    rows = session.execute(select(Programme.id, Programme.colour, Programme.short_name).order_by(Programme.id))
    return Labels(tuple(ProgrammeLabel(*row) for row in rows), MappingProxyType(activity_kind_names(session)))


_KEEPS_UNTIL = select(func.max(SeatReservation.until)).where(SeatReservation.session_id == ActivitySession.id)
_HAS_CONDITIONS = select(ActivityCondition.id).where(ActivityCondition.activity_id == ActivitySession.activity_id)
_COLUMNS = (
    ActivitySession.id,
    ActivitySession.activity_id,
    ActivitySession.series_id,
    Activity.title,
    ActivitySession.label,
    Activity.kind,
    Activity.language,
    Activity.description,
    Activity.hours,
    Activity.credits,
    ActivitySession.state,
    ActivitySession.mode,
    ActivitySession.capacity,
    ActivitySession.online_link,
    ActivitySession.mail_words,
    ActivitySession.opens_at,
    ActivitySession.closes_at,
    ActivitySession.free_cancellation_until,
    ActivitySession.starts_at,
    ActivitySession.ends_at,
    ActivitySession.cancelled_because,
    _KEEPS_UNTIL.scalar_subquery().label("keeps_until"),
)


def _offers(session: Session, *which: ColumnElement[bool]) -> tuple[Offer, ...]:
    """Five queries, whatever the number of rows, four where no activity has conditions."""
    wanted = (
        select(*_COLUMNS, _HAS_CONDITIONS.exists().label("has_conditions"))
        .join(Activity, Activity.id == ActivitySession.activity_id)
        .where(*which)
    )
    rows = session.execute(wanted.order_by(ActivitySession.starts_at, ActivitySession.id)).all()
    return tuple(_put_together(session, rows))


def _put_together(session: Session, rows: Sequence[Row[*tuple[Any, ...]]]) -> Iterable[Offer]:
    offered_by = _programmes_of(session, {row.activity_id for row in rows})
    meetings = _meetings_of(session, {row.id for row in rows})
    with_conditions = {row.activity_id for row in rows if row.has_conditions}
    conditions = _conditions_of(session, with_conditions) if with_conditions else {}
    names = activity_kind_names(session)
    for row in rows:
        *values, _has_conditions = row
        yield Offer(
            **dict(zip(row._fields, values, strict=False)),
            kind_name=names.get(row.kind, row.kind),
            offered_by=tuple(offered_by[row.activity_id]),
            programmes=frozenset(programme.id for programme in offered_by[row.activity_id]),
            requirements=requirements_from(row.activity_id, conditions.get(row.activity_id, ())),
            meetings=tuple(meetings[row.id]),
        )


def _programmes_of(session: Session, activity_ids: set[int]) -> Mapping[int, list[ProgrammeLabel]]:
    found: dict[int, list[ProgrammeLabel]] = defaultdict(list)
    rows = session.execute(
        select(ActivityProgramme.activity_id, Programme.id, Programme.colour, Programme.short_name)
        .join(Programme, Programme.id == ActivityProgramme.programme_id)
        .where(ActivityProgramme.activity_id.in_(activity_ids))
        .order_by(Programme.id)
    )
    for activity_id, programme_id, colour, short_name in rows:
        found[activity_id].append(ProgrammeLabel(programme_id, colour, short_name))
    return found


@Kept
def requirements_of(session: Session, activity_id: int) -> tuple[Requirement, ...]:
    """What one activity asks of who joins it."""
    return requirements_from(activity_id, _conditions_of(session, {activity_id}).get(activity_id, ()))


def _conditions_of(session: Session, activity_ids: set[int]) -> Mapping[int, list[Stated]]:
    found: dict[int, list[Stated]] = defaultdict(list)
    stated = select(ActivityCondition.activity_id, *STATED).where(ActivityCondition.activity_id.in_(activity_ids))
    for activity_id, *row in session.execute(naming(stated)):
        found[activity_id].append(Stated(*row))
    return found


def _meetings_of(session: Session, session_ids: set[int]) -> Mapping[int, list[Place]]:
    found: dict[int, list[Place]] = defaultdict(list)
    rows = session.execute(
        select(Meeting.session_id, Slot.start, Slot.end, Venue.name, Venue.building, Venue.address)
        .join(Slot, Slot.id == Meeting.slot_id)
        .outerjoin(Venue, Venue.id == Slot.venue_id)
        .where(Meeting.session_id.in_(session_ids))
        .order_by(Meeting.session_id, Meeting.position)
    )
    for session_id, start, end, name, building, address in rows:
        place = place_of(name, building) if name else None
        found[session_id].append(Place(start, end, name, place, address or ""))
    return found
