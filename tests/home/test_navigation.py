"""Which entry of the navigation is marked on a page."""

from __future__ import annotations

import re

import pytest
from flask import Flask, url_for
from sqlalchemy import select

from dsbs.core.access import Role
from dsbs.core.db import db
from dsbs.core.feature import features
from dsbs.enrolments.models import Enrolment
from tests.support.cast import Cast
from tests.support.client import Client, sign_in


def marked(client: Client, address: str) -> list[str]:
    """The entries that the head of the page at this address names as the one where one is."""
    head = re.search(r'<nav class="nav".*?</nav>', client.get(address).text, re.DOTALL)
    assert head is not None
    return re.findall(r'aria-current="page">(?:<svg.*?</svg>)?([^<]+)</a>', head[0])


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ORGANISER])
def test_each_entry_is_marked_on_its_own_page(sqlite_app: Flask, client: Client, cast: Cast, role: Role) -> None:
    sign_in(client, cast.person("Somebody Here", role, programme="CARDIO"))
    entries = [
        entry for feature in features() for entry in feature.navigation if not entry.roles or role in entry.roles
    ]
    with sqlite_app.test_request_context():
        addresses = {entry.label: url_for(entry.endpoint) for entry in entries}
    assert len(addresses) > 3
    assert {label: marked(client, address) for label, address in addresses.items()} == {
        label: [label] for label in addresses
    }


def test_who_plans_is_at_the_planning_on_all_its_pages(sqlite_app: Flask, client: Client, cast: Cast) -> None:
    course = cast.course(programmes=["CARDIO"])
    sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))
    activity, session = f"/activities/{course.activity_id}", f"/sessions/{course.id}"
    pages = [
        "/activities/new",
        *(f"{activity}{page}" for page in ("", "/edit", "/sessions/new", "/changes")),
        *(f"{session}{page}" for page in ("/edit", "/call-off", "/people", "/changes")),
    ]
    assert {page: marked(client, page) for page in pages} == {page: ["Planning"] for page in pages}


def test_other_pages_belong_to_the_entry_that_leads_to_them(sqlite_app: Flask, client: Client, cast: Cast) -> None:
    course, britt = cast.course(), cast.researcher("Britt Bauwens")
    enrolment = f"/enrolments/{db.session.scalars(select(Enrolment.id)).one()}"
    found = {}
    for who in (britt, cast.person("Leen Smets", Role.ADMINISTRATOR)):
        sign_in(client, who)
        pages = (f"/sessions/{course.id}", enrolment, "/me", "/search", "/my/messages")
        found[who.given_name] = [marked(client, page) for page in pages]
    assert found == {
        "Britt": [["Activities"], ["My track"], [], [], []],
        "Leen": [["Activities"], ["Researchers"], [], [], []],
    }


def test_what_the_rules_lead_to_belongs_to_them(sqlite_app: Flask, client: Client, cast: Cast) -> None:
    sign_in(client, cast.person("Leen Smets", Role.ADMINISTRATOR))
    pages = ["/units", "/units/add", "/closures", "/closures/add"]
    assert {page: marked(client, page) for page in pages} == {page: ["Rules"] for page in pages}


def test_who_teaches_is_at_the_activities_with_the_people_of_her_session(
    sqlite_app: Flask, client: Client, cast: Cast
) -> None:
    course = cast.course()
    sign_in(client, cast.person("Tess Molendijks", Role.ORGANISER, session_id=course.id))
    assert marked(client, f"/sessions/{course.id}/people") == ["Activities"]
