"""For how long a reminder may be late is said by its own rule, whatever becomes of the others; on both engines."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from dsbs.activities.models import ActivitySession
from dsbs.core.db import SYSTEM, db, write
from dsbs.programmes.tables.reminders import ReminderRule
from dsbs.reminders.rules import State
from tests.reminders.ledger import DAY, HOUR, add_rule, school, states, sweep_all, take_seat
from tests.support.cast import Cast
from tests.support.clock import Clock

COMING, TOMORROW = "free_cancellation_end_2_working_days_before", "session_start_1_working_days_before"


def _rule(code: str) -> ReminderRule:
    return db.session.scalars(select(ReminderRule).where(ReminderRule.code == code)).one()


def test_a_step_that_was_missed_does_not_overtake_one_that_is_still_useful(
    app: Flask, cast: Cast, clock: Clock
) -> None:
    add_rule("three_before", "session_start", -3, "days", letter="session_tomorrow", useful_days=5)
    with write(by=SYSTEM, why="Set", at=clock.now):
        _rule(TOMORROW).useful_days = 0
    course = cast.course(starts_in=school(10, 17) - cast.now)
    take_seat(course, cast.person("Britt Bauwens"), at=clock.now)
    clock.move_to(school(4, 9))
    sweep_all(clock)
    clock.move_to(school(10, 9))

    sweep_all(clock)

    assert sorted(states()) == [(TOMORROW, State.MISSED), ("three_before", State.QUEUED)]


def test_what_was_merged_into_a_mail_that_is_taken_back_is_told_for_as_long_as_its_rule_says(
    app: Flask, cast: Cast, clock: Clock
) -> None:
    add_rule("five_before", "free_cancellation_end", -5, "days", letter="still_coming", useful_days=5)
    with write(by=SYSTEM, why="Ended", at=clock.now):
        _rule(COMING).in_force_to = clock.now.date() - DAY
    course = cast.course(starts_in=school(10, 17) - cast.now)
    with write(by=SYSTEM, why="Set", at=clock.now) as session:
        session.get_one(ActivitySession, course.id).free_cancellation_until = school(10, 17)
    take_seat(course, cast.person("Britt Bauwens"), at=clock.now)
    clock.move_to(school(9, 9))
    sweep_all(clock)
    assert sorted(states()) == [("five_before", State.MERGED), (TOMORROW, State.QUEUED)]
    with write(by=SYSTEM, why="Moved", at=clock.now) as session:
        moved = session.get_one(ActivitySession, course.id)
        moved.ends_at += 7 * DAY
        moved.starts_at += 7 * DAY

    for _ in range(2):
        clock.advance(HOUR)
        sweep_all(clock)

    assert sorted(states()) == [("five_before", State.QUEUED), (TOMORROW, State.WITHDRAWN)]
