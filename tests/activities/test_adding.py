"""Adding people by hand: looked up by name, or named in full in a pasted list."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from dsbs.accounts.models import Person
from dsbs.activities import queries
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from tests.activities.reading import read, words
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock
from tests.support.statements import questions


@pytest.fixture
def course_id(cast: Cast, client: Client) -> int:
    """A course of CARDIO, whose coordinator looks."""
    sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))
    return cast.course(programmes=["CARDIO"]).id


def look_up(client: Client, course_id: int, wanted: str, **typed: object) -> str:
    """The page after somebody was looked up."""
    return words(client.post(f"/sessions/{course_id}/people", data={"wanted": wanted, "look_up": "Look up", **typed}))


def offered(page: str) -> list[tuple[str, bool]]:
    """Who may be ticked, and who is."""
    boxes = re.findall(r'<input (checked )?[^>]*name="ticked"[^>]*><span>(.*?)</span>', page)
    return [(line, bool(checked)) for checked, line in boxes]


def add(client: Client, course_id: int, **typed: object) -> str:
    answer = client.post(f"/sessions/{course_id}/people", data=typed, follow_redirects=True)
    return read(answer)


def inside(course_id: int) -> list[str]:
    db.session.rollback()
    return [registration.person.name for registration in queries.active_registrations(db.session(), course_id)]


def test_researchers_of_ones_own_are_found_by_name_and_nobody_else(
    app: Flask, client: Client, cast: Cast, course_id: int
) -> None:
    cast.researcher("Zoé Bauwens", "CARDIO"), cast.researcher("Zoe Coppens", "NEURO"), cast.person("Zoe Nobody")
    assert offered(look_up(client, course_id, "zoe")) == [("Bauwens, Zoé (Cardio)", False)]


def test_who_was_deactivated_is_not_found(app: Flask, client: Client, cast: Cast, clock: Clock, course_id: int) -> None:
    zoe = cast.researcher("Zoe Bauwens", "CARDIO")
    with write(by=SYSTEM, why="Left", at=clock.now) as session:
        session.get_one(Person, zoe.id).active = False
    page = look_up(client, course_id, "zoe")
    assert (offered(page), "Nobody is found by this name." in page) == ([], True)


def test_an_administrator_finds_everybody(app: Flask, client: Client, cast: Cast, course_id: int) -> None:
    cast.researcher("Zoe Coppens", "NEURO"), cast.person("Zoe Nobody")
    sign_in(client, cast.person("Leen Adams", Role.ADMINISTRATOR))
    assert offered(look_up(client, course_id, "zoe")) == [
        ("Coppens, Zoe (Neuro)", False),
        ("Nobody, Zoe (zoe.nobody@school.example)", False),
    ]


def test_what_was_typed_and_ticked_stays_when_somebody_is_looked_up(
    app: Flask, client: Client, cast: Cast, course_id: int
) -> None:
    britt = cast.researcher("Britt Bauwens")
    cast.researcher("Ada Eerste")
    page = look_up(client, course_id, "eerste", people="x@y.example, z", reason="On a list", ticked=[britt.id])
    assert offered(page) == [("Bauwens, Britt (Cardio)", True), ("Eerste, Ada (Cardio)", False)]
    assert ("x@y.example, z</textarea>" in page, 'value="On a list"' in page, 'value="eerste"' in page) == (True,) * 3
    assert inside(course_id) == []


def test_who_is_ticked_and_who_is_named_are_added_together(
    app: Flask, client: Client, cast: Cast, course_id: int
) -> None:
    britt = cast.researcher("Britt Bauwens")
    cast.researcher("Ada Eerste"), cast.person("Tom Elsewhere")
    said = add(client, course_id, ticked=[britt.id], people="Eerste, Ada\ntom.elsewhere@school.example")
    assert "3 people added and told by mail" in said
    assert sorted(inside(course_id)) == ["Ada Eerste", "Britt Bauwens", "Tom Elsewhere"]


def test_who_is_in_it_already_is_said_so(app: Flask, client: Client, cast: Cast, course_id: int) -> None:
    britt = cast.researcher("Britt Bauwens")
    add(client, course_id, ticked=[britt.id])
    assert offered(look_up(client, course_id, "britt")) == [("Bauwens, Britt (Cardio), in it already", False)]


@pytest.mark.parametrize(
    "line",
    ["Jan Van den Berg", "van den berg, jan", "Van den Berg\tJan", "JAN VAN DEN BERG;", "Jan Van den Berg, Ada Eerste"],
)
def test_a_line_may_be_a_full_name(app: Flask, client: Client, cast: Cast, course_id: int, line: str) -> None:
    cast.enrol(
        cast.person("Jan Van den Berg", Role.RESEARCHER, mail="jan@school.example"),
        "CARDIO",
        supervisor=cast.supervisor(),
    )
    cast.researcher("Ada Eerste")
    add(client, course_id, people=line)
    assert inside(course_id)[0] == "Jan Van den Berg"


def test_a_name_that_several_have_is_not_guessed(app: Flask, client: Client, cast: Cast, course_id: int) -> None:
    for number in (1, 2):
        person = cast.person("Jan Peeters", Role.RESEARCHER, mail=f"jan.{number}@school.example")
        cast.enrol(person, "CARDIO", supervisor=cast.supervisor())
    said = add(client, course_id, people="Jan Peeters")
    assert (
        "Several people are called Jan Peeters: jan.1@school.example, jan.2@school.example. "
        "Write the mail address of the one you mean."
    ) in said
    assert inside(course_id) == []


def test_nobody_is_found_by_a_part_of_a_name_in_the_list(
    app: Flask, client: Client, cast: Cast, course_id: int
) -> None:
    longer = cast.person("Ada Eerste Laatste", Role.RESEARCHER, mail="ada@school.example")
    cast.enrol(longer, "CARDIO", supervisor=cast.supervisor())
    assert "Not known here: Ada Eerste. Nobody was added." in add(client, course_id, people="Ada Eerste")


def test_the_name_of_somebody_whom_one_may_not_see_is_not_known(
    app: Flask, client: Client, cast: Cast, course_id: int
) -> None:
    hugo = cast.researcher("Hugo Coppens", "NEURO")
    assert "Not known here: Hugo Coppens. Nobody was added." in add(client, course_id, people="Hugo Coppens")
    assert client.post(f"/sessions/{course_id}/people", data={"ticked": [hugo.id]}).status_code == 404
    assert "Coppens" not in look_up(client, course_id, "", ticked=[hugo.id])
    assert inside(course_id) == []


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("", "Write a part of the name first."),
        ("nobody", "Nobody is found by this name."),
        ("\0", "Write a part of the name first."),
        ("eerste", "1 person is found."),
        ("number", "Showing 10 of 12. Write more of the name to find fewer."),
    ],
)
def test_how_many_are_found_is_said(
    app: Flask, client: Client, cast: Cast, course_id: int, wanted: str, said: str
) -> None:
    cast.researcher("Ada Eerste")
    for number in range(12):
        cast.researcher(f"Bea Number{number}")
    assert said in read(look_up(client, course_id, wanted))


@pytest.mark.parametrize("ticked", ["x", "-1", "99999999999", "²"])
def test_a_tick_that_is_nobodys_is_refused(app: Flask, client: Client, course_id: int, ticked: str) -> None:
    answer = client.post(f"/sessions/{course_id}/people", data={"ticked": ticked, "people": "a@b.example"})
    assert (answer.status_code, inside(course_id)) == (200, [])


def test_more_ticks_than_a_page_can_have_shown_are_refused(app: Flask, client: Client, course_id: int) -> None:
    asked = {"ticked": [str(number) for number in range(1, 70_000)], "look_up": "Look up"}
    assert client.post(f"/sessions/{course_id}/people", data=asked).status_code == 404


def test_too_many_names_at_once_are_refused_in_words(app: Flask, client: Client, course_id: int) -> None:
    names = "\n".join(f"Ada {chr(97 + number % 26)}{chr(97 + number // 26)}" for number in range(101))
    assert "These are more than 100 names." in add(client, course_id, people=names)


def _asked(client: Client, course_id: int, people: str) -> int:
    """How often the database is asked to look somebody up while a list of names stands below."""
    with questions() as asked:
        look_up(client, course_id, "bea")
        client.post(f"/sessions/{course_id}/people", data={"people": people})
    return len(asked)


def test_looking_up_asks_as_often_for_three_people_as_for_many(
    sqlite_app: Flask, client: Client, cast: Cast, course_id: int
) -> None:
    names = ["Bea Aa", "Bea Bb", "Bea Cc"]
    for name in names:
        cast.researcher(name)
    look_up(client, course_id, "bea")
    few = _asked(client, course_id, "\n".join([*names, "Bea Nobody"]))
    more = [f"Bea {letter}{letter}" for letter in "defghijklmnopqrstuvwxyz"]
    with cast.at_once():
        for name in more:
            cast.researcher(name)
    look_up(client, course_id, "bea")
    assert _asked(client, course_id, "\n".join([*names, *more, "Bea Nobody"])) == few
