"""What one reads after taking a seat or giving it back, on the page and by mail."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.accounts.models import Person
from dsbs.activities import queries
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import Mode
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.mail.models import Message
from tests.activities.reading import letter, read, words
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock


def wants_no_mail(person_id: int, clock: Clock) -> None:
    with write(by=SYSTEM, why="Wants fewer mails", at=clock.now) as session:
        session.get_one(Person, person_id).wants_confirmations = False


def promise(session_id: int, until: datetime, clock: Clock) -> None:
    with write(by=SYSTEM, why="Promised", at=clock.now) as session:
        session.get_one(ActivitySession, session_id).free_cancellation_until = until


def confirmed(client: Client, address: str, **data: str) -> str:
    """What the page after a click confirms, and nothing of what was confirmed before."""
    client.get("/my/activities")
    page = words(client.post(address, data=data, follow_redirects=True))
    confirmation = page.partition('<p class="confirmation-title">')[2].partition('<div class="page-head">')[0]
    return read(confirmation.replace("<", " <"))


def own(session_id: int, person_id: int) -> int:
    found = queries.active_registration(db.session(), session_id=session_id, person_id=person_id)
    assert found is not None
    return found.id


def last_letter(app: Flask) -> str:
    db.session.rollback()
    message = db.session.scalars(select(Message).order_by(Message.id.desc())).first()
    assert message is not None
    rendered = letter(app, message)
    return f"{rendered.subject}\n{rendered.text}"


def test_a_seat_taken_is_confirmed_with_its_date_and_can_be_given_back_at_once(
    app: Flask, client: Client, cast: Cast, britt: int
) -> None:
    course_id = cast.course(venue=cast.venue("Room 02.114")).id

    said = confirmed(client, f"/sessions/{course_id}/register")

    assert said == (
        "You have the seat Scientific writing: Thu 10 Dec 2026, 10:00–13:00, Room 02.114. "
        "A mail with the dates for your calendar is on its way. Give it back Put it in my calendar My activities"
    )


def test_a_seat_given_back_is_confirmed_and_can_be_taken_again_at_once(
    app: Flask, client: Client, cast: Cast, britt: int
) -> None:
    course_id = cast.course(meetings=3).id
    client.post(f"/sessions/{course_id}/register")

    said = confirmed(client, f"/registrations/{own(course_id, britt)}/cancel")

    assert said == (
        "You gave the seat back Scientific writing: 3 meetings, the first on Thu 10 Dec 2026, 10:00–13:00. "
        "The seat is free for somebody else at once. A mail that takes it out of your calendar is on its way. "
        "Take it again Find an activity"
    )


def test_who_could_not_take_it_again_is_not_offered_to(
    app: Flask, client: Client, cast: Cast, clock: Clock, britt: int
) -> None:
    course_id = cast.course(closes_at=clock.now + timedelta(days=1)).id
    client.post(f"/sessions/{course_id}/register")
    clock.move_to(clock.now + timedelta(days=2))

    assert "Take it again" not in confirmed(client, f"/registrations/{own(course_id, britt)}/cancel")


def test_who_wants_no_confirmations_is_promised_no_mail(
    app: Flask, client: Client, cast: Cast, clock: Clock, britt: int
) -> None:
    wants_no_mail(britt, clock)
    course_id = cast.course().id

    taken = confirmed(client, f"/sessions/{course_id}/register")
    given_back = confirmed(client, f"/registrations/{own(course_id, britt)}/cancel")

    assert "mail" not in taken
    assert "Put it in my calendar" in taken
    assert "mail" not in given_back


def test_where_there_are_no_seats_nobody_speaks_of_one(
    app: Flask, client: Client, cast: Cast, clock: Clock, britt: int
) -> None:
    course_id = cast.course(mode=Mode.COUNT).id
    promise(course_id, clock.now + timedelta(days=9), clock)

    taken = confirmed(client, f"/sessions/{course_id}/register")
    letters = [last_letter(app)]
    pages = [read(client.get(address)) for address in (f"/sessions/{course_id}", "/my/activities")]
    given_back = confirmed(client, f"/registrations/{own(course_id, britt)}/cancel")
    letters.append(last_letter(app))

    assert taken.startswith("They know that you come Scientific writing: Thu 10 Dec 2026")
    assert given_back.startswith("They know that you do not come Scientific writing: Thu 10 Dec 2026")
    assert letters[0].startswith("They know that you come: Scientific writing, Thu 10 Dec 2026, 10:00\n")
    assert letters[1].startswith("They know that you do not come: Scientific writing, Thu 10 Dec 2026, 10:00\n")
    assert all("Saying that you cannot come is free until Thu 3 Dec 2026, 10:00." in page for page in pages)
    said = " ".join((taken, given_back, *letters, pages[0]))
    assert [word for word in ("seat", "Giving it back", "gave") if word in said] == []


def test_the_mail_says_until_when_giving_back_is_free(
    app: Flask, client: Client, cast: Cast, clock: Clock, britt: int
) -> None:
    course_id = cast.course().id
    promise(course_id, clock.now + timedelta(days=9), clock)

    client.post(f"/sessions/{course_id}/register")

    assert "give the seat back on its page; that is free until Thu 3 Dec 2026, 10:00. The calendar" in last_letter(app)


def test_the_mail_names_no_moment_that_is_over_and_says_that_giving_back_still_helps(
    app: Flask, client: Client, cast: Cast, clock: Clock, britt: int
) -> None:
    course_id = cast.course().id
    promise(course_id, clock.now - timedelta(days=6), clock)

    client.post(f"/sessions/{course_id}/register")

    said = last_letter(app)
    assert "Free cancellation is over. If you cannot come, give the seat back on its page all the same" in said
    assert "18 Nov" not in said


def test_who_gives_back_among_her_activities_stays_there(app: Flask, client: Client, cast: Cast, britt: int) -> None:
    course_id = cast.course().id
    client.post(f"/sessions/{course_id}/register")
    assert 'name="back" value="mine"' in words(client.get("/my/activities"))

    from_mine = client.post(f"/registrations/{own(course_id, britt)}/cancel", data={"back": "mine"})
    client.post(f"/sessions/{course_id}/register")
    from_the_session = client.post(f"/registrations/{own(course_id, britt)}/cancel")

    assert from_mine.headers["Location"] == "/my/activities"
    assert from_the_session.headers["Location"] == f"/sessions/{course_id}"


@pytest.mark.parametrize("title", ["🧬" * 200, "محاضرة" * 33, "&<>" * 66])
def test_the_longest_title_still_fits_the_session_cookie(
    app: Flask, client: Client, cast: Cast, britt: int, title: str
) -> None:
    course_id = cast.course(title=title).id

    answer = client.post(f"/sessions/{course_id}/register")

    assert max(len(cookie) for cookie in answer.headers.getlist("Set-Cookie")) < 4000


def test_ones_activities_stand_by_their_next_meeting_and_past_meetings_are_marked(
    app: Flask, client: Client, cast: Cast, clock: Clock, britt: int
) -> None:
    running = cast.course(title="Runs already", meetings=3, starts_in=timedelta(days=2)).id
    soon = cast.course(title="Soon", starts_in=timedelta(days=7)).id
    for course_id in (running, soon):
        client.post(f"/sessions/{course_id}/register")
    clock.move_to(clock.now + timedelta(days=3))
    client.get("/my/activities")

    page = read(words(client.get("/my/activities")).replace("<", " <"))

    assert page.index("Soon") < page.index("Runs already")
    assert "Thu 26 Nov 2026, 10:00–13:00 (over) Thu 3 Dec 2026, 10:00–13:00 Thu 10 Dec 2026" in page


def test_the_mail_about_a_seat_leads_to_where_such_mails_are_turned_off(
    app: Flask, client: Client, cast: Cast, britt: int
) -> None:
    course_id = cast.course().id
    client.post(f"/sessions/{course_id}/register")

    message = db.session.scalars(select(Message).order_by(Message.id.desc())).first()
    assert message is not None
    mail = letter(app, message)

    own_data = f"{app.config['SETTINGS'].base_url}/me/data"
    assert f'href="{own_data}"' in mail.html
    assert f"Turn such confirmations off in your own data: {own_data}\n" in mail.text


def test_who_would_take_a_seat_reads_first_that_giving_it_back_is_no_longer_free(
    app: Flask, client: Client, cast: Cast, clock: Clock, britt: int
) -> None:
    course_id = cast.course().id
    promise(course_id, clock.now - timedelta(days=6), clock)

    page = read(client.get(f"/sessions/{course_id}"))

    said = (
        "Free cancellation ended on Wed 18 Nov 2026, 10:00. You can still give the seat back until the session begins"
    )
    assert said in page
    assert page.index(said) < page.index("Take a seat")


def test_who_is_added_reads_by_whom(app: Flask, client: Client, cast: Cast) -> None:
    course_id = cast.course(programmes=["CARDIO"]).id
    cast.person("Ada Eerste")
    sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))

    client.post(f"/sessions/{course_id}/people", data={"people": "ada.eerste@school.example"})

    said = last_letter(app)
    assert "Roger Meunier has added you to this session." in said
    assert "You get this mail because Roger Meunier registered you." in said
