"""The waiting list: the lowest ticket first, an offer that lapses, nobody who comes later passes."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.accounts.models import Person
from dsbs.activities import queries, standing, sweeping
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import Mode, RegistrationState
from dsbs.activities.rules.conditions import Candidate
from dsbs.activities.service import offering, registering
from dsbs.activities.service.offering import plan_of
from dsbs.agenda.models import Commitment, CommitmentState
from dsbs.core import clock as school_clock
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import NotFound, Refused
from tests.activities.line import Line, answer, ask, letters_to, programmes_loaded, registration, resize, states
from tests.support.cast import Cast
from tests.support.clock import Clock

RESEARCHER = Candidate(is_researcher=True, programmes=())
WAITING, OFFERED, REGISTERED = RegistrationState.WAITING, RegistrationState.OFFERED, RegistrationState.REGISTERED


def test_who_finds_no_seat_waits_in_the_order_of_tickets(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=2)

    assert states(line.course_id) == [(REGISTERED, 1, None), (WAITING, None, 1), (WAITING, None, 2)]
    assert letters_to(line.people[2]) == ["waiting"]


def test_who_does_not_want_to_wait_is_refused_and_nothing_is_written(app: Flask, cast: Cast, clock: Clock) -> None:
    line, late = Line(cast, clock, waiting=0), cast.person("Late Comer")

    with pytest.raises(Refused, match="taken"), write(by=SYSTEM, why="Asked", at=clock.now) as session:
        registering.register(session, session_id=line.course_id, person=late, candidate=RESEARCHER, now=clock.now)

    assert len(states(line.course_id)) == 1


def test_ones_own_place_counts_those_before(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=3)
    line.answer("cancel", 1)

    found = [
        standing.standing(db.session(), session_id=line.course_id, person_id=person, now=clock.now).place
        for person in line.people
    ]
    assert found == [0, 0, 1, 2]


def test_a_seat_that_is_given_back_is_offered_to_the_first_in_line(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=2)

    line.answer("cancel", 0)

    assert states(line.course_id) == [(OFFERED, 1, 1), (WAITING, None, 2)]
    assert letters_to(line.people[1]) == ["waiting", "seat_offered"]
    (bound,) = db.session.scalars(select(Commitment).where(Commitment.person_id == line.people[1]))
    assert bound.state is CommitmentState.HELD


def test_who_accepts_has_the_seat_and_it_is_firm_in_her_calendar(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=1)
    line.answer("cancel", 0)

    line.answer("accept", 1)

    assert states(line.course_id) == [(REGISTERED, 1, 1)]
    assert letters_to(line.people[1]) == ["waiting", "seat_offered", "registered"]
    (bound,) = db.session.scalars(select(Commitment).where(Commitment.person_id == line.people[1]))
    assert bound.state is CommitmentState.FIRM


def test_who_declines_leaves_the_seat_to_the_next(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=2)
    line.answer("cancel", 0)

    line.answer("decline", 1)

    assert [line.state(1), line.state(2)] == [RegistrationState.DECLINED, OFFERED]
    bound = db.session.scalars(select(Commitment).where(Commitment.person_id == line.people[1])).one()
    assert bound.state is CommitmentState.RELEASED


def test_who_declined_may_join_again_at_the_end(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=2)
    line.answer("cancel", 0)
    line.answer("decline", 1)

    again = ask(line.course_id, line.people[1], clock)

    assert (registration(again.registration_id).ticket, again.place) == (3, 1)


def test_an_offer_lasts_four_days_of_twelve_hours(app: Flask, cast: Cast, clock: Clock) -> None:
    programmes_loaded(clock)
    line = Line(cast, clock, waiting=1)

    line.answer("cancel", 0)  # on Tue 24 Nov 2026 at 10:00

    until = registration(line.parts[1]).offered_until
    assert until is not None
    assert f"{school_clock.local(until):%a %d %b %Y, %H:%M}" == "Mon 30 Nov 2026, 10:00"


def test_an_offer_is_shorter_when_the_session_is_near(app: Flask, cast: Cast, clock: Clock) -> None:
    programmes_loaded(clock)
    line = Line(cast, clock, waiting=1, starts_in=timedelta(days=6))

    line.answer("cancel", 0)

    until = registration(line.parts[1]).offered_until
    assert until is not None
    assert f"{school_clock.local(until):%a %d %b %Y, %H:%M}" == "Wed 25 Nov 2026, 10:00"


def test_an_offer_never_outlasts_the_registration(app: Flask, cast: Cast, clock: Clock) -> None:
    programmes_loaded(clock)
    closes = clock.now + timedelta(hours=5)
    line = Line(cast, clock, waiting=1, closes_at=closes)

    line.answer("cancel", 0)

    assert registration(line.parts[1]).offered_until == closes


def test_an_offer_that_lapses_goes_on_to_the_next(app: Flask, cast: Cast, clock: Clock) -> None:
    programmes_loaded(clock)
    line = Line(cast, clock, waiting=2)
    line.answer("cancel", 0)
    until = registration(line.parts[1]).offered_until
    assert until is not None
    clock.move_to(until)

    assert sweeping.end_lapsed_offers(lambda: clock.now) == 1

    assert [line.state(1), line.state(2)] == [RegistrationState.LAPSED, OFFERED]
    assert letters_to(line.people[1])[-1] == "offer_lapsed"


def test_an_offer_lapses_in_its_very_second_whether_or_not_it_was_swept(app: Flask, cast: Cast, clock: Clock) -> None:
    programmes_loaded(clock)
    line = Line(cast, clock, waiting=1)
    line.answer("cancel", 0)
    until = registration(line.parts[1]).offered_until
    assert until is not None
    clock.move_to(until)

    with pytest.raises(Refused, match="lapsed"):
        line.answer("accept", 1)

    assert line.state(1) is OFFERED


def test_a_second_before_it_lapses_an_offer_can_be_taken(app: Flask, cast: Cast, clock: Clock) -> None:
    programmes_loaded(clock)
    line = Line(cast, clock, waiting=1)
    line.answer("cancel", 0)
    until = registration(line.parts[1]).offered_until
    assert until is not None
    clock.move_to(until - timedelta(seconds=1))

    line.answer("accept", 1)

    assert line.state(1) is REGISTERED
    assert sweeping.end_lapsed_offers(lambda: until + timedelta(days=1)) == 0


def test_an_offer_cannot_be_taken_twice(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=1)
    line.answer("cancel", 0)
    line.answer("accept", 1)

    with pytest.raises(Refused, match="registered already"):
        line.answer("accept", 1)


def test_nobody_answers_the_offer_of_another(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=2)
    line.answer("cancel", 0)

    with pytest.raises(NotFound):
        answer("accept", line.parts[1], line.people[2], clock)

    assert line.state(1) is OFFERED


def test_who_still_waits_has_nothing_to_accept(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=1)

    with pytest.raises(Refused, match="No seat is offered"):
        line.answer("accept", 1)


def test_who_comes_later_does_not_pass_while_somebody_thinks_it_over(app: Flask, cast: Cast, clock: Clock) -> None:
    line, late = Line(cast, clock, waiting=1), cast.person("Late Comer")
    line.answer("cancel", 0)

    assert ask(line.course_id, late.id, clock).place == 1


def test_nothing_is_offered_once_registration_is_closed(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=1, closes_at=clock.now + timedelta(hours=5))
    clock.advance(timedelta(hours=5))

    line.answer("cancel", 0)

    assert line.state(1) is WAITING


def test_a_larger_capacity_is_offered_to_who_waits(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=3)

    resize(line.course_id, 3, clock)

    assert states(line.course_id) == [(REGISTERED, 1, None), (OFFERED, 2, 1), (OFFERED, 3, 2), (WAITING, None, 3)]


def test_a_smaller_capacity_takes_back_neither_seat_nor_offer(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=2)
    resize(line.course_id, 2, clock)

    resize(line.course_id, 1, clock)
    line.answer("accept", 1)
    line.answer("cancel", 0)

    assert states(line.course_id) == [(REGISTERED, 2, 1), (WAITING, None, 2)]


def test_who_waits_can_leave_and_the_others_move_up(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=2)

    line.answer("cancel", 1)
    line.answer("cancel", 0)

    assert [line.state(1), line.state(2)] == [RegistrationState.LEFT, OFFERED]
    assert letters_to(line.people[1]) == ["waiting", "left"]


def test_a_coordinator_who_adds_somebody_who_waits_gives_her_the_seat(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=2)
    line.answer("cancel", 0)
    with write(by=SYSTEM, why="More seats", at=clock.now) as session:
        session.get_one(ActivitySession, line.course_id).capacity = 2

    with write(by=SYSTEM, why="Added", at=clock.now) as session:
        second = session.get_one(Person, line.people[2])
        registering.add(
            session, session_id=line.course_id, people=[second], reason="Her supervisor asked", now=clock.now
        )

    assert states(line.course_id) == [(OFFERED, 1, 1), (REGISTERED, 2, 2)]
    assert letters_to(line.people[2]) == ["waiting", "added"]


def test_a_person_who_is_removed_makes_room_for_who_waits(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=1)

    with write(by=SYSTEM, why="Removed", at=clock.now) as session:
        registering.remove(
            session, registration_id=line.parts[0], session_id=line.course_id, reason="Left us", now=clock.now
        )

    assert line.state(1) is OFFERED


def test_calling_off_tells_who_waits_and_who_was_offered_a_seat(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=2)
    line.answer("cancel", 0)

    with write(by=SYSTEM, why="Called off", at=clock.now) as session:
        offering.cancel_session(session, session_id=line.course_id, reason="The teacher is ill", now=clock.now)

    assert [line.state(1), line.state(2)] == [RegistrationState.CALLED_OFF, RegistrationState.CALLED_OFF]
    assert [letters_to(person)[-1] for person in line.people[1:]] == ["session_cancelled", "session_cancelled"]
    with pytest.raises(Refused, match="ended already"):
        line.answer("accept", 1)


def edited(line: Line, clock: Clock, **changes: object) -> None:
    with write(by=SYSTEM, why="Seats changed", at=clock.now) as session:
        offered = queries.session_in_full(session, line.course_id)
        plan = replace(plan_of(offered), **changes)  # type: ignore[arg-type]
        offering.edit_session(session, session_id=line.course_id, revision=offered.revision, plan=plan, now=clock.now)


def test_a_session_that_needs_no_seats_any_more_takes_in_who_waits(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=2)

    edited(line, clock, mode=Mode.COUNT, capacity=None)

    assert {state for state, _number, _ticket in states(line.course_id)} == {REGISTERED}


def test_who_is_offered_a_seat_is_in_as_well_when_none_is_needed_any_more(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=1)
    line.answer("cancel", 0)

    edited(line, clock, mode=Mode.COUNT, capacity=None)

    assert (registration(line.parts[1]).state, registration(line.parts[1]).number) == (REGISTERED, None)


def test_whoever_came_while_no_seats_were_needed_has_one_when_they_are(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=2)

    edited(line, clock, mode=Mode.COUNT, capacity=None)
    edited(line, clock, mode=Mode.SEAT, capacity=2)

    assert sorted(number for state, number, _ticket in states(line.course_id) if state == REGISTERED) == [1, 2, 3]


def test_an_offer_is_accepted_at_the_time_to_which_the_session_moved(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=1)
    line.answer("cancel", 0)
    (before,) = plan_of(queries.session_in_full(db.session(), line.course_id)).meetings
    later = replace(before, start=before.start + timedelta(days=1), end=before.end + timedelta(days=1))

    edited(line, clock, meetings=[later])
    line.answer("accept", 1)

    (bound,) = db.session.scalars(select(Commitment).where(Commitment.person_id == line.people[1]))
    assert (bound.state, bound.slot.start) == (CommitmentState.FIRM, later.start)


def test_two_who_ask_at_once_for_the_last_place_get_two_tickets(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=0)
    people = [cast.person(f"Late Comer{n}").id for n in range(8)]
    start = threading.Barrier(len(people))

    def join(person_id: int) -> None:
        start.wait()
        with app.app_context():
            ask(line.course_id, person_id, clock)

    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(join, people))

    assert [ticket for _state, _number, ticket in states(line.course_id)] == [None, 1, 2, 3, 4, 5, 6, 7, 8]


def test_two_sweeps_at_once_let_an_offer_lapse_once(app: Flask, cast: Cast, clock: Clock) -> None:
    programmes_loaded(clock)
    line = Line(cast, clock, waiting=2)
    line.answer("cancel", 0)
    clock.advance(timedelta(days=8))
    start = threading.Barrier(2)

    def sweep(_: int) -> int:
        start.wait()
        with app.app_context():
            return sweeping.end_lapsed_offers(lambda: clock.now)

    with ThreadPoolExecutor(2) as pool:
        lapsed = list(pool.map(sweep, range(2)))

    assert sum(lapsed) == 1
    assert [line.state(1), line.state(2)] == [RegistrationState.LAPSED, OFFERED]
