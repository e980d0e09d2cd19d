"""The mail about a new time or place says to each how she stands; who has a seat alone reads where to join."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.core.db import db
from dsbs.mail.models import Message
from dsbs.mail.outgoing import Rendered
from tests.activities.line import Line, programmes_loaded
from tests.activities.moving import edit, later, plan_now
from tests.activities.reading import letter, read
from tests.support.cast import Cast
from tests.support.clock import Clock

ADDRESS = "https://meet.school.example/one"
MOVED = "has a new time or place."


def letter_to(app: Flask, person_id: int) -> Rendered:
    """The mail about the last change to this person."""
    db.session.rollback()
    about = (Message.template == "activities/session_changed") & (Message.person_id == person_id)
    return letter(app, db.session.scalars(select(Message).where(about).order_by(Message.id.desc())).all()[0])


@pytest.fixture
def line(cast: Cast, clock: Clock) -> Line:
    """An online course with one seat, taken, and two who wait."""
    programmes_loaded(clock)
    made = Line(cast, clock, 2)
    edit(made.course_id, clock, online_link=ADDRESS)
    return made


def move(line: Line) -> None:
    (meeting,) = plan_now(line.course_id).meetings
    edit(line.course_id, line.clock, meetings=[later(meeting, days=1)])


def test_who_has_a_seat_reads_how_to_join_and_that_she_is_registered(app: Flask, line: Line) -> None:
    move(line)

    rendered = letter_to(app, line.people[0])

    assert f"Join online: {ADDRESS}" in rendered.text
    assert ADDRESS in rendered.html
    assert "because you are registered. A date that moved always comes" in rendered.text


def test_who_waits_reads_no_address_and_that_she_is_on_the_list(app: Flask, line: Line) -> None:
    move(line)

    rendered = letter_to(app, line.people[1])

    for form in (rendered.text, read(rendered.html)):
        assert ADDRESS not in form
        assert f"This session, for which you wait, {MOVED} You keep your place on the waiting list." in form
        assert "because you are on the waiting list. A date that moved always comes" in form


def test_to_whom_a_seat_is_offered_reads_until_when_and_no_address(app: Flask, line: Line) -> None:
    line.answer("cancel", 0)
    move(line)

    rendered = letter_to(app, line.people[1])

    for form in (rendered.text, read(rendered.html)):
        assert ADDRESS not in form
        assert f"This session, in which a seat is held for you, {MOVED} The offer stands: answer it until" in form
        assert "because a seat is offered to you." in form


def test_who_waits_is_told_that_the_address_is_another_one_but_not_which(app: Flask, line: Line) -> None:
    edit(line.course_id, line.clock, online_link="https://meet.school.example/two")

    rendered = letter_to(app, line.people[1])

    for form in (rendered.text, read(rendered.html)):
        assert "One now joins online at another address. It is for who has a seat." in form
        assert "meet.school.example" not in form
