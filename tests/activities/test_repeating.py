"""The same session again: on which days, what is left out and why, and all of it planned at once or not at all."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from dsbs.activities.models import ActivitySession
from dsbs.activities.repeating import outlook
from dsbs.activities.rules import SessionState
from dsbs.activities.rules.rhythms import MOST, Rhythm, days_after
from dsbs.activities.service import repeating
from dsbs.core import clock as school
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.programmes import service as programmes
from dsbs.programmes.rules import Mark
from tests.activities.reading import read, words
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock
from tests.support.refusals import is_refused
from tests.support.statements import questions

THURSDAY = date(2026, 12, 10)


@given(
    st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(1, 400), st.sampled_from([Rhythm.WEEK, Rhythm.FORTNIGHT])
)
def test_every_so_many_weeks_is_evenly_spaced_up_to_the_last_day(first: date, length: int, rhythm: Rhythm) -> None:
    step, last = timedelta(weeks=1 if rhythm is Rhythm.WEEK else 2), first + timedelta(days=length)
    if length < step.days:
        assert is_refused(days_after, first, last, rhythm, since=first)
        return
    days = days_after(first, last, rhythm, since=first)
    assert [later - earlier for earlier, later in zip([first, *days], days, strict=False)] == [step] * len(days)
    assert last - step < days[-1] <= last


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(40, 1500))
def test_every_month_is_once_a_month_on_the_same_weekday(first: date, length: int) -> None:
    days = days_after(first, first + timedelta(days=length), Rhythm.MONTH, since=first)

    assert {day.weekday() for day in days} == {first.weekday()}
    months = [day.year * 12 + day.month for day in [first, *days]]
    assert months == list(range(months[0], months[-1] + 1))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (date(2026, 12, 10), date(2027, 1, 14)),  # the second Thursday
        (date(2026, 12, 31), date(2027, 1, 28)),  # the fifth: the last one
        (date(2026, 4, 30), date(2026, 5, 28)),
    ],
)
def test_every_month_keeps_the_place_in_the_month(first: date, second: date) -> None:
    assert days_after(first, first + timedelta(days=40), Rhythm.MONTH, since=first)[0] == second


def test_more_than_sixty_are_refused() -> None:
    assert len(days_after(THURSDAY, THURSDAY + timedelta(weeks=MOST), Rhythm.WEEK, since=THURSDAY)) == MOST
    assert is_refused(days_after, THURSDAY, THURSDAY + timedelta(weeks=MOST + 1), Rhythm.WEEK, since=THURSDAY)
    assert is_refused(days_after, THURSDAY, date.max, Rhythm.WEEK, since=THURSDAY)
    assert is_refused(days_after, THURSDAY, date.max, Rhythm.MONTH, since=THURSDAY)


def test_a_session_of_years_ago_comes_back_on_the_days_to_come() -> None:
    long_ago = THURSDAY - timedelta(weeks=400)

    assert days_after(long_ago, THURSDAY, Rhythm.FORTNIGHT, since=THURSDAY - timedelta(days=20)) == [
        THURSDAY - timedelta(weeks=2),
        THURSDAY,
    ]


class Course:
    """A course of CARDIO in a room on Thu 10 Dec 2026 at 10, which Roger plans."""

    def __init__(self, cast: Cast, client: Client) -> None:
        self.room = cast.venue("Room 1")
        made = cast.course(programmes=["CARDIO"], venue=self.room)
        self.id, self.activity_id = made.id, made.activity_id
        self.client = client
        sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))

    def address(self, until: str, rhythm: str = "week") -> str:
        """The page with the days of this rhythm."""
        return f"/sessions/{self.id}/repeat?rhythm={rhythm}&until={until}"

    def plan(self, *days: str, **more: str) -> str:
        """Plan it again on these days; what the page answers."""
        data = {"days": list(days), **more}
        return read(self.client.post(self.address("2027-02-01"), data=data, follow_redirects=True))

    def sessions(self) -> list[tuple[date, SessionState]]:
        """All sessions of the activity, by their day."""
        db.session.rollback()
        rows = db.session.scalars(
            select(ActivitySession)
            .where(ActivitySession.activity_id == self.activity_id)
            .order_by(ActivitySession.starts_at)
        )
        return [(school.local(row.starts_at).date(), row.state) for row in rows]


@pytest.fixture
def course(app: Flask, cast: Cast, client: Client) -> Course:
    """See ``Course``."""
    return Course(cast, client)


def test_closed_days_taken_rooms_and_what_is_planned_already_are_left_out(
    course: Course, cast: Cast, clock: Clock
) -> None:
    cast.course(title="Other", venue=course.room, starts_in=timedelta(days=23))
    with write(by=SYSTEM, why="Closed", at=clock.now) as session:
        programmes.add_closure(
            session,
            first_day=date(2026, 12, 24),
            last_day=date(2027, 1, 1),
            name="Winter",
            mark=Mark.ASSUMED,
            source="",
        )
    course.plan("2027-01-07")

    drawn = words(course.client.get(course.address("2027-01-15")))
    page = read(drawn)

    assert re.findall(r'checked[^>]* name="days"[^>]* value="([^"]*)"', drawn) == ["2027-01-14"]
    assert "Thu 17 Dec 2026: Room 1 is taken" in page
    assert "Thu 24 Dec 2026: Winter" in page
    assert "Thu 7 Jan 2027: planned already" in page


def test_the_chosen_days_become_drafts_at_the_same_time_of_the_clocks(course: Course) -> None:
    said = course.plan("2026-12-17", "2027-01-14")

    assert "2 drafts are planned" in said
    assert course.sessions() == [
        (date(2026, 12, 10), SessionState.PUBLISHED),
        (date(2026, 12, 17), SessionState.DRAFT),
        (date(2027, 1, 14), SessionState.DRAFT),
    ]


def test_they_are_published_at_once_where_that_is_wanted(course: Course) -> None:
    said = course.plan("2026-12-17", publish="y")

    assert "1 session is planned and published" in said
    assert course.sessions()[1] == (date(2026, 12, 17), SessionState.PUBLISHED)


def test_one_day_that_is_taken_meanwhile_leaves_nothing_planned(course: Course, cast: Cast) -> None:
    cast.course(title="Other", venue=course.room, starts_in=timedelta(days=23))

    said = course.plan("2027-01-14", "2026-12-17")

    assert "Thu 17 Dec 2026 is not free any more, so nothing was planned." in said
    assert len(course.sessions()) == 1


def test_what_is_sent_twice_is_planned_once(course: Course) -> None:
    course.plan("2026-12-17")

    assert "is not free any more" in course.plan("2026-12-17")
    assert len(course.sessions()) == 2


@pytest.mark.parametrize(
    ("days", "sentence"), [((), "Choose at least one day."), (("2026-11-12",), "Choose at least one day.")]
)
def test_no_day_to_come_is_refused(course: Course, days: tuple[str, ...], sentence: str) -> None:
    assert sentence in course.plan(*days)


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        ("2026-12-11", "It does not come back until then. Choose a later last day."),
        ("2030-12-11", "These are more than 60 sessions. Choose an earlier last day."),
        ("tomorrow", "This day does not exist."),
    ],
)
def test_a_last_day_that_cannot_be_is_told_beside_it(course: Course, until: str, sentence: str) -> None:
    page = words(course.client.get(course.address(until)))

    assert sentence in page.partition('id="until-error"')[2].partition("</span></span>")[0]


def test_all_meetings_move_along(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id = cast.course(meetings=2).id
    with write(by=SYSTEM, why="Again", at=clock.now) as session:
        (made,) = repeating.repeat_session(
            session,
            session_id=course_id,
            days={date(2027, 1, 14)},
            rhythm=Rhythm.WEEK,
            publish=False,
            now=clock.now,
        )
        begins = [school.local(meeting.slot.start).strftime("%d.%m. %H:%M") for meeting in made.meetings]

    assert begins == ["14.01. 10:00", "21.01. 10:00"]


def test_a_year_of_days_asks_as_often_as_a_month(course: Course, clock: Clock) -> None:
    asked = []
    for weeks in (4, 50):
        offered = db.session.get_one(ActivitySession, course.id)
        days = days_after(THURSDAY, THURSDAY + timedelta(weeks=weeks), Rhythm.WEEK, since=THURSDAY)
        outlook(db.session(), offered, days, now=clock.now, language="en")
        with questions() as sent:
            outlook(db.session(), offered, days, now=clock.now, language="en")
        asked.append(len(sent))

    assert asked[0] == asked[1]


def test_a_repetition_of_a_session_that_is_not_hers_is_refused(app: Flask, cast: Cast, client: Client) -> None:
    other_id = cast.course(programmes=["NEURO"]).id
    sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))

    assert client.post(f"/sessions/{other_id}/repeat", data={"days": "2026-12-17"}).status_code == 404
