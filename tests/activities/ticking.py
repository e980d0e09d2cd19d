"""Who was there, as the tests of several pages set it up and read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from dsbs.accounts.models import Person
from dsbs.activities.attending import Presence
from dsbs.activities.models import Attendance, Meeting
from dsbs.activities.service import registering, ticking
from dsbs.activities.service.ticking import Tick, Ticked
from dsbs.core.db import SYSTEM, db, write
from tests.support.clock import Clock


def seat(session_id: int, *people: Person, clock: Clock) -> None:
    """Let people be in a session."""
    with write(by=SYSTEM, why="Seated", at=clock.now) as session:
        own = [session.get_one(Person, person.id) for person in people]
        registering.take_seats(session, session_id=session_id, people=own, now=clock.now)


def meetings_of(session_id: int) -> Sequence[int]:
    """The ids of the meetings of a session, the first one first."""
    db.session.rollback()
    return db.session.scalars(
        select(Meeting.id).where(Meeting.session_id == session_id).order_by(Meeting.position)
    ).all()


def tick(
    meeting_id: int,
    marks: Mapping[int, Presence | None],
    *,
    clock: Clock,
    reason: str = "",
    shown: Mapping[int, Presence | None] | None = None,
) -> Ticked:
    """Tick people at a meeting on a page that showed them so; without ``shown`` nothing was ticked yet."""
    before = shown or {}
    with write(by=SYSTEM, why="Ticked who was there", at=clock.now) as session:
        ticks = {person_id: Tick(before.get(person_id), mark) for person_id, mark in marks.items()}
        return ticking.tick(session, meeting_id=meeting_id, ticks=ticks, by_id=None, reason=reason, now=clock.now)


def marks_at(meeting_id: int) -> dict[int, str | None]:
    """What is noted at a meeting, by person."""
    db.session.rollback()
    rows = db.session.execute(select(Attendance.person_id, Attendance.mark).where(Attendance.meeting_id == meeting_id))
    return {person_id: mark.value if mark else None for person_id, mark in rows}
