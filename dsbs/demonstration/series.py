"""A series of the demonstration school: ten Tuesdays of Cardio, one of them moved, the later ones not published yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from dsbs.activities.models import ActivitySession
from dsbs.activities.repeating import outlook
from dsbs.activities.rules.rhythms import Rhythm, days_after
from dsbs.activities.service import following, offering, repeating
from dsbs.agenda.models import Venue
from dsbs.core.access import Role
from dsbs.demonstration.open_ends import PROGRAMME, Open, plan_open
from dsbs.demonstration.people import People
from dsbs.demonstration.publishing import publish
from dsbs.demonstration.seats import Seats

TITLE = "Writing circle on Tuesdays"
_CIRCLE = Open(TITLE, "seminar_series", 0, 13, 12, filling=0.7)
_TUESDAY, _WEEKS, _PUBLISHED, _MOVED = 1, 9, 6, 3


def come_back_on_tuesdays(
    session: Session, people: People, room: Venue, seats: Seats, now: datetime, today: date
) -> int:
    """Ten weeks from the Tuesday after next, but for days on which the school is closed or the room taken; the id.

    A supervisor teaches all of them, none of the shown ones: each of those shows one role.
    """
    tuesday = today + timedelta(days=(_TUESDAY - today.weekday()) % 7 + 7)
    first = plan_open(session, _CIRCLE, tuesday, room, now)
    for made in _all_of(session, first, now)[:_PUBLISHED]:
        publish(session, made, now)
        seats.fill(session, made, programmes=[PROGRAMME], filling=_CIRCLE.filling)
    teacher = next(person for person in people.supervisors if person is not people.shown[Role.SUPERVISOR])
    following.name_for_following(session, session_id=first.id, person=teacher, left_out=(), now=now, today=today)
    return first.series_id or 0


def _all_of(session: Session, first: ActivitySession, now: datetime) -> Sequence[ActivitySession]:
    day = first.starts_at.date()
    days = days_after(day, day + timedelta(weeks=_WEEKS), Rhythm.WEEK, since=day)
    free = [one.day for one in outlook(session, first, days, now=now, language="en") if one.is_free]
    again = repeating.repeat_session(
        session, session_id=first.id, days=free, rhythm=Rhythm.WEEK, publish=False, now=now
    )
    _move_to_the_evening(session, again[_MOVED], now)
    return [first, *again]


def _move_to_the_evening(session: Session, made: ActivitySession, now: datetime) -> None:
    plan, later = offering.plan_of(made), timedelta(hours=4)
    meetings = [
        replace(meeting, start=meeting.start + later, end=meeting.end + later, venue_id=None)
        for meeting in plan.meetings
    ]
    moved = replace(plan, meetings=meetings, online_link="https://meet.school.example/circle")
    offering.edit_session(session, session_id=made.id, revision=made.revision, plan=moved, now=now)
