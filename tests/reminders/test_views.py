"""The pages of reminders: the ledger, what is coming, the rules as sentences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from dsbs.accounts.models import Person
from dsbs.core.access import Role
from dsbs.core.db import db
from dsbs.mail.delivery import deliver
from dsbs.programmes.tables.reminders import ReminderRule
from tests.activities.reading import read
from tests.reminders.ledger import add_rule, school, sweep_all, take_seat
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock
from tests.support.statements import questions

TOMORROW = "One working day before a session begins, to everyone registered"


class Stage:
    """Britt has a seat in a course of CARDIO, Hugo in one of NEURO, both on Thu 10 Dec; the sweep ran on Wed."""

    def __init__(self, cast: Cast, clock: Clock) -> None:
        self.leen = cast.person("Leen Desmet", Role.ADMINISTRATOR)
        self.roger = cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO")
        self.britt, self.hugo = cast.person("Britt Bauwens"), cast.person("Hugo Coppens")
        for code, person in (("CARDIO", self.britt), ("NEURO", self.hugo)):
            course = cast.course(title=f"Course of {code}", programmes=[code], starts_in=school(10, 10) - cast.now)
            take_seat(course, person, at=cast.now)
        clock.move_to(school(9, 9))
        sweep_all(clock)


@pytest.fixture
def stage(cast: Cast, clock: Clock) -> Stage:
    """Two reminders about two courses."""
    return Stage(cast, clock)


@pytest.fixture
def page(client: Client) -> Callable[[Person, str], str]:
    """What somebody reads at an address."""

    def look(person: Person, address: str) -> str:
        sign_in(client, db.session.merge(person))
        return read(client.get(address))

    return look


def test_an_administrator_sees_who_was_reminded_of_what_by_which_rule(
    app: Flask, stage: Stage, page: Callable[[Person, str], str], clock: Clock
) -> None:
    deliver(lambda: clock.now)

    told = page(stage.leen, "/reminders")

    assert all(words in told for words in ("2 reminders", "Bauwens, Britt", "Course of NEURO", TOMORROW, "Sent"))


def test_a_coordinator_sees_what_belongs_to_her_programmes(
    app: Flask, stage: Stage, page: Callable[[Person, str], str]
) -> None:
    told = page(stage.roger, "/reminders")

    assert "1 reminder" in told
    assert "Bauwens, Britt" in told
    assert "Coppens" not in told


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=bauwens", ["Bauwens"]),
        ("q=neuro", ["Coppens"]),
        ("q=nobody", []),
        ("state=waiting", ["Bauwens", "Coppens"]),
        ("state=sent", []),
        ("rule=no such rule", []),
        ("about=activity_session&id=1&state=waiting", ["Bauwens"]),
        ("page=77", ["Bauwens", "Coppens"]),
        ("about=activity_session&id=99999999999999999999", ["Bauwens", "Coppens"]),
    ],
)
def test_the_ledger_is_narrowed(
    sqlite_app: Flask, stage: Stage, page: Callable[[Person, str], str], query: str, found: list[str]
) -> None:
    told = page(stage.leen, f"/reminders?{query}")

    assert [name for name in ("Bauwens", "Coppens") if f"{name}," in told] == found


def test_what_is_coming_is_told_without_being_noted(
    app: Flask, cast: Cast, clock: Clock, page: Callable[[Person, str], str]
) -> None:
    leen = cast.person("Leen Desmet", Role.ADMINISTRATOR)
    course = cast.course(starts_in=school(10, 10) - cast.now)
    take_seat(course, cast.person("Britt Bauwens"), cast.person("Hugo Coppens"), at=cast.now)
    clock.advance(timedelta(minutes=5))

    told = page(leen, "/reminders/coming")

    assert f"Wed 9 Dec 2026, 8:00 Scientific writing {TOMORROW} 2" in told
    assert "No reminders yet" in page(leen, "/reminders")


def test_what_was_noted_is_not_coming_any_more(app: Flask, stage: Stage, page: Callable[[Person, str], str]) -> None:
    assert "Nothing is coming" in page(stage.leen, "/reminders/coming")


def test_a_coordinator_sees_only_what_is_coming_in_her_programmes(
    app: Flask, cast: Cast, page: Callable[[Person, str], str]
) -> None:
    roger = cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO")
    britt = cast.person("Britt Bauwens")
    for code in ("CARDIO", "NEURO"):
        take_seat(cast.course(title=f"Course of {code}", programmes=[code]), britt, at=cast.now)

    told = page(roger, "/reminders/coming")

    assert "Course of CARDIO" in told
    assert "NEURO" not in told


def test_rules_are_told_as_sentences_with_those_that_do_nothing_yet(
    app: Flask, stage: Stage, page: Callable[[Person, str], str]
) -> None:
    add_rule("odd", "session_start", -3, "days", letter="no_such_letter")

    told = page(stage.roger, "/reminders/rules")

    at_work, _, idle = told.partition("Not yet in use")
    assert TOMORROW in at_work
    assert "6 hours before an offered seat lapses, to whoever was offered it" in at_work
    assert "28 days before a public defence, to the administrator" in idle
    assert "There is no mail named “no_such_letter”" in idle


def test_every_rule_of_the_default_data_is_a_sentence(
    sqlite_app: Flask, stage: Stage, page: Callable[[Person, str], str]
) -> None:
    rules = db.session.query(ReminderRule).count()

    assert page(stage.leen, "/reminders/rules").count(", to ") >= rules


def test_the_pages_ask_as_often_for_many_rows_as_for_few(app: Flask, cast: Cast, clock: Clock, client: Client) -> None:
    sign_in(client, cast.person("Leen Desmet", Role.ADMINISTRATOR))

    def asked(address: str) -> int:
        client.get(address)  # who looks is read once
        with questions() as sent:
            assert client.get(address).status_code == 200
        return len(sent)

    def fill(count: int) -> None:
        with cast.at_once():
            people = [cast.person(f"Person {count}x{one}") for one in range(count)]
            courses = [cast.course(title=f"Course {count}", starts_in=timedelta(days=16)) for _ in range(count)]
        for course in courses:
            take_seat(course, *people, at=cast.now)

    fill(1)
    few = asked("/reminders/coming")
    fill(7)
    many = asked("/reminders/coming")
    clock.move_to(school(9, 9))
    sweep_all(clock)

    assert (few, asked("/reminders?q=Course 1")) == (many, asked("/reminders?q=Course 7"))


def test_the_people_of_a_session_see_which_reminders_went_and_which_come(
    app: Flask, cast: Cast, clock: Clock, page: Callable[[Person, str], str]
) -> None:
    course, roger = cast.course(), cast.person("Roger Meunier", Role.ADMINISTRATOR)
    take_seat(course, cast.person("Britt Bauwens"), cast.person("Hugo Coppens"), at=cast.now)
    clock.move_to(school(4, 9))
    sweep_all(clock)

    told = page(roger, f"/sessions/{course.id}/people")

    assert "2 working days before free cancellation ends, to everyone registered." not in told
    assert f"Leaves on Wed 9 Dec 2026, 8:00 to 2 people: {TOMORROW}." in told
    clock.move_to(school(9, 9))
    sweep_all(clock)
    assert f"Sent on Wed 9 Dec 2026 to 2 people: {TOMORROW}." in page(roger, f"/sessions/{course.id}/people")
