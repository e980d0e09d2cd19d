"""Search across: what is found, for whom, and that odd words do no harm."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from dsbs.accounts.models import RoleGrant
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, write
from dsbs.core.template import ROLE_NAMES
from tests.home.reading import headings, queries_of
from tests.support.cast import Cast
from tests.support.client import Client, sign_in


def found(client: Client, words: str) -> dict[str, list[str]]:
    """What is found, by the heading over it."""
    page = client.get("/search", query_string={"q": words}).text
    parts = re.split(r'(?=<div class="section-head">)', page)[1:]
    return {
        title: re.findall(r'class="strong"[^>]*>([^<]+)<', part)
        for title, part in zip(headings(page), parts, strict=True)
    }


def test_sessions_and_programmes_are_found_by_everybody(client: Client, cast: Cast) -> None:
    cast.course(title="Cardiology for all", venue=cast.venue("Heart room"))
    cast.course(title="Cardiology, a draft", published=False)
    sign_in(client, cast.researcher("Britt Cardinal"))
    assert found(client, "CARDIO") == {
        "Sessions to come": ["Cardiology for all"],
        "Programmes": [cast.programme("CARDIO").name],
    }
    assert found(client, "heart room") == {"Sessions to come": ["Cardiology for all"]}


def test_people_are_found_by_those_who_may_list_them(client: Client, cast: Cast) -> None:
    cast.researcher("Britt Zandbergen")
    cast.researcher("Hugo Zandbergen", "NEURO")
    seen = {}
    for name, role in (
        ("Leen Adams", Role.ADMINISTRATOR),
        ("Roger Meunier", Role.COORDINATOR),
        ("Sam Other", Role.SUPERVISOR),
    ):
        sign_in(client, cast.person(name, role, programme="CARDIO"))
        seen[role] = found(client, "zandbergen")
    sign_in(client, cast.researcher("Otto Other"))
    seen[Role.RESEARCHER] = found(client, "zandbergen")
    assert seen == {
        Role.ADMINISTRATOR: {"People": ["Britt Zandbergen", "Hugo Zandbergen"]},
        Role.COORDINATOR: {"Researchers": ["Britt Zandbergen"]},
        Role.SUPERVISOR: {},
        Role.RESEARCHER: {},
    }


def test_of_a_person_only_the_roles_of_today_are_told(client: Client, cast: Cast) -> None:
    zoe = cast.person("Zoe Zandbergen", Role.RESEARCHER, Role.READER, Role.SUPERVISOR)
    with write(by=SYSTEM, why="Roles", at=cast.now) as session:
        for grant in session.scalars(select(RoleGrant).where(RoleGrant.person_id == zoe.id)):
            if grant.role is Role.READER:
                grant.until = cast.today - timedelta(days=1)
            if grant.role is Role.SUPERVISOR:
                grant.since = cast.today + timedelta(days=1)
    sign_in(client, cast.person("Leen Adams", Role.ADMINISTRATOR))

    page = client.get("/search", query_string={"q": "zandbergen"}).text

    told = page[page.index("Zoe Zandbergen") :]
    assert [name for name in ROLE_NAMES.values() if name in told] == [ROLE_NAMES[Role.RESEARCHER]]


@pytest.mark.parametrize(
    "words", ["%", "_", "\x00", "' or 1=1 --", "🦊", "<script>alert(1)</script>", "x" * 5000, "محمد"]
)
def test_odd_words_find_nothing_and_are_shown_as_they_are(client: Client, cast: Cast, words: str) -> None:
    cast.course()
    sign_in(client, cast.person("Leen Adams", Role.ADMINISTRATOR))
    answer = client.get("/search", query_string={"q": words})
    assert (answer.status_code, found(client, words), "<script>alert" in answer.text) == (200, {}, False)


def test_nothing_is_looked_for_without_words(client: Client, cast: Cast) -> None:
    sign_in(client, cast.researcher("Britt Bauwens"))
    assert found(client, "   ") == {}


def test_a_long_list_leads_to_the_whole_of_it(client: Client, cast: Cast) -> None:
    for number in range(9):
        cast.course(title=f"Writing {number}")
    sign_in(client, cast.researcher("Britt Bauwens"))
    page = client.get("/search?q=writing").text
    assert (len(found(client, "writing")["Sessions to come"]), 'href="/activities?q=writing"' in page) == (8, True)


def test_the_search_asks_as_often_for_few_as_for_many(client: Client, cast: Cast) -> None:
    cast.course(title="Writing")
    cast.researcher("Writing Writer")
    sign_in(client, cast.person("Leen Adams", Role.ADMINISTRATOR))
    client.get("/search?q=writ")
    few = queries_of(client, "/search?q=writ")
    for number in range(12):
        cast.course(title=f"Writing {number}")
        cast.researcher(f"Writer {number}")
    client.get("/search?q=writ")  # reads what is kept from here on, as the first one did
    assert queries_of(client, "/search?q=writ") == few
