"""What administrators do to people in the browser, on both engines."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from dsbs.accounts import queries
from dsbs.accounts.models import Person
from dsbs.core.db import db
from tests.accounts.conftest import Kept
from tests.accounts.signing_in import words
from tests.support.client import Client, sign_in

pytestmark = pytest.mark.usefixtures("quick_answers")


def test_an_administrator_adds_a_person(client: Client, leen: Person, dutch: None) -> None:
    sign_in(client, leen)
    typed = {"given_name": "Zoë", "family_name": "O’Neill 🦊", "mail": "ZOE@school.example", "language": "nl"}
    answer = client.post("/people/new", data=typed)
    zoe = queries.person_by_mail(db.session(), "zoe@school.example")
    assert zoe is not None
    assert (answer.location, zoe.name, zoe.language, zoe.phone) == (f"/people/{zoe.id}", "Zoë O’Neill 🦊", "nl", None)


def test_an_address_that_is_taken_is_said_beside_its_field(client: Client, leen: Person, britt: Person) -> None:
    sign_in(client, leen)
    typed = {"given_name": "A", "family_name": "B", "mail": "Britt.Bauwens@school.example", "language": "en"}
    answer = client.post("/people/new", data=typed)
    assert '<a href="#mail">Mail address: Somebody with this address is known already.</a>' in answer.text


def test_a_stale_tab_shows_both_versions_and_keeps_what_was_typed(
    client: Client, leen: Person, britt: Person, kept: Kept
) -> None:
    sign_in(client, leen)
    page = f"/people/{britt.id}/edit"
    seen = re.findall(r'name="seen"[^>]*value="([^"]+)"', client.get(page).text)[0]
    mine = {"given_name": "Britt", "family_name": "Mine", "mail": "", "language": "en", "seen": seen}
    client.post(page, data={**mine, "family_name": "Theirs"})
    answer = client.post(page, data=mine)
    newest = re.findall(r'name="seen"[^>]*value="([^"]+)"', answer.text)[0]
    assert ("Somebody else saved a change meanwhile." in words(answer), kept(britt).family_name) == (True, "Theirs")
    assert (client.post(page, data={**mine, "seen": newest}).status_code, kept(britt).family_name) == (302, "Mine")


def test_deactivating_can_be_undone(client: Client, leen: Person, britt: Person, kept: Kept) -> None:
    sign_in(client, leen)
    client.post(f"/people/{britt.id}/deactivate")
    out = kept(britt).active
    client.post(f"/people/{britt.id}/reactivate")
    assert (out, kept(britt).active) == (False, True)


@pytest.mark.parametrize(
    "page", ["/people/new", "/people/{0}/edit", "/people/{0}/deactivate", "/people/{0}/reactivate"]
)
def test_nobody_else_adds_edits_or_deactivates_people(
    sqlite_app: Flask, client: Client, britt: Person, page: str, kept: Kept
) -> None:
    sign_in(client, britt)
    answer = client.post(page.format(britt.id), data={"given_name": "X", "family_name": "Y", "language": "en"})
    assert (answer.status_code, kept(britt).active, kept(britt).name) == (403, True, "Britt Bauwens")
