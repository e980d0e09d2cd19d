"""That seats are kept for others is said to who asks for one: on the page, in the mail, on the start page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.activities.rules.conditions import Condition, ConditionKind
from dsbs.activities.rules.pools import Reservation
from dsbs.core.db import db
from dsbs.mail.models import Message
from tests.activities.reading import letter, read
from tests.activities.ticking import seat
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock

FREE = "Free seats are kept for Neuro until Thu 3 Dec 2026, 10:00."
NEXT = "The next 2 seats that come free are kept for Neuro until Thu 3 Dec 2026, 10:00."


@pytest.fixture
def course_id(app: Flask, client: Client, cast: Cast) -> int:
    """The coordinator approves who comes, and both seats are kept for Neuro; Britt of Cardio is signed in."""
    sign_in(client, cast.researcher("Britt Bauwens", "CARDIO"))
    kept = [Reservation(cast.programme("NEURO").id, 2, cast.now + timedelta(days=9))]
    return cast.course(capacity=2, reservations=kept, conditions=[Condition(ConditionKind.APPROVAL)]).id


def ask(client: Client, course_id: int) -> None:
    client.post(f"/sessions/{course_id}/register", data={"or_wait": "yes"})


def fill(cast: Cast, clock: Clock, course_id: int) -> None:
    """Two who are of no programme take both seats by hand."""
    seat(course_id, cast.person("Ada Eerste"), cast.person("Bea Tweede"), clock=clock)


def test_who_may_ask_reads_for_whom_free_seats_are_kept(client: Client, course_id: int) -> None:
    assert "2 of them are kept for Neuro until Thu 3 Dec 2026, 10:00." in read(client.get(f"/sessions/{course_id}"))


def test_who_asked_reads_for_whom_the_next_seats_are_kept(
    client: Client, cast: Cast, clock: Clock, course_id: int
) -> None:
    fill(cast, clock, course_id)
    before = read(client.get(f"/sessions/{course_id}"))
    ask(client, course_id)
    after = read(client.get(f"/sessions/{course_id}"))

    assert [page.count(NEXT) for page in (before, after)] == [1, 1]
    assert "Waiting for the coordinator" in after


def test_the_mail_about_a_request_says_so(app: Flask, client: Client, course_id: int) -> None:
    ask(client, course_id)

    rendered = letter(app, db.session.scalars(select(Message)).one())

    assert FREE in rendered.text
    assert FREE in read(rendered.html)


def test_the_mail_of_whose_programme_they_are_kept_for_says_nothing_of_it(
    app: Flask, client: Client, cast: Cast, course_id: int
) -> None:
    sign_in(client, cast.researcher("Hugo Coppens", "NEURO"))
    ask(client, course_id)

    assert "kept for" not in letter(app, db.session.scalars(select(Message)).one()).text


def test_the_start_page_says_so_of_what_she_asked_for(client: Client, course_id: int) -> None:
    ask(client, course_id)

    assert f"You asked for a seat. You are told by mail whether you have it. {FREE}" in read(client.get("/"))


def test_the_start_page_says_so_of_a_list_on_which_she_waits(
    client: Client, cast: Cast, clock: Clock, course_id: int
) -> None:
    kept = [Reservation(cast.programme("NEURO").id, 2, cast.now + timedelta(days=9))]
    open_id = cast.course(title="Open to all", capacity=2, reservations=kept, starts_in=timedelta(days=20)).id
    fill(cast, clock, open_id)
    ask(client, open_id)

    assert f"A seat that is free for you is offered by mail. {NEXT}" in read(client.get("/"))
