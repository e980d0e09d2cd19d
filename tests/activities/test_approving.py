"""Seats that the coordinator approves, seats that are kept for a programme, and who is invited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.accounts.models import Person
from dsbs.activities import queries, sweeping
from dsbs.activities.models import Activity, ActivitySession
from dsbs.activities.rules import RegistrationState
from dsbs.activities.rules.conditions import Condition, ConditionKind
from dsbs.activities.rules.pools import Reservation
from dsbs.activities.rules.requirements import Requirement
from dsbs.activities.service import inviting, offering, registering
from dsbs.activities.service.offering import ActivityText
from dsbs.agenda.models import Commitment
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import NotFound, Refused
from tests.activities.line import answer, ask, decide, letters_to, registration
from tests.support.cast import Cast
from tests.support.clock import Clock

APPROVAL = Condition(ConditionKind.APPROVAL)
REQUESTED, WAITING, REGISTERED = RegistrationState.REQUESTED, RegistrationState.WAITING, RegistrationState.REGISTERED


class Asking:
    """A course that the coordinator approves, and people who asked for its seats one after the other."""

    def __init__(self, cast: Cast, clock: Clock, people: int, *, capacity: int = 1) -> None:
        self.clock = clock
        self.course_id = cast.course(capacity=capacity, conditions=[APPROVAL]).id
        self.people = [cast.person(f"Person Number{number}").id for number in range(people)]
        self.parts = [ask(self.course_id, person_id, clock).registration_id for person_id in self.people]

    def answer(self, verb: str, who: int) -> None:
        decide(verb, self.course_id, self.parts[who], self.clock)

    def take_back(self, who: int) -> None:
        answer("cancel", self.parts[who], self.people[who], self.clock)

    def states(self) -> list[RegistrationState]:
        return [registration(part).state for part in self.parts]


def test_who_asks_has_a_ticket_and_no_seat_until_the_coordinator_says_yes(app: Flask, cast: Cast, clock: Clock) -> None:
    asking = Asking(cast, clock, 1)
    asked = registration(asking.parts[0])
    assert (asked.state, asked.ticket, asked.number) == (REQUESTED, 1, None)

    asking.answer("approve", 0)

    approved = registration(asking.parts[0])
    assert (approved.state, approved.number) == (REGISTERED, 1)
    assert letters_to(asking.people[0]) == ["requested", "approved"]
    assert db.session.scalars(select(Commitment).where(Commitment.person_id == asking.people[0])).all()


def test_who_is_approved_when_all_seats_are_taken_waits_before_those_who_asked_later(
    app: Flask, cast: Cast, clock: Clock
) -> None:
    asking = Asking(cast, clock, 3)
    for who in (1, 2, 0):
        asking.answer("approve", who)
    assert asking.states() == [WAITING, REGISTERED, WAITING]

    asking.take_back(1)

    assert asking.states()[0] is RegistrationState.OFFERED
    assert asking.states()[2] is WAITING


def test_who_is_refused_reads_why_and_may_ask_again(app: Flask, cast: Cast, clock: Clock) -> None:
    asking = Asking(cast, clock, 1)

    asking.answer("refuse", 0)

    refused = registration(asking.parts[0])
    assert (refused.state, refused.reason) == (RegistrationState.REFUSED, "No")
    assert letters_to(asking.people[0]) == ["requested", "refused"]
    assert registration(ask(asking.course_id, asking.people[0], clock).registration_id).state is REQUESTED


def test_a_request_is_answered_once(app: Flask, cast: Cast, clock: Clock) -> None:
    asking = Asking(cast, clock, 1)
    asking.answer("approve", 0)

    with pytest.raises(Refused, match="answered or taken back already"):
        asking.answer("refuse", 0)


def test_who_asked_takes_the_request_back(app: Flask, cast: Cast, clock: Clock) -> None:
    asking = Asking(cast, clock, 1)

    asking.take_back(0)

    assert asking.states() == [RegistrationState.WITHDRAWN]
    assert letters_to(asking.people[0]) == ["requested", "withdrawn"]


def test_who_asked_and_is_added_by_hand_has_the_seat(app: Flask, cast: Cast, clock: Clock) -> None:
    asking = Asking(cast, clock, 1)

    with write(by=SYSTEM, why="Added", at=clock.now) as session:
        people = [session.get_one(Person, asking.people[0])]
        registering.add(session, session_id=asking.course_id, people=people, reason="", now=clock.now)

    assert (asking.states(), registration(asking.parts[0]).number) == ([REGISTERED], 1)


def test_a_request_ends_when_the_session_begins_and_she_is_told(app: Flask, cast: Cast, clock: Clock) -> None:
    asking = Asking(cast, clock, 2)
    asking.answer("approve", 0)
    assert sweeping.end_late_requests(lambda: clock.now) == 0
    clock.advance(timedelta(days=16))

    with pytest.raises(Refused, match="has begun"):
        asking.answer("approve", 1)
    assert [sweeping.end_late_requests(lambda: clock.now) for _ in range(2)] == [1, 0]

    assert asking.states() == [REGISTERED, RegistrationState.EXPIRED]
    assert letters_to(asking.people[1]) == ["requested", "request_expired"]


def test_a_request_of_another_session_is_not_found(app: Flask, cast: Cast, clock: Clock) -> None:
    asking, other = Asking(cast, clock, 1), cast.course(title="Another")

    with pytest.raises(NotFound):
        decide("approve", other.id, asking.parts[0], clock)


# ---- Seats that are kept for a programme ----


class Kept:
    """A course of two seats, one of which is kept for CARDIO for ten days."""

    def __init__(self, cast: Cast, clock: Clock) -> None:
        self.cardio, self.neuro = cast.programme("CARDIO").id, cast.programme("NEURO").id
        self.until = clock.now + timedelta(days=10)
        self.clock = clock
        reservation = Reservation(self.cardio, 1, self.until)
        self.course_id = cast.course(capacity=2, reservations=[reservation]).id
        self.people = [cast.person(f"Person Number{number}").id for number in range(4)]

    def come(self, who: int, programme_id: int) -> int:
        return ask(self.course_id, self.people[who], self.clock, programme_id).registration_id


def test_a_kept_seat_is_not_given_to_others_and_goes_to_its_programme(app: Flask, cast: Cast, clock: Clock) -> None:
    kept = Kept(cast, clock)
    first, second = kept.come(0, kept.neuro), kept.come(1, kept.neuro)
    own = kept.come(2, kept.cardio)

    assert [registration(part).state for part in (first, second, own)] == [REGISTERED, WAITING, REGISTERED]
    assert registration(own).number == 2


def test_kept_seats_that_nobody_took_are_offered_to_who_waits_when_their_time_is_over(
    app: Flask, cast: Cast, clock: Clock
) -> None:
    kept = Kept(cast, clock)
    kept.come(0, kept.neuro)
    second, third = kept.come(1, kept.neuro), kept.come(2, kept.neuro)
    clock.move_to(kept.until - timedelta(seconds=1))
    assert sweeping.merge_kept_seats(lambda: clock.now) == 0
    clock.move_to(kept.until)

    late = kept.come(3, kept.cardio)
    assert [sweeping.merge_kept_seats(lambda: clock.now) for _ in range(2)] == [1, 0]

    states = [registration(part).state for part in (second, third, late)]
    assert states == [RegistrationState.OFFERED, WAITING, WAITING]


def test_keeping_seats_later_takes_nobodys_seat(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id = cast.course(capacity=2).id
    people = [cast.person(f"Person Number{number}").id for number in range(2)]
    parts = [ask(course_id, person_id, clock).registration_id for person_id in people]
    with write(by=SYSTEM, why="Kept", at=clock.now) as session:
        offered = queries.session_in_full(session, course_id)
        plan = offering.plan_of(offered)
        until = clock.now + timedelta(days=1)
        kept = [Reservation(cast.programme("CARDIO").id, 2, until)]
        changed = offering.SessionPlan(
            mode=plan.mode, capacity=plan.capacity, meetings=plan.meetings, reservations=kept
        )
        offering.edit_session(session, session_id=course_id, revision=1, plan=changed, now=clock.now)

    assert [registration(part).state for part in parts] == [REGISTERED, REGISTERED]


# ---- Conditions of an activity, and its list of invited people ----


def conditions_of(activity_id: int) -> list[tuple[ConditionKind, int | None, int | None]]:
    db.session.rollback()
    rows = queries.activity_in_full(db.session(), activity_id).conditions
    return sorted((found.kind, found.programme_id, found.first_year) for found in rows)


def edit(course: ActivitySession, conditions: Sequence[Condition], clock: Clock) -> None:
    activity = course.activity
    with write(by=SYSTEM, why="Changed", at=clock.now) as session:
        text = ActivityText(
            title="Writing",
            kind="skills_academic",
            language="en",
            description="",
            hours=None,
            credits=None,
            programmes=(),
            requirements=[Requirement((condition,)) for condition in conditions],
        )
        seen = session.get_one(Activity, activity.id).revision
        offering.edit_activity(session, activity_id=activity.id, revision=seen, text=text, now=clock.now)


def test_conditions_are_added_changed_and_taken_away(app: Flask, cast: Cast, clock: Clock) -> None:
    course, cardio = cast.course(), cast.programme("CARDIO").id
    years = Condition(ConditionKind.YEARS, first_year=1, last_year=2)

    edit(course, [cast.only("CARDIO", "NEURO"), years], clock)
    edit(course, [cast.only("CARDIO"), Condition(ConditionKind.YEARS, first_year=3), APPROVAL], clock)

    assert conditions_of(course.activity_id) == [
        (ConditionKind.APPROVAL, None, None),
        (ConditionKind.PROGRAMMES, cardio, None),
        (ConditionKind.YEARS, None, 3),
    ]


def test_an_invitation_is_mailed_once_to_each_person_on_the_list(app: Flask, cast: Cast, clock: Clock) -> None:
    course = cast.course(conditions=[Condition(ConditionKind.INVITED)])
    britt, hugo = cast.person("Britt Bauwens"), cast.person("Hugo Coppens")

    def invite(*people: Person) -> int:
        with write(by=SYSTEM, why="Invited", at=clock.now) as session:
            inviting.invite(session, activity_id=course.activity_id, people=people)
        with write(by=SYSTEM, why="Mailed", at=clock.now) as session:
            return inviting.tell_invited(session, activity_id=course.activity_id, now=clock.now)

    assert [invite(britt), invite(britt, hugo), invite(hugo)] == [1, 1, 0]
    assert [letters_to(britt.id), letters_to(hugo.id)] == [["invited"], ["invited"]]


def test_an_invitation_waits_for_a_session_to_come(app: Flask, cast: Cast, clock: Clock) -> None:
    draft = cast.course(published=False)
    with pytest.raises(Refused, match="No session is to come"), write(by=SYSTEM, why="x", at=clock.now) as session:
        inviting.tell_invited(session, activity_id=draft.activity_id, now=clock.now)
