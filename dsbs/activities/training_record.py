"""The training record of one person: what each session was for her, and what it adds up to by year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import Row, Select, and_, select
from sqlalchemy.orm import Session

from dsbs.activities.attending import Attended, Outcome, Presence, credits_of, hours_of, outcome
from dsbs.activities.models import Activity, ActivitySession, Attendance, Meeting, Registration
from dsbs.activities.rules import Mode, RegistrationState, SessionState
from dsbs.agenda.models import Slot
from dsbs.core import clock


@dataclass(frozen=True, slots=True)
class Entry:
    """One session that she was in, or came to. ``hours`` and ``credits`` are those that she has of it, None where the
    activity gives none."""

    session_id: int
    name: str
    starts_at: datetime
    ends_at: datetime
    outcome: Outcome
    hours: Decimal | None
    credits: Decimal | None


@dataclass(frozen=True, slots=True)
class Year:
    """What one calendar year adds up to, by the day on which a session ended; ``attended`` counts those in full."""

    year: int
    attended: int
    hours: Decimal
    credits: Decimal


@dataclass(frozen=True, slots=True)
class Record:
    """All of it, the latest first."""

    entries: Sequence[Entry]
    years: Sequence[Year]

    @property
    def by_session(self) -> Mapping[int, Entry]:
        """The entries by the ids of their sessions."""
        return {entry.session_id: entry for entry in self.entries}


def record_of(session: Session, person_id: int, *, now: datetime) -> Record:
    """What the sessions that are over, and those of which something is noted, are for this person. One query.

    An open session expects nobody: who is not noted at a meeting that is over was not there.
    """
    rows = session.execute(_meetings(person_id, now)).all()
    entries = [_entry(list(group), now) for _id, group in groupby(rows, key=lambda row: row.id)]
    shown = [entry for entry, is_noted in entries if is_noted or entry.ends_at <= now]
    return Record(shown, _years(shown))


def _meetings(person_id: int, now: datetime) -> Select[*tuple[Any, ...]]:
    """Each meeting of the sessions that she is in or was at, with what is noted of her."""
    is_hers = and_(Attendance.meeting_id == Meeting.id, Attendance.person_id == person_id)
    seated = select(Registration.session_id).where(
        Registration.person_id == person_id, Registration.state == RegistrationState.REGISTERED
    )
    came = select(Meeting.session_id).join(Attendance, is_hers).where(Attendance.mark.is_not(None))
    return (
        select(
            ActivitySession.id,
            ActivitySession.label,
            ActivitySession.mode,
            ActivitySession.starts_at,
            ActivitySession.ends_at,
            Activity.title,
            Activity.hours,
            Activity.credits,
            Slot.start,
            Slot.end,
            Attendance.mark,
        )
        .join(ActivitySession.activity)
        .join(ActivitySession.meetings)
        .join(Meeting.slot)
        .outerjoin(Attendance, is_hers)
        .where(
            ActivitySession.state == SessionState.PUBLISHED,
            ActivitySession.starts_at <= now,
            ActivitySession.id.in_(seated.union(came)),
        )
        .order_by(ActivitySession.starts_at.desc(), ActivitySession.id, Meeting.position)
    )


def _entry(rows: Sequence[Row[*tuple[Any, ...]]], now: datetime) -> tuple[Entry, bool]:
    """One session from its meetings, and whether anything is noted there."""
    of = rows[0]
    meetings = [Attended(row.start, row.end, _mark(row, now)) for row in rows]
    entry = Entry(
        session_id=of.id,
        name=f"{of.title}: {of.label}" if of.label else of.title,
        starts_at=of.starts_at,
        ends_at=of.ends_at,
        outcome=outcome([meeting.mark for meeting in meetings]),
        hours=hours_of(of.hours, meetings),
        credits=credits_of(of.credits, meetings),
    )
    return entry, any(row.mark for row in rows)


def _mark(row: Row[*tuple[Any, ...]], now: datetime) -> Presence | None:
    if row.mark is None and row.mode is Mode.OPEN and row.end <= now:
        return Presence.ABSENT
    mark: Presence | None = row.mark
    return mark


def _years(entries: Sequence[Entry]) -> Sequence[Year]:
    ended = sorted(((clock.local(entry.ends_at).year, entry) for entry in entries), key=lambda pair: -pair[0])
    return [_year(year, [entry for _, entry in group]) for year, group in groupby(ended, key=lambda pair: pair[0])]


def _year(year: int, entries: Sequence[Entry]) -> Year:
    return Year(
        year,
        sum(entry.outcome is Outcome.ATTENDED for entry in entries),
        sum((entry.hours or Decimal(0) for entry in entries), Decimal(0)),
        sum((entry.credits or Decimal(0) for entry in entries), Decimal(0)),
    )
