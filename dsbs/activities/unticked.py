"""The meetings of which nobody, or not everybody, is ticked yet, for those who run or plan them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from dsbs.activities.attending import OPENS_BEFORE
from dsbs.activities.models import Activity, ActivitySession, Attendance, Meeting, Registration
from dsbs.activities.overviews import first_looked_after_by
from dsbs.activities.rules import Mode, RegistrationState, SessionState
from dsbs.agenda.models import Slot, Venue
from dsbs.core.access import Viewer

#: What is older is asked for no more.
LOOKS_BACK = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Unticked:
    """One meeting that waits for its ticks: how many are registered, and of how many something is noted."""

    session_id: int
    meeting_id: int
    title: str
    label: str
    start: datetime
    end: datetime
    venue: str | None
    online: bool
    expected: int
    noted: int

    @property
    def name(self) -> str:
        """The title of its activity, with the session's own label."""
        return f"{self.title}: {self.label}" if self.label else self.title


def meetings_organised(session: Session, *, viewer: Viewer, now: datetime, most: int) -> Sequence[Unticked]:
    """The meetings that the viewer gives as a teacher and that are not ticked through, the latest first. One query."""
    return _waiting(session, ActivitySession.id.in_(viewer.sessions_organised), now, most)


def meetings_looked_after(session: Session, *, viewer: Viewer, now: datetime, most: int) -> Sequence[Unticked]:
    """The meetings that are over, that the viewer is the first to look after, and of which nothing is ticked, the
    latest first. One query."""
    is_over_and_bare = and_(Slot.end <= now, ~_marks().exists())
    return _waiting(session, and_(first_looked_after_by(viewer), is_over_and_bare), now, most)


def _waiting(session: Session, which: ColumnElement[bool], now: datetime, most: int) -> Sequence[Unticked]:
    rows = session.execute(
        select(
            ActivitySession.id.label("session_id"),
            Meeting.id.label("meeting_id"),
            Activity.title,
            ActivitySession.label,
            Slot.start,
            Slot.end,
            Venue.name.label("venue"),
            ActivitySession.online_link.is_not(None).label("online"),
            _count(_registered()).label("expected"),
            _count(_marks()).label("noted"),
        )
        .join(ActivitySession.activity)
        .join(ActivitySession.meetings)
        .join(Meeting.slot)
        .outerjoin(Venue, Slot.venue_id == Venue.id)
        .where(
            ActivitySession.state == SessionState.PUBLISHED,
            Slot.start.between(now - LOOKS_BACK, now + OPENS_BEFORE),
            _is_left(),
            which,
        )
        .order_by(Slot.start.desc(), Meeting.id)
        .limit(most)
    )
    return [Unticked(**row._asdict()) for row in rows]


def _is_left() -> ColumnElement[bool]:
    """Whether somebody registered has no mark; where nobody registers, whether nobody at all has one."""
    noted = _marks().where(Attendance.person_id == Registration.person_id).correlate(Meeting, Registration)
    return or_(
        and_(ActivitySession.mode == Mode.OPEN, ~_marks().exists()),
        _registered().where(~noted.exists()).exists(),
    )


def _registered() -> Select[int]:
    return (
        select(Registration.id)
        .where(Registration.session_id == ActivitySession.id, Registration.state == RegistrationState.REGISTERED)
        .correlate(ActivitySession, Meeting)
    )


def _marks() -> Select[int]:
    return (
        select(Attendance.id)
        .where(Attendance.meeting_id == Meeting.id, Attendance.mark.is_not(None))
        .correlate(Meeting)
    )


def _count(rows: Select[int]) -> ColumnElement[int]:
    return rows.with_only_columns(func.count()).scalar_subquery()
