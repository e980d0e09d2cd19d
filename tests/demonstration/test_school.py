"""The school to try is one in which the program's own rules hold."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from dsbs.activities.models import Meeting
from dsbs.core import clock as clocks
from dsbs.core.db import SYSTEM, write
from dsbs.demonstration.school import make_school
from dsbs.programmes import queries as programmes
from dsbs.programmes import service as programme_service

pytestmark = pytest.mark.long

NOVEMBER, APRIL = datetime(2026, 11, 23, 9, tzinfo=UTC), datetime(2027, 4, 12, 9, tzinfo=UTC)


def test_each_shown_sign_in_holds_the_one_role_that_it_shows(sqlite_app):
    with write(by=SYSTEM, why="Made the demonstration school", at=NOVEMBER) as session:
        programme_service.load_defaults(session)
        people = make_school(session, now=NOVEMBER, today=NOVEMBER.date(), kept_password="kept")
    assert {role: {grant.role for grant in person.grants} for role, person in people.shown.items()} == {
        role: {role} for role in people.shown
    }


@pytest.mark.parametrize("now", [NOVEMBER, APRIL], ids=["before Christmas", "among the holidays of spring"])
def test_nobody_meets_on_a_day_on_which_the_school_is_closed(sqlite_app, now):
    with write(by=SYSTEM, why="Made the demonstration school", at=now) as session:
        programme_service.load_defaults(session)
        make_school(session, now=now, today=clocks.local(now).date(), kept_password="kept")
    closed = programmes.closed_calendar(session)
    days = [clocks.local(meeting.slot.start).date() for meeting in session.scalars(select(Meeting))]
    assert (len(days) > 100, [day for day in days if day in closed]) == (True, [])
