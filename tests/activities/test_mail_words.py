"""The words of its coordinators stand in each mail of a session to who is in it, and on its page for her alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.accounts.models import Person
from dsbs.activities import queries
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import moved_by
from dsbs.activities.service import offering, registering
from dsbs.core import clock as clocks
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.mail.models import Message
from dsbs.mail.outgoing import Rendered
from tests.activities.reading import letter, read, words
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock

LAPTOP = "Bring your **laptop**,\nand <b>no</b> coffee.\n\n- R\n- RStudio 🧬"


def course_with_words(cast: Cast, clock: Clock) -> int:
    """A course of CARDIO with words for its mails."""
    course_id = cast.course(programmes=["CARDIO"]).id
    with write(by=SYSTEM, why="Wrote its words", at=clock.now) as session:
        session.get_one(ActivitySession, course_id).mail_words = LAPTOP
    return course_id


def last_letter(app: Flask) -> Rendered:
    """The letter that was queued last."""
    db.session.rollback()
    return letter(app, db.session.scalars(select(Message).order_by(Message.id.desc())).all()[0])


def said_in(rendered: Rendered) -> bool:
    """Whether both forms of a letter say the words."""
    in_text = "Bring your **laptop**,\nand <b>no</b> coffee." in rendered.text.replace("\r", "")
    return in_text and ">laptop</strong>,<br" in rendered.html and "&lt;b&gt;no&lt;/b&gt;" in rendered.html


def test_they_stand_in_confirmations_in_both_forms_as_they_were_written(
    app: Flask, client: Client, cast: Cast, clock: Clock
) -> None:
    course_id = course_with_words(cast, clock)
    sign_in(client, cast.researcher("Britt Bauwens"))

    client.post(f"/sessions/{course_id}/register")

    assert said_in(last_letter(app))


def test_they_stand_in_the_mail_about_a_change(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id = course_with_words(cast, clock)
    britt = cast.researcher("Britt Bauwens")
    with write(by=SYSTEM, why="Moved", at=clock.now) as session:
        own = session.get_one(Person, britt.id)
        registering.take_seats(session, session_id=course_id, people=[own], now=clock.now)
        stands = offering.plan_of(queries.session_in_full(session, course_id))
        plan = moved_by(stands, timedelta(days=1), clocks.zone())
        offering.edit_session(session, session_id=course_id, revision=1, plan=plan, now=clock.now)

    assert said_in(last_letter(app))


def test_who_gave_the_seat_back_is_not_told_what_to_bring(app: Flask, client: Client, cast: Cast, clock: Clock) -> None:
    course_id = course_with_words(cast, clock)
    britt = cast.researcher("Britt Bauwens")
    sign_in(client, britt)
    client.post(f"/sessions/{course_id}/register")
    own = queries.active_registration(db.session(), session_id=course_id, person_id=britt.id)
    assert own is not None

    client.post(f"/registrations/{own.id}/cancel")

    assert "laptop" not in last_letter(app).text


def test_the_page_shows_them_to_who_is_registered_alone(app: Flask, client: Client, cast: Cast, clock: Clock) -> None:
    course_id = course_with_words(cast, clock)
    sign_in(client, cast.researcher("Britt Bauwens"))

    before = read(client.get(f"/sessions/{course_id}"))
    client.post(f"/sessions/{course_id}/register")
    after = read(client.get(f"/sessions/{course_id}"))

    assert "laptop" not in before
    assert "Bring your laptop, and <b>no</b> coffee." in after


@pytest.mark.parametrize(
    ("typed", "kept", "told"), [("Bring it. 🧬", "Bring it. 🧬", ""), ("x" * 2_001, None, "2000 characters")]
)
def test_they_are_written_in_the_form_of_the_session(
    app: Flask, client: Client, cast: Cast, typed: str, kept: str | None, told: str
) -> None:
    course_id = cast.course(programmes=["CARDIO"]).id
    sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))
    form = {"revision": "1", "mode": "seat", "capacity": "30", "meetings-0-day": "2026-12-10"}
    form |= {"meetings-0-start": "10:00", "meetings-0-end": "13:00", "meetings-0-venue": "0", "mail_words": typed}

    page = words(client.post(f"/sessions/{course_id}/edit", data=form, follow_redirects=True))

    db.session.rollback()
    assert db.session.get_one(ActivitySession, course_id).mail_words == kept
    assert told in page
    assert (typed in page) == (kept is None)
