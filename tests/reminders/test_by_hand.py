"""Reminding at once: counted as the rule's own, never twice on a day, never about what is over."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.core.db import SYSTEM, Actor, db, write
from dsbs.core.feature import features
from dsbs.mail.models import Message
from dsbs.reminders import service
from dsbs.reminders.models import Reminder
from dsbs.reminders.occasions import occasions_of
from dsbs.reminders.rules import Cadence, State
from tests.reminders.ledger import add_rule, school, states, sweep_all, take_seat
from tests.support.cast import Cast
from tests.support.clock import Clock

TOMORROW = "session_start_1_working_days_before"
ROGER = Actor(id=None, name="Roger Meunier")


class Stage:
    """Britt and Hugo have a seat in a course on Thu 10 Dec."""

    def __init__(self, cast: Cast, clock: Clock) -> None:
        self.clock = clock
        course = cast.course(starts_in=school(10, 17) - cast.now)
        self.course_id = course.id
        self.britt, self.hugo = cast.person("Britt Bauwens").id, cast.person("Hugo Coppens").id
        people = [db.session.get_one(type(cast.supervisor()), one) for one in (self.britt, self.hugo)]
        take_seat(course, *people, at=cast.now)

    def remind(self, *people: int, occasion: str = "session_start") -> list[int]:
        with write(by=ROGER, why="Reminded by hand", at=self.clock.now) as session:
            return service.remind_now(
                session,
                occasions_of(features()),
                occasion=occasion,
                event_id=self.course_id,
                person_ids=people,
                by=ROGER,
                now=self.clock.now,
            ).told


@pytest.fixture
def stage(cast: Cast, clock: Clock) -> Stage:
    """Two people in a course."""
    return Stage(cast, clock)


def test_who_is_chosen_gets_the_mail_at_once_and_not_again(app: Flask, stage: Stage, clock: Clock) -> None:
    assert stage.remind(stage.britt) == [stage.britt]
    db.session.rollback()
    assert db.session.scalars(select(Message.template)).all() == ["activities/session_tomorrow"]
    assert db.session.scalars(select(Reminder.by_name)).all() == ["Roger Meunier"]

    clock.move_to(school(9, 9))
    sweep_all(clock)

    db.session.rollback()
    assert sorted(db.session.scalars(select(Reminder.person_id))) == [stage.britt, stage.hugo]


def test_a_second_time_sends_the_next_step_on_another_day(app: Flask, stage: Stage, clock: Clock) -> None:
    add_rule("five_before", "session_start", -5, "days", letter="session_tomorrow")

    assert stage.remind(stage.britt) == [stage.britt]
    assert stage.remind(stage.britt) == []
    clock.advance(timedelta(days=1))
    assert stage.remind(stage.britt) == [stage.britt]
    clock.advance(timedelta(days=1))
    assert stage.remind(stage.britt) == []

    assert states() == [("five_before", State.QUEUED), (TOMORROW, State.QUEUED)]


def test_who_is_not_in_it_and_what_has_begun_or_is_unknown_is_passed_over(
    app: Flask, cast: Cast, stage: Stage, clock: Clock
) -> None:
    assert stage.remind(cast.person("Ada Elsewhere").id) == []
    assert stage.remind(stage.britt, occasion="milestone_due") == []
    clock.move_to(school(10, 18))
    assert stage.remind(stage.britt) == []


def test_reminding_by_hand_and_the_sweep_at_the_same_moment_send_one_mail(
    app: Flask, stage: Stage, clock: Clock
) -> None:
    clock.move_to(school(9, 9))
    start = threading.Barrier(4)

    def one(number: int) -> None:
        start.wait()
        with app.app_context():
            if number % 2:
                stage.remind(stage.britt, stage.hugo)
            else:
                sweep_all(clock)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(4)))

    assert states() == [(TOMORROW, State.QUEUED)] * 2
    assert len(db.session.scalars(select(Message)).all()) == 2


def test_reminding_by_hand_between_noting_and_queueing_sends_the_step_that_was_sent_by_hand_only(
    app: Flask, stage: Stage, clock: Clock
) -> None:
    add_rule("two_hours_before", "session_start", -2, "hours", letter="session_tomorrow")
    clock.move_to(school(9, 9))
    with write(by=SYSTEM, why="Noted", at=clock.now) as session:
        service.note(session, occasions_of(features()), cadence=Cadence.HOURLY, now=clock.now)
    assert stage.remind(stage.britt) == [stage.britt]

    with write(by=SYSTEM, why="Queued", at=clock.now) as session:
        assert service.queue_due(session, occasions_of(features()), now=clock.now) == 1

    assert sorted(states()) == [
        (TOMORROW, State.QUEUED),
        (TOMORROW, State.SUPERSEDED),
        ("two_hours_before", State.QUEUED),
    ]
