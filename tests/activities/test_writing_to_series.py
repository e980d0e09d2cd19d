"""Writing to everybody of all coming sessions of a series at once: each gets it once, and reads which are hers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.accounts.models import Person
from dsbs.activities.messages import About, Addressed
from dsbs.activities.models import ActivitySession, SessionMessage, SessionMessageCopy
from dsbs.activities.rules import RegistrationState
from dsbs.activities.service import offering, waiting, writing
from dsbs.activities.service.writing import Written
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import Refused
from dsbs.mail.models import Message
from tests.activities.reading import letter, read
from tests.activities.weekly import Weekly
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock
from tests.support.statements import questions, statements

REGISTERED, WAITING = RegistrationState.REGISTERED, RegistrationState.WAITING


class Stage:
    """Four Thursdays. Ada is in three of them, Bea in the last, Cis waits for the second; Roger coordinates them."""

    def __init__(self, app: Flask, client: Client, cast: Cast, clock: Clock) -> None:
        self.app, self.client, self.cast, self.clock = app, client, cast, clock
        self.weekly = Weekly(cast, clock)
        self.ada, self.bea, self.cis = (cast.person(f"{name} Eerste") for name in ("Ada", "Bea", "Cis"))
        self.roger = cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO")
        self.weekly.seat(self.ada, 0, 1, 2)
        self.weekly.seat(self.bea, 3)
        with write(by=SYSTEM, why="Waits", at=clock.now) as session:
            waiting.line_up(session, session_id=self.weekly.ids[1], people={self.cis.id: None}, ticket=1, now=clock.now)
        sign_in(client, db.session.get_one(Person, self.roger.id))

    @property
    def about(self) -> About:
        """The series."""
        return About(series_id=self.weekly.id)

    @property
    def address(self) -> str:
        """Where its messages stand."""
        return f"/series/{self.weekly.id}/messages"

    def type(self, *states: str) -> str:
        """What the page says after this was typed."""
        typed = {"subject": "Another room", "text": "Come to **room 5**.", "states": list(states) or ["registered"]}
        return read(self.client.post(f"{self.address}/new", data=typed, follow_redirects=True))

    def draft(self, *states: RegistrationState) -> int:
        """A message to these, not sent yet."""
        addressed = Addressed(states=frozenset(states), person_ids=frozenset())
        written = Written(addressed=addressed, subject="Another room", text="Come to **room 5**.")
        with write(by=SYSTEM, why="Wrote", at=self.clock.now) as session:
            return writing.write_draft(
                session, about=self.about, by_id=self.roger.id, written=written, now=self.clock.now
            ).id

    def send(self, draft_id: int) -> None:
        """Send it."""
        with write(by=SYSTEM, why="Sent", at=self.clock.now) as session:
            writing.send(
                session,
                about=self.about,
                message_id=draft_id,
                revision=1,
                by_id=self.roger.id,
                now=self.clock.now,
            )

    def call_off(self, place: int) -> None:
        """Call one of its sessions off."""
        with write(by=SYSTEM, why="Called off", at=self.clock.now) as session:
            offering.cancel_session(session, session_id=self.weekly.ids[place], reason="Illness", now=self.clock.now)

    def mails(self) -> list[Message]:
        """The mails of messages, the first one first."""
        db.session.rollback()
        wanted = select(Message).where(Message.template == writing.TEMPLATE).order_by(Message.id)
        return list(db.session.scalars(wanted))

    def told(self) -> list[int | None]:
        """Who was written to."""
        return [mail.person_id for mail in self.mails()]


@pytest.fixture
def stage(app: Flask, client: Client, cast: Cast, clock: Clock) -> Stage:
    """A series with people in it."""
    return Stage(app, client, cast, clock)


def test_the_form_counts_people_and_not_parts(stage: Stage) -> None:
    page = read(stage.client.get(f"{stage.address}/new"))

    assert "Registered (2)" in page
    assert "Waiting list (1)" in page


def test_the_preview_counts_everybody_once_and_shows_what_the_first_of_them_has(stage: Stage) -> None:
    page = stage.type("registered", "waiting")

    assert "It goes to3 people" in page
    assert "Roger Meunier writes to you about the series “Academic writing”: Come to room 5." in page
    assert "Thu 10 Dec 2026" in page
    assert "Thu 24 Dec 2026" in page
    assert "Thu 31 Dec 2026" not in page
    assert stage.told() == []


def test_who_has_several_sessions_gets_one_mail(stage: Stage) -> None:
    stage.send(stage.draft(REGISTERED, WAITING))

    assert stage.told() == [stage.ada.id, stage.bea.id, stage.cis.id]


def test_the_mail_names_the_series_and_what_its_reader_has_in_it(stage: Stage) -> None:
    stage.send(stage.draft(WAITING))

    rendered = letter(stage.app, stage.mails()[0])

    assert rendered.subject == "Another room"
    assert "Roger Meunier writes to you about the series “Academic writing”:" in rendered.text
    assert "- Thu 17 Dec 2026, 10:00–13:00, Room 1 (you wait for a seat)\n" in rendered.text
    assert "you are in sessions of this series or wait for one. An answer to it goes to Roger" in read(rendered.text)
    assert "room 5</strong>" in rendered.html


def test_a_name_with_an_apostrophe_stands_in_the_text_as_it_is_written(stage: Stage) -> None:
    with write(by=SYSTEM, why="Married", at=stage.clock.now) as session:
        session.get_one(Person, stage.roger.id).family_name = "O'Neil"
    stage.send(stage.draft(WAITING))

    assert "An answer to it goes to Roger O'Neil." in read(letter(stage.app, stage.mails()[0]).text)


def test_who_is_in_what_is_over_or_called_off_is_not_written_to(stage: Stage) -> None:
    stage.call_off(3)
    stage.clock.advance(stage.weekly.now(1).starts_at - stage.clock.now + timedelta(minutes=1))

    stage.send(stage.draft(REGISTERED, WAITING))

    assert stage.told() == [stage.ada.id]


def test_nothing_is_sent_where_nobody_is_left(stage: Stage) -> None:
    draft_id = stage.draft(WAITING)
    stage.call_off(1)

    with pytest.raises(Refused, match="Nobody of these is in a session to come"):
        stage.send(draft_id)

    assert stage.told() == []


def test_each_copy_is_kept_beside_the_message_and_told_on_its_page(stage: Stage) -> None:
    stage.type()
    draft_id = db.session.scalars(select(SessionMessage.id)).one()
    sent = read(stage.client.post(f"{stage.address}/{draft_id}/send", data={"revision": "1"}, follow_redirects=True))

    assert "The message leaves to 2 people" in sent
    assert "Who gets it2" in sent
    assert sorted(db.session.scalars(select(SessionMessageCopy.person_id))) == sorted([stage.ada.id, stage.bea.id])
    assert "Another room Roger Meunier" in read(stage.client.get(stage.address))


def test_what_was_sent_still_tells_later_which_sessions_it_was_about(stage: Stage) -> None:
    draft_id = stage.draft(REGISTERED)
    stage.send(draft_id)
    stage.clock.advance(timedelta(weeks=2))
    sign_in(stage.client, db.session.get_one(Person, stage.roger.id))

    assert "Thu 10 Dec 2026" in read(stage.client.get(f"{stage.address}/{draft_id}"))


def test_a_message_of_a_series_is_not_one_of_its_sessions(stage: Stage) -> None:
    draft_id, session_id = stage.draft(REGISTERED), stage.weekly.ids[0]

    assert stage.client.get(f"/sessions/{session_id}/messages/{draft_id}").status_code == 404
    assert "Messages of the series" in read(stage.client.get(f"/sessions/{session_id}/messages"))


def test_a_teacher_of_one_session_does_not_write_to_the_series(stage: Stage) -> None:
    tess = stage.cast.person("Tess Molendijks", Role.ORGANISER, session_id=stage.weekly.ids[0])
    sign_in(stage.client, tess)

    assert stage.client.get(stage.address).status_code == 404
    assert "Messages of the series" not in read(stage.client.get(f"/sessions/{stage.weekly.ids[0]}/messages"))


def test_a_series_that_nobody_is_in_has_nobody_to_write_to(stage: Stage) -> None:
    for place in range(4):
        stage.call_off(place)

    page = read(stage.client.get(f"{stage.address}/new"))

    assert "Once somebody is in one of its sessions to come" in page


def test_looking_at_a_message_to_many_asks_as_often_as_at_one_to_few(stage: Stage) -> None:
    draft_id = stage.draft(REGISTERED)
    few = _asked(stage, draft_id)
    with write(by=SYSTEM, why="Larger", at=stage.clock.now) as session:
        for session_id in stage.weekly.ids:
            session.get_one(ActivitySession, session_id).capacity = 100
    for number in range(20):
        stage.weekly.seat(stage.cast.person(f"Person Number{number}"), number % 4, (number + 1) % 4)

    assert _asked(stage, draft_id) == few


def _asked(stage: Stage, draft_id: int) -> int:
    with questions() as asked:
        stage.client.get(f"{stage.address}/{draft_id}")
    return len(asked)


def test_sending_to_many_takes_as_many_statements_as_to_few(stage: Stage) -> None:
    few = _statements(stage)
    for number in range(20):
        stage.weekly.seat(stage.cast.person(f"Person Number{number}"), number % 4, (number + 1) % 4)

    assert _statements(stage) == few


def _statements(stage: Stage) -> int:
    draft_id = stage.draft(REGISTERED)
    with statements() as sent:
        stage.send(draft_id)
    return len(sent)
