"""Any order of events against a plain model of the line: tickets are served in order, every mail has its cause."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import func, select

from dsbs.accounts.models import Person
from dsbs.activities import queries, sweeping
from dsbs.activities.models import Registration
from dsbs.activities.rules import Edge, NotEnoughSeats, RegistrationState
from dsbs.activities.rules.conditions import Condition, ConditionKind
from dsbs.activities.rules.pools import Reservation
from dsbs.activities.service import making_room, queueing
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import Refused
from tests.activities import causes
from tests.activities.line import answer, ask, decide, programmes_loaded, registration, resize
from tests.support.cast import Cast
from tests.support.clock import START, Clock
from tests.support.machines import run_machine

WAITING, OFFERED, REGISTERED = RegistrationState.WAITING, RegistrationState.OFFERED, RegistrationState.REGISTERED
REQUESTED = RegistrationState.REQUESTED


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
        free, kept = self.capacity - len(self.seated | self.offered), self._still_kept()
        return free > 0 and (free > kept or (who < 3 and kept > 0))

    def _still_kept(self) -> int:
        taken = (self.seated | self.offered) & {0, 1, 2}
        return max(self.kept - len(taken), 0) if self.clock.now < self.kept_until else 0

    def _place_of_the_last(self) -> int:
        """In which order who came last is offered a seat: what is still kept is offered first, to its programme."""
        of_hers = sum(one < 3 for one in self.line)
        return of_hers if self.line[-1] < 3 and of_hers <= self._still_kept() else len(self.line)

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
        assert part.place == (self._place_of_the_last() if who in self.line else 0)

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
    run_machine(WaitingMachine, examples, cast=cast, clock=clock)
