"""Which meeting becomes which when a session gets other days: one whose time stays is the same one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import select

from dsbs.accounts.models import Person
from dsbs.activities import queries
from dsbs.activities.attending import Presence
from dsbs.activities.models import ActivitySession, Meeting
from dsbs.activities.rules.meetings import Times, paired
from dsbs.activities.service import teaching
from dsbs.agenda.models import Commitment, CommitmentState, Slot, VoidBooking
from dsbs.core.db import SYSTEM, db, write
from tests.activities.line import ask, programmes_loaded, resize
from tests.activities.moving import edit, later, plan_now
from tests.activities.ticking import marks_at, meetings_of, seat, tick
from tests.support.cast import Cast
from tests.support.clock import Clock
from tests.support.machines import run_machine

START, HOUR = datetime(2026, 12, 10, 9, 0, tzinfo=UTC), timedelta(hours=1)


def times(hour: int, length: int) -> Times:
    return START + hour * HOUR, START + (hour + length) * HOUR


#: Meetings in order of time that do not overlap: at these hours, of one hour or two.
meetings = st.dictionaries(st.integers(0, 7), st.integers(1, 2), max_size=8).map(
    lambda found: [times(2 * hour, found[hour]) for hour in sorted(found)]
)


@given(meetings, meetings)
def test_a_meeting_at_the_same_time_is_the_same_one(before: list[Times], after: list[Times]) -> None:
    becomes = dict(zip(after, paired(before, after), strict=True))

    assert all(becomes[one] == before.index(one) for one in before if one in becomes)


@given(meetings, meetings)
def test_as_many_meetings_stay_as_can_and_each_becomes_one(before: list[Times], after: list[Times]) -> None:
    kept = [place for place in paired(before, after) if place is not None]

    assert len(kept) == len(set(kept)) == min(len(before), len(after))


@given(meetings, meetings)
def test_meetings_at_other_times_stay_in_their_order(before: list[Times], after: list[Times]) -> None:
    places = paired(before, after)

    moved = [place for place, then in zip(places, after, strict=True) if place is not None and then not in before]

    assert moved == sorted(moved)


class Course:
    """A session of four weeks; its meetings are known by the week in which they are, from 0."""

    def __init__(self, cast: Cast, clock: Clock, **about: object) -> None:
        self.clock = clock
        self.id = cast.course(meetings=4, **about).id  # type: ignore[arg-type]
        self._first = plan_now(self.id).meetings[0]

    def meet_in(self, *weeks: int) -> None:
        venue = plan_now(self.id).meetings[0].venue_id
        assert venue == self._first.venue_id
        edit(self.id, self.clock, meetings=[later(self._first, weeks=week) for week in weeks])

    def slots(self) -> Mapping[int, Slot]:
        """Its slots by their weeks, in the order in which it shows its meetings."""
        db.session.rollback()
        offered = queries.session_in_full(db.session(), self.id)
        return {(one.slot.start - self._first.start).days // 7: one.slot for one in offered.meetings}

    def uids(self) -> Mapping[int, str]:
        return {week: slot.uid for week, slot in self.slots().items()}


def test_an_early_meeting_that_goes_leaves_the_calendar_entries_of_the_others(
    app: Flask, cast: Cast, clock: Clock
) -> None:
    course = Course(cast, clock)
    before = {week: (slot.uid, slot.sequence) for week, slot in course.slots().items() if week}

    course.meet_in(1, 2, 3)

    assert {week: (slot.uid, slot.sequence) for week, slot in course.slots().items()} == before


def test_an_early_meeting_that_goes_leaves_what_was_booked_elsewhere_for_the_others(
    app: Flask, cast: Cast, clock: Clock
) -> None:
    course = Course(cast, clock, venue=cast.venue("Town hall", ours=False))
    with write(by=SYSTEM, why="Asked", at=clock.now) as session:
        for meeting in session.get_one(ActivitySession, course.id).meetings:
            meeting.slot.asked_on = clock.now.date()
    first = course.slots()[0].start

    course.meet_in(1, 2, 3)

    assert db.session.scalars(select(VoidBooking.start)).all() == [first]


def test_ticks_stay_at_their_meeting_when_an_earlier_one_goes(app: Flask, cast: Cast, clock: Clock) -> None:
    course, ada = Course(cast, clock), cast.person("Ada Eerste")
    seat(course.id, ada, clock=clock)
    ticked = meetings_of(course.id)[1]
    clock.advance(timedelta(days=23))
    tick(ticked, {ada.id: Presence.PRESENT}, clock=clock)

    course.meet_in(1, 2, 3)

    assert meetings_of(course.id)[0] == ticked
    assert marks_at(ticked) == {ada.id: "present"}


def test_a_meeting_that_goes_behind_the_others_keeps_its_entry_and_comes_last(
    app: Flask, cast: Cast, clock: Clock
) -> None:
    course = Course(cast, clock)
    uids = course.uids()

    course.meet_in(1, 2, 3, 5)

    assert list(course.uids().items()) == [(1, uids[1]), (2, uids[2]), (3, uids[3]), (5, uids[0])]


def test_a_meeting_is_added_between_two_that_stay(app: Flask, cast: Cast, clock: Clock) -> None:
    course = Course(cast, clock)
    course.meet_in(0, 2)
    uids = course.uids()

    course.meet_in(0, 1, 2)

    assert list(course.uids()) == [0, 1, 2]
    assert {week: uid for week, uid in course.uids().items() if week != 1} == uids


def test_a_meeting_that_is_added_stands_in_the_calendars_of_all_who_have_the_others(
    app: Flask, cast: Cast, clock: Clock
) -> None:
    programmes_loaded(clock)
    course = Course(cast, clock, capacity=1)
    people = [cast.person(f"{name} Number") for name in ("Ada", "Bea", "Tess")]
    for person in people[:2]:
        ask(course.id, person.id, clock)
    with write(by=SYSTEM, why="Named", at=clock.now) as session:
        teacher = session.get_one(Person, people[2].id)
        teaching.name_organiser(session, session_id=course.id, person=teacher, today=cast.today)
    resize(course.id, 2, clock)

    course.meet_in(0, 1, 2, 3, 4)

    bound = select(Commitment).where(Commitment.slot_id == course.slots()[4].id).order_by(Commitment.person_id)
    assert [(one.person_id, one.part, one.state) for one in db.session.scalars(bound)] == [
        (people[0].id, "participant", CommitmentState.FIRM),
        (people[1].id, "participant", CommitmentState.HELD),
        (people[2].id, "organiser", CommitmentState.FIRM),
    ]


class WeeksMachine(RuleBasedStateMachine):
    """A session gets other weeks, and others again."""

    cast: Cast
    clock: Clock

    def __init__(self) -> None:
        super().__init__()
        self.course = Course(self.cast, self.clock)

    @rule(weeks=st.sets(st.integers(0, 7), min_size=1, max_size=5))
    def meet_in(self, weeks: Collection[int]) -> None:
        before = self.course.uids()
        self.course.meet_in(*sorted(weeks))
        now = self.course.uids()
        assert list(now) == sorted(weeks)
        assert all(now[week] == before[week] for week in weeks & before.keys())
        assert len(now.keys() & before.keys()) <= len(set(now.values()) & set(before.values()))

    @invariant()
    def meetings_are_numbered_in_order_of_time(self) -> None:
        db.session.rollback()
        wanted = select(Meeting.position).join(Meeting.slot).where(Meeting.session_id == self.course.id)
        places = db.session.scalars(wanted.order_by(Slot.start)).all()
        assert places == list(range(1, len(places) + 1))


@pytest.mark.parametrize("examples", [3, pytest.param(30, marks=pytest.mark.long)])
def test_any_order_of_weeks_leaves_each_meeting_its_entry(app: Flask, cast: Cast, clock: Clock, examples: int) -> None:
    run_machine(WeeksMachine, examples, cast=cast, clock=clock)
