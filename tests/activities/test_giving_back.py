"""Giving a seat back by the link in the mail that asks who still comes: what is shown, what the link alone can do."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.accounts import links
from dsbs.accounts.models import Person, SignedLink
from dsbs.activities.models import ActivitySession, Registration
from dsbs.activities.rules import RegistrationState
from dsbs.core.db import SYSTEM, db, write
from dsbs.mail.models import Message
from dsbs.reminders.rules import Cadence
from dsbs.reminders.sweeping import sweep
from tests.activities.reading import letter, words
from tests.reminders.ledger import school, take_seat
from tests.support.cast import Cast
from tests.support.client import sign_in
from tests.support.clock import Clock
from tests.support.statements import statements

TWO_DAYS = timedelta(days=2)


#: Until when giving back is free, and when the mail that asks has left.
FREE_UNTIL, ASKED = school(10, 17), school(8, 9)


def free_until(session_id: int, moment: datetime) -> None:
    """Let giving back be free until this moment."""
    with write(by=SYSTEM, why="Set", at=moment) as session:
        session.get_one(ActivitySession, session_id).free_cancellation_until = moment


class Stage:
    """A course in four weeks; the mail that asks Britt whether she still comes was queued a moment ago."""

    def __init__(self, app: Flask, cast: Cast, clock: Clock) -> None:
        self.app, self.cast, self.clock = app, cast, clock
        self.course_id = cast.course(programmes=["CARDIO"], starts_in=timedelta(days=28)).id
        self.britt = cast.researcher("Britt Bauwens")
        free_until(self.course_id, FREE_UNTIL)
        take_seat(db.session.get_one(ActivitySession, self.course_id), self.britt, at=clock.now)
        clock.move_to(ASKED)
        sweep(lambda: clock.now, Cadence.HOURLY)

    def mail(self) -> Message:
        """The mail that asks."""
        db.session.rollback()
        return db.session.scalars(select(Message).where(Message.template == "activities/still_coming")).one()

    def link(self) -> str:
        """The path of the link in it."""
        return f"/seats/{links.token_of(db.session.get_one(SignedLink, self.mail().ids['link']))}"

    def part(self) -> Registration:
        """Britt's part in the course."""
        db.session.rollback()
        return db.session.scalars(select(Registration).where(Registration.person_id == self.britt.id)).one()


@pytest.fixture
def stage(app: Flask, cast: Cast, clock: Clock) -> Stage:
    """Somebody is asked whether she still comes."""
    return Stage(app, cast, clock)


def test_the_mail_carries_the_link_and_no_secret_at_rest(stage: Stage) -> None:
    assert f"/seats/link-{stage.mail().ids['link']}-secret" in letter(stage.app, stage.mail()).text


def test_looking_at_it_changes_nothing(stage: Stage) -> None:
    answer = stage.app.test_client().get(stage.link())

    assert "Britt Bauwens has a seat" in words(answer)
    assert "give the seat back: that is free until" in words(answer)
    assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert stage.part().state is RegistrationState.REGISTERED


def test_the_seat_is_given_back_by_the_link_alone_and_then_says_so(stage: Stage) -> None:
    answer = stage.app.test_client().post(f"{stage.link()}/give-back", follow_redirects=True)

    assert "The seat is given back" in words(answer)
    assert stage.part().state is RegistrationState.CANCELLED


def test_a_second_click_reads_how_it_stands(stage: Stage) -> None:
    link = stage.link()
    stage.app.test_client().post(f"{link}/give-back")

    again = stage.app.test_client().post(f"{link}/give-back")

    assert again.status_code == 409
    assert "The seat is given back" in words(again)


def test_a_link_is_good_for_as_long_as_giving_back_is_free(stage: Stage) -> None:
    link = stage.link()
    stage.clock.move_to(FREE_UNTIL)

    page = stage.app.test_client().get(link)
    late = stage.app.test_client().post(f"{link}/give-back")

    assert "The seat can still be given back on the page of the session." in words(page)
    assert (late.status_code, "This link is too old." in words(late)) == (409, True)
    assert stage.part().state is RegistrationState.REGISTERED


def test_a_link_opened_while_somebody_else_is_signed_in_says_whose_answer_it_is(stage: Stage) -> None:
    client = stage.app.test_client()
    sign_in(client, stage.cast.person("Ines Grasbergen"))  # type: ignore[arg-type]

    page = words(client.get(stage.link()))

    assert "On this device Ines Grasbergen is signed in; the answer here is that of Britt Bauwens." in page


def test_a_link_about_an_offer_gives_no_seat_back(stage: Stage) -> None:
    with write(by=SYSTEM, why="Made a link", at=stage.clock.now) as session:
        person = session.get_one(Person, stage.britt.id)
        part_id = session.scalars(select(Registration.id)).one()
        made = links.make(
            session, purpose="seat_offer", person=person, now=stage.clock.now, lifetime=TWO_DAYS, subject_id=part_id
        )
        token = links.token_of(made)

    answer = stage.app.test_client().post(f"/seats/{token}/give-back")

    assert answer.status_code == 404
    assert stage.part().state is RegistrationState.REGISTERED


def test_the_links_of_many_mails_cost_no_more_questions_than_those_of_few(app: Flask, cast: Cast, clock: Clock) -> None:
    def counted(people: int, day: int) -> int:
        course = cast.course(capacity=people, starts_in=timedelta(days=60))
        free_until(course.id, school(day, 17))
        with cast.at_once():
            seated = [cast.person(f"Person{number} Of{day}") for number in range(people)]
        take_seat(course, *seated, at=clock.now)
        clock.move_to(school(day - 2, 9))
        with statements() as sent:
            assert sweep(lambda: clock.now, Cadence.HOURLY) == people
        return len(sent)

    counted(1, 10)  # what the first sweep of all asks once

    assert counted(3, 15) == counted(60, 17)
