"""Any history of a track leaves the dates that are kept equal to those that would be reckoned now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.core import clock as school_clock
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import Refused
from dsbs.enrolments import queries, service, track_queries
from dsbs.enrolments.models import Enrolment, Milestone
from dsbs.enrolments.rules import SuspensionKind, Track
from dsbs.enrolments.service import Suspended
from dsbs.enrolments.service.suspending import digest_of, would_move
from dsbs.programmes.models import Programme
from tests.enrolments.conftest import AddPerson, Cast, Enrol
from tests.support.clock import Clock
from tests.support.machines import run_machine

START = date(2024, 9, 2)
#: Days of a track, and some before and after it; the clock stands on day 813.
DAYS = st.integers(-30, 2400).map(lambda days: START + timedelta(days=days))
PAST = st.integers(-30, 813).map(lambda days: START + timedelta(days=days))
LENGTHS = st.none() | st.integers(-1, 400)
#: Which of those that are there, counted round.
WHICH = st.integers(0, 30)
#: Those on which others hang, or any.
CODES = st.sampled_from(["thesis_submission", "public_defence", ""])


class TrackMachine(RuleBasedStateMachine):
    """One track is suspended, met, set by hand and corrected, and each of these is taken back, in any order."""

    enrol: Callable[..., Enrolment]
    programme_ids: Sequence[int]

    @initialize(track=st.sampled_from(Track))
    def begin(self, track: Track) -> None:
        self.enrolment_id = self.enrol(start=START, track=track).id

    def _try(self, move: Callable[[Session, Enrolment], object]) -> None:
        """As a page does it: what is refused leaves no trace."""
        try:
            with write(by=SYSTEM, why="Moved", at=school_clock.now()) as session:
                move(session, queries.enrolment_to_edit(session, self.enrolment_id))
        except Refused:
            db.session.rollback()

    @rule(first_day=DAYS, length=LENGTHS)
    def suspend(self, first_day: date, length: int | None) -> None:
        days = _days(first_day, length)

        def move(session: Session, enrolment: Enrolment) -> None:
            seen = digest_of(would_move(session, enrolment=enrolment, days=days))
            service.suspend(session, enrolment=enrolment, days=days, seen=seen, now=school_clock.now())

        self._try(move)

    @rule(which=WHICH, first_day=DAYS, length=LENGTHS)
    def change_days(self, which: int, first_day: date, length: int | None) -> None:
        days = _days(first_day, length)

        def move(session: Session, enrolment: Enrolment) -> None:
            if found := track_queries.suspensions_of(session, enrolment.id):
                other = found[which % len(found)]
                seen = digest_of(would_move(session, enrolment=enrolment, days=days, instead_of=other))
                service.suspend(
                    session, enrolment=enrolment, days=days, seen=seen, now=school_clock.now(), instead_of=other
                )

        self._try(move)

    @rule(which=WHICH)
    def remove(self, which: int) -> None:
        def move(session: Session, enrolment: Enrolment) -> None:
            if found := track_queries.suspensions_of(session, enrolment.id):
                gone = found[which % len(found)]
                seen = digest_of(would_move(session, enrolment=enrolment, days=None, instead_of=gone))
                service.remove(session, enrolment=enrolment, suspension=gone, seen=seen, now=school_clock.now())

        self._try(move)

    @rule(which=WHICH, code=CODES, met_on=PAST, set_to=st.none() | DAYS)
    def meet(self, which: int, code: str, met_on: date, set_to: date | None) -> None:
        self._change(lambda row: row.code == code or not code, which, met_on, set_to)

    @rule(which=WHICH, code=CODES, set_to=DAYS)
    def set_by_hand(self, which: int, code: str, set_to: date) -> None:
        self._change(lambda row: row.code == code or not code, which, None, set_to)

    @rule(which=WHICH)
    def release(self, which: int) -> None:
        self._change(lambda row: row.stands_on is not None, which, None, None)

    def _change(self, fits: Callable[[Milestone], bool], which: int, met_on: date | None, set_to: date | None) -> None:
        def move(session: Session, enrolment: Enrolment) -> None:
            if found := [row for row in track_queries.milestones_of(session, enrolment.id) if fits(row)]:
                milestone = found[which % len(found)]
                service.change_milestone(
                    session,
                    milestone=milestone,
                    enrolment=enrolment,
                    revision=milestone.revision,
                    met_on=met_on,
                    set_to=set_to,
                    today=school_clock.today(),
                )

        self._try(move)

    @rule(start=DAYS, track=st.sampled_from(Track), which=WHICH)
    def correct(self, start: date, track: Track, which: int) -> None:
        programme_id = self.programme_ids[which % len(self.programme_ids)]

        def move(session: Session, enrolment: Enrolment) -> None:
            facts = replace(service.facts_of(enrolment), start=start, track=track, programme_id=programme_id)
            service.edit_enrolment(
                session, enrolment=enrolment, revision=enrolment.revision, facts=facts, today=school_clock.today()
            )

        self._try(move)

    @invariant()
    def what_is_kept_is_what_is_reckoned(self) -> None:
        db.session.rollback()
        assert list(service.all_differences(db.session())) == []


def _days(first_day: date, length: int | None) -> Suspended:
    last_day = None if length is None else first_day + timedelta(days=length)
    return Suspended(first_day=first_day, last_day=last_day, kind=SuspensionKind.OTHER)


@pytest.mark.parametrize("examples", [8, pytest.param(40, marks=pytest.mark.long)])
def test_after_any_moves_the_dates_kept_are_those_reckoned(
    cast: Cast, clock: Clock, enrol: Enrol, add_person: AddPerson, examples: int
) -> None:
    pharmacy = select(Programme.id).where(Programme.lead_faculty.has(code="PHARM"))
    programme_ids = [cast.cardio, *db.session.scalars(pharmacy.limit(1))]
    assert len(programme_ids) == 2
    numbers = count(1)

    def somebody(**facts: Any) -> Enrolment:
        return enrol(add_person(f"Ada{next(numbers)} Maes", Role.RESEARCHER), **facts)

    run_machine(TrackMachine, examples, enrol=staticmethod(somebody), programme_ids=programme_ids)
