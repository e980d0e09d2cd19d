"""A demonstration that is made at night has reminders as well, noted by the engine itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from dsbs.core import clock as school
from dsbs.core.db import db
from dsbs.demonstration.commands import create
from dsbs.programmes.commands import defaults
from dsbs.reminders.models import Reminder
from dsbs.reminders.rules import State
from tests.support.clock import Clock

pytestmark = pytest.mark.long

NIGHT = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)


def test_a_school_that_is_made_at_night_has_reminded_people_by_day(sqlite_app: Flask, clock: Clock) -> None:
    clock.move_to(NIGHT)
    runner = sqlite_app.test_cli_runner()
    runner.invoke(defaults, ["load"], catch_exceptions=False)
    made = runner.invoke(create, catch_exceptions=False)

    noted = dict(db.session.execute(select(Reminder.state, func.count()).group_by(Reminder.state)).all())
    hours = {school.local(moment).hour for moment in db.session.scalars(select(Reminder.leaves_at))}
    assert made.exit_code == 0
    assert noted[State.QUEUED] > 20
    assert hours <= set(range(8, 20))
