"""The catalogue: under which headings sessions stand, what filters count, and what it says to whom."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from dsbs.activities.views.headings import heading_of
from dsbs.core.access import Role
from tests.activities.reading import read, words
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock

MONDAY = date(2026, 11, 23)
DAYS = st.dates(min_value=date(2026, 1, 1), max_value=date(2035, 12, 31))


@pytest.mark.parametrize(
    ("on", "stands_under"),
    [
        (date(2026, 11, 25), date(2026, 11, 23)),
        (date(2026, 12, 6), date(2026, 11, 30)),
        (date(2026, 12, 7), date(2026, 12, 7)),
        (date(2026, 12, 31), date(2026, 12, 7)),
        (date(2027, 1, 1), date(2027, 1, 1)),
        (date(2027, 2, 28), date(2027, 2, 1)),
    ],
)
def test_two_weeks_stand_alone_and_what_comes_later_by_its_month(on: date, stands_under: date) -> None:
    assert heading_of(on, MONDAY) == stands_under


@given(today=DAYS, days=st.integers(min_value=0, max_value=800))
def test_the_headings_never_go_back_in_time(today: date, days: int) -> None:
    monday = today - timedelta(days=today.weekday())
    on = today + timedelta(days=days)

    assert heading_of(on, monday) <= heading_of(on + timedelta(days=1), monday)
    assert heading_of(on, monday) <= on


def headings(page: str) -> list[str]:
    """The headings of the groups, in their order."""
    return re.findall(r'<div class="group"><h2>(.*?)</h2>', page)


def test_the_groups_of_the_catalogue_are_named(app: Flask, client: Client, cast: Cast, clock: Clock) -> None:
    clock.move_to(datetime.fromisoformat("2026-11-24T09:00+01:00"))
    for weeks in (0, 1, 2, 3, 6):
        cast.course(title=f"In {weeks} weeks", starts_in=timedelta(weeks=weeks, hours=5))
    sign_in(client, cast.researcher("Britt Bauwens"))

    page = words(client.get("/activities"))

    assert headings(page) == ["This week", "Next week", "Later in December", "January 2027"]


def test_with_nothing_to_come_there_is_nothing_to_count_or_filter(
    sqlite_app: Flask, client: Client, cast: Cast
) -> None:
    sign_in(client, cast.researcher("Britt Bauwens"))

    page = client.get("/activities")

    assert "No sessions to come" in read(page)
    assert ("from now on" in read(page), 'id="filters"' in words(page)) == (False, False)


def test_a_search_that_finds_nothing_says_of_how_many(app: Flask, client: Client, cast: Cast) -> None:
    cast.course(title="Statistics")
    sign_in(client, cast.researcher("Britt Bauwens"))

    page = client.get("/activities?q=zzzz")

    assert "0 of 1 from now on" in read(page)
    assert 'name="kind"' in words(page)


def test_words_are_found_whatever_their_case_and_accents_in_titles_labels_and_rooms(
    app: Flask, client: Client, cast: Cast
) -> None:
    cast.course(title="Génomique", venue=cast.venue("Salle Été"))
    sign_in(client, cast.researcher("Britt Bauwens"))

    pages = [words(client.get(f"/activities?q={asked}")) for asked in ("genomique", "SALLE ete", "x")]
    found = [page.count('<li class="offer') for page in pages]

    assert found == [1, 1, 0]


def test_a_session_leads_to_the_other_dates_of_its_activity_that_are_to_come(
    app: Flask, client: Client, cast: Cast
) -> None:
    first = cast.course(title="Statistics", starts_in=timedelta(days=3))
    other = cast.another_session(first, starts_in=timedelta(days=20))
    cast.course(title="Writing", starts_in=timedelta(days=20))
    sign_in(client, cast.researcher("Britt Bauwens"))

    page = words(client.get(f"/sessions/{first.id}"))

    assert re.findall(r'<li><a href="/sessions/(\d+)"', page) == [str(other.id)]


def test_who_takes_no_seats_reads_how_they_fill_and_is_offered_none(app: Flask, client: Client, cast: Cast) -> None:
    cast.course(title="Statistics", capacity=30)
    sign_in(client, cast.person("Rik Reader", Role.READER))

    page = client.get("/activities")

    assert ("30 of 30 seats free" in read(page), "Not for you" in read(page)) == (True, False)
    assert ('name="joinable"' in words(page), 'name="free"' in words(page)) == (False, True)
