"""Somebody is named to run a session and those that follow: what clashes is shown first, and she is told once."""

from __future__ import annotations

import re

import icalendar
import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.accounts.models import Person, RoleGrant
from dsbs.activities.service import following, publishing
from dsbs.agenda.models import Commitment, CommitmentState
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import Refused
from dsbs.mail.models import Message
from dsbs.mail.rules import MessageState
from tests.activities.reading import letter, read
from tests.activities.running import end_organiser, name_organiser
from tests.activities.weekly import FIRST, WEEK, Weekly, at
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock
from tests.support.statements import questions


class Stage:
    """Four Thursdays of CARDIO. Tess, who may teach them, has something else on the third; Roger coordinates."""

    def __init__(self, app: Flask, client: Client, cast: Cast, clock: Clock) -> None:
        self.app, self.client, self.cast, self.clock = app, client, cast, clock
        self.weekly = Weekly(cast, clock)
        self.tess = cast.researcher("Tess Molendijks", "CARDIO")
        third = at(FIRST + 2 * WEEK, 11)
        self.other_id = cast.course(title="Flow cytometry", starts_in=third - clock.now).id
        name_organiser(self.other_id, self.tess, clock)
        with write(by=SYSTEM, why="Sent", at=clock.now) as session:
            for mail in session.scalars(select(Message)):
                mail.state, mail.ended_at = MessageState.SENT, clock.now
        sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))

    def post(self, place: int = 0, scope: str = "following", **more: object) -> str:
        """What the answer is to naming her for this session and those that follow; not yet as words."""
        data = {"teacher-ticked": str(self.tess.id), "teacher-scope": scope, **more}
        address = f"/sessions/{self.weekly.ids[place]}/organisers"
        return self.client.post(address, data=data, follow_redirects=True).text

    def press(self, page: str, *places: int, place: int = 0) -> str:
        """Save what this page shows, with these sessions ticked; what is said then."""
        seen = re.search(r'name="seen" value="([^"]*)"', page)
        assert seen is not None
        ticked = [str(self.weekly.ids[one]) for one in places]
        return self.post(place, step="save", seen=seen[1], **{"with": ticked})

    def run(self) -> list[int]:
        """Which sessions of the series she runs, by place."""
        db.session.rollback()
        hers = select(RoleGrant.session_id).where(RoleGrant.person_id == self.tess.id)
        return sorted(self.weekly.ids.index(id_) for id_ in db.session.scalars(hers) if id_ in self.weekly.ids)

    def mails(self) -> list[Message]:
        """What is queued for her."""
        db.session.rollback()
        queued = select(Message).where(Message.person_id == self.tess.id, Message.state == MessageState.QUEUED)
        return list(db.session.scalars(queued.order_by(Message.id)))

    def name(self, place: int, *left_out: int) -> None:
        """Name her without a page."""
        with write(by=SYSTEM, why="Named", at=self.clock.now) as session:
            following.name_for_following(
                session,
                session_id=self.weekly.ids[place],
                person=session.get_one(Person, self.tess.id),
                left_out=[self.weekly.ids[one] for one in left_out],
                now=self.clock.now,
                today=self.clock.now.date(),
            )


@pytest.fixture
def stage(app: Flask, client: Client, cast: Cast, clock: Clock) -> Stage:
    """A series without a teacher."""
    return Stage(app, client, cast, clock)


def test_the_page_of_people_asks_which_sessions_where_others_follow(stage: Stage) -> None:
    first, last = (read(stage.client.get(f"/sessions/{stage.weekly.ids[place]}/people")) for place in (0, 3))

    assert "This one and the 3 that follow" in first
    assert "Which sessions" not in last


def test_each_session_is_shown_with_what_she_has_at_its_time_before_anything_is_saved(stage: Stage) -> None:
    page = read(stage.post())

    assert "Tess Molendijks is to teach these sessions." in page
    assert "At the time of one there is something else in that calendar." in page
    assert page.count("Clashes with Flow cytometry, Thu 24 Dec 2026") == 1
    assert stage.run() == []
    assert stage.mails() == []


def test_she_runs_those_that_stayed_ticked_and_no_others(stage: Stage) -> None:
    saved = read(stage.press(stage.post(1), 3, place=1))

    assert "Tess Molendijks is a teacher of 2 sessions now" in saved
    assert stage.run() == [1, 3]


def test_she_is_told_once_with_an_entry_for_each_session(stage: Stage) -> None:
    stage.press(stage.post(), 1, 2, 3)

    (mail,) = stage.mails()
    rendered = letter(stage.app, mail)
    events = icalendar.Calendar.from_ical(rendered.calendar or "").walk("VEVENT")
    assert rendered.subject == "You teach: Academic writing, 4 sessions"
    assert "- Thu 24 Dec 2026, 10:00–13:00, Room 1" in rendered.text
    assert "Flow cytometry" in rendered.text
    assert {str(event["DESCRIPTION"]) for event in events} == {
        "You teach this session. If you cannot, tell its coordinator."
    }
    assert len(events) == 4


def test_the_mail_leaves_out_what_she_runs_no_longer(stage: Stage) -> None:
    stage.name(0)
    grant_id = db.session.scalars(select(RoleGrant.id).where(RoleGrant.session_id == stage.weekly.ids[1])).one()
    end_organiser(stage.weekly.ids[1], grant_id, stage.clock)

    assert "17 Dec" not in letter(stage.app, stage.mails()[0]).text


def test_who_is_named_anew_is_told_anew(stage: Stage) -> None:
    for _turn in range(2):
        stage.name(2)
        for grant in db.session.scalars(select(RoleGrant).where(RoleGrant.session_id.in_(stage.weekly.ids))).all():
            end_organiser(grant.session_id or 0, grant.id, stage.clock)

    assert [mail.template for mail in stage.mails()].count("activities/series_teaching") == 2


def test_what_she_teaches_already_stays_and_is_said(stage: Stage) -> None:
    name_organiser(stage.weekly.ids[1], stage.tess, stage.clock)
    page = stage.post()

    assert read(page).count("Teaches it already.") == 1
    stage.press(page, 2, 3)
    assert stage.run() == [0, 1, 2, 3]


def test_who_teaches_all_of_them_is_not_named_again(stage: Stage) -> None:
    stage.name(0)

    assert "Tess Molendijks teaches all of these already." in read(stage.post())
    with pytest.raises(Refused):
        stage.name(0)


def test_her_calendar_has_the_meetings_of_all_of_them(stage: Stage) -> None:
    stage.name(0, 2)
    slots = {stage.weekly.now(place).meetings[0].slot_id for place in (0, 1, 3)}

    kept = select(Commitment.slot_id).where(
        Commitment.person_id == stage.tess.id, Commitment.state == CommitmentState.FIRM, Commitment.slot_id.in_(slots)
    )
    assert set(db.session.scalars(kept)) == slots


def test_of_a_draft_she_is_told_once_it_is_published(stage: Stage) -> None:
    stage.weekly = Weekly(stage.cast, stage.clock, room="Room 2", publish=False)
    stage.name(0)
    assert [mail.template for mail in stage.mails()] == ["activities/teaching"]

    with write(by=SYSTEM, why="Published", at=stage.clock.now) as session:
        publishing.publish_draft(session, session_id=stage.weekly.ids[1], now=stage.clock.now)

    assert [mail.template for mail in stage.mails()] == ["activities/teaching"] * 2


def test_a_single_session_that_clashes_is_shown_first_and_named_all_the_same(stage: Stage) -> None:
    page = stage.post(2, scope="one")
    assert "Tess Molendijks is to teach this session." in read(page)
    assert stage.run() == []

    assert "Tess Molendijks is a teacher of this session now" in read(
        stage.post(2, scope="one", step="save", seen=re.findall(r'name="seen" value="([^"]*)"', page)[0])
    )
    assert stage.run() == [2]


def test_a_single_session_without_a_clash_is_named_at_once(stage: Stage) -> None:
    stage.post(0, scope="one")

    assert stage.run() == [0]


def test_a_clash_that_came_meanwhile_is_shown_before_it_is_saved(stage: Stage) -> None:
    page = stage.post()
    second = at(FIRST + WEEK, 12) - stage.clock.now
    name_organiser(stage.cast.course(title="Histology", starts_in=second).id, stage.tess, stage.clock)

    again = stage.press(page, 1, 2, 3)

    assert "something is different from what you saw" in read(again)
    assert stage.run() == []
    stage.press(again, 1, 2, 3)
    assert stage.run() == [0, 1, 2, 3]


def test_going_back_keeps_what_was_chosen(stage: Stage) -> None:
    page = stage.post(step="edit", **{"teacher-organiser": "tess@half"})

    assert 'value="tess@half"' in page
    assert re.search(r'value="following"[^>]*checked|checked[^>]*value="following"', page)
    assert stage.run() == []


def test_looking_takes_as_many_questions_for_her_calendar_however_many_follow(stage: Stage) -> None:
    def asked(place: int) -> int:
        with questions() as sent:
            stage.post(place)
        return sum("AS of_id" in one for one in sent)

    assert asked(0) == asked(2) == 1
