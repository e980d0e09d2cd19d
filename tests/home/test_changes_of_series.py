"""What changed in a series, in words: the series itself, the plans of its sessions, their teachers, its messages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.accounts.models import Person
from dsbs.activities.messages import About, Addressed
from dsbs.activities.models import SessionSeries
from dsbs.activities.rules import RegistrationState
from dsbs.activities.rules.rhythms import Rhythm
from dsbs.activities.service import following, offering, publishing, repeating, writing
from dsbs.activities.service.writing import Written
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from tests.activities.weekly import FIRST, WEEK, Weekly
from tests.home.reading import queries_of, words_of
from tests.home.test_changes import later, told
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock


@pytest.fixture
def leen(cast: Cast, client: Client) -> Person:
    """Runs the school, and looks."""
    person = cast.person("Leen Adams", Role.ADMINISTRATOR)
    sign_in(client, person)
    return person


@pytest.fixture
def weekly(app: Flask, cast: Cast, clock: Clock, leen: Person) -> Weekly:
    """Three Thursdays, the two that follow the first as drafts."""
    return Weekly(cast, clock, count=3, publish=False)


def address(weekly: Weekly) -> str:
    return f"/series/{weekly.id}/changes"


def test_a_series_tells_which_sessions_were_planned_and_how_often_it_comes_back(
    client: Client, weekly: Weekly, clock: Clock, leen: Person
) -> None:
    with later(clock, leen, "Added two") as session:
        repeating.repeat_session(
            session,
            session_id=weekly.ids[0],
            days=[FIRST + 4 * WEEK],
            rhythm=Rhythm.FORTNIGHT,
            publish=False,
            now=clock.now,
        )

    added, again, first = told(client, address(weekly))

    assert added == ("Added two", ["It comes back: every week → every second week", "Thu 7 Jan 2027: Draft"])
    assert sorted(again[1]) == ["It comes back: every week", "Thu 17 Dec 2026: Draft", "Thu 24 Dec 2026: Draft"]
    assert first[1] == ["Thu 10 Dec 2026: Draft", "Thu 10 Dec 2026, State: Draft → Published"]


def test_a_series_tells_what_changed_in_each_of_its_sessions(
    client: Client, weekly: Weekly, clock: Clock, leen: Person
) -> None:
    with later(clock, leen, "Published") as session:
        publishing.publish_drafts(session, series_id=weekly.id, now=clock.now)
    with later(clock, leen, "Called off: ill") as session:
        offering.cancel_session(session, session_id=weekly.ids[2], reason="ill", now=clock.now)
    clock.advance(timedelta(hours=1))
    weekly.change_from(0, capacity=40, meetings=weekly.meetings(0, hours=1))

    changed, called_off, published, *_rest = told(client, address(weekly))

    assert sorted(called_off[1]) == [
        "Thu 24 Dec 2026, Meeting: Thu 24 Dec 2026, 10:00–13:00, Room 1, removed",
        "Thu 24 Dec 2026, State: Published → Cancelled",
    ]
    assert sorted(row for row in published[1] if "State" in row) == [
        f"Thu {day} Dec 2026, State: Draft → Published" for day in (17, 24)
    ]
    assert sorted(changed[1]) == sorted(
        line
        for day in (10, 17)
        for line in (
            f"Thu {day} Dec 2026, Seats: 30 → 40",
            f"Thu {day} Dec 2026, Meeting: Thu {day} Dec 2026, 10:00–13:00, Room 1"
            f" → Thu {day} Dec 2026, 11:00–14:00, Room 1",
        )
    )


def test_a_series_tells_who_teaches_and_what_was_written_to_everybody(
    client: Client, cast: Cast, weekly: Weekly, clock: Clock, leen: Person
) -> None:
    tess, ada = cast.person("Tess Molendijks"), cast.person("Ada Eerste")
    weekly.seat(ada, 0)
    with later(clock, leen, "Named a teacher") as session:
        own = session.get_one(Person, tess.id)
        following.name_for_following(
            session, session_id=weekly.ids[1], person=own, left_out=(), now=clock.now, today=clock.now.date()
        )
    with later(clock, leen, "Sent a message") as session:
        addressed = Addressed(states=frozenset({RegistrationState.REGISTERED}), person_ids=frozenset())
        about, text = About(series_id=weekly.id), Written(addressed=addressed, subject="Another room", text="Five")
        draft = writing.write_draft(session, about=about, by_id=leen.id, written=text, now=clock.now)
        writing.send(session, about=about, message_id=draft.id, revision=1, by_id=leen.id, now=clock.now)

    sent, named, *_rest = told(client, address(weekly))

    assert sent == ("Sent a message", ["Message to everybody: Another room"])
    assert named[1] == [f"Thu {day} Dec 2026, Teacher: Tess Molendijks" for day in (17, 24)]


def test_a_draft_that_was_thrown_away_is_told_by_the_day_for_which_it_was_planned(
    client: Client, weekly: Weekly, clock: Clock, leen: Person
) -> None:
    with later(clock, leen, "Threw a draft away") as session:
        offering.delete_draft(session, session_id=weekly.ids[2])

    assert ("Threw a draft away", ["Thu 24 Dec 2026: Draft, removed"]) in told(client, address(weekly))


def test_what_changed_in_another_session_is_not_told(client: Client, cast: Cast, weekly: Weekly, leen: Person) -> None:
    cast.course(title="Another", starts_in=timedelta(days=60))

    assert "Fri 22 Jan" not in str(told(client, address(weekly)))


def test_the_page_of_a_series_leads_to_what_changed(client: Client, weekly: Weekly) -> None:
    assert f'href="{address(weekly)}"' in client.get(f"/series/{weekly.id}").text
    assert "Series: Academic writing" in words_of(client.get(address(weekly)).text)


def test_a_long_series_asks_as_often_as_a_short_one(
    sqlite_app: Flask, client: Client, cast: Cast, clock: Clock, leen: Person
) -> None:
    short, long = (Weekly(cast, clock, count=count, room=f"Room {count}") for count in (2, 12))
    tess_id = cast.person("Tess Molendijks").id
    with write(by=SYSTEM, why="Named", at=clock.now) as session:
        tess = session.get_one(Person, tess_id)
        for weekly in (short, long):
            following.name_for_following(
                session,
                session_id=weekly.ids[1],
                person=tess,
                left_out=(),
                now=clock.now,
                today=clock.now.date(),
            )
    assert db.session.scalars(select(SessionSeries.id)).all() == [short.id, long.id]
    client.get(address(short))

    assert queries_of(client, address(long)) == queries_of(client, address(short))
