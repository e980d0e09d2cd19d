"""The people of a session as a coordinator and a teacher see and change them."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from dsbs.activities import queries
from dsbs.core.access import Role
from dsbs.core.db import db
from dsbs.mail.models import Message
from tests.activities.reading import words
from tests.support.cast import Cast
from tests.support.client import Client, sign_in


def test_people_are_added_from_a_pasted_list_and_told(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    course = cast.course(programmes=["CARDIO"])
    for name in ("Ada Eerste", "Bea Tweede"):
        cast.person(name, Role.RESEARCHER)
    pasted = "ada.eerste@school.example;\n  BEA.TWEEDE@school.example , "

    client.post(f"/sessions/{course.id}/people", data={"people": pasted, "reason": "From the waiting list"})

    inside = queries.active_registrations(db.session(), course.id)
    assert [(found.person.name, found.number) for found in inside] == [("Ada Eerste", 1), ("Bea Tweede", 2)]
    assert db.session.scalars(select(Message.template)).all() == ["activities/added", "activities/added"]


def test_a_list_with_an_unknown_name_adds_nobody_and_names_it(
    app: Flask, client: Client, cast: Cast, roger: int
) -> None:
    course = cast.course(programmes=["CARDIO"])
    cast.person("Ada Eerste", Role.RESEARCHER)
    pasted = "ada.eerste@school.example nobody@school.example"

    page = words(client.post(f"/sessions/{course.id}/people", data={"people": pasted}))

    assert "Not known here: nobody@school.example. Nobody was added." in page
    assert "ada.eerste@school.example nobody@school.example" in page
    assert queries.active_registrations(db.session(), course.id) == []


def test_more_people_than_seats_are_refused_as_a_whole(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    course = cast.course(programmes=["CARDIO"], capacity=1)
    for name in ("Ada Eerste", "Bea Tweede"):
        cast.person(name)

    page = words(
        client.post(
            f"/sessions/{course.id}/people", data={"people": "ada.eerste@school.example bea.tweede@school.example"}
        )
    )

    assert "You named 2, and 1 of 1 seats are free. Nobody was added." in page


def test_who_is_removed_reads_why(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    course = cast.course(programmes=["CARDIO"])
    cast.person("Ada Eerste")
    client.post(f"/sessions/{course.id}/people", data={"people": "ada.eerste@school.example"})
    (inside,) = queries.active_registrations(db.session(), course.id)

    client.post(f"/sessions/{course.id}/people/{inside.id}/remove", data={"reason": "Double booking"})

    db.session.rollback()
    ended = queries.registration_in_full(db.session(), inside.id)
    assert (ended.state.value, ended.reason) == ("removed", "Double booking")


def test_the_list_of_people_is_harmless_in_a_spreadsheet(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    course = cast.course(programmes=["CARDIO"])
    cast.person("=1+1 Formula", mail="formula@school.example")
    client.post(f"/sessions/{course.id}/people", data={"people": "formula@school.example"})

    lines = words(client.get(f"/sessions/{course.id}/people.csv")).splitlines()

    assert lines[1] == "Registered;1;Formula;'=1+1;formula@school.example;2026-11-24;;"


def test_a_teacher_sees_the_people_of_her_session_and_cannot_change_them(
    app: Flask, client: Client, cast: Cast
) -> None:
    course = cast.course(programmes=["CARDIO"])
    tess = cast.person("Tess Molendijks", Role.ORGANISER, session_id=course.id)
    sign_in(client, tess)

    assert client.get(f"/sessions/{course.id}/people").status_code == 200
    assert client.post(f"/sessions/{course.id}/people", data={"people": "x@school.example"}).status_code == 404
