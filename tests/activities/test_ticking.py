"""Ticking who was there: what is written, what is kept, what is refused, and what follows from it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from dsbs.accounts.models import Person
from dsbs.activities import queries, records
from dsbs.activities.attending import Presence
from dsbs.activities.models import Attendance, Registration
from dsbs.activities.rules import Mode
from dsbs.activities.service import offering, registering, ticking
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import Refused
from tests.activities.ticking import marks_at, meetings_of, seat, tick
from tests.support.cast import Cast
from tests.support.clock import Clock

PRESENT, ABSENT, EXCUSED = Presence.PRESENT, Presence.ABSENT, Presence.EXCUSED
#: The course of the cast begins then.
BEGINS = timedelta(days=16)


def add(meeting_id: int, person: Person, *, clock: Clock, reason: str = "") -> list[str]:
    """Add somebody at the door; who got a part in the session by it."""
    with write(by=SYSTEM, why="Added at the door", at=clock.now) as session:
        own = session.get_one(Person, person.id)
        added, _ticked = ticking.add_at_door(
            session, meeting_id=meeting_id, people=[own], by_id=None, reason=reason, now=clock.now
        )
        return [one.name for one in added]


def test_only_what_was_changed_on_the_page_is_written(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, ada, bea = cast.course().id, cast.person("Ada Eerste"), cast.person("Bea Tweede")
    seat(course_id, ada, bea, clock=clock)
    (meeting,) = meetings_of(course_id)
    clock.advance(BEGINS)

    first = tick(meeting, {ada.id: PRESENT, bea.id: None}, clock=clock)
    second = tick(meeting, {ada.id: None, bea.id: ABSENT}, clock=clock)

    assert (first.written, second.written, second.kept) == (1, 1, {})
    assert marks_at(meeting) == {ada.id: "present", bea.id: "absent"}


def test_what_somebody_else_ticked_meanwhile_is_kept_and_told(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, ada, bea = cast.course().id, cast.person("Ada Eerste"), cast.person("Bea Tweede")
    seat(course_id, ada, bea, clock=clock)
    (meeting,) = meetings_of(course_id)
    clock.advance(BEGINS)
    tick(meeting, {ada.id: EXCUSED, bea.id: PRESENT}, clock=clock)

    late = tick(meeting, {ada.id: ABSENT, bea.id: PRESENT}, clock=clock)

    assert (late.written, late.kept) == (0, {ada.id: EXCUSED})
    assert marks_at(meeting) == {ada.id: "excused", bea.id: "present"}


def test_a_tick_can_be_taken_back(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, ada = cast.course().id, cast.person("Ada Eerste")
    seat(course_id, ada, clock=clock)
    (meeting,) = meetings_of(course_id)
    clock.advance(BEGINS)
    tick(meeting, {ada.id: PRESENT}, clock=clock)

    tick(meeting, {ada.id: None}, shown={ada.id: PRESENT}, clock=clock)

    assert marks_at(meeting) == {ada.id: None}


def test_people_who_tick_the_same_list_at_once_all_have_their_marks(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id = cast.course().id
    people = [cast.person(f"Ada Nummer{letter}") for letter in "abcdef"]
    seat(course_id, *people, clock=clock)
    (meeting,) = meetings_of(course_id)
    clock.advance(BEGINS)
    ids, start = [person.id for person in people], threading.Barrier(len(people))

    def alone(person_id: int) -> int:
        with app.app_context():
            start.wait(10)
            return tick(meeting, {one: PRESENT if one == person_id else None for one in ids}, clock=clock).written

    with ThreadPoolExecutor(len(people)) as pool:
        written = list(pool.map(alone, ids))

    assert written == [1] * len(people)
    assert marks_at(meeting) == dict.fromkeys(ids, "present")


def test_nobody_is_ticked_earlier_than_an_hour_before(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, ada = cast.course().id, cast.person("Ada Eerste")
    seat(course_id, ada, clock=clock)
    (meeting,) = meetings_of(course_id)
    clock.advance(BEGINS - timedelta(hours=1, seconds=1))

    with pytest.raises(Refused, match="Nobody can be there yet"):
        tick(meeting, {ada.id: PRESENT}, clock=clock)


def test_a_later_day_needs_a_reason_which_is_kept(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, ada = cast.course().id, cast.person("Ada Eerste")
    seat(course_id, ada, clock=clock)
    (meeting,) = meetings_of(course_id)
    clock.advance(BEGINS + timedelta(days=1))

    with pytest.raises(Refused, match="say why"):
        tick(meeting, {ada.id: PRESENT}, clock=clock)
    tick(meeting, {ada.id: PRESENT}, clock=clock, reason="From the paper list")

    assert db.session.scalars(select(Attendance.reason)).all() == ["From the paper list"]


def test_who_is_not_on_the_list_is_passed_over(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, ada = cast.course().id, cast.person("Ada Eerste")
    (meeting,) = meetings_of(course_id)
    clock.advance(BEGINS)

    assert tick(meeting, {ada.id: PRESENT}, clock=clock).written == 0


def test_a_session_that_was_called_off_has_nobody_to_tick(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, ada = cast.course().id, cast.person("Ada Eerste")
    (meeting,) = meetings_of(course_id)
    with write(by=SYSTEM, why="Called off", at=clock.now) as session:
        offering.cancel_session(session, session_id=course_id, reason="Ill", now=clock.now)
    clock.advance(BEGINS)

    with pytest.raises(Refused, match="cancelled"):
        tick(meeting, {ada.id: PRESENT}, clock=clock)


def test_who_comes_along_to_an_open_session_is_noted_without_a_registration(
    app: Flask, cast: Cast, clock: Clock
) -> None:
    course_id, ada = cast.course(mode=Mode.OPEN).id, cast.person("Ada Eerste")
    (meeting,) = meetings_of(course_id)
    clock.advance(BEGINS)

    assert add(meeting, ada, clock=clock) == []

    assert marks_at(meeting) == {ada.id: "present"}
    assert db.session.scalar(select(func.count()).select_from(Registration)) == 0


def test_who_stands_at_the_door_of_a_session_with_seats_gets_one(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, ada = cast.course(capacity=1).id, cast.person("Ada Eerste")
    (meeting,) = meetings_of(course_id)
    clock.advance(BEGINS + timedelta(minutes=5))

    assert add(meeting, ada, clock=clock) == ["Ada Eerste"]

    assert marks_at(meeting) == {ada.id: "present"}
    assert [part.number for part in queries.active_registrations(db.session(), course_id)] == [1]


def test_no_seat_at_the_door_no_tick(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, ada, bea = cast.course(capacity=1).id, cast.person("Ada Eerste"), cast.person("Bea Tweede")
    seat(course_id, ada, clock=clock)
    (meeting,) = meetings_of(course_id)
    clock.advance(BEGINS)

    with pytest.raises(Refused, match="0 of 1 seats are free"):
        add(meeting, bea, clock=clock)
    assert marks_at(meeting) == {}


def test_who_was_there_without_a_seat_is_noted_once_the_session_is_over(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, ada, bea = cast.course(capacity=1).id, cast.person("Ada Eerste"), cast.person("Bea Tweede")
    seat(course_id, ada, clock=clock)
    (meeting,) = meetings_of(course_id)
    clock.advance(BEGINS + timedelta(days=2))

    assert add(meeting, bea, clock=clock, reason="Sat on the stairs") == []
    assert marks_at(meeting) == {bea.id: "present"}


def test_who_was_taken_out_of_the_session_keeps_what_was_ticked(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, ada = cast.course(meetings=2).id, cast.person("Ada Eerste")
    seat(course_id, ada, clock=clock)
    first, second = meetings_of(course_id)
    clock.advance(BEGINS)
    tick(first, {ada.id: PRESENT}, clock=clock)
    (part,) = queries.active_registrations(db.session(), course_id)
    with write(by=SYSTEM, why="Removed", at=clock.now) as session:
        registering.remove(session, registration_id=part.id, session_id=course_id, reason="Moved", now=clock.now)

    listed = records.list_of(db.session(), session_id=course_id, meeting_id=second)

    assert [(line.person.name, line.mark, line.registered) for line in listed] == [("Ada Eerste", None, False)]


def test_a_session_where_people_were_ticked_is_not_called_off(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, ada = cast.course(meetings=2).id, cast.person("Ada Eerste")
    seat(course_id, ada, clock=clock)
    clock.advance(BEGINS)
    tick(meetings_of(course_id)[0], {ada.id: PRESENT}, clock=clock)

    with (
        pytest.raises(Refused, match="so it took place"),
        write(by=SYSTEM, why="Called off", at=clock.now) as session,
    ):
        offering.cancel_session(session, session_id=course_id, reason="Ill", now=clock.now)


def test_of_a_session_where_people_were_ticked_only_what_is_to_come_falls(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, ada = cast.course(meetings=2).id, cast.person("Ada Eerste")
    seat(course_id, ada, clock=clock)
    first, _second = meetings_of(course_id)
    clock.advance(BEGINS)
    tick(first, {ada.id: PRESENT}, clock=clock)
    plan = offering.plan_of(queries.session_in_full(db.session(), course_id))

    def keep(place: int) -> None:
        with write(by=SYSTEM, why="Changed", at=clock.now) as session:
            left = replace(plan, meetings=[plan.meetings[place]])
            offering.edit_session(session, session_id=course_id, revision=1, plan=left, now=clock.now)

    with pytest.raises(Refused, match="People were ticked at the meeting"):
        keep(1)
    keep(0)

    assert meetings_of(course_id) == [first]
    assert marks_at(first) == {ada.id: "present"}


def test_an_activity_is_attended_by_who_missed_no_meeting_of_a_session(app: Flask, cast: Cast, clock: Clock) -> None:
    course = cast.course(meetings=2)
    course_id, activity_id = course.id, course.activity_id
    ada, bea, cis = (cast.person(name) for name in ("Ada Eerste", "Bea Tweede", "Cis Derde"))
    ids = [ada.id, bea.id, cis.id]
    seat(course_id, ada, bea, cis, clock=clock)
    first, second = meetings_of(course_id)
    clock.advance(BEGINS)
    tick(first, {ada.id: PRESENT, bea.id: PRESENT, cis.id: EXCUSED}, clock=clock)
    assert db.session.execute(records.attended_by(ids)).all() == []

    clock.advance(timedelta(weeks=1))
    tick(second, {ada.id: EXCUSED, bea.id: ABSENT, cis.id: EXCUSED}, clock=clock)
    db.session.rollback()

    assert db.session.execute(records.attended_by(ids)).all() == [(ada.id, activity_id)]
