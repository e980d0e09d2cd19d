"""Ten dead days: afterwards the ledger differs from an hourly one by late, superseded and missed, nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest
from flask import Flask
from sqlalchemy import delete, select

from dsbs.core.db import SYSTEM, db, write
from dsbs.mail.models import Message
from dsbs.programmes.tables.reminders import ReminderRule
from dsbs.reminders.dues import school_time
from dsbs.reminders.models import Reminder, ReminderLook
from dsbs.reminders.rules import USEFUL_DAYS, State
from dsbs.reminders.sweeping import tick
from tests.reminders.ledger import DAY, HOUR, add_rule, school, take_seat
from tests.support.cast import Cast
from tests.support.clock import Clock

pytestmark = pytest.mark.long

FIRST, LAST = school(25, 8, month=11), school(11, 20)
DIED, BACK = school(30, 8, 30, month=11), school(10, 9)


class Key(NamedTuple):
    """A step of somebody's ladder for one session."""

    event_id: int
    person_id: int
    leaves_at: datetime
    due_at: datetime


class End(NamedTuple):
    """What became of it."""

    state: State
    late: bool


def test_ten_dead_days_leave_nothing_but_late_superseded_and_missed(app: Flask, cast: Cast, clock: Clock) -> None:
    _ladder_of_three()
    with cast.at_once():
        people = [cast.person(f"Person Number{number}") for number in range(3)]
        courses = [cast.course(starts_in=timedelta(days=days, hours=days % 5)) for days in range(3, 23)]
    for course in courses:
        take_seat(course, *people, at=cast.now)

    hourly = _run(clock, lambda moment: True)
    _forget(clock)
    dead = _run(clock, lambda moment: not DIED <= moment < BACK)

    assert set(hourly.values()) == {End(State.QUEUED, late=False)}
    expected = {key: _expected(key, hourly) for key in hourly}
    assert {end.state for end in expected.values()} == {State.QUEUED, State.SUPERSEDED, State.MISSED}
    assert End(State.QUEUED, late=True) in expected.values()
    assert dead == expected


def _ladder_of_three() -> None:
    """Eight, four and one working day before; nothing else about sessions, so that no mails are merged."""
    for days in (8, 4):
        add_rule(f"{days}_before", "session_start", -days, "working_days", letter="session_tomorrow")
    with write(by=SYSTEM, why="Ended", at=FIRST) as session:
        other = session.scalars(select(ReminderRule).where(ReminderRule.occasion == "free_cancellation_end")).one()
        other.in_force_to = FIRST.date() - DAY


def _run(clock: Clock, is_alive: object) -> dict[Key, End]:
    assert callable(is_alive)
    for moment in _hours():
        if is_alive(moment):
            clock.move_to(moment)
            tick(lambda: clock.now)
    db.session.rollback()
    rows = db.session.scalars(select(Reminder))
    return {
        Key(row.event_id, row.person_id, row.leaves_at, row.due_at): End(row.state, row.late)
        for row in rows
        if row.due_at
    }


def _hours() -> Iterator[datetime]:
    """Eight and nine of each day; what counts in days leaves at eight, so that all later hours are like nine."""
    hours = (FIRST + number * HOUR for number in range((LAST - FIRST) // HOUR))
    return (moment for moment in hours if 8 <= moment.hour <= 9)


def _forget(clock: Clock) -> None:
    clock.move_to(FIRST)
    with write(by=SYSTEM, why="Forgot", at=FIRST) as session:
        for model in (Reminder, Message, ReminderLook):
            session.execute(delete(model))


def _expected(key: Key, hourly: dict[Key, End]) -> End:
    """The end of a step by the book: what fell into the silence is judged at the moment at which it ended."""
    if not DIED <= key.leaves_at < BACK:
        return End(State.QUEUED, late=False)
    time = school_time(db.session())
    is_late = key.leaves_at < time.begin(time.day(BACK))
    if key.due_at <= BACK or key.leaves_at < time.begin(time.day(BACK) - USEFUL_DAYS * DAY):
        return End(State.MISSED, late=True)
    is_overtaken = any(key[:2] == other[:2] and key.leaves_at < other.leaves_at <= BACK for other in hourly)
    return End(State.SUPERSEDED if is_overtaken else State.QUEUED, late=is_late)
