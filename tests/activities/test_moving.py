"""A published session gets another time or place: everybody registered is told, once for each revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import icalendar
import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.accounts.models import Person
from dsbs.activities import queries
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import Mode
from dsbs.activities.rules.conditions import Candidate
from dsbs.activities.service import registering
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import NotFound
from dsbs.mail.models import Message
from dsbs.mail.outgoing import Rendered
from tests.activities.moving import edit, later, plan_now
from tests.activities.reading import letter, read
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock


def take_seat(session_id: int, person: Person, clock: Clock) -> int:
    with write(by=SYSTEM, why="Took a seat", at=clock.now) as session:
        researcher = Candidate(is_researcher=True, programmes=())
        own = session.get_one(Person, person.id)
        taken = registering.register(session, session_id=session_id, person=own, candidate=researcher, now=clock.now)
        return taken.registration_id


def told() -> Sequence[Message]:
    db.session.rollback()
    statement = select(Message).where(Message.template == "activities/session_changed").order_by(Message.id)
    return db.session.scalars(statement).all()


def events(rendered: Rendered) -> Mapping[str, icalendar.Event]:
    """The entries of the calendar that a mail carries, by the day on which they begin."""
    found = icalendar.Calendar.from_ical(rendered.calendar or "").walk("VEVENT")
    return {event.decoded("DTSTART").date().isoformat(): event for event in found}


def test_everybody_in_a_session_that_moves_is_told_even_without_a_wish_for_confirmations(
    app: Flask, cast: Cast, clock: Clock
) -> None:
    course_id, people = cast.course().id, [cast.person("Britt Bauwens"), cast.person("Hugo Coppens")]
    for person in people:
        take_seat(course_id, person, clock)
    with write(by=SYSTEM, why="Wants fewer mails", at=clock.now) as session:
        session.get_one(Person, people[0].id).wants_confirmations = False
    (meeting,) = plan_now(course_id).meetings

    assert edit(course_id, clock, meetings=[later(meeting, days=1)]) == 2

    assert {message.person_id for message in told()} == {person.id for person in people}


def test_the_letter_says_what_was_and_what_is_and_moves_the_calendar_entry(
    app: Flask, cast: Cast, clock: Clock
) -> None:
    old, new = cast.venue("Room 02.114"), cast.venue("Room 03.201")
    course_id = cast.course(title="Scientific writing", venue=old).id
    take_seat(course_id, cast.person("Britt Bauwens"), clock)
    (meeting,) = plan_now(course_id).meetings
    before = queries.session_in_full(db.session(), course_id).meetings[0].slot
    uid, sequence = before.uid, before.sequence

    edit(course_id, clock, meetings=[replace(later(meeting, days=1, hours=1), venue_id=new.id)])

    rendered = letter(app, told()[0])
    assert rendered.subject == "New time or place: Scientific writing, Fri 11 Dec 2026, 11:00"
    assert rendered.text == (
        "Dear Britt Bauwens,\n"
        "\n"
        "This session has a new time or place. You keep your seat, and the attached entry changes it in your calendar."
        "\n\n"
        "Scientific writing\n"
        "\n"
        "From now on:\n"
        "- Fri 11 Dec 2026, 11:00–14:00, Room 03.201 (new)\n"
        "\n"
        "No longer:\n"
        "- Thu 10 Dec 2026, 10:00–13:00, Room 02.114\n"
        "\n"
        "If you cannot come, give the seat back on its page. "
        "The calendar entry is for you alone: answering it reaches nobody.\n"
        "\n"
        "See the session:\n"
        f"http://localhost/sessions/{course_id}\n"
        "\n"
        "Doctoral School of Biomedical Sciences\n"
        "You get this mail because you are registered. "
        "A date that moved always comes, also to who wants no confirmations.\n"
    )
    entry = events(rendered)["2026-12-11"]
    assert (str(entry["UID"]), str(entry["STATUS"]), str(entry["LOCATION"])) == (uid, "CONFIRMED", "Room 03.201")
    assert entry["SEQUENCE"] > sequence
    assert "Fri 11 Dec 2026, 11:00" in read(rendered.html)
    assert "Thu 10 Dec 2026, 10:00" in read(rendered.html)


def test_a_meeting_that_was_taken_away_leaves_the_calendar(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id = cast.course(meetings=3).id
    take_seat(course_id, cast.person("Britt Bauwens"), clock)

    edit(course_id, clock, meetings=plan_now(course_id).meetings[:2])

    rendered = letter(app, told()[0])
    assert "No longer:\n- Thu 24 Dec 2026, 10:00–13:00\n" in rendered.text
    assert "(new)" not in rendered.text
    assert {day: str(event["STATUS"]) for day, event in events(rendered).items()} == {
        "2026-12-10": "CONFIRMED",
        "2026-12-17": "CONFIRMED",
        "2026-12-24": "CANCELLED",
    }


def test_a_meeting_that_was_added_stands_in_the_letter_as_new(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id = cast.course().id
    take_seat(course_id, cast.person("Britt Bauwens"), clock)
    (meeting,) = plan_now(course_id).meetings

    edit(course_id, clock, meetings=[meeting, later(meeting, weeks=1)])

    text = letter(app, told()[0]).text
    assert "- Thu 10 Dec 2026, 10:00–13:00\n- Thu 17 Dec 2026, 10:00–13:00 (new)\n" in text
    assert "No longer" not in text


def test_who_says_that_she_comes_reads_nothing_of_seats(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id = cast.course(mode=Mode.COUNT).id
    take_seat(course_id, cast.person("Britt Bauwens"), clock)
    (meeting,) = plan_now(course_id).meetings

    edit(course_id, clock, meetings=[later(meeting, days=1)])

    assert "seat" not in letter(app, told()[0]).text


def test_another_address_to_join_online_is_told(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id = cast.course().id
    edit(course_id, clock, online_link="https://meet.school.example/one")
    take_seat(course_id, cast.person("Britt Bauwens"), clock)

    edit(course_id, clock, online_link="https://meet.school.example/two")

    assert "One now joins online at another address: https://meet.school.example/two" in letter(app, told()[0]).text


@pytest.mark.parametrize(
    "changes",
    [
        {"label": "In Dutch"},
        {"capacity": 8},
        {"closes_at": datetime.fromisoformat("2026-12-01T09:00:00+00:00")},
        {"free_cancellation_until": datetime.fromisoformat("2026-12-01T09:00:00+00:00")},
    ],
)
def test_what_moves_nobody_is_not_told(app: Flask, cast: Cast, clock: Clock, changes: dict[str, object]) -> None:
    course_id = cast.course().id
    take_seat(course_id, cast.person("Britt Bauwens"), clock)

    assert edit(course_id, clock, **changes) == 0

    assert told() == []


def test_setting_right_where_a_past_session_was_tells_nobody(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id = cast.course().id
    take_seat(course_id, cast.person("Britt Bauwens"), clock)
    (meeting,) = plan_now(course_id).meetings
    clock.move_to(meeting.end)

    assert edit(course_id, clock, meetings=[later(meeting, hours=-1)]) == 0


def test_two_moves_are_two_letters_which_both_say_how_it_is_now(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id = cast.course().id
    take_seat(course_id, cast.person("Britt Bauwens"), clock)
    (meeting,) = plan_now(course_id).meetings

    edit(course_id, clock, meetings=[later(meeting, days=1)])
    edit(course_id, clock, meetings=[later(meeting, days=4)])

    first, second = (letter(app, message).text for message in told())
    assert "- Mon 14 Dec 2026, 10:00–13:00 (new)\n\nNo longer:\n- Thu 10 Dec 2026" in first
    assert "- Mon 14 Dec 2026, 10:00–13:00 (new)\n\nNo longer:\n- Fri 11 Dec 2026" in second


def test_what_was_moved_back_before_the_mail_left_is_not_told_any_more(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id = cast.course().id
    take_seat(course_id, cast.person("Britt Bauwens"), clock)
    (meeting,) = plan_now(course_id).meetings

    edit(course_id, clock, meetings=[later(meeting, days=1)])
    edit(course_id, clock, meetings=[meeting])

    first, second = told()
    with pytest.raises(NotFound):
        letter(app, first)
    assert "- Thu 10 Dec 2026, 10:00–13:00 (new)\n\nNo longer:\n- Fri 11 Dec 2026" in letter(app, second).text


def test_who_gave_the_seat_back_before_the_mail_left_is_not_told(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, person = cast.course().id, cast.person("Britt Bauwens")
    registration_id = take_seat(course_id, person, clock)
    (meeting,) = plan_now(course_id).meetings
    edit(course_id, clock, meetings=[later(meeting, days=1)])
    with write(by=SYSTEM, why="Gave it back", at=clock.now) as session:
        own = session.get_one(Person, person.id)
        registering.cancel(session, registration_id=registration_id, person=own, now=clock.now)

    with pytest.raises(NotFound):
        letter(app, told()[0])


def test_the_coordinator_reads_before_and_after_how_many_are_told(
    app: Flask, client: Client, cast: Cast, clock: Clock
) -> None:
    course_id = cast.course(programmes=["CARDIO"], capacity=12).id
    for name in ("Britt Bauwens", "Hugo Coppens"):
        take_seat(course_id, cast.person(name), clock)
    sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))
    form = {
        "revision": "1",
        "mode": "seat",
        "capacity": "12",
        "meetings-0-day": "2026-12-11",
        "meetings-0-start": "10:00",
        "meetings-0-end": "13:00",
        "meetings-0-venue": "0",
    }

    before = read(client.get(f"/sessions/{course_id}/edit"))
    asked = read(client.post(f"/sessions/{course_id}/edit", data=form))
    untold = len(told())
    sure = {**form, "step": "save", "seen": "told"}
    after = read(client.post(f"/sessions/{course_id}/edit", data=sure, follow_redirects=True))

    assert "2 people will be told if time or place change." in before
    assert "2 people will be told by mail: registered, waiting or teaching." in asked
    assert untold == 0
    assert "The session is changed. 2 people are told by mail of the new time or place." in after
    assert len(told()) == 2


def test_a_draft_says_that_nobody_sees_it(app: Flask, client: Client, cast: Cast) -> None:
    draft = cast.course(programmes=["CARDIO"], published=False)
    sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))

    assert "Nobody sees a draft but its coordinators." in read(client.get(f"/sessions/{draft.id}/edit"))


def test_a_draft_that_moves_tells_nobody(app: Flask, cast: Cast, clock: Clock) -> None:
    draft_id = cast.course(published=False).id
    (meeting,) = plan_now(draft_id).meetings

    assert edit(draft_id, clock, meetings=[later(meeting, days=1)]) == 0
    assert db.session.get_one(ActivitySession, draft_id).revision == 2
