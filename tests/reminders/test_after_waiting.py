"""Who waited or asked is reminded as if she had come when the seat became hers; on both engines."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.accounts.models import Person
from dsbs.activities.models import ActivitySession, Registration
from dsbs.activities.rules import Mode, RegistrationState
from dsbs.activities.service import approving, registering, waiting
from dsbs.core.db import SYSTEM, db, write
from tests.reminders.ledger import HOUR, ledger, school, sweep_all, take_seat
from tests.support.cast import Cast
from tests.support.clock import Clock


class Line:
    """Britt lines up for a course of one seat on Thu 10 Dec, a week before; Hugo has the seat."""

    def __init__(self, cast: Cast, clock: Clock) -> None:
        self.clock = clock
        course = cast.course(starts_in=school(10, 17) - cast.now, capacity=1)
        self.course_id, britt, hugo = course.id, cast.person("Britt Bauwens"), cast.person("Hugo Coppens")
        self.britt_id, self.hugo_id = britt.id, hugo.id
        (self.seat_id,) = take_seat(course, hugo, at=clock.now)

    def line_up(self, state: RegistrationState = RegistrationState.WAITING) -> None:
        with write(by=SYSTEM, why="Lined up", at=self.clock.now) as session:
            (self.own_id,) = waiting.line_up(
                session,
                session_id=self.course_id,
                people={self.britt_id: None},
                ticket=1,
                now=self.clock.now,
                state=state,
            )

    def give_back(self, session: Session) -> None:
        hugo = session.get_one(Person, self.hugo_id)
        registering.cancel(session, registration_id=self.seat_id, person=hugo, now=self.clock.now)


@pytest.fixture
def line(cast: Cast, clock: Clock) -> Line:
    """A full course, and somebody who wants to be in it."""
    return Line(cast, clock)


def _accepted(session: Session, line: Line) -> None:
    line.give_back(session)
    britt = session.get_one(Person, line.britt_id)
    waiting.accept(session, registration_id=line.own_id, person=britt, now=line.clock.now)


def _seated_by_hand(session: Session, line: Line) -> None:
    session.get_one(ActivitySession, line.course_id).capacity = 2
    session.flush()
    britt = session.get_one(Person, line.britt_id)
    registering.take_seats(session, session_id=line.course_id, people=[britt], now=line.clock.now)


def _taken_in(session: Session, line: Line) -> None:
    course = session.get_one(ActivitySession, line.course_id)
    course.mode, course.capacity = Mode.COUNT, None
    waiting.serve(session, session_id=line.course_id, now=line.clock.now)


@pytest.mark.parametrize("seated", [_accepted, _seated_by_hand, _taken_in])
def test_who_comes_from_the_waiting_list_after_it_was_to_leave_is_not_reminded(
    app: Flask, line: Line, clock: Clock, seated: Callable[[Session, Line], None]
) -> None:
    line.line_up()
    clock.move_to(school(9, 9))
    sweep_all(clock)
    clock.advance(HOUR)

    with write(by=SYSTEM, why="Seated", at=clock.now) as session:
        seated(session, line)
    clock.advance(HOUR)
    sweep_all(clock)

    assert _part(line) is RegistrationState.REGISTERED
    assert [row.person for row in ledger()] == ["Coppens"]


def test_who_is_approved_after_it_was_to_leave_is_not_reminded(app: Flask, line: Line, clock: Clock) -> None:
    line.line_up(RegistrationState.REQUESTED)
    with write(by=SYSTEM, why="Gave back", at=clock.now) as session:
        line.give_back(session)
    clock.move_to(school(9, 9))

    with write(by=SYSTEM, why="Approved", at=clock.now) as session:
        approving.approve(session, registration_id=line.own_id, session_id=line.course_id, now=clock.now)
    clock.advance(HOUR)
    sweep_all(clock)

    assert _part(line) is RegistrationState.REGISTERED
    assert ledger() == []


def test_who_comes_from_the_waiting_list_before_it_is_to_leave_is_reminded(
    app: Flask, line: Line, clock: Clock
) -> None:
    line.line_up()
    clock.move_to(school(8, 9))
    with write(by=SYSTEM, why="Seated", at=clock.now) as session:
        _accepted(session, line)
    clock.move_to(school(9, 9))

    assert sweep_all(clock) == 1


def _part(line: Line) -> RegistrationState:
    db.session.rollback()
    return db.session.scalars(select(Registration.state).where(Registration.id == line.own_id)).one()
