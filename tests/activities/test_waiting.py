"""The waiting list: the lowest ticket first, an offer that lapses, nobody who comes later passes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from dsbs.accounts.models import Person
from dsbs.activities import queries, standing, sweeping
from dsbs.activities.models import ActivitySession, Registration
from dsbs.activities.rules import Edge, Mode, NotEnoughSeats, RegistrationState
from dsbs.activities.rules.conditions import Candidate, Condition, ConditionKind
from dsbs.activities.rules.pools import Reservation
from dsbs.activities.service import approving, making_room, offering, queueing, registering, waiting
from dsbs.activities.service.offering import plan_of
from dsbs.agenda.models import Commitment, CommitmentState
from dsbs.core import clock as school_clock
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import NotFound, Refused
from dsbs.mail.models import Message
from dsbs.programmes import service as programmes
from tests.activities import causes
from tests.support.cast import Cast
from tests.support.clock import START, Clock

RESEARCHER = Candidate(is_researcher=True, programmes=())
WAITING, OFFERED, REGISTERED = RegistrationState.WAITING, RegistrationState.OFFERED, RegistrationState.REGISTERED
REQUESTED = RegistrationState.REQUESTED


def ask(session_id: int, person_id: int, clock: Clock, *programmes: int) -> registering.Part:
    """Ask for a seat, or a place in the line, as a researcher of these programmes."""
    candidate = Candidate(is_researcher=True, programmes=programmes)
    with write(by=SYSTEM, why="Asked", at=clock.now) as session:
        person = session.get_one(Person, person_id)
        return registering.register(
            session, session_id=session_id, person=person, candidate=candidate, now=clock.now, or_wait=True
        )


def answer(verb: str, registration_id: int, person_id: int, clock: Clock) -> None:
    """Cancel, accept or decline."""
    act = registering.cancel if verb == "cancel" else getattr(waiting, verb)
    with write(by=SYSTEM, why=verb, at=clock.now) as session:
        act(session, registration_id=registration_id, person=session.get_one(Person, person_id), now=clock.now)


def decide(verb: str, session_id: int, registration_id: int, clock: Clock) -> None:
    """Approve or refuse who asked."""
    with write(by=SYSTEM, why=verb, at=clock.now) as session:
        if verb == "approve":
            approving.approve(session, registration_id=registration_id, session_id=session_id, now=clock.now)
        else:
            approving.refuse(
                session, registration_id=registration_id, session_id=session_id, reason="No", now=clock.now
            )


def resize(session_id: int, capacity: int, clock: Clock, *, reservations: Sequence[Reservation] = ()) -> None:
    with write(by=SYSTEM, why="Resized", at=clock.now) as session:
        offered = queries.session_in_full(session, session_id)
        plan = replace(plan_of(offered), capacity=capacity, reservations=reservations)
        offering.edit_session(session, session_id=session_id, revision=offered.revision, plan=plan, now=clock.now)


def states(session_id: int) -> list[tuple[RegistrationState, int | None, int | None]]:
    """Everybody's state, number and ticket, in the order of the page."""
    db.session.rollback()
    found = queries.active_registrations(db.session(), session_id)
    return [(registration.state, registration.number, registration.ticket) for registration in found]


def letters_to(person_id: int) -> list[str]:
    db.session.rollback()
    wanted = select(Message.template).where(Message.person_id == person_id).order_by(Message.id)
    return [template.partition("/")[2] for template in db.session.scalars(wanted)]


def registration(registration_id: int) -> Registration:
    db.session.rollback()
    return db.session.get_one(Registration, registration_id)


class Line:
    """A course with one seat, taken, and people who wait for it."""

    def __init__(self, cast: Cast, clock: Clock, waiting: int, **course: object) -> None:
        self.clock = clock
        self.course_id = cast.course(capacity=1, **course).id  # type: ignore[arg-type]
        self.people = [cast.person(f"Person Number{n}").id for n in range(waiting + 1)]
        self.parts = [ask(self.course_id, person_id, clock).registration_id for person_id in self.people]

    def answer(self, verb: str, who: int) -> None:
        answer(verb, self.parts[who], self.people[who], self.clock)

    def state(self, who: int) -> RegistrationState:
        return registration(self.parts[who]).state


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


def programmes_loaded(clock: Clock) -> None:
    """The school's own rules, which say how long an offer lasts."""
    with write(by=SYSTEM, why="Defaults", at=clock.now) as session:
        programmes.load_defaults(session)


class WaitingMachine(RuleBasedStateMachine):
    """People come, ask, wait, go, answer and let offers lapse while capacity and kept seats change, are merged at last.

    The first three are of the programme for which seats are kept. Plain Python says what is true: within a pool the
    lowest ticket is first, and what is kept is nobody else's before its time.
    """

    cast: Cast
    clock: Clock

    def __init__(self) -> None:
        super().__init__()
        self.clock.move_to(START)  # where the examples before have not left it
        self.cardio = self.cast.programme("CARDIO").id
        self.capacity, self.kept, self.kept_until = 2, 0, START
        self.parts: dict[int, int] = {}
        self.asking: set[int] = set()
        self.seated: set[int] = set()
        self.offered: set[int] = set()
        self.line: list[int] = []

    @initialize(approved=st.booleans())
    def begin(self, approved: bool) -> None:
        conditions = [Condition(ConditionKind.APPROVAL)] if approved else []
        self.approved = approved
        self.course_id = self.cast.course(capacity=2, starts_in=timedelta(days=400), conditions=conditions).id
        made = [self.cast.researcher if n < 3 else self.cast.person for n in range(6)]
        self.people = [make(f"Person {n}of{self.course_id}").id for n, make in enumerate(made)]

    def _may_have_a_seat(self, who: int) -> bool:
        taken = self.seated | self.offered
        free = self.capacity - len(taken)
        kept = max(self.kept - len(taken & {0, 1, 2}), 0) if self.clock.now < self.kept_until else 0
        return free > 0 and (free > kept or (who < 3 and kept > 0))

    def _serve(self) -> None:
        for who in list(self.line):
            if self._may_have_a_seat(who):
                self.line.remove(who)
                self.offered.add(who)

    @rule(who=st.integers(0, 5))
    def come(self, who: int) -> None:
        try:
            part = ask(self.course_id, self.people[who], self.clock, *([self.cardio] if who < 3 else []))
        except Refused:
            assert who in self.asking | self.seated | self.offered | set(self.line)
            return
        self.parts[who] = part.registration_id
        if self.approved:
            self.asking.add(who)
        elif self._may_have_a_seat(who):
            self.seated.add(who)
        else:
            self.line.append(who)
        assert part.place == (len(self.line) if who in self.line else 0)

    @rule(who=st.integers(0, 5), verb=st.sampled_from(["approve", "refuse"]))
    def decide(self, who: int, verb: str) -> None:
        if who not in self.parts:
            return
        try:
            decide(verb, self.course_id, self.parts[who], self.clock)
        except Refused:
            assert who not in self.asking
            return
        self.asking.remove(who)
        if verb == "refuse":
            return
        if self._may_have_a_seat(who):
            self.seated.add(who)
        else:
            self.line.append(who)
            self.line.sort(key=lambda one: registration(self.parts[one]).ticket or 0)

    @rule(who=st.integers(0, 5), verb=st.sampled_from(["cancel", "accept", "decline"]))
    def act(self, who: int, verb: str) -> None:
        may = {
            "cancel": who in self.seated | self.asking or who in self.line,
            "accept": who in self.offered,
            "decline": who in self.offered,
        }[verb]
        if who not in self.parts:
            return
        try:
            answer(verb, self.parts[who], self.people[who], self.clock)
        except Refused:
            assert not may
            return
        assert may
        self.asking.discard(who)
        self.seated.discard(who)
        self.offered.discard(who)
        if who in self.line:
            self.line.remove(who)
        if verb == "accept":
            self.seated.add(who)
        self._serve()

    @rule(capacity=st.integers(1, 5), kept=st.integers(0, 3))
    def grow_shrink_or_keep(self, capacity: int, kept: int) -> None:
        self.capacity, self.kept = capacity, min(capacity, kept)
        self.kept_until = self.clock.now + timedelta(days=20)
        kept_seats = [Reservation(self.cardio, self.kept, self.kept_until)] if self.kept else []
        resize(self.course_id, capacity, self.clock, reservations=kept_seats)
        self._serve()

    @rule(who=st.integers(0, 5), place=st.one_of(st.sampled_from(Edge), st.integers(0, 5)))
    def move(self, who: int, place: Edge | int) -> None:
        if who not in self.parts or (not isinstance(place, Edge) and place not in self.parts):
            return
        before, now = place if isinstance(place, Edge) else self.parts[place], self.clock.now
        moved = self._moved(who, place)
        try:
            with write(by=SYSTEM, why="Moved", at=now) as session:
                queueing.move(
                    session, session_id=self.course_id, registration_id=self.parts[who], before=before, now=now
                )
        except Refused:
            assert moved in (None, self.line)
            return
        assert moved is not None
        self.line = moved

    def _moved(self, who: int, place: Edge | int) -> list[int] | None:
        """The line with this person there; None when she or whoever is named does not wait."""
        others = [one for one in self.line if one != who]
        if who not in self.line or not (isinstance(place, Edge) or place in self.line):
            return None
        if place == who:
            return self.line
        at = {Edge.FRONT: 0, Edge.END: len(others)}[place] if isinstance(place, Edge) else others.index(place)
        return [*others[:at], who, *others[at:]]

    @rule(who=st.sets(st.integers(0, 5), min_size=1, max_size=3), most=st.integers(1, 8))
    def add_over_capacity(self, who: set[int], most: int) -> None:
        taken = self.seated | self.offered
        needed = len(who - taken)
        enough, is_short = len(taken) + needed, needed > max(self.capacity - len(taken), 0)
        if is_short and enough > most:
            with pytest.raises(NotEnoughSeats):
                self._by_hand(making_room.add_with_more_seats, sorted(who), most=most)
            return
        self._by_hand(making_room.add_with_more_seats, sorted(who), most=most)
        self.capacity = enough if is_short else self.capacity
        self._seat(who)

    @rule(who=st.permutations(range(6)), count=st.integers(1, 3))
    def add_or_line_up(self, who: list[int], count: int) -> None:
        taken = self.seated | self.offered
        free, named = max(self.capacity - len(taken), 0), who[:count]
        without = [one for one in named if one not in taken]
        self._by_hand(making_room.add_or_line_up, named)
        self.line += [one for one in without[free:] if one not in {*self.line, *self.asking}]
        self._seat({*without[:free], *(self.offered & set(named))})

    def _by_hand(self, verb: Callable[..., Any], who: Sequence[int], **more: int) -> None:
        with write(by=SYSTEM, why=causes.BY_HAND, at=self.clock.now) as session:
            people = [session.get_one(Person, self.people[one]) for one in who]
            verb(session, session_id=self.course_id, people=people, reason="Late", now=self.clock.now, **more)
        for one in who:
            own = queries.active_registration(db.session(), session_id=self.course_id, person_id=self.people[one])
            assert own is not None
            self.parts[one] = own.id

    def _seat(self, who: set[int]) -> None:
        self.seated |= who
        self.offered -= who
        self.asking -= who
        self.line = [one for one in self.line if one not in who]

    @rule()
    def let_lapse(self) -> None:
        self.clock.advance(timedelta(days=15))
        sweeping.merge_kept_seats(lambda: self.clock.now)
        before, lapsed_before = set(self.offered), self._lapsed()
        self._serve()
        # The sweep ends what earlier examples left as well: only those of this session are counted.
        sweeping.end_lapsed_offers(lambda: self.clock.now)
        assert self._lapsed() - lapsed_before == len(before)
        self.offered -= before
        self._serve()

    def _lapsed(self) -> int:
        db.session.rollback()
        ended = select(func.count()).where(
            Registration.session_id == self.course_id, Registration.state == RegistrationState.LAPSED
        )
        return db.session.scalars(ended).one()

    @invariant()
    def everybody_is_where_the_model_says(self) -> None:
        db.session.rollback()
        active = queries.active_registrations(db.session(), self.course_id)
        index = {person_id: who for who, person_id in enumerate(self.people)}
        found: dict[RegistrationState, list[int]] = {REQUESTED: [], REGISTERED: [], OFFERED: [], WAITING: []}
        for part in active:
            found[part.state].append(index[part.person_id])
        assert set(found[REQUESTED]) == self.asking
        assert set(found[REGISTERED]) == self.seated
        assert set(found[OFFERED]) == self.offered
        assert found[WAITING] == self.line
        numbers = [part.number for part in active if part.number is not None]
        assert len(set(numbers)) == len(numbers) == len(self.seated | self.offered)

    @invariant()
    def every_step_has_its_mail_and_every_mail_its_cause(self) -> None:
        db.session.rollback()
        assert causes.mails_of(db.session(), self.course_id) == causes.asked_for(db.session(), self.course_id)


@pytest.mark.parametrize("examples", [4, pytest.param(40, marks=pytest.mark.long)])
def test_any_order_of_asking_answering_lapsing_and_resizing_serves_tickets_in_order(
    app: Flask, cast: Cast, clock: Clock, examples: int
) -> None:
    programmes_loaded(clock)
    machine = type("Bound", (WaitingMachine,), {"cast": cast, "clock": clock})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=15,
            deadline=timedelta(seconds=20),
            suppress_health_check=list(HealthCheck),
        ),
    )
