"""The page of a series: its sessions in order of time, what differs, which days have none and why, drafts at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import select

from dsbs.accounts.models import Person
from dsbs.activities import queries
from dsbs.activities import series as reads
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import SessionState
from dsbs.activities.rules.rhythms import Rhythm, days_after, skipped
from dsbs.activities.service import offering, publishing, registering, repeating
from dsbs.activities.service.offering import plan_of
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import Refused
from dsbs.mail.models import Message
from dsbs.programmes import service as programmes
from dsbs.programmes.rules import Mark
from tests.activities.reading import read, words
from tests.activities.running import name_organiser
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock
from tests.support.statements import questions

WEEK = timedelta(weeks=1)


@given(
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    st.integers(2, 10),
    st.sampled_from(Rhythm),
    st.sets(st.integers(0, 10)),
)
def test_what_is_skipped_are_the_days_between_the_first_and_the_last_that_are_left_out(
    first: date, count: int, rhythm: Rhythm, out: set[int]
) -> None:
    # The fifth Thursday comes back as the last one of each month, which is the fourth of a shorter one.
    assume(rhythm is not Rhythm.MONTH or first.day <= 28)
    days = [first, *days_after(first, first + timedelta(days=count * 35), rhythm, since=first)][:count]
    left_out = [days[place] for place in sorted(out) if 0 < place < len(days) - 1]

    assert skipped([day for day in days if day not in left_out], rhythm) == left_out


@pytest.mark.parametrize("moved_by", [-3, -1, 0, 2, 3])
def test_a_session_that_is_moved_within_its_week_is_not_missing(moved_by: int) -> None:
    tuesday = date(2026, 12, 8)

    assert skipped([tuesday, tuesday + WEEK + timedelta(days=moved_by), tuesday + 2 * WEEK], Rhythm.WEEK) == []


class Series:
    """Five Thursdays of CARDIO at 10:00 from 10 Dec 2026, without 24 and 31 Dec; the first one is published."""

    def __init__(self, cast: Cast, clock: Clock) -> None:
        self.clock, self.room = clock, cast.venue("Room 1")
        first = cast.course(title="Academic writing", programmes=["CARDIO"], venue=self.room)
        self.activity_id = first.activity_id
        days = [date(2026, 12, 17), date(2027, 1, 7), date(2027, 1, 14), date(2027, 1, 21)]
        with write(by=SYSTEM, why="Again", at=clock.now) as session:
            programmes.add_closure(
                session,
                first_day=date(2026, 12, 24),
                last_day=date(2026, 12, 26),
                name="Winter",
                mark=Mark.ASSUMED,
                source="",
            )
            made = repeating.repeat_session(
                session, session_id=first.id, days=days, rhythm=Rhythm.WEEK, publish=False, now=clock.now
            )
            self.id = made[0].series_id
            self.ids = [first.id, *(one.id for one in made)]

    @property
    def address(self) -> str:
        """Its page."""
        return f"/series/{self.id}"

    def change(self, place: int, **changes: object) -> None:
        """Change one of its sessions alone."""
        with write(by=SYSTEM, why="Changed", at=self.clock.now) as session:
            offered = queries.session_in_full(session, self.ids[place])
            plan = replace(plan_of(offered), **changes)  # type: ignore[arg-type]
            offering.edit_session(
                session, session_id=offered.id, revision=offered.revision, plan=plan, now=self.clock.now
            )

    def overview(self) -> reads.Overview:
        """What its page shows."""
        db.session.rollback()
        return reads.overview(db.session(), reads.series_in_full(db.session(), self.id or 0), language="en")

    def states(self) -> Sequence[SessionState]:
        """The states of its sessions, in order of time."""
        db.session.rollback()
        return db.session.scalars(
            select(ActivitySession.state)
            .where(ActivitySession.series_id == self.id)
            .order_by(ActivitySession.starts_at)
        ).all()


@pytest.fixture
def series(app: Flask, cast: Cast, clock: Clock) -> Series:
    """See ``Series``."""
    return Series(cast, clock)


@pytest.fixture
def roger(cast: Cast, client: Client) -> Client:
    """Who coordinates CARDIO, signed in."""
    sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))
    return client


def test_days_without_a_session_stand_between_the_others_with_the_reason(series: Series) -> None:
    found = [(line.day, isinstance(line, reads.Gap) and line.closed) for line in series.overview().lines]

    assert found == [
        (date(2026, 12, 10), False),
        (date(2026, 12, 17), False),
        (date(2026, 12, 24), "Winter"),
        (date(2026, 12, 31), None),
        (date(2027, 1, 7), False),
        (date(2027, 1, 14), False),
        (date(2027, 1, 21), False),
    ]


def test_a_session_that_was_changed_alone_stays_of_the_series_and_says_in_what_it_differs(series: Series) -> None:
    series.change(2, capacity=12, online_link="https://meet.example/1")

    differs = [[aspect.value for aspect in row.differs] for row in series.overview().rows]

    assert differs == [[], [], ["link", "seats"], [], []]


def test_the_page_tells_days_seats_and_who_waits(series: Series, roger: Client, cast: Cast, clock: Clock) -> None:
    person_id = cast.person("Britt Bauwens").id
    with write(by=SYSTEM, why="Seated", at=clock.now) as session:
        people = [session.get_one(Person, person_id)]
        registering.take_seats(session, session_id=series.ids[0], people=people, now=clock.now)

    page = read(roger.get(series.address))

    assert "5 sessions, every week" in page
    assert "Thu 10 Dec 2026, 10:00–13:00" in page
    assert "1 / 30" in page
    assert "Left out: Winter" in page
    assert "Thu 31 Dec 2026No session" in page


def test_all_drafts_are_published_at_once(series: Series, roger: Client) -> None:
    assert "Publish all 4 drafts" in read(roger.get(series.address))

    said = read(roger.post(f"{series.address}/publish", follow_redirects=True))

    assert "4 drafts are published" in said
    assert set(series.states()) == {SessionState.PUBLISHED}


def test_drafts_are_published_from_one_session_on(series: Series, roger: Client) -> None:
    said = read(roger.post(f"{series.address}/publish", data={"since": str(series.ids[3])}, follow_redirects=True))

    assert "2 drafts are published" in said
    draft, published = SessionState.DRAFT, SessionState.PUBLISHED
    assert series.states() == [published, draft, draft, published, published]


def test_each_draft_but_the_first_can_be_that_from_which_they_are_published(series: Series, roger: Client) -> None:
    page = words(roger.get(series.address))

    offered = [id_ for id_ in series.ids if f'name="since" value="{id_}"' in page]
    assert offered == series.ids[2:]


def test_drafts_are_not_published_from_a_session_of_another_series_on(
    series: Series, roger: Client, cast: Cast
) -> None:
    other_id = cast.course(programmes=["CARDIO"], starts_in=timedelta(days=60)).id

    assert roger.post(f"{series.address}/publish", data={"since": str(other_id)}).status_code == 404
    assert series.states().count(SessionState.DRAFT) == 4


def test_who_teaches_several_drafts_is_told_once_when_they_are_published(
    series: Series, roger: Client, cast: Cast, clock: Clock
) -> None:
    tess, omar = cast.person("Tess Molendijks"), cast.person("Omar Anders")
    for place in (1, 2, 3):
        name_organiser(series.ids[place], tess, clock)
    name_organiser(series.ids[4], omar, clock)

    roger.post(f"{series.address}/publish")

    told = db.session.execute(select(Message.person_id, Message.template).order_by(Message.person_id)).all()
    assert sorted(map(tuple, told)) == sorted(
        [(tess.id, "activities/series_teaching"), (omar.id, "activities/teaching")]
    )


def test_without_a_draft_there_is_nothing_to_publish(series: Series, clock: Clock) -> None:
    with write(by=SYSTEM, why="Published", at=clock.now) as session:
        publishing.publish_drafts(session, series_id=series.id or 0, now=clock.now)

    with pytest.raises(Refused), write(by=SYSTEM, why="Published", at=clock.now) as session:
        publishing.publish_drafts(session, series_id=series.id or 0, now=clock.now)


def test_what_is_added_at_the_end_belongs_to_the_same_series(series: Series, roger: Client) -> None:
    address = f"/sessions/{series.ids[-1]}/repeat?rhythm=fortnight&until=2027-03-01"

    page = roger.post(address, data={"days": ["2027-02-04"]}, follow_redirects=True)

    assert "6 sessions, every second week" in read(page)


def test_the_series_is_reached_from_the_activity_its_sessions_and_the_planning(series: Series, roger: Client) -> None:
    for address in (f"/activities/{series.activity_id}", f"/sessions/{series.ids[0]}", "/activities/plan"):
        assert f'href="{series.address}"' in words(roger.get(address))


def test_a_longer_series_asks_as_often(series: Series, cast: Cast, clock: Clock) -> None:
    with questions() as short:
        series.overview()
    with write(by=SYSTEM, why="Again", at=clock.now) as session:
        days = days_after(date(2027, 1, 21), date(2027, 6, 1), Rhythm.WEEK, since=date(2027, 1, 21))
        open_days = {day for day in days if day.month not in (4, 5)}
        repeating.repeat_session(
            session, session_id=series.ids[0], days=open_days, rhythm=Rhythm.WEEK, publish=False, now=clock.now
        )
    db.session.rollback()
    with questions() as long:
        series.overview()

    assert len(long) == len(short)
