"""A series as the tests of several stories need it: Thursdays of CARDIO in one room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from dsbs.accounts.models import Person
from dsbs.activities import queries
from dsbs.activities.following import Chosen
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import MeetingPlan, SessionPlan
from dsbs.activities.rules.rhythms import Rhythm
from dsbs.activities.service import following, offering, registering, repeating
from dsbs.activities.service.following import Done
from dsbs.activities.service.offering import plan_of
from dsbs.core import clock as school
from dsbs.core.db import SYSTEM, db, write
from tests.support.cast import Cast
from tests.support.clock import Clock

FIRST, WEEK = date(2026, 12, 10), timedelta(weeks=1)


class Weekly:
    """So many Thursdays of CARDIO, 10:00 to 13:00 from 10 Dec 2026 on, in a room with 30 seats, all published."""

    def __init__(self, cast: Cast, clock: Clock, *, count: int = 4, publish: bool = True, room: str = "Room 1") -> None:
        self.cast, self.clock, self.room = cast, clock, cast.venue(room)
        first = cast.course(title="Academic writing", programmes=["CARDIO"], venue=self.room)
        days = [FIRST + WEEK * number for number in range(1, count)]
        with write(by=SYSTEM, why="Again", at=clock.now) as session:
            made = repeating.repeat_session(
                session, session_id=first.id, days=days, rhythm=Rhythm.WEEK, publish=publish, now=clock.now
            )
            self.activity_id, self.id = first.activity_id, made[0].series_id or 0
            self.ids = [first.id, *(one.id for one in made)]

    def now(self, place: int) -> ActivitySession:
        """One of its sessions as saved."""
        db.session.rollback()
        return queries.session_in_full(db.session(), self.ids[place])

    def begins(self) -> Sequence[str]:
        """When each session begins by the clocks of the school, as saved."""
        return [f"{school.local(self.now(place).starts_at):%d.%m. %H:%M}" for place in range(len(self.ids))]

    def capacities(self) -> Sequence[int | None]:
        """The seats of each, as saved."""
        return [self.now(place).capacity for place in range(len(self.ids))]

    def seat(self, person: Person, *places: int) -> None:
        """Put somebody into these sessions."""
        with write(by=SYSTEM, why="Seated", at=self.clock.now) as session:
            own = session.get_one(Person, person.id)
            for place in places:
                registering.take_seats(session, session_id=self.ids[place], people=[own], now=self.clock.now)

    def change_alone(self, place: int, **changes: object) -> None:
        """Change one of its sessions and no other."""
        with write(by=SYSTEM, why="Changed", at=self.clock.now) as session:
            offered = queries.session_in_full(session, self.ids[place])
            plan = replace(plan_of(offered), **changes)  # type: ignore[arg-type]
            offering.edit_session(
                session, session_id=offered.id, revision=offered.revision, plan=plan, now=self.clock.now
            )

    def change_from(
        self, place: int, *, chosen: Chosen | None = None, revision: int | None = None, **changes: object
    ) -> Mapping[int, Done]:
        """Change one of its sessions and those that follow; what was done, by place."""
        with write(by=SYSTEM, why="Changed", at=self.clock.now) as session:
            offered = queries.session_in_full(session, self.ids[place])
            plan = replace(plan_of(offered), **changes)  # type: ignore[arg-type]
            done = following.change_following(
                session,
                session_id=offered.id,
                revision=offered.revision if revision is None else revision,
                plan=plan,
                chosen=chosen or Chosen(),
                language="en",
                now=self.clock.now,
            )
        return {self.ids.index(one.becoming.session_id): one for one in done}

    def meetings(self, place: int, **amount: float) -> Sequence[MeetingPlan]:
        """The meetings of one session, so much later."""
        return [later(meeting, **amount) for meeting in self.plan(place).meetings]

    def plan(self, place: int) -> SessionPlan:
        """One of its sessions as planned."""
        return plan_of(self.now(place))


def later(meeting: MeetingPlan, **amount: float) -> MeetingPlan:
    """The meeting so much later."""
    step = timedelta(**amount)
    return replace(meeting, start=meeting.start + step, end=meeting.end + step)


def at(day: date, hour: int) -> datetime:
    """A moment by the clocks of the school."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=school.zone())
