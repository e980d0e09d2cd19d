"""Who runs a session is told when she does, when it moves, when it is called off, and when she no longer does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import icalendar
import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.accounts.models import Person
from dsbs.activities import queries
from dsbs.activities.service import offering, registering
from dsbs.agenda.models import Commitment, CommitmentState
from dsbs.core import clock as school_clock
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import NotFound
from dsbs.mail.delivery import deliver
from dsbs.mail.models import Message
from dsbs.mail.outgoing import Rendered
from dsbs.mail.rules import MessageState
from tests.activities.line import answer, ask
from tests.activities.reading import letter, read
from tests.activities.running import end_organiser, name_organiser
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock


@pytest.fixture
def tess(cast: Cast) -> Person:
    """Somebody who gives courses."""
    return cast.person("Tess Molendijks")


def move(session_id: int, clock: Clock, **by: float) -> int:
    """Move all meetings of a session by so much; gives how many were told."""
    with write(by=SYSTEM, why="Changed a session", at=clock.now) as session:
        offered = queries.session_in_full(session, session_id)
        plan, step = offering.plan_of(offered), timedelta(**by)
        meetings = [replace(one, start=one.start + step, end=one.end + step) for one in plan.meetings]
        plan, seen = replace(plan, meetings=meetings), offered.revision
        return offering.edit_session(session, session_id=session_id, revision=seen, plan=plan, now=clock.now)


def call_off(session_id: int, clock: Clock) -> int:
    with write(by=SYSTEM, why="Called off", at=clock.now) as session:
        return offering.cancel_session(session, session_id=session_id, reason="Ill", now=clock.now)


def take_a_seat(session_id: int, person: Person, clock: Clock) -> None:
    with write(by=SYSTEM, why="Added", at=clock.now) as session:
        own = session.get_one(Person, person.id)
        registering.take_seats(session, session_id=session_id, people=[own], now=clock.now)


def told() -> Sequence[Message]:
    """All that was queued and not taken back, the earliest first."""
    db.session.rollback()
    queued = select(Message).where(Message.state == MessageState.QUEUED)
    return db.session.scalars(queued.order_by(Message.id)).all()


def about() -> list[str]:
    return [message.template for message in told()]


def send() -> None:
    """Let all that was queued leave."""
    deliver(school_clock.now)


def entry(rendered: Rendered) -> Mapping[str, str]:
    """The one entry of the calendar that a mail carries."""
    (found,) = icalendar.Calendar.from_ical(rendered.calendar or "").walk("VEVENT")
    return {key: str(found[key]) for key in ("UID", "STATUS", "SEQUENCE")}


def test_who_is_named_reads_that_she_teaches_with_the_entry_for_her_calendar(
    app: Flask, cast: Cast, clock: Clock, tess: Person
) -> None:
    course_id = cast.course(title="Scientific writing", venue=cast.venue("Room 02.114")).id

    name_organiser(course_id, tess, clock)

    (message,) = told()
    rendered = letter(app, message)
    assert message.person_id == tess.id
    assert rendered.subject == "You teach: Scientific writing, Thu 10 Dec 2026, 10:00"
    assert rendered.text.startswith(
        "Dear Tess Molendijks,\n"
        "\n"
        "You teach this session. The dates are attached for your calendar, and its page shows you who comes.\n"
        "\n"
        "Scientific writing\n"
        "- Thu 10 Dec 2026, 10:00–13:00, Room 02.114\n"
    )
    assert "seat" not in rendered.text
    assert "seat" not in (rendered.calendar or "")
    assert entry(rendered)["STATUS"] == "CONFIRMED"
    assert "You teach this session." in read(rendered.html)


def test_who_teaches_a_draft_is_told_once_it_is_published(app: Flask, cast: Cast, clock: Clock, tess: Person) -> None:
    draft_id = cast.course(published=False).id
    name_organiser(draft_id, tess, clock)
    move(draft_id, clock, days=1)
    as_a_draft = about()

    with write(by=SYSTEM, why="Published", at=clock.now) as session:
        offering.publish_session(session, session_id=draft_id, free_cancellation_until=None, now=clock.now)

    assert (as_a_draft, about()) == ([], ["activities/teaching"])


def test_who_teaches_a_session_that_moves_reads_what_was_and_what_is(
    app: Flask, cast: Cast, clock: Clock, tess: Person
) -> None:
    course_id = cast.course(title="Scientific writing").id
    name_organiser(course_id, tess, clock)
    before = entry(letter(app, told()[0]))

    assert move(course_id, clock, days=1) == 1

    rendered = letter(app, told()[1])
    after = entry(rendered)
    assert rendered.subject == "You teach, new time or place: Scientific writing, Fri 11 Dec 2026, 10:00"
    assert "A session that you teach has a new time or place." in rendered.text
    assert "From now on:\n- Fri 11 Dec 2026, 10:00–13:00 (new)\n\nNo longer:\n- Thu 10 Dec 2026" in rendered.text
    assert (after["UID"], after["STATUS"]) == (before["UID"], "CONFIRMED")
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])


def test_two_moves_are_two_letters_to_who_teaches(app: Flask, cast: Cast, clock: Clock, tess: Person) -> None:
    course_id = cast.course().id
    name_organiser(course_id, tess, clock)

    for _ in range(2):
        move(course_id, clock, days=1)

    assert about()[1:] == ["activities/teaching_changed"] * 2


def test_who_teaches_a_session_that_is_called_off_need_not_come(
    app: Flask, cast: Cast, clock: Clock, tess: Person
) -> None:
    course_id = cast.course(title="Scientific writing").id
    name_organiser(course_id, tess, clock)
    before = entry(letter(app, told()[0]))

    assert call_off(course_id, clock) == 1

    rendered = letter(app, told()[1])
    after = entry(rendered)
    assert rendered.subject == "Cancelled, you need not teach: Scientific writing, Thu 10 Dec 2026, 10:00"
    assert "Why: Ill" in rendered.text
    assert (after["UID"], after["STATUS"]) == (before["UID"], "CANCELLED")
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])


def test_who_teaches_and_has_a_seat_gets_one_letter(app: Flask, cast: Cast, clock: Clock, tess: Person) -> None:
    course_id = cast.course().id
    name_organiser(course_id, tess, clock)
    take_a_seat(course_id, tess, clock)

    assert move(course_id, clock, days=1) == 1
    assert call_off(course_id, clock) == 1

    assert about()[1:] == ["activities/session_changed", "activities/session_cancelled"]


def test_who_no_longer_teaches_reads_so_and_the_session_leaves_her_calendar(
    app: Flask, cast: Cast, clock: Clock, tess: Person
) -> None:
    course_id = cast.course(title="Scientific writing").id
    grant_id = name_organiser(course_id, tess, clock)
    before = entry(letter(app, told()[0]))
    send()

    end_organiser(course_id, grant_id, clock)

    rendered = letter(app, told()[0])
    after = entry(rendered)
    assert rendered.subject == "You no longer teach: Scientific writing, Thu 10 Dec 2026, 10:00"
    assert "The attached entry takes it out of your calendar." in rendered.text
    assert (after["UID"], after["STATUS"]) == (before["UID"], "CANCELLED")
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])


def test_who_no_longer_teaches_and_has_a_seat_keeps_the_entry(
    app: Flask, cast: Cast, clock: Clock, tess: Person
) -> None:
    course_id = cast.course().id
    grant_id = name_organiser(course_id, tess, clock)
    send()
    take_a_seat(course_id, tess, clock)

    end_organiser(course_id, grant_id, clock)

    rendered = letter(app, told()[0])
    assert "You no longer teach this session, but you keep your seat in it." in rendered.text
    assert entry(rendered)["STATUS"] == "CONFIRMED"


def test_a_seat_that_is_only_offered_to_who_no_longer_teaches_is_held_in_her_calendar(
    app: Flask, cast: Cast, clock: Clock, tess: Person
) -> None:
    course_id, ada = cast.course(capacity=1).id, cast.person("Ada Eerste")
    grant_id = name_organiser(course_id, tess, clock)
    part = ask(course_id, ada.id, clock)
    ask(course_id, tess.id, clock)
    answer("cancel", part.registration_id, ada.id, clock)

    end_organiser(course_id, grant_id, clock)

    (bound,) = db.session.scalars(select(Commitment).where(Commitment.person_id == tess.id))
    assert bound.state is CommitmentState.HELD


def test_who_was_named_by_mistake_and_ended_before_the_mail_left_reads_nothing(
    app: Flask, cast: Cast, clock: Clock, tess: Person
) -> None:
    course_id = cast.course().id

    end_organiser(course_id, name_organiser(course_id, tess, clock), clock)

    assert about() == []


def test_who_comes_and_goes_and_comes_again_is_told_each_time(
    app: Flask, cast: Cast, clock: Clock, tess: Person
) -> None:
    course_id = cast.course().id
    grant_id = name_organiser(course_id, tess, clock)
    send()
    end_organiser(course_id, grant_id, clock)
    send()

    name_organiser(course_id, tess, clock)

    (message,) = told()
    assert message.template == "activities/teaching"
    assert entry(letter(app, message))["STATUS"] == "CONFIRMED"


def test_a_letter_about_a_move_says_nothing_to_who_no_longer_teaches(
    app: Flask, cast: Cast, clock: Clock, tess: Person
) -> None:
    course_id = cast.course().id
    grant_id = name_organiser(course_id, tess, clock)
    send()
    move(course_id, clock, days=1)
    end_organiser(course_id, grant_id, clock)

    with pytest.raises(NotFound):
        letter(app, told()[0])


def test_who_is_named_for_what_is_over_is_not_told(app: Flask, cast: Cast, clock: Clock, tess: Person) -> None:
    course_id = cast.course().id
    clock.advance(timedelta(days=30))

    end_organiser(course_id, name_organiser(course_id, tess, clock), clock)

    assert about() == []


def test_the_coordinator_reads_that_who_teaches_is_told_too(
    app: Flask, client: Client, cast: Cast, clock: Clock, tess: Person
) -> None:
    course_id = cast.course(programmes=["CARDIO"]).id
    name_organiser(course_id, tess, clock)
    take_a_seat(course_id, cast.person("Ada Eerste"), clock)
    sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))

    said = [read(client.get(f"/sessions/{course_id}/{page}")) for page in ("edit", "call-off")]
    after = read(client.post(f"/sessions/{course_id}/call-off", data={"reason": "Ill"}, follow_redirects=True))

    assert "2 people will be told if time or place change." in said[0]
    assert "2 people will be told by mail." in said[1]
    assert "2 people are told by mail." in after
