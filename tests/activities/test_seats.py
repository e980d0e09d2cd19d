"""Seats are numbers: exact with many people at once, on real connections of both engines."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from dsbs.accounts.models import Person
from dsbs.activities import queries
from dsbs.activities.models import ActivitySession, Registration
from dsbs.activities.rules import RegistrationState
from dsbs.activities.rules.conditions import Candidate
from dsbs.activities.service import offering, registering
from dsbs.agenda.models import Commitment, CommitmentState, Slot, SlotState
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import NotFound, Refused
from dsbs.history.recorder import RECORDED_BY
from dsbs.mail.models import Message
from tests.support.cast import Cast
from tests.support.clock import Clock
from tests.support.machines import run_machine

RESEARCHER = Candidate(is_researcher=True, programmes=())
AT_ONCE = 16


def register(session_id: int, person_id: int, clock: Clock) -> Registration:
    with write(by=SYSTEM, why="Took a seat", at=clock.now) as session:
        person = session.get_one(Person, person_id)
        made = registering.register(session, session_id=session_id, person=person, candidate=RESEARCHER, now=clock.now)
        return session.get_one(Registration, made.registration_id)


def cancel(registration_id: int, person_id: int, clock: Clock) -> Registration:
    with write(by=SYSTEM, why="Gave it back", at=clock.now) as session:
        person = session.get_one(Person, person_id)
        return registering.cancel(session, registration_id=registration_id, person=person, now=clock.now)


def numbers(session_id: int) -> list[int | None]:
    db.session.rollback()
    return [found.number for found in queries.active_registrations(db.session(), session_id)]


def test_sixteen_at_once_get_exactly_the_seats_there_are(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id = cast.course(capacity=5).id
    people = [cast.person(f"Person Number{n}").id for n in range(AT_ONCE)]
    start = threading.Barrier(AT_ONCE)

    def ask(person_id: int) -> str:
        start.wait()
        with app.app_context():
            try:
                register(course_id, person_id, clock)
            except Refused as refused:
                return refused.sentence
            return "seat"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(ask, people))

    assert numbers(course_id) == [1, 2, 3, 4, 5]
    assert answers.count("seat") == 5
    assert {answer for answer in answers if answer != "seat"} == {
        "All %(capacity)d seats are taken. One that is given back is offered to who waits longest."
    }


def test_one_person_in_sixteen_tabs_gets_one_seat(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, person_id = cast.course().id, cast.person("Britt Bauwens").id
    start = threading.Barrier(AT_ONCE)

    def ask(_: int) -> str:
        start.wait()
        with app.app_context():
            try:
                register(course_id, person_id, clock)
            except Refused as refused:
                return refused.sentence
            return "seat"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(ask, range(AT_ONCE)))

    assert sorted(answers) == ["You are registered already."] * (AT_ONCE - 1) + ["seat"]
    assert numbers(course_id) == [1]


def test_the_database_refuses_a_second_taker_even_if_the_lock_is_forgotten(
    app: Flask, cast: Cast, clock: Clock
) -> None:
    course_id = cast.course().id
    first, second = cast.person("First Comer"), cast.person("Second Comer")
    register(course_id, first.id, clock)

    with pytest.raises(Refused, match="just before you"), write(by=SYSTEM, why="No lock", at=clock.now) as session:
        session.add(
            Registration(
                session_id=course_id,
                person_id=second.id,
                state=RegistrationState.REGISTERED,
                number=1,
                made_at=clock.now,
            )
        )

    assert numbers(course_id) == [1]


def test_the_database_refuses_a_second_active_registration(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, person = cast.course().id, cast.person("Britt Bauwens")
    register(course_id, person.id, clock)

    with pytest.raises(Refused, match="already"), write(by=SYSTEM, why="No lock", at=clock.now) as session:
        session.add(
            Registration(
                session_id=course_id,
                person_id=person.id,
                state=RegistrationState.REGISTERED,
                number=2,
                made_at=clock.now,
            )
        )


def test_an_ended_registration_cannot_keep_its_number(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, person = cast.course().id, cast.person("Britt Bauwens")
    register(course_id, person.id, clock)
    ended = {"state": RegistrationState.CANCELLED, "ended_at": clock.now}

    with pytest.raises(IntegrityError), write(by=SYSTEM, why="Half ended", at=clock.now) as session:
        session.execute(update(Registration).values(**ended), execution_options={RECORDED_BY: "this test"})


def test_a_seat_given_back_is_the_next_one_given(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id = cast.course().id
    people = [cast.person(f"Person Number{n}").id for n in range(4)]
    taken = [register(course_id, person_id, clock) for person_id in people[:3]]
    cancel(taken[1].id, people[1], clock)

    register(course_id, people[3], clock)

    assert numbers(course_id) == [1, 2, 3]
    kept = db.session.scalars(select(Registration).where(Registration.person_id == people[3])).one()
    assert kept.number == 2


def test_a_smaller_capacity_takes_nobodys_seat_and_gives_none_until_below_it(
    app: Flask, cast: Cast, clock: Clock
) -> None:
    course = cast.course(capacity=3)
    people = [cast.person(f"Person Number{n}").id for n in range(4)]
    taken = [register(course.id, person_id, clock) for person_id in people[:3]]
    with write(by=SYSTEM, why="Smaller room", at=clock.now) as session:
        session.get_one(ActivitySession, course.id).capacity = 2
    cancel(taken[0].id, people[0], clock)

    with pytest.raises(Refused, match="taken"):
        register(course.id, people[3], clock)

    assert numbers(course.id) == [2, 3]


def test_registering_fills_the_calendar_and_queues_one_confirmation(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, person = cast.course(meetings=2).id, cast.person("Britt Bauwens")

    registration = register(course_id, person.id, clock)

    bound = db.session.scalars(select(Commitment).where(Commitment.person_id == person.id)).all()
    assert [(commitment.part, commitment.state) for commitment in bound] == [
        ("participant", CommitmentState.FIRM),
        ("participant", CommitmentState.FIRM),
    ]
    (message,) = db.session.scalars(select(Message))
    assert (message.template, message.ids) == ("activities/registered", {"registration_id": registration.id})


def test_a_refused_registration_leaves_no_mail_and_no_calendar_entry(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id = cast.course(capacity=1).id
    register(course_id, cast.person("First Comer").id, clock)
    late = cast.person("Late Comer")

    with pytest.raises(Refused, match="taken"):
        register(course_id, late.id, clock)

    assert db.session.scalars(select(Message).where(Message.person_id == late.id)).all() == []
    assert db.session.scalars(select(Commitment).where(Commitment.person_id == late.id)).all() == []


def test_nobody_can_give_back_the_seat_of_another(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, owner, other = cast.course().id, cast.person("Britt Bauwens"), cast.person("Hugo Coppens")
    registration_id = register(course_id, owner.id, clock).id

    with pytest.raises(NotFound):
        cancel(registration_id, other.id, clock)

    assert numbers(course_id) == [1]


def test_giving_back_twice_is_said_and_frees_one_seat(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, person = cast.course().id, cast.person("Britt Bauwens")
    registration_id = register(course_id, person.id, clock).id
    cancel(registration_id, person.id, clock)

    with pytest.raises(Refused, match="ended already"):
        cancel(registration_id, person.id, clock)

    assert numbers(course_id) == []


def test_a_seat_cannot_be_given_back_once_the_session_has_begun(app: Flask, cast: Cast, clock: Clock) -> None:
    course, person = cast.course(), cast.person("Britt Bauwens")
    registration_id = register(course.id, person.id, clock).id
    clock.move_to(course.starts_at)

    with pytest.raises(Refused, match="has begun"):
        cancel(registration_id, person.id, clock)


def test_registering_again_after_giving_back_raises_the_sequence_of_the_calendar_entry(
    app: Flask, cast: Cast, clock: Clock
) -> None:
    course_id, person = cast.course().id, cast.person("Britt Bauwens")
    seen = []
    for _ in range(2):
        registration_id = register(course_id, person.id, clock).id
        seen.append(queries.commitment_sequence(db.session(), course_id, person.id))
        cancel(registration_id, person.id, clock)
        seen.append(queries.commitment_sequence(db.session(), course_id, person.id))

    assert seen == sorted(set(seen))


def test_calling_off_tells_everybody_once_and_frees_the_room(app: Flask, cast: Cast, clock: Clock) -> None:
    room = cast.venue()
    course = cast.course(venue=room)
    slot_id = course.meetings[0].slot_id
    people = [cast.person(f"Person Number{n}").id for n in range(3)]
    for person_id in people:
        register(course.id, person_id, clock)

    with write(by=SYSTEM, why="Called off", at=clock.now) as session:
        told = offering.cancel_session(session, session_id=course.id, reason="The teacher is ill", now=clock.now)

    assert told == 3
    letters = db.session.scalars(select(Message).where(Message.template == "activities/session_cancelled")).all()
    assert sorted(letter.person_id or 0 for letter in letters) == sorted(people)
    after = cast.course(title="In the same room", venue=room)
    there = db.session.execute(select(Slot.id, Slot.state).where(Slot.venue_id == room.id).order_by(Slot.id)).all()
    assert there == [(slot_id, SlotState.CANCELLED), (after.meetings[0].slot_id, SlotState.FIRM)]


class SeatMachine(RuleBasedStateMachine):
    """People come and go while the capacity changes; a model in plain Python says what must be true."""

    cast: Cast
    clock: Clock

    def __init__(self) -> None:
        super().__init__()
        self.course_id = self.cast.course(capacity=3).id
        self.capacity = 3
        self.people = [self.cast.person(f"Person {n}of{self.course_id}").id for n in range(6)]
        self.inside: dict[int, int] = {}

    @rule(who=st.integers(0, 5))
    def come(self, who: int) -> None:
        person_id = self.people[who]
        may = person_id not in self.inside and len(self.inside) < self.capacity
        try:
            self.inside[person_id] = register(self.course_id, person_id, self.clock).id
            assert may
        except Refused:
            assert not may

    @rule(who=st.integers(0, 5))
    def go(self, who: int) -> None:
        person_id = self.people[who]
        if person_id in self.inside:
            cancel(self.inside.pop(person_id), person_id, self.clock)

    @rule(capacity=st.integers(1, 6))
    def resize(self, capacity: int) -> None:
        with write(by=SYSTEM, why="Resized", at=self.clock.now) as session:
            session.get_one(ActivitySession, self.course_id).capacity = capacity
        self.capacity = capacity

    @invariant()
    def numbers_are_distinct_and_people_as_the_model_says(self) -> None:
        db.session.rollback()
        active = queries.active_registrations(db.session(), self.course_id)
        assert {found.person_id: found.id for found in active} == self.inside
        assert len({found.number for found in active}) == len(active)


@pytest.mark.parametrize("examples", [4, pytest.param(40, marks=pytest.mark.long)])
def test_any_order_of_coming_going_and_resizing_keeps_the_seats_right(
    app: Flask, cast: Cast, clock: Clock, examples: int
) -> None:
    run_machine(SeatMachine, examples, cast=cast, clock=clock)
