"""Taking a meeting away from a session that goes on."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from dsbs.activities.attending import Presence
from tests.activities.moving import edit, plan_now
from tests.activities.ticking import meetings_of, seat, tick
from tests.support.cast import Cast
from tests.support.clock import Clock


def test_a_meeting_whose_ticks_were_taken_back_can_go(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, ada = cast.course(meetings=2).id, cast.person("Ada Eerste")
    seat(course_id, ada, clock=clock)
    _first, second = meetings_of(course_id)
    clock.advance(timedelta(days=23))
    tick(second, {ada.id: Presence.PRESENT}, clock=clock)
    tick(second, {ada.id: None}, shown={ada.id: Presence.PRESENT}, clock=clock)

    edit(course_id, clock, meetings=plan_now(course_id).meetings[:1])

    assert len(meetings_of(course_id)) == 1
