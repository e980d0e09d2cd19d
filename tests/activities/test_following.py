"""A change of one session goes on to those that follow: where it was made, to all of them or to none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from dsbs.activities.following import Chosen
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import MeetingPlan, Mode, SessionPlan, SessionState
from dsbs.activities.rules.series import Aspect, carried_over, changed_aspects, values_of
from dsbs.activities.service import following, offering
from dsbs.agenda.models import Slot
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import Refused
from dsbs.mail.models import Message
from dsbs.programmes import service as programmes
from dsbs.programmes.rules import Mark
from tests.activities.weekly import Weekly, at
from tests.support.cast import Cast
from tests.support.clock import Clock

BRUSSELS = ZoneInfo("Europe/Brussels")


def session_on(day: date, start: time, end: time, **more: object) -> SessionPlan:
    """A session of one meeting on this day, between these times of the clocks in Brussels."""
    begins, ends = (datetime.combine(day, at, BRUSSELS).astimezone(UTC) for at in (start, end))
    return SessionPlan(mode=Mode.SEAT, capacity=20, meetings=[MeetingPlan(start=begins, end=ends)], **more)  # type: ignore[arg-type]


_DAYS = st.dates(date(2020, 1, 6), date(2040, 1, 1))
_HOURS = st.times(time(7), time(15)).map(lambda at: at.replace(second=0, microsecond=0))


@given(_DAYS, _HOURS, _HOURS, st.integers(-3, 14), st.integers(1, 30), st.integers(0, 30))
def test_days_and_hours_go_on_by_the_clocks_of_the_school_in_summer_and_in_winter(
    day: date, was: time, then: time, shift: int, weeks: int, open_days: int
) -> None:
    follows = day + timedelta(weeks=weeks)
    before = session_on(day, was, time(17))
    opens = datetime.combine(day - timedelta(days=open_days + 4), time(9), BRUSSELS)
    after = session_on(day + timedelta(days=shift), then, time(16), opens_at=opens)

    changed = changed_aspects(before, after, BRUSSELS)
    plan = carried_over(session_on(follows, was, time(17)), before=before, after=after, aspects=changed, zone=BRUSSELS)

    new_day = follows + timedelta(days=shift)
    assert plan.meetings == session_on(new_day, then, time(16)).meetings
    assert plan.opens_at == datetime.combine(new_day - timedelta(days=open_days + 4 + shift), time(9), BRUSSELS)
    assert values_of(plan, BRUSSELS) == values_of(after, BRUSSELS)


@given(_DAYS, _HOURS, st.integers(1, 30))
def test_what_an_edit_does_not_change_stays_as_each_session_has_it(day: date, was: time, weeks: int) -> None:
    before = session_on(day, was, time(17), closes_at=datetime.combine(day, time(6), BRUSSELS))
    other = session_on(day + timedelta(weeks=weeks, days=1), time(8), time(10), online_link="https://meet.example")

    changed = changed_aspects(before, replace(before, capacity=25), BRUSSELS)

    assert changed == {Aspect.SEATS}
    carried = carried_over(other, before=before, after=replace(before, capacity=25), aspects=changed, zone=BRUSSELS)
    assert carried == replace(other, capacity=25)


@pytest.fixture
def weekly(app: Flask, cast: Cast, clock: Clock) -> Weekly:
    """Four Thursdays: 10, 17, 24 and 31 Dec 2026."""
    return Weekly(cast, clock)


def test_hours_change_in_all_that_follow_and_in_none_before(weekly: Weekly) -> None:
    weekly.change_from(1, meetings=weekly.meetings(1, hours=4))

    assert weekly.begins() == ["10.12. 10:00", "17.12. 14:00", "24.12. 14:00", "31.12. 14:00"]


def test_all_move_by_a_week_at_once_each_into_the_room_that_the_next_one_leaves(weekly: Weekly) -> None:
    weekly.change_from(0, meetings=weekly.meetings(0, weeks=1))

    assert weekly.begins() == ["17.12. 10:00", "24.12. 10:00", "31.12. 10:00", "07.01. 10:00"]
    assert {weekly.now(place).meetings[0].slot.venue_id for place in range(4)} == {weekly.room.id}


def test_registration_closes_as_long_before_each_of_them(weekly: Weekly) -> None:
    weekly.change_from(0, closes_at=at(date(2026, 12, 8), 18))

    closes = [weekly.now(place).closes_at for place in range(4)]
    assert closes == [at(date(2026, 12, 8) + timedelta(weeks=week), 18) for week in range(4)]


def test_another_meeting_is_added_to_each(weekly: Weekly) -> None:
    (meeting,) = weekly.meetings(0)
    second = replace(meeting, start=meeting.start + timedelta(days=1), end=meeting.end + timedelta(days=1))

    weekly.change_from(0, meetings=[meeting, second])

    assert [len(weekly.now(place).meetings) for place in range(4)] == [2, 2, 2, 2]


def test_one_that_differed_before_is_told_and_left(weekly: Weekly) -> None:
    weekly.change_alone(2, capacity=12)

    done = weekly.change_from(1, capacity=40)

    assert weekly.capacities() == [30, 40, 12, 40]
    assert [list(one.becoming.differs) for one in done.values()] == [[], [Aspect.SEATS], []]


def test_one_that_differed_follows_once_it_is_ticked(weekly: Weekly) -> None:
    weekly.change_alone(2, capacity=12)

    weekly.change_from(1, capacity=40, chosen=Chosen(also={(weekly.ids[2], Aspect.SEATS)}))

    assert weekly.capacities() == [30, 40, 40, 40]


def test_one_that_differs_in_something_else_follows(weekly: Weekly) -> None:
    weekly.change_alone(2, online_link="https://meet.example/1")

    weekly.change_from(1, capacity=40)

    assert weekly.capacities() == [30, 40, 40, 40]
    assert weekly.now(2).online_link == "https://meet.example/1"


def test_one_that_was_moved_to_another_day_keeps_it_when_hours_change(weekly: Weekly) -> None:
    weekly.change_alone(2, meetings=weekly.meetings(2, days=-1))

    weekly.change_from(0, meetings=weekly.meetings(0, hours=1))

    assert weekly.begins() == ["10.12. 11:00", "17.12. 11:00", "23.12. 11:00", "31.12. 11:00"]


def test_what_was_left_out_stays(weekly: Weekly) -> None:
    weekly.change_from(0, capacity=40, chosen=Chosen(left_out=[weekly.ids[2]]))

    assert weekly.capacities() == [40, 40, 30, 40]


def test_a_session_that_was_called_off_is_never_touched(weekly: Weekly, clock: Clock) -> None:
    with write(by=SYSTEM, why="Called off", at=clock.now) as session:
        offering.cancel_session(session, session_id=weekly.ids[2], reason="Ill", now=clock.now)

    done = weekly.change_from(0, capacity=40)

    assert weekly.capacities() == [40, 40, 30, 40]
    assert list(done) == [0, 1, 3]


def test_one_that_finds_its_room_taken_is_told_with_what_stands_there_and_left(weekly: Weekly, cast: Cast) -> None:
    cast.course(title="Other", venue=weekly.room, starts_in=timedelta(days=23, hours=4))

    done = weekly.change_from(0, meetings=weekly.meetings(0, hours=4))

    assert "“Other”" in str(done[1].becoming.refusal)
    assert weekly.begins() == ["10.12. 14:00", "17.12. 10:00", "24.12. 14:00", "31.12. 14:00"]


def test_who_wants_the_room_of_one_that_stays_is_told_so_too(weekly: Weekly) -> None:
    done = weekly.change_from(0, meetings=weekly.meetings(0, weeks=1), chosen=Chosen(left_out=[weekly.ids[3]]))

    # 24 Dec cannot go to the 31st, which stays; so 17 Dec cannot go to the 24th, and 10 Dec not to the 17th.
    assert [bool(one.becoming.refusal) for one in done.values()] == [True, True, True, False]
    assert weekly.begins() == ["10.12. 10:00", "17.12. 10:00", "24.12. 10:00", "31.12. 10:00"]


@pytest.fixture
def winter(app: Flask, clock: Clock, weekly: Weekly) -> None:
    """24 Dec is a closed day called Winter."""
    with write(by=SYSTEM, why="Closed", at=clock.now) as session:
        programmes.add_closure(
            session,
            first_day=date(2026, 12, 23),
            last_day=date(2026, 12, 23),
            name="Winter",
            mark=Mark.ASSUMED,
            source="",
        )


@pytest.mark.usefixtures("winter")
def test_one_that_comes_to_a_closed_day_is_told(weekly: Weekly) -> None:
    done = weekly.change_from(0, meetings=weekly.meetings(0, days=-1))

    assert [[getattr(doubt, "name", None) for doubt in one.doubts] for one in done.values()] == [[], [], ["Winter"], []]


def test_everybody_is_counted_once_and_told_however_many_sessions_she_has(weekly: Weekly, cast: Cast) -> None:
    britt, hugo = cast.person("Britt Bauwens"), cast.person("Hugo Coppens")
    weekly.seat(britt, 0, 1, 2)
    weekly.seat(hugo, 1)

    done = weekly.change_from(1, meetings=weekly.meetings(1, hours=4))

    assert {person_id for one in done.values() for person_id in one.told} == {britt.id, hugo.id}
    db.session.rollback()
    assert {message.person_id for message in db.session.scalars(select(Message))} == {britt.id, hugo.id}


def test_its_entry_in_calendars_stays_the_same_with_its_sequence_raised(weekly: Weekly) -> None:
    before = [(slot.uid, slot.sequence) for slot in slots_of(weekly)]

    weekly.change_from(0, meetings=weekly.meetings(0, weeks=1))

    assert [(slot.uid, slot.sequence) for slot in slots_of(weekly)] == [(uid, number + 1) for uid, number in before]


def slots_of(weekly: Weekly) -> list[Slot]:
    """The slot of each of its sessions."""
    return [weekly.now(place).meetings[0].slot for place in range(len(weekly.ids))]


def test_what_somebody_changed_meanwhile_is_refused_as_a_whole(weekly: Weekly) -> None:
    with pytest.raises(Refused):
        weekly.change_from(0, capacity=40, revision=7)

    assert weekly.capacities() == [30, 30, 30, 30]


def test_where_the_edited_session_finds_its_room_taken_none_is_changed(weekly: Weekly, cast: Cast) -> None:
    cast.course(title="Other", venue=weekly.room, starts_in=timedelta(days=16, hours=4))

    done = weekly.change_from(0, meetings=weekly.meetings(0, hours=4))

    assert "“Other”" in str(done[0].becoming.refusal)
    assert weekly.begins() == ["10.12. 10:00", "17.12. 10:00", "24.12. 10:00", "31.12. 10:00"]


def test_a_plan_that_contradicts_itself_is_refused_for_all(weekly: Weekly) -> None:
    with pytest.raises(Refused):
        weekly.change_from(0, closes_at=at(date(2026, 12, 20), 18))

    assert weekly.now(1).closes_at is None


def test_one_that_would_begin_in_the_past_is_told_and_left(weekly: Weekly) -> None:
    weekly.change_alone(1, meetings=weekly.meetings(1, days=-6, hours=-2))

    # All go to Tuesdays at 14:00, the first one to today; it is 10:00, and the second one keeps its 8:00.
    ticked = Chosen(also={(weekly.ids[1], Aspect.DAYS)})
    done = weekly.change_from(0, meetings=weekly.meetings(0, days=-16, hours=4), chosen=ticked)

    assert str(done[1].becoming.refusal) == "It would begin in the past."
    assert weekly.begins() == ["24.11. 14:00", "11.12. 08:00", "08.12. 14:00", "15.12. 14:00"]


def states_of(weekly: Weekly) -> list[SessionState]:
    """The states of what is left of the series, in order of time."""
    db.session.rollback()
    wanted = select(ActivitySession.state).where(ActivitySession.series_id == weekly.id)
    return list(db.session.scalars(wanted.order_by(ActivitySession.starts_at)))


PUBLISHED, CANCELLED, DRAFT = SessionState.PUBLISHED, SessionState.CANCELLED, SessionState.DRAFT


def test_all_that_follow_are_called_off_and_everybody_is_counted_once(weekly: Weekly, cast: Cast, clock: Clock) -> None:
    weekly.seat(cast.person("Britt Bauwens"), 0, 1, 2)

    with write(by=SYSTEM, why="Called off", at=clock.now) as session:
        done = following.call_off_following(
            session, session_id=weekly.ids[1], reason="Ill", drafts_too=False, now=clock.now
        )

    assert (done.sessions, done.drafts, done.people) == (3, 0, 1)
    assert states_of(weekly) == [PUBLISHED, CANCELLED, CANCELLED, CANCELLED]


@pytest.mark.parametrize(("too", "left"), [(False, [CANCELLED, DRAFT, DRAFT]), (True, [CANCELLED])])
def test_drafts_that_follow_are_thrown_away_only_if_that_is_wanted(
    app: Flask, cast: Cast, clock: Clock, too: bool, left: list[SessionState]
) -> None:
    drafts = Weekly(cast, clock, count=3, publish=False)

    with write(by=SYSTEM, why="Called off", at=clock.now) as session:
        following.call_off_following(session, session_id=drafts.ids[0], reason="Ill", drafts_too=too, now=clock.now)

    assert states_of(drafts) == left
