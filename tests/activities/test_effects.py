"""Moving or calling off a session says first what it does to others, then does exactly that."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.accounts.models import Person
from dsbs.activities import queries
from dsbs.activities.models import ActivitySession
from dsbs.activities.service import registering
from dsbs.agenda import service as agenda
from dsbs.agenda.models import VoidBooking
from dsbs.agenda.service import Confirmation
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.mail.models import Message
from tests.activities.moving import edit, later, plan_now
from tests.activities.reading import letter, read, words
from tests.activities.running import name_organiser
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock
from tests.support.reading import hidden
from tests.support.statements import questions


class Stage:
    """A course of CARDIO on Thu 10 Dec with Britt in it; on Fri 11 Dec she is in Flow cytometry."""

    def __init__(self, client: Client, cast: Cast, clock: Clock) -> None:
        self.client, self.cast, self.clock = client, cast, clock
        self.hall = cast.venue("Town hall", ours=False)
        self.course_id = cast.course(programmes=["CARDIO"], venue=self.hall).id
        self.other_id = cast.course(title="Flow cytometry", starts_in=timedelta(days=17)).id
        self.britt = cast.person("Britt Bauwens")
        self.seat(self.britt, self.course_id)
        self.seat(self.britt, self.other_id)
        sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))

    def seat(self, person: Person, session_id: int) -> None:
        """Put somebody into a session."""
        with write(by=SYSTEM, why="Seated", at=self.clock.now) as session:
            own = session.get_one(Person, person.id)
            registering.take_seats(session, session_id=session_id, people=[own], now=self.clock.now)

    def confirm(self) -> None:
        """The hall says yes."""
        today = self.clock.now.date()
        with write(by=SYSTEM, why="Confirmed", at=self.clock.now) as session:
            slot = queries.session_in_full(session, self.course_id).meetings[0].slot
            answer = Confirmation(on=today, reference="R 12", by="Ms Hall")
            agenda.confirm_venue(session, slot=slot, asked_on=today, confirmation=answer, today=today)

    def form(self, day: str = "2026-12-11", **changes: str) -> dict[str, str]:
        """The course on another day, as the form sends it."""
        typed = {"revision": "1", "mode": "seat", "capacity": "30", "meetings-0-day": day}
        return {
            **typed,
            "meetings-0-start": "10:00",
            "meetings-0-end": "13:00",
            "meetings-0-venue": str(self.hall.id),
            **changes,
        }

    def ask(self, **changes: str) -> str:
        """What is told first."""
        return read(self.client.post(f"/sessions/{self.course_id}/edit", data=self.form(**changes)))

    def starts(self) -> str:
        """The day on which the course begins, as saved."""
        db.session.rollback()
        return db.session.get_one(ActivitySession, self.course_id).starts_at.date().isoformat()


@pytest.fixture
def stage(app: Flask, client: Client, cast: Cast, clock: Clock) -> Stage:
    """A course that is about to move."""
    return Stage(client, cast, clock)


def test_who_moves_a_session_reads_who_is_told_who_clashes_and_what_to_rebook_before_it_is_saved(stage: Stage) -> None:
    stage.confirm()

    asked = stage.ask()

    assert "1 person will be told by mail: registered, waiting or teaching." in asked
    assert "Britt Bauwens now has a clash: Flow cytometry, Fri 11 Dec 2026, 10:00–13:00." in asked
    assert "Town hall must be rebooked: Thu 10 Dec 2026, 10:00–13:00 was confirmed under R 12." in asked
    assert stage.starts() == "2026-12-10"
    assert db.session.scalars(select(VoidBooking)).all() == []


def test_what_was_told_is_saved_by_one_more_click(stage: Stage) -> None:
    stage.confirm()
    address = f"/sessions/{stage.course_id}/edit"

    asked = stage.client.post(address, data=stage.form())
    done = read(stage.client.post(address, data={**hidden(asked), "step": "save"}, follow_redirects=True))

    assert "The session is changed. 1 person is told by mail of the new time or place." in done
    assert stage.starts() == "2026-12-11"


def test_one_person_more_is_no_new_question_but_a_new_clash_is(stage: Stage) -> None:
    address = f"/sessions/{stage.course_id}/edit"
    asked = hidden(stage.client.post(address, data=stage.form()))

    hugo = stage.cast.person("Hugo Coppens")
    stage.seat(hugo, stage.course_id)
    stage.seat(hugo, stage.other_id)
    again = stage.client.post(address, data={**asked, "step": "save"})
    stage.seat(stage.cast.person("Ines Grasbergen"), stage.course_id)
    stage.client.post(address, data={**hidden(again), "step": "save"})

    assert "Hugo Coppens now has a clash" in read(again)
    assert stage.starts() == "2026-12-11"


def test_the_end_of_free_cancellation_is_told_as_it_will_be(stage: Stage) -> None:
    until = "free_cancellation_until"

    assert "Free cancellation ends on Tue 1 Dec 2026, 12:00." in stage.ask(**{until: "2026-12-01T12:00"})


def test_a_move_that_concerns_nobody_asks_nothing(stage: Stage) -> None:
    empty_id = stage.cast.course(title="Empty", programmes=["CARDIO"], starts_in=timedelta(days=20)).id
    form = stage.form(day="2026-12-15", **{"meetings-0-venue": "0"})

    done = read(stage.client.post(f"/sessions/{empty_id}/edit", data=form, follow_redirects=True))

    assert "The session is changed." in done


def test_what_changes_neither_time_nor_place_asks_nothing(stage: Stage) -> None:
    done = read(
        stage.client.post(
            f"/sessions/{stage.course_id}/edit",
            data=stage.form(day="2026-12-10", label="In Dutch"),
            follow_redirects=True,
        )
    )

    assert "The session is changed." in done


def test_a_teacher_who_is_elsewhere_then_is_named(stage: Stage) -> None:
    tess = stage.cast.person("Tess Molendijks")
    name_organiser(stage.course_id, tess, stage.clock)
    name_organiser(stage.other_id, tess, stage.clock)

    assert "Tess Molendijks now has a clash" in stage.ask()


def test_a_plan_for_many_asks_the_database_no_more_than_one_for_few(stage: Stage) -> None:
    def questions_of_a_move() -> int:
        with questions() as asked:
            stage.ask()
        return len(asked)

    questions_of_a_move()
    few = questions_of_a_move()
    for number in range(8):
        person = stage.cast.person(f"Many {number}")
        stage.seat(person, stage.course_id)
        stage.seat(person, stage.other_id)

    questions_of_a_move()
    assert questions_of_a_move() == few


def test_her_mail_says_with_what_she_now_clashes(app: Flask, stage: Stage) -> None:
    (meeting,) = plan_now(stage.course_id).meetings
    edit(stage.course_id, stage.clock, meetings=[later(meeting, days=1)])
    message = db.session.scalars(select(Message).where(Message.template == "activities/session_changed")).one()

    rendered = letter(app, message)

    assert (
        "\nYou now have a clash:\n- Flow cytometry, Fri 11 Dec 2026, 10:00–13:00\n\nIf you cannot come" in rendered.text
    )
    assert "You now have a clash Flow cytometry" in read(rendered.html)


def test_who_calls_a_session_off_reads_which_venue_elsewhere_must_be_told(stage: Stage) -> None:
    stage.confirm()
    address = f"/sessions/{stage.course_id}/call-off"

    before = read(stage.client.get(address))
    stage.client.post(address, data={"reason": "The teacher is ill"})
    after = read(stage.client.get("/venues/rebook"))

    assert "Town hall, Thu 10 Dec 2026, 10:00–13:00, their reference: R 12" in before
    assert "Confirmed under R 12 by Ms Hall. It was called off. Cancel the booking" in after


def test_on_the_start_page_and_in_the_venue_stands_what_is_to_rebook(stage: Stage) -> None:
    stage.confirm()
    address = f"/sessions/{stage.course_id}/edit"
    asked = hidden(stage.client.post(address, data=stage.form()))
    stage.client.post(address, data={**asked, "step": "save"})

    assert "Rebook: Town hall" in read(stage.client.get("/"))
    assert "Move the booking" in read(stage.client.get(f"/venues/{stage.hall.id}"))
    assert "To rebook" in words(stage.client.get("/venues"))
