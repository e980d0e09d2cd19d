"""Names in a pasted list: a comma stands between family and given name, or between two people."""

from __future__ import annotations

import pytest
from flask import Flask

from dsbs.accounts import service as accounts
from dsbs.activities import queries
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from tests.activities.reading import read
from tests.support.cast import Cast
from tests.support.client import Client, sign_in


@pytest.fixture
def course_id(app: Flask, client: Client, cast: Cast) -> int:
    """A course of CARDIO; its coordinator is signed in. Jan Willem De Smet, Ada Eerste and Bea Tweede are enrolled."""
    sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))
    with write(by=SYSTEM, why="Came", at=cast.now) as session:
        jan = accounts.add_person(session, given_name="Jan Willem", family_name="De Smet", mail="jan@school.example")
        accounts.grant(session, person=jan, role=Role.RESEARCHER, since=cast.today)
    cast.enrol(jan, "CARDIO", supervisor=cast.supervisor())
    for name in ("Ada Eerste", "Bea Tweede"):
        cast.researcher(name)
    return cast.course(programmes=["CARDIO"]).id


def add(client: Client, course_id: int, people: str) -> tuple[str, list[str]]:
    """What the page says, and who is in the course then."""
    said = read(client.post(f"/sessions/{course_id}/people", data={"people": people}, follow_redirects=True))
    db.session.rollback()
    return said, [part.person.name for part in queries.active_registrations(db.session(), course_id)]


@pytest.mark.parametrize(
    ("people", "names"),
    [
        ("De Smet, Jan Willem", ["Jan Willem De Smet"]),
        ("Jan Willem De Smet", ["Jan Willem De Smet"]),
        ("De Smet, Jan Willem\nEerste, Ada", ["Jan Willem De Smet", "Ada Eerste"]),
        ("De Smet, Jan Willem; Ada Eerste, Bea Tweede", ["Jan Willem De Smet", "Ada Eerste", "Bea Tweede"]),
        ("Ada Eerste, Bea Tweede", ["Ada Eerste", "Bea Tweede"]),
        ("Ada Eerste, Bea Tweede, Jan Willem De Smet", ["Ada Eerste", "Bea Tweede", "Jan Willem De Smet"]),
        ("Ada Eerste,", ["Ada Eerste"]),
    ],
)
def test_a_line_is_one_person_or_several(client: Client, course_id: int, people: str, names: list[str]) -> None:
    assert sorted(add(client, course_id, people)[1]) == sorted(names)


@pytest.mark.parametrize(
    ("people", "unknown"),
    [
        ("De Smet, Piet Hein", "De Smet, Piet Hein"),
        ("Ada Eerste, Bea Tweede, Piet Hein", "Piet Hein"),
    ],
)
def test_who_is_not_known_is_named_as_she_was_written(
    client: Client, course_id: int, people: str, unknown: str
) -> None:
    said, inside = add(client, course_id, people)

    assert f"Not known here: {unknown}. Nobody was added." in said
    assert inside == []
