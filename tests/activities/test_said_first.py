"""What fewer seats, or the end of a teacher's part, do and do not do: said before it is saved."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.accounts.models import RoleGrant
from dsbs.activities.models import ActivitySession, Registration
from dsbs.activities.rules import RegistrationState
from dsbs.core.access import Role
from dsbs.core.db import db
from tests.activities.line import ask
from tests.activities.reading import read
from tests.activities.running import name_organiser
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock
from tests.support.reading import hidden


@pytest.fixture
def full(app: Flask, client: Client, cast: Cast, clock: Clock) -> int:
    """A course of CARDIO with three seats, all taken; two wait. Its coordinator is signed in."""
    course_id = cast.course(capacity=3, programmes=["CARDIO"]).id
    for number in range(5):
        ask(course_id, cast.person(f"Person Number{number}").id, clock)
    sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))
    return course_id


def typed(capacity: int, **more: str) -> dict[str, str]:
    """The course as its form sends it, with so many seats."""
    when = {"meetings-0-day": "2026-12-10", "meetings-0-start": "10:00", "meetings-0-end": "13:00"}
    return {"revision": "1", "mode": "seat", "capacity": str(capacity), "meetings-0-venue": "0", **when, **more}


def capacity(course_id: int) -> int | None:
    db.session.rollback()
    return db.session.get_one(ActivitySession, course_id).capacity


def test_fewer_seats_than_are_taken_are_saved_once_it_was_said_what_becomes_of_them(client: Client, full: int) -> None:
    address = f"/sessions/{full}/edit"

    asked = client.post(address, data=typed(1))

    assert "3 people have a seat or are offered one, and you leave 1 seat. They all keep theirs." in read(asked)
    assert "The next 2 seats that are given back close, and nobody is offered one of them." in read(asked)
    assert "2 people go on waiting, in the same order." in read(asked)
    assert capacity(full) == 3
    client.post(address, data={**hidden(asked), "step": "save"})
    assert capacity(full) == 1
    states = db.session.scalars(select(Registration.state).order_by(Registration.id)).all()
    assert states == [RegistrationState.REGISTERED] * 3 + [RegistrationState.WAITING] * 2


@pytest.mark.parametrize("seats", [3, 4])
def test_as_many_seats_as_are_taken_or_more_ask_nothing(client: Client, full: int, seats: int) -> None:
    done = read(client.post(f"/sessions/{full}/edit", data=typed(seats), follow_redirects=True))

    assert "The session is changed." in done
    assert capacity(full) == seats


def test_what_was_over_before_is_not_asked_again(client: Client, full: int) -> None:
    address = f"/sessions/{full}/edit"
    asked = client.post(address, data=typed(2))
    client.post(address, data={**hidden(asked), "step": "save"})

    done = read(client.post(address, data=typed(2, revision="2", label="In Dutch"), follow_redirects=True))

    assert "The session is changed." in done


def test_the_end_of_a_teachers_part_is_said_before_it_comes(
    client: Client, cast: Cast, clock: Clock, full: int
) -> None:
    grant_id = name_organiser(full, cast.person("Tess Molendijks"), clock)
    address = f"/sessions/{full}/organisers/{grant_id}/end"

    page = read(client.get(address))

    assert "From now on Tess Molendijks no longer sees this session's people" in page
    assert "The meetings to come leave the calendar; those that were given stay in it." in page
    assert "What was ticked and written so far stays, and so do all other sessions." in page
    assert "Nobody else is named as a teacher of this session." in page
    assert "Tess Molendijks is told by mail" in page
    assert db.session.get_one(RoleGrant, grant_id).until is None
    client.post(address)
    assert client.get(address).status_code == 404


def test_a_teacher_who_has_a_seat_keeps_it_and_another_one_remains(
    client: Client, cast: Cast, clock: Clock, full: int
) -> None:
    tess = cast.person("Tess Molendijks")
    name_organiser(full, cast.person("Omar Anders"), clock)
    grant_id = name_organiser(full, tess, clock)
    raised = {"people": "tess.molendijks@school.example", "instead": "raise", "enough": "4", "reason": "Teaches"}
    client.post(f"/sessions/{full}/people", data=raised)

    page = read(client.get(f"/sessions/{full}/organisers/{grant_id}/end"))

    assert "but for a seat in this session, which stays." in page
    assert "Nobody else is named" not in page
