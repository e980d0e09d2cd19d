"""Planning a session: what is asked first, what stands in the way, how a copy moves, how a draft goes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.accounts.models import Person
from dsbs.activities.models import ActivitySession
from dsbs.agenda import service as agenda
from dsbs.agenda.models import Venue
from dsbs.core import clock as school_clock
from dsbs.core.db import SYSTEM, db, write
from dsbs.exchange.busy import Busy
from dsbs.programmes import service as programmes
from dsbs.programmes.rules import Mark
from tests.activities.reading import read, words
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock
from tests.support.reading import hidden

CHRISTMAS, SATURDAY, THURSDAY = "2026-12-25", "2026-12-12", "2026-12-10"


def plan_form(*days: str, venue: int = 0, **other: str) -> dict[str, str]:
    """A sound session on these days as the form sends it."""
    meetings = {
        f"meetings-{number}-{name}": value
        for number, day in enumerate(days)
        for name, value in (("day", day), ("start", "09:00"), ("end", "12:30"), ("venue", str(venue)))
    }
    return {"label": "", "mode": "seat", "capacity": "12", **meetings, **other}


def sessions() -> Sequence[ActivitySession]:
    db.session.rollback()
    return db.session.scalars(select(ActivitySession).order_by(ActivitySession.id)).all()


def days_of(offered: ActivitySession) -> list[str]:
    return [school_clock.local(meeting.slot.start).date().isoformat() for meeting in offered.meetings]


def close(day: date, name: str, clock: Clock) -> None:
    with write(by=SYSTEM, why="Closed", at=clock.now) as session:
        programmes.add_closure(session, first_day=day, last_day=day, name=name, mark=Mark.ASSUMED)


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (CHRISTMAS, "Fri 25 Dec 2026 falls on a closed day: Christmas Day."),
        (SATURDAY, "Sat 12 Dec 2026 falls on a weekend."),
        ("2026-12-29", "Tue 29 Dec 2026 falls on a closed day: Between the years."),
    ],
)
def test_a_day_on_which_nobody_works_is_told_before_anything_is_saved(
    app: Flask, client: Client, cast: Cast, clock: Clock, roger: int, day: str, sentence: str
) -> None:
    activity_id = cast.course(programmes=["CARDIO"]).activity_id
    close(date(2026, 12, 29), "Between the years", clock)

    page = read(client.post(f"/activities/{activity_id}/sessions/new", data=plan_form(THURSDAY, day)))

    assert sentence in page
    assert "Plan it anyway" in page
    assert "10 Dec" not in page
    assert len(sessions()) == 1


def test_who_plans_it_anyway_saves_all_that_she_typed(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    address = f"/activities/{cast.course(programmes=['CARDIO']).activity_id}/sessions/new"
    typed = plan_form(THURSDAY, SATURDAY, label='In "Dutch" & more', online_link="https://meet.school.example/a?b=1&c")

    asked = client.post(address, data=typed)
    client.post(address, data={**hidden(asked), "step": "save"})

    made = sessions()[-1]
    assert days_of(made) == [THURSDAY, SATURDAY]
    assert (made.label, made.online_link) == (typed["label"], typed["online_link"])


def test_who_goes_on_writing_finds_all_that_she_typed(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    address = f"/activities/{cast.course(programmes=['CARDIO']).activity_id}/sessions/new"

    asked = client.post(address, data=plan_form(THURSDAY, SATURDAY, label="Kept label"))
    page = words(client.post(address, data={**hidden(asked), "step": "edit"}))

    assert [f'value="{typed}"' in page for typed in ("Kept label", THURSDAY, SATURDAY)] == [True] * 3
    assert "to correct" not in page
    assert len(sessions()) == 1


def test_a_session_that_moves_onto_a_closed_day_is_asked_about_and_stays_until_then(
    app: Flask, client: Client, cast: Cast, roger: int
) -> None:
    course = cast.course(programmes=["CARDIO"])
    address = f"/sessions/{course.id}/edit"

    asked = client.post(address, data=plan_form(CHRISTMAS, revision="1"))
    stays = days_of(sessions()[0])
    client.post(address, data={**hidden(asked), "step": "save"})

    assert "Fri 25 Dec 2026 falls on a closed day: Christmas Day." in read(asked)
    assert "Change it anyway" in read(asked)
    assert (stays, days_of(sessions()[0])) == ([THURSDAY], [CHRISTMAS])


def test_what_was_planned_in_a_weekend_is_not_asked_about_again(
    app: Flask, client: Client, cast: Cast, roger: int
) -> None:
    course_id = cast.course(programmes=["CARDIO"], starts_in=timedelta(days=18)).id
    assert days_of(sessions()[0]) == [SATURDAY]

    client.post(f"/sessions/{course_id}/edit", data=plan_form(SATURDAY, revision="1", label="New name"))

    assert sessions()[0].label == "New name"


def test_more_seats_than_the_venue_holds_are_told_with_both_numbers(
    app: Flask, client: Client, cast: Cast, roger: int
) -> None:
    address = f"/activities/{cast.course(programmes=['CARDIO']).activity_id}/sessions/new"
    room = cast.venue("Room 02.114", capacity=20)

    asked = client.post(address, data=plan_form(THURSDAY, venue=room.id, capacity="21"))
    fits = client.post(address, data=plan_form(THURSDAY, venue=room.id, capacity="20"))

    assert "You give 21 seats, and Room 02.114 holds 20 people." in read(asked)
    assert fits.status_code == 302
    assert [offered.capacity for offered in sessions()] == [30, 20]


def test_a_venue_elsewhere_that_is_busy_then_is_told_with_what(
    app: Flask, client: Client, cast: Cast, roger: int, clock: Clock
) -> None:
    course, hall = cast.course(programmes=["CARDIO"]), cast.venue("Town hall", ours=False)
    address, start = f"/activities/{course.activity_id}/sessions/new", school_clock.from_school_time
    thursday = date.fromisoformat(THURSDAY)
    choir, band = (
        Busy(start(thursday, time(begins)), start(thursday, time(ends)), title)
        for begins, ends, title in ((12, 14, "Choir"), (13, 15, "Band"))
    )
    with write(by=SYSTEM, why="Sent", at=clock.now) as session:
        venue = session.get_one(Venue, hall.id)
        agenda.take_file(session, venue=venue, name="hall.ics", times=[choir, band], now=clock.now)

    asked = client.post(address, data=plan_form(THURSDAY, venue=hall.id))
    read_once = read(asked)
    client.post(address, data={**hidden(asked), "step": "save"})

    assert "Town hall is busy then, by its own calendar: Thu 10 Dec 2026, 12:00–14:00 (Choir)." in read_once
    assert "Band" not in read_once
    assert [days_of(found) for found in sessions() if found.id != course.id] == [[THURSDAY]]


def test_a_session_without_seats_fits_every_venue(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    address = f"/activities/{cast.course(programmes=['CARDIO']).activity_id}/sessions/new"
    room = cast.venue("Room 02.114", capacity=20)

    client.post(address, data=plan_form(THURSDAY, venue=room.id, capacity="400", mode="count"))

    assert len(sessions()) == 2


def test_a_plan_that_is_refused_is_not_asked_about_first(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    address = f"/activities/{cast.course(programmes=['CARDIO']).activity_id}/sessions/new"

    page = read(client.post(address, data=plan_form(SATURDAY, SATURDAY)))

    assert "Two meetings of this session overlap." in page
    assert "weekend" not in page


def test_the_list_of_venues_says_how_many_each_holds(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    activity_id = cast.course(programmes=["CARDIO"]).activity_id
    cast.venue("Aula 1", capacity=60)

    assert ">Aula 1 (60)</option>" in words(client.get(f"/activities/{activity_id}/sessions/new"))


def test_a_draft_shows_its_seats(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    draft = cast.course(programmes=["CARDIO"], capacity=12, published=False)

    assert "12 of 12 seats free" in read(client.get(f"/sessions/{draft.id}"))


def test_what_stands_in_a_room_is_linked_to(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    room = cast.venue("Room 02.114")
    there = cast.course(title="First here", venue=room, programmes=["CARDIO"])

    page = words(client.post(f"/activities/{there.activity_id}/sessions/new", data=plan_form(THURSDAY, venue=room.id)))

    assert f'<a href="/sessions/{there.id}">First here, Thu 10 Dec 2026, 10:00–13:00</a>' in page


def test_a_draft_of_ones_own_in_a_room_is_named_and_linked_to(
    app: Flask, client: Client, cast: Cast, roger: int
) -> None:
    room = cast.venue("Room 02.114")
    there = cast.course(title="Own plans", venue=room, programmes=["CARDIO"], published=False)

    page = words(client.post(f"/activities/{there.activity_id}/sessions/new", data=plan_form(THURSDAY, venue=room.id)))

    assert "Room 02.114 is taken until 13:00 on Thu 10 Dec 2026." in page
    assert f'<a href="/sessions/{there.id}">Own plans, Thu 10 Dec 2026, 10:00–13:00</a>' in page


def test_a_draft_of_others_in_a_room_stays_their_secret(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    room = cast.venue("Room 02.114")
    there = cast.course(title="Secret plans", venue=room, programmes=["NEURO"], published=False)
    own = cast.course(programmes=["CARDIO"])

    page = words(client.post(f"/activities/{own.activity_id}/sessions/new", data=plan_form(THURSDAY, venue=room.id)))

    assert "Room 02.114 is taken until 13:00 on Thu 10 Dec 2026." in page
    assert "Secret plans" not in page
    assert f"/sessions/{there.id}" not in page


def test_a_draft_is_thrown_away_only_once_that_was_asked(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    draft_id = cast.course(title="First try", programmes=["CARDIO"], published=False).id

    page = words(client.get(f"/sessions/{draft_id}"))
    asked = read(client.get(f"/sessions/{draft_id}/delete"))
    there = len(sessions())
    gone = read(client.post(f"/sessions/{draft_id}/delete", follow_redirects=True))

    assert f'href="/sessions/{draft_id}/delete"' in page
    assert f'action="/sessions/{draft_id}/delete"' not in page
    assert "Throw it away" in asked
    assert "First try, Thu 10 Dec 2026, 10:00" in asked
    assert "This cannot be undone." in asked
    assert there == 1
    assert "The draft is gone and its rooms are free." in gone
    assert list(sessions()) == []


def test_a_copy_says_of_what(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    course = cast.course(programmes=["CARDIO"], meetings=3)

    page = read(client.get(f"/activities/{course.activity_id}/sessions/new?copy={course.id}"))

    assert "Copy a session" in page
    assert "A copy of the session of Thu 10 Dec 2026, 10:00–13:00, with all its 3 meetings." in page


def test_the_meetings_of_a_copy_follow_its_first_day_and_are_shown_before_they_are_saved(
    app: Flask, client: Client, cast: Cast, roger: int
) -> None:
    course = cast.course(programmes=["CARDIO"], meetings=3)
    address = f"/activities/{course.activity_id}/sessions/new?copy={course.id}"
    first = words(client.get(address))
    assert [f'name="{name}" type="date" value="2026-12-31"' in first for name in ("first_day", "meetings-0-day")]
    sent = plan_form("2026-12-31", "2027-01-07", "2027-01-15", first_was="2026-12-31", first_day="2027-02-02")

    shown = client.post(address, data={**sent, "label": "Kept label"})

    page = words(shown)
    rows = re.findall(r'name="meetings-\d-day" type="date" value="([^"]*)"', page)
    assert rows == ["2027-02-02", "2027-02-09", "2027-02-17"]
    assert re.findall(r'name="first_was" type="hidden" value="([^"]*)"', page) == ["2027-02-02"]
    assert "All meetings moved along. Look at their days, then save." in page
    assert "Kept label" in page
    assert len(sessions()) == 1

    client.post(address, data=plan_form(*rows, first_was="2027-02-02", first_day="2027-02-02"))

    assert days_of(sessions()[-1]) == rows


def test_a_first_day_that_can_hardly_be_meant_moves_nothing(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    course = cast.course(programmes=["CARDIO"], meetings=2)
    sent = plan_form("2026-12-31", "2027-01-07", first_was="2026-12-31", first_day="2072-02-02")

    page = words(client.post(f"/activities/{course.activity_id}/sessions/new?copy={course.id}", data=sent))

    assert "This day is years away. Check the year." in page.partition('id="first_day-error"')[2]
    assert 'value="2027-01-07"' in page


def test_the_only_meeting_of_a_copy_has_its_own_day_and_no_other(
    app: Flask, client: Client, cast: Cast, roger: int
) -> None:
    course = cast.course(programmes=["CARDIO"])

    page = words(client.get(f"/activities/{course.activity_id}/sessions/new?copy={course.id}"))

    assert "first_day" not in page
    assert 'value="2026-12-17"' in page


def test_a_copy_of_what_is_long_over_is_planned_for_days_to_come(
    app: Flask, client: Client, cast: Cast, clock: Clock, roger: int
) -> None:
    course = cast.course(programmes=["CARDIO"], meetings=2)
    activity_id, course_id = course.activity_id, course.id
    clock.advance(timedelta(days=100))
    sign_in(client, db.session.get_one(Person, roger))

    page = words(client.get(f"/activities/{activity_id}/sessions/new?copy={course_id}"))

    # It was on Thu 10 and 17 Dec 2026, and today is Thu 4 Mar 2027.
    assert re.findall(r'name="meetings-\d-day" type="date" value="([^"]*)"', page) == ["2027-03-11", "2027-03-18"]


def test_a_session_keeps_its_room_when_it_is_changed_after_the_room_was_given_up(
    app: Flask, client: Client, cast: Cast, clock: Clock, roger: int
) -> None:
    course = cast.course(programmes=["CARDIO"], venue=cast.venue("Room 02.114"))
    course_id, venue_id = course.id, course.meetings[0].slot.venue_id
    with write(by=SYSTEM, why="Test", at=clock.now) as session:
        agenda.deactivate_venue(session, venue=session.get_one(Venue, venue_id))

    page = words(client.get(f"/sessions/{course_id}/edit"))

    assert f'<option selected value="{venue_id}">' in page


def test_enter_in_a_field_saves_a_session(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    course = cast.course(programmes=["CARDIO"], meetings=2)

    page = words(client.get(f"/activities/{course.activity_id}/sessions/new?copy={course.id}"))

    first_button = re.findall(r"<button[^>]*>", page.partition('<form class="form"')[2])[0]
    assert "name=" not in first_button
