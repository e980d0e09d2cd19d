"""Lists that grow with the years: a page at a time, with as many questions for many rows as for few."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from dsbs.activities import queries
from dsbs.core.access import Role
from tests.activities.reading import read, words
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock
from tests.support.statements import statements


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of two rows, so that a handful of courses fills several."""
    monkeypatch.setattr(queries, "PAGE", 2)


def questions_of(client: Client, path: str) -> int:
    """How many statements the second visit of a page sends."""
    client.get(path)
    with statements() as sent:
        assert client.get(path).status_code == 200
    return len(sent)


def plan(cast: Cast, numbers: range) -> None:
    """A course of each number, all on different days."""
    with cast.at_once():
        for number in numbers:
            cast.course(title=f"Course {number}", programmes=["CARDIO"], starts_in=timedelta(days=number + 1))


@pytest.mark.usefixtures("small_pages")
def test_planning_has_pages(sqlite_app: Flask, client: Client, cast: Cast) -> None:
    plan(cast, range(3))
    sign_in(client, cast.person("Leen Desmet", Role.ADMINISTRATOR))

    first, second, beyond = (read(client.get(f"/activities/plan?page={page}")) for page in (1, 2, 99))

    assert [name in first for name in ("Course 0", "Course 1", "Course 2")] == [True, True, False]
    assert [name in second for name in ("Course 0", "Course 1", "Course 2")] == [False, False, True]
    assert "Showing 2 of 3" in first
    assert "Course 2" in beyond


@pytest.mark.usefixtures("small_pages")
def test_planning_asks_as_much_for_many_as_for_few(sqlite_app: Flask, client: Client, cast: Cast) -> None:
    sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))
    plan(cast, range(1))
    few = questions_of(client, "/activities/plan")
    plan(cast, range(1, 6))

    assert questions_of(client, "/activities/plan") == few


def test_planning_offers_one_button_while_there_is_nothing(sqlite_app: Flask, client: Client, cast: Cast) -> None:
    sign_in(client, cast.person("Leen Desmet", Role.ADMINISTRATOR))

    page = words(client.get("/activities/plan"))

    assert page.count('href="/activities/new"') == 1
    assert "Showing" not in page


@pytest.mark.usefixtures("small_pages")
def test_the_past_is_shown_a_little_at_a_time(sqlite_app: Flask, client: Client, cast: Cast, clock: Clock) -> None:
    britt = cast.researcher("Britt Bauwens", "CARDIO")
    ids = [cast.course(title=f"Course {number}", starts_in=timedelta(days=number + 1)).id for number in range(4)]
    sign_in(client, britt)
    for course_id in ids:
        client.post(f"/sessions/{course_id}/register")
    clock.move_to(clock.now + timedelta(days=3, hours=12))
    sign_in(client, britt)
    client.get("/my/activities")  # Reads what was confirmed, which names the courses too.

    latest = words(client.get("/my/activities"))
    everything = words(client.get("/my/activities?show=4&fold=past"))

    assert [f"Course {number}" in latest for number in range(4)] == [False, True, True, True]
    assert "3 sessions in the past" in latest
    assert "Showing 2 of 3" in read(latest)
    assert "?show=4&amp;fold=past#past" in latest
    assert all(f"Course {number}" in everything for number in range(4))
    assert '<details class="fold" open>' in everything
    assert "Showing" not in everything


def test_ones_own_page_asks_as_much_for_many_as_for_few(
    sqlite_app: Flask, client: Client, cast: Cast, clock: Clock
) -> None:
    britt = cast.researcher("Britt Bauwens", "CARDIO")
    ids = [cast.course(title=f"Course {number}", starts_in=timedelta(days=number + 1)).id for number in range(5)]
    sign_in(client, britt)
    client.post(f"/sessions/{ids[0]}/register")
    client.post(f"/sessions/{ids[1]}/register")
    clock.move_to(clock.now + timedelta(days=1, hours=12))
    sign_in(client, britt)
    few = questions_of(client, "/my/activities")
    for course_id in ids[2:]:
        client.post(f"/sessions/{course_id}/register")

    assert questions_of(client, "/my/activities") == few
