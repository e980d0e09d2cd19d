"""Where a waiting list ends: registration closed, the session begun or over, or somebody in it deactivated."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from dsbs.accounts.models import Person
from dsbs.activities import queries
from dsbs.activities.rules import Mode, RegistrationState
from dsbs.activities.rules.conditions import Condition, ConditionKind
from dsbs.activities.service import making_room, registering
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import Refused
from tests.activities.line import Line, answer, ask, decide, letters_to, registration, states
from tests.activities.moving import edit, plan_now
from tests.activities.reading import words
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock

APPROVAL = Condition(ConditionKind.APPROVAL)
WAITING, OFFERED, REGISTERED, LEFT = (
    RegistrationState.WAITING,
    RegistrationState.OFFERED,
    RegistrationState.REGISTERED,
    RegistrationState.LEFT,
)
#: Before the course of the cast, which begins in 16 days.
CLOSES, DAY = timedelta(days=10), timedelta(days=1)


def deactivate(person_id: int, clock: Clock) -> None:
    with write(by=SYSTEM, why="Left", at=clock.now) as session:
        session.get_one(Person, person_id).active = False


def test_nobody_is_put_on_a_list_that_is_not_served_any_more(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=0, closes_at=clock.now + CLOSES)
    late = cast.person("Late Comer").id
    clock.advance(CLOSES)

    def put_on_the_list() -> None:
        with write(by=SYSTEM, why="Added", at=clock.now) as session:
            people = [session.get_one(Person, late)]
            making_room.add_or_line_up(session, session_id=line.course_id, people=people, reason="", now=clock.now)

    with pytest.raises(Refused, match="Registration is closed"):
        put_on_the_list()
    assert letters_to(late) == []


class Closed:
    """A closed course of one seat that the coordinator approves: Ada has it, Bea waits, Cis asks."""

    def __init__(self, cast: Cast, clock: Clock) -> None:
        self.clock = clock
        self.id = cast.course(capacity=1, conditions=[APPROVAL], closes_at=clock.now + CLOSES).id
        self.ada, self.bea, self.cis = (cast.person(name).id for name in ("Ada Eerste", "Bea Tweede", "Cis Derde"))
        self.parts = {one: ask(self.id, one, clock).registration_id for one in (self.ada, self.bea, self.cis)}
        self.approve(self.ada)
        self.approve(self.bea)
        clock.advance(CLOSES)

    def approve(self, person_id: int) -> None:
        decide("approve", self.id, self.parts[person_id], self.clock)

    def state(self, person_id: int) -> RegistrationState:
        return registration(self.parts[person_id]).state


def test_who_is_approved_after_registration_closed_has_the_free_seat(app: Flask, cast: Cast, clock: Clock) -> None:
    closed = Closed(cast, clock)
    answer("cancel", closed.parts[closed.ada], closed.ada, clock)

    closed.approve(closed.cis)

    assert (closed.state(closed.bea), closed.state(closed.cis)) == (WAITING, REGISTERED)


def test_nobody_is_approved_for_a_line_that_is_not_served_any_more(app: Flask, cast: Cast, clock: Clock) -> None:
    closed = Closed(cast, clock)

    with pytest.raises(Refused, match="registration is closed"):
        closed.approve(closed.cis)

    assert closed.state(closed.cis) is RegistrationState.REQUESTED


def test_setting_a_past_session_right_takes_nobody_in_who_waited(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=1)
    clock.advance(20 * DAY)

    edit(line.course_id, clock, mode=Mode.COUNT, capacity=None)

    assert line.state(1) is WAITING
    assert letters_to(line.people[1]) == ["waiting"]


def test_who_waits_may_leave_the_list_of_a_session_that_has_begun(
    app: Flask, client: Client, cast: Cast, clock: Clock
) -> None:
    line = Line(cast, clock, waiting=1)
    clock.advance(16 * DAY)
    sign_in(client, db.session.get_one(Person, line.people[1]))
    assert "Leave the list" in words(client.get(f"/sessions/{line.course_id}"))

    line.answer("cancel", 1)

    assert line.state(1) is LEFT
    with pytest.raises(Refused, match="The session has begun"):
        line.answer("cancel", 0)


def test_a_free_seat_passes_who_was_deactivated_and_goes_to_the_next(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=3)
    deactivate(line.people[1], clock)
    deactivate(line.people[2], clock)

    line.answer("cancel", 0)

    assert [line.state(who) for who in (1, 2, 3)] == [LEFT, LEFT, OFFERED]


def test_who_was_deactivated_keeps_no_seat_from_who_comes_later(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=1)
    deactivate(line.people[1], clock)
    line.answer("cancel", 0)

    assert ask(line.course_id, cast.person("Late Comer").id, clock).state is REGISTERED


def test_who_waits_and_is_added_where_there_are_no_seats_any_more_has_no_number(
    app: Flask, cast: Cast, clock: Clock
) -> None:
    course_id = cast.course(mode=Mode.COUNT, conditions=[APPROVAL]).id
    person_id = cast.person("Ada Eerste").id
    ask(course_id, person_id, clock)

    with write(by=SYSTEM, why="Added", at=clock.now) as session:
        people = [session.get_one(Person, person_id)]
        registering.add(session, session_id=course_id, people=people, reason="", now=clock.now)

    assert [(state, number) for state, number, _ticket in states(course_id)] == [(REGISTERED, None)]


def test_seat_numbers_go_with_the_seats_and_come_anew(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id = cast.course(capacity=2).id
    first, second, third = (ask(course_id, cast.person(f"Person Number{n}").id, clock) for n in range(3))
    plan = plan_now(course_id)

    edit(course_id, clock, mode=Mode.COUNT, capacity=None)
    assert {number for _state, number, _ticket in states(course_id)} == {None}
    edit(course_id, clock, mode=Mode.SEAT, capacity=plan.capacity)

    parts = [queries.registration_in_full(db.session(), part.registration_id) for part in (first, second, third)]
    assert [part.number for part in parts] == [1, 2, 3]
