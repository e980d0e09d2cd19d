"""What is done with many people at once takes as many statements for thirty as for three, and whatever the meetings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.accounts.models import Person
from dsbs.activities import standing
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import Mode, RegistrationState
from dsbs.activities.service import approving, inviting, making_room, offering, registering, teaching, waiting
from dsbs.core.db import SYSTEM, write
from tests.support.cast import Cast
from tests.support.clock import Clock
from tests.support.statements import statements

FEW, MANY = 3, 30


class Crowd:
    """People who come to a course, all of them for the same reason; somebody teaches it who has no seat in it."""

    def __init__(self, session: Session, cast: Cast, people: Sequence[int], teacher: int, meetings: int) -> None:
        self._session, self.people, self.now = session, people, cast.now
        self.course_id = cast.course(capacity=MANY, meetings=meetings).id
        teaches = session.get_one(Person, teacher)
        teaching.name_organiser(session, session_id=self.course_id, person=teaches, today=cast.today)

    def sit(self, people: Collection[int]) -> None:
        here = rows(self._session, people)
        registering.take_seats(self._session, session_id=self.course_id, people=here, now=self.now)

    def line_up(self, people: Collection[int], state: RegistrationState = RegistrationState.WAITING) -> None:
        ticket, enrolled = standing.next_ticket(self._session, self.course_id), dict.fromkeys(people)
        about = {"session_id": self.course_id, "people": enrolled, "ticket": ticket, "state": state}
        waiting.line_up(self._session, now=self.now, **about)  # type: ignore[arg-type]


def rows(session: Session, people: Collection[int]) -> Sequence[Person]:
    return session.scalars(select(Person).where(Person.id.in_(people))).all()


#: What is done, and counted; it gives something where it did it.
Deed = Callable[[Session], object]


def call_off(crowd: Crowd, session: Session) -> Deed:
    """A session in which every second one waits."""
    for number, person_id in enumerate(crowd.people):
        (crowd.line_up if number % 2 else crowd.sit)([person_id])
    return lambda session: offering.cancel_session(session, session_id=crowd.course_id, reason="Ill", now=crowd.now)


def offer(crowd: Crowd, session: Session) -> Deed:
    crowd.line_up(crowd.people)
    return lambda session: waiting.serve(session, session_id=crowd.course_id, now=crowd.now)


def lapse(crowd: Crowd, session: Session) -> Deed:
    crowd.line_up(crowd.people)
    waiting.serve(session, session_id=crowd.course_id, now=crowd.now)
    late = crowd.now + timedelta(days=15)
    return lambda session: waiting.lapse(session, session_id=crowd.course_id, now=late)


def take_in(crowd: Crowd, session: Session) -> Deed:
    """A session that counts no seats any more takes in who waits."""
    crowd.line_up(crowd.people)
    offered = session.get_one(ActivitySession, crowd.course_id)
    offered.mode, offered.capacity = Mode.COUNT, None
    return lambda session: waiting.serve(session, session_id=crowd.course_id, now=crowd.now)


def expire(crowd: Crowd, session: Session) -> Deed:
    crowd.line_up(crowd.people, RegistrationState.REQUESTED)
    late = crowd.now + timedelta(days=16)
    return lambda session: approving.expire(session, session_id=crowd.course_id, now=late)


def add(crowd: Crowd, session: Session) -> Deed:
    """By hand; who finds no seat is put on the list."""
    session.get_one(ActivitySession, crowd.course_id).capacity = len(crowd.people) // 2
    about = {"session_id": crowd.course_id, "reason": "", "now": crowd.now}
    return lambda session: making_room.add_or_line_up(session, people=rows(session, crowd.people), **about)  # type: ignore[arg-type]


def tell_of_move(crowd: Crowd, session: Session) -> Deed:
    crowd.sit(crowd.people)
    return lambda session: offering.tell_of_move(
        session, offered=session.get_one(ActivitySession, crowd.course_id), now=crowd.now
    )


def invite(crowd: Crowd, session: Session) -> Deed:
    activity_id = session.get_one(ActivitySession, crowd.course_id).activity_id
    inviting.invite(session, activity_id=activity_id, people=rows(session, crowd.people))
    return lambda session: inviting.tell_invited(session, activity_id=activity_id, now=crowd.now)


@pytest.mark.parametrize("deed", [call_off, offer, lapse, take_in, expire, add, tell_of_move, invite])
def test_many_people_and_meetings_take_as_many_statements_as_few(
    app: Flask, cast: Cast, clock: Clock, deed: Callable[[Crowd, Session], Deed]
) -> None:
    with cast.at_once():
        people = [cast.person(f"Person Number{number}").id for number in range(MANY)]
        teacher = cast.person("Tess Tielemans").id

    def counted(many: int, meetings: int) -> int:
        with cast.at_once() as session:
            act = deed(Crowd(session, cast, people[:many], teacher, meetings), session)
        with write(by=SYSTEM, why="Did it", at=clock.now) as session, statements() as sent:
            assert act(session)
            session.flush()
        return len(sent)

    counted(FEW, 1)  # what is asked once and kept is known from here on
    assert counted(FEW, 1) == counted(MANY, 1) == counted(FEW, 5)
