"""Writing to people in a session: whom it reaches, what it says, that it is sent once, and what is kept of it."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from dsbs.accounts.models import Person
from dsbs.activities import queries
from dsbs.activities.messages import About, Addressed
from dsbs.activities.models import ActivitySession, SessionMessage, SessionMessageCopy
from dsbs.activities.rules import RegistrationState
from dsbs.activities.service import offering, registering, waiting, writing
from dsbs.activities.service.writing import Written
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import Refused
from dsbs.history.models import Change
from dsbs.mail.models import Message
from dsbs.mail.rules import MessageState
from tests.activities.reading import letter, read
from tests.activities.ticking import seat
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock
from tests.support.statements import statements

REGISTERED, WAITING = RegistrationState.REGISTERED, RegistrationState.WAITING
TEXT = "Dear all,\nthe **room** has <b>changed</b>. 🧬\n\nSee you!"


class Stage:
    """A course of CARDIO that Ada and Bea are in and Cis waits for; its coordinator Roger is signed in."""

    def __init__(self, app: Flask, client: Client, cast: Cast, clock: Clock) -> None:
        self.app, self.client, self.cast, self.clock = app, client, cast, clock
        self.course_id = cast.course(programmes=["CARDIO"], capacity=2).id
        people = [cast.person(name) for name in ("Ada Eerste", "Bea Tweede", "Cis Derde")]
        self.ada, self.bea, self.cis = (person.id for person in people)
        self.roger = cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO").id
        seat(self.course_id, *people[:2], clock=clock)
        with write(by=SYSTEM, why="Waits", at=clock.now) as session:
            waiting.line_up(session, session_id=self.course_id, people={self.cis: None}, ticket=1, now=clock.now)
        sign_in(client, db.session.get_one(Person, self.roger))

    @property
    def address(self) -> str:
        """Where the messages of the course stand."""
        return f"/sessions/{self.course_id}/messages"

    def type(self, *, states: tuple[str, ...] = ("registered",), people: tuple[int, ...] = (), **changes: str) -> str:
        """What the page says after this was typed."""
        typed = {"subject": "Another room", "text": TEXT, "states": list(states), "people": list(people), **changes}
        return read(self.client.post(f"{self.address}/new", data=typed, follow_redirects=True))

    def draft(self, *states: RegistrationState, people: tuple[int, ...] = ()) -> int:
        """A message to these, not sent yet."""
        addressed = Addressed(states=frozenset(states), person_ids=frozenset(people))
        written = Written(addressed=addressed, subject="Another room", text=TEXT)
        with write(by=SYSTEM, why="Wrote", at=self.clock.now) as session:
            return writing.write_draft(
                session, about=About(session_id=self.course_id), by_id=self.roger, written=written, now=self.clock.now
            ).id

    def send(self, draft_id: int, revision: int = 1) -> int:
        """Send it; how many are told."""
        with write(by=SYSTEM, why="Sent", at=self.clock.now) as session:
            sent = writing.send(
                session,
                about=About(session_id=self.course_id),
                message_id=draft_id,
                revision=revision,
                by_id=self.roger,
                now=self.clock.now,
            )
            return len(sent.told)

    def press_send(self, draft_id: int, revision: int = 1) -> str:
        """What the page says after the button was pressed."""
        address = f"{self.address}/{draft_id}"
        headers = {"Referer": f"http://localhost{address}"}
        return read(
            self.client.post(f"{address}/send", data={"revision": revision}, headers=headers, follow_redirects=True)
        )

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
    """A full course with somebody waiting."""
    return Stage(app, client, cast, clock)


def test_what_was_typed_is_shown_as_one_of_them_gets_it_before_anything_is_sent(stage: Stage) -> None:
    page = stage.type()

    assert "It goes to2 people" in page
    assert "Ada Eerste, Bea Tweede" in page
    assert "Dear Ada Eerste, Roger Meunier writes to you about “Scientific writing”:" in page
    assert "the room has <b>changed</b>. 🧬" in page
    assert "An answer to it goes to Roger Meunier." in page
    assert stage.told() == []


def test_all_who_stand_alike_and_who_was_chosen_are_told_each_once(stage: Stage) -> None:
    stage.press_send(stage.draft(REGISTERED, people=(stage.ada, stage.cis)))

    assert stage.told() == [stage.ada, stage.bea, stage.cis]


def test_the_mail_says_who_wrote_and_why_it_came_and_an_answer_reaches_the_writer(stage: Stage) -> None:
    stage.send(stage.draft(REGISTERED, WAITING))

    rendered = letter(stage.app, stage.mails()[-1])

    assert rendered.subject == "Another room"
    assert rendered.reply_to == "roger.meunier@school.example"
    assert "Roger Meunier writes to you about “Scientific writing”:" in rendered.text
    assert TEXT in rendered.text
    assert "on the waiting list of this session. An answer to it goes to Roger Meunier." in read(rendered.text)
    assert "&lt;b&gt;changed&lt;/b&gt;. 🧬" in rendered.html
    assert "<script" not in rendered.html


def test_a_second_click_sends_nothing_and_says_so(stage: Stage) -> None:
    draft_id = stage.draft(REGISTERED)

    first, second = stage.press_send(draft_id), stage.press_send(draft_id)

    assert "The message leaves to 2 people" in first
    assert "This message was sent already." in second
    assert stage.told() == [stage.ada, stage.bea]


def test_two_tabs_at_once_send_it_once(app: Flask, stage: Stage) -> None:
    draft_id, together = stage.draft(REGISTERED), threading.Barrier(2)

    def send(_number: int) -> int:
        with app.app_context():
            together.wait(5)
            try:
                return stage.send(draft_id)
            except Refused:
                return 0

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(send, range(2)))

    assert told == [0, 2]
    assert stage.told() == [stage.ada, stage.bea]


def test_it_goes_to_who_stands_so_when_it_is_sent(stage: Stage) -> None:
    draft_id = stage.draft(REGISTERED, people=(stage.cis,))
    with write(by=SYSTEM, why="Larger, then one less", at=stage.clock.now) as session:
        session.get_one(ActivitySession, stage.course_id).capacity = 3
        registering.take_seats(
            session,
            session_id=stage.course_id,
            people=[session.get_one(Person, stage.cis)],
            now=stage.clock.now,
        )
        own = queries.active_registration(session, session_id=stage.course_id, person_id=stage.ada)
        assert own is not None
        registering.cancel(
            session, registration_id=own.id, person=session.get_one(Person, stage.ada), now=stage.clock.now
        )

    assert stage.send(draft_id) == 2
    assert stage.told() == [stage.bea, stage.cis]


def test_who_may_no_longer_sign_in_is_left_out_and_said(stage: Stage) -> None:
    with write(by=SYSTEM, why="Left", at=stage.clock.now) as session:
        session.get_one(Person, stage.bea).active = False

    before = stage.type()
    after = stage.press_send(db.session.scalars(select(SessionMessage.id)).one())

    assert "It goes to1 person" in before
    assert "Left out, since they may no longer sign in: Bea Tweede." in before
    assert "The message leaves to one person" in after
    assert "Left out, since they may no longer sign in: Bea Tweede." in after
    assert stage.told() == [stage.ada]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"states": []}, "Choose who gets it."),
        ({"states": ["offered"]}, "Nobody of these is in the session now. Choose others."),
        ({"subject": " "}, "Give it a subject."),
        ({"text": ""}, "Write what you want to say."),
        ({"subject": "x" * 201}, "Use at most 200 characters."),
        ({"text": "x" * 20_001}, "Use at most 20000 characters."),
    ],
)
def test_what_is_refused_keeps_what_was_typed(stage: Stage, changes: dict[str, object], told: str) -> None:
    typed = {"states": ["registered"], "subject": "Another room", "text": "Room 2", **changes}
    page = stage.client.post(f"{stage.address}/new", data=typed).get_data(as_text=True)

    assert told in read(page)
    assert str(typed["subject"]) in page
    assert str(typed["text"]) in page
    assert db.session.scalar(select(func.count()).select_from(SessionMessage)) == 0


def test_who_was_ticked_in_the_list_is_chosen_in_the_form(stage: Stage) -> None:
    data = {"step": "choose", "chosen": [stage.cis, 999_999]}
    page = stage.client.post(f"{stage.address}/new", data=data).get_data(as_text=True)

    assert "Derde, Cis" in read(page)
    assert page.count(" checked") == 1


def test_a_draft_that_changed_since_it_was_read_is_not_sent(stage: Stage) -> None:
    draft_id = stage.draft(REGISTERED)
    changed = {"revision": "1", "states": ["waiting"], "subject": "For you", "text": "Hello"}
    stage.client.post(f"{stage.address}/{draft_id}/edit", data=changed)

    page = stage.press_send(draft_id)

    assert "Somebody changed this message meanwhile." in page
    assert stage.told() == []


def test_a_draft_is_saved_over_what_somebody_else_changed_once_that_was_said(stage: Stage) -> None:
    address = f"{stage.address}/{stage.draft(REGISTERED)}/edit"
    first, second = ({"states": ["registered"], "subject": said, "text": "Hello"} for said in ("First", "Second"))
    stage.client.post(address, data={**first, "revision": "1"})

    page = stage.client.post(address, data={**second, "revision": "1"}).get_data(as_text=True)
    (now,) = re.findall(r'name="revision"[^>]*value="(\d+)"', page)
    stage.client.post(address, data={**second, "revision": now})

    db.session.rollback()
    assert db.session.scalars(select(SessionMessage.subject)).all() == ["Second"]


def test_what_was_sent_is_not_changed_or_thrown_away(stage: Stage) -> None:
    draft_id = stage.draft(REGISTERED)
    stage.send(draft_id)

    with pytest.raises(Refused), write(by=SYSTEM, why="Thrown", at=stage.clock.now) as session:
        writing.throw_away(session, about=About(session_id=stage.course_id), message_id=draft_id)
    edited = stage.client.get(f"{stage.address}/{draft_id}/edit")

    assert edited.status_code == 302
    assert db.session.get(SessionMessage, draft_id) is not None


def test_a_draft_is_thrown_away(stage: Stage) -> None:
    draft_id = stage.draft(REGISTERED)

    page = read(stage.client.post(f"{stage.address}/{draft_id}/delete", follow_redirects=True))

    assert "The message is thrown away" in page
    assert "Nothing was written yet" in page


def test_the_list_says_what_became_of_the_mails(stage: Stage) -> None:
    stage.send(stage.draft(REGISTERED, WAITING))
    for mail, state in zip(stage.mails(), (MessageState.SENT, MessageState.FAILED), strict=False):
        with write(by=SYSTEM, why="Delivered", at=stage.clock.now) as session:
            found = session.get_one(Message, mail.id)
            found.state, found.ended_at = state, stage.clock.now

    page = read(stage.client.get(stage.address))

    assert "Another room Roger Meunier" in page
    assert "1 sent, 1 waiting to leave, 1 not delivered" in page


def test_the_history_knows_who_wrote_it(stage: Stage) -> None:
    stage.type()

    made = db.session.scalars(select(Change).where(Change.subject == "session_message")).one()

    assert (made.by_name, made.values["subject"]) == ("Roger Meunier", [None, "Another room"])


def test_who_was_registered_when_it_was_called_off_can_be_written_to(stage: Stage) -> None:
    with write(by=SYSTEM, why="Called off", at=stage.clock.now) as session:
        offering.cancel_session(session, session_id=stage.course_id, reason="Illness", now=stage.clock.now)

    page = stage.type(states=("called_off",))

    assert "It goes to3 people" in page
    assert "You get this mail because you were in this session." in page


def test_a_teacher_writes_to_the_people_of_her_own_session_alone(stage: Stage) -> None:
    other_id = stage.cast.course(title="Another", programmes=["CARDIO"], starts_in=timedelta(days=20)).id
    tess = stage.cast.person("Tess Molendijks", Role.ORGANISER, session_id=stage.course_id)
    sign_in(stage.client, tess)

    assert "It goes to2 people" in stage.type()
    assert stage.client.get(f"/sessions/{other_id}/messages").status_code == 404


def test_a_message_is_found_under_its_own_session_alone(stage: Stage) -> None:
    draft_id = stage.draft(REGISTERED)
    other_id = stage.cast.course(title="Another", programmes=["CARDIO"], starts_in=timedelta(days=20)).id

    assert stage.client.get(f"/sessions/{other_id}/messages/{draft_id}").status_code == 404


def test_the_mail_is_shown_as_mail_programs_show_it_and_can_do_nothing(stage: Stage) -> None:
    answer = stage.client.get(f"{stage.address}/{stage.draft(REGISTERED)}/html")

    assert "Dear Ada Eerste," in answer.get_data(as_text=True)
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_sending_to_many_takes_as_many_statements_as_sending_to_few(stage: Stage) -> None:
    few = _statements_for(stage, 1)

    assert _statements_for(stage, 30) == few
    assert db.session.scalar(select(func.count()).select_from(SessionMessageCopy)) == 3 + 33


def _statements_for(stage: Stage, more: int) -> int:
    """How many statements it takes to send to the two who are registered and so many more."""
    people = [stage.cast.person(f"Person{more} Number{number}") for number in range(more)]
    with write(by=SYSTEM, why="Larger", at=stage.clock.now) as session:
        session.get_one(ActivitySession, stage.course_id).capacity = 100
    seat(stage.course_id, *people, clock=stage.clock)
    draft_id = stage.draft(REGISTERED)
    with statements() as sent:
        stage.send(draft_id)
    return len(sent)
