"""Offers of a session that begins, or closes, earlier than it did when they were made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask

from dsbs.activities.models import Registration
from dsbs.activities.rules import RegistrationState, SessionPlan
from dsbs.core.db import SYSTEM, write
from dsbs.core.refusals import Refused
from tests.activities.line import Line, programmes_loaded, registration
from tests.activities.moving import edit, later, plan_now
from tests.support.cast import Cast
from tests.support.clock import Clock


def _begins_earlier(plan: SessionPlan) -> SessionPlan:
    return replace(plan, meetings=[later(meeting, days=-15) for meeting in plan.meetings])


def _closes_earlier(plan: SessionPlan) -> SessionPlan:
    return replace(plan, closes_at=plan.meetings[0].start - timedelta(days=15))


@pytest.mark.parametrize("earlier", [_begins_earlier, _closes_earlier])
def test_an_offer_lapses_with_the_session_that_was_moved_earlier(
    app: Flask, cast: Cast, clock: Clock, earlier: Callable[[SessionPlan], SessionPlan]
) -> None:
    line = Line(cast, clock, waiting=1)
    line.answer("cancel", 0)
    plan = earlier(plan_now(line.course_id))

    edit(line.course_id, clock, meetings=plan.meetings, closes_at=plan.closes_at)

    until = plan.closes_at or plan.meetings[0].start
    assert registration(line.parts[1]).offered_until == until
    clock.move_to(until)
    with pytest.raises(Refused, match="This offer lapsed"):
        line.answer("accept", 1)


def test_an_offer_that_ends_before_the_session_stays_as_long_as_promised(app: Flask, cast: Cast, clock: Clock) -> None:
    programmes_loaded(clock)
    line = Line(cast, clock, waiting=1)
    line.answer("cancel", 0)
    promised = registration(line.parts[1]).offered_until

    edit(line.course_id, clock, meetings=[later(meeting, days=-1) for meeting in plan_now(line.course_id).meetings])

    assert registration(line.parts[1]).offered_until == promised


def test_no_offer_is_taken_once_the_session_has_begun(app: Flask, cast: Cast, clock: Clock) -> None:
    line = Line(cast, clock, waiting=1)
    line.answer("cancel", 0)
    with write(by=SYSTEM, why="Held beyond the beginning", at=clock.now) as session:
        own = session.get_one(Registration, line.parts[1])
        begins: datetime = own.session.starts_at
        own.offered_until = begins + timedelta(days=1)
    clock.move_to(begins)

    with pytest.raises(Refused, match="This offer lapsed"):
        line.answer("accept", 1)
    assert line.state(1) is RegistrationState.OFFERED
