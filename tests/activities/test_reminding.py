"""Reminding now: the number first, then a mail to each that the ledger counts, and nobody twice on a day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.accounts.models import Person
from dsbs.activities.models import ActivitySession, Registration
from dsbs.activities.rules import RegistrationState
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.mail.models import Message
from dsbs.programmes.tables.reminders import ReminderRule
from dsbs.reminders.models import Reminder
from tests.activities.reading import read
from tests.activities.ticking import seat
from tests.reminders.ledger import school, sweep_all
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock


class Stage:
    """A course on Thu 10 Dec that Ada and Bea are in; Cis is offered a seat; Roger coordinates it."""

    def __init__(self, client: Client, cast: Cast, clock: Clock) -> None:
        self.client, self.clock = client, clock
        course: ActivitySession = cast.course(programmes=["CARDIO"], starts_in=school(10, 17) - cast.now)
        self.course_id = course.id
        people = [cast.person(name) for name in ("Ada Eerste", "Bea Tweede", "Cis Derde")]
        self.ada, self.bea, self.cis = (person.id for person in people)
        seat(self.course_id, *people, clock=clock)
        with write(by=SYSTEM, why="Offered", at=clock.now) as session:
            own = session.scalars(select(Registration).where(Registration.person_id == self.cis)).one()
            own.state, own.ticket = RegistrationState.OFFERED, 1
            own.offered_until = clock.now + timedelta(days=2)
        sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))

    @property
    def address(self) -> str:
        """Where people are reminded."""
        return f"/sessions/{self.course_id}/remind"

    def ask(self, *chosen: int) -> str:
        """What the page says before, for those ticked in the list."""
        return read(self.client.post(self.address, data={"step": "choose", "chosen": list(chosen)}))

    def remind(self, *chosen: int) -> str:
        """What the page says after the button was pressed."""
        return read(self.client.post(self.address, data={"chosen": list(chosen)}, follow_redirects=True))


@pytest.fixture
def stage(app: Flask, client: Client, cast: Cast, clock: Clock) -> Stage:
    """Two who are registered, one who is offered a seat."""
    return Stage(client, cast, clock)


def reminded() -> list[tuple[int | None, str]]:
    """Who was sent which reminder."""
    db.session.rollback()
    wanted = select(Message.person_id, Message.template).where(Message.key.startswith("reminder:"))
    return [(row.person_id, row.template) for row in db.session.execute(wanted.order_by(Message.person_id))]


def test_the_number_is_told_before_anybody_is_reminded(stage: Stage) -> None:
    page = stage.ask()

    assert "2 people who are registered get the reminder of the session." in page
    assert "One person who is offered a seat is reminded to answer." in page
    assert "Remind 3 people" in page
    assert reminded() == []


def test_everybody_gets_the_reminder_of_how_she_stands(stage: Stage) -> None:
    page = stage.remind()

    assert "3 people reminded by mail" in page
    assert reminded() == [
        (stage.ada, "activities/session_tomorrow"),
        (stage.bea, "activities/session_tomorrow"),
        (stage.cis, "activities/offer_expiring"),
    ]


def test_who_was_ticked_alone_is_reminded_and_the_sweep_sends_it_to_the_others(stage: Stage, clock: Clock) -> None:
    assert "Remind one person" in stage.ask(stage.ada)
    assert "1 person reminded by mail" in stage.remind(stage.ada)
    assert reminded() == [(stage.ada, "activities/session_tomorrow")]

    clock.move_to(school(9, 9))
    sweep_all(clock)

    told = [person_id for person_id, template in reminded() if template == "activities/session_tomorrow"]
    assert told == [stage.ada, stage.bea]


def test_who_was_reminded_today_is_named_and_not_reminded_again(stage: Stage) -> None:
    stage.remind(stage.ada)

    before, after = stage.ask(), stage.remind()

    assert "One person who is registered gets the reminder of the session." in before
    assert "Reminded today already: Ada Eerste." in before
    assert "2 people reminded by mail" in after
    assert "Reminded today already: Ada Eerste." in after
    assert len(reminded()) == 3


def test_who_has_had_it_on_another_day_is_named(stage: Stage, clock: Clock) -> None:
    stage.remind(stage.ada)
    clock.advance(timedelta(days=1))

    page = stage.ask(stage.ada)

    assert "Nobody to remind" in page
    assert "Had every reminder of the rules already: Ada Eerste." in page


def test_who_is_passed_over_for_another_reason_is_told_so(stage: Stage, clock: Clock) -> None:
    with write(by=SYSTEM, why="Changed", at=clock.now) as session:
        session.get_one(Person, stage.ada).active = False
        for rule in session.scalars(select(ReminderRule).where(ReminderRule.occasion == "session_start")):
            rule.in_force_to = clock.now.date() - timedelta(days=1)
        own = session.scalars(select(Registration).where(Registration.person_id == stage.cis)).one()
        own.offered_until = clock.now

    page = stage.ask()

    assert "May no longer sign in: Ada Eerste." in page
    assert "No rule of the school sends a reminder to Bea Tweede." in page
    assert "It has begun or the offer has ended, so it is too late to remind Cis Derde." in page
    assert "Had every reminder" not in page


def test_the_ledger_says_who_did_it(stage: Stage) -> None:
    stage.remind(stage.ada)

    db.session.rollback()
    assert db.session.scalars(select(Reminder.by_name)).all() == ["Roger Meunier"]


def test_a_second_click_reminds_nobody(stage: Stage) -> None:
    stage.remind()

    assert "Nobody was reminded" in stage.remind()
    assert len(reminded()) == 3


def test_a_session_that_has_begun_reminds_nobody_and_offers_no_button(stage: Stage, clock: Clock) -> None:
    clock.move_to(school(10, 18))
    with write(by=SYSTEM, why="Signed in anew", at=clock.now) as session:
        roger = session.scalars(select(Person).where(Person.family_name == "Meunier")).one()
    sign_in(stage.client, roger)

    assert "Nobody to remind" in stage.ask()
    assert "Remind them now" not in read(stage.client.get(f"/sessions/{stage.course_id}/people"))
