"""One's own data, language and sessions, as a browser meets them, on both engines."""

from __future__ import annotations

from typing import cast

import pytest
from flask import Flask

from dsbs.accounts import service
from dsbs.accounts.models import Person
from dsbs.core import clock as school_clock
from dsbs.core.db import SYSTEM, write
from tests.accounts.conftest import Kept
from tests.accounts.signing_in import who_is_in
from tests.support.client import Client, sign_in

pytestmark = pytest.mark.usefixtures("quick_answers")


def speaks(person: Person, language: str) -> None:
    with write(by=SYSTEM, why="Set the stage", at=school_clock.now()) as session:
        session.get_one(Person, person.id).language = language


def test_a_language_is_offered_on_every_page_once_the_pages_are_translated(
    client: Client, britt: Person, dutch: None
) -> None:
    sign_in(client, britt)
    assert 'value="nl" lang="nl">Nederlands' in client.get("/me").text


def test_where_only_english_is_spoken_the_head_offers_nothing_to_choose(client: Client, britt: Person) -> None:
    sign_in(client, britt)
    assert 'name="language"' not in client.get("/me").text
    assert client.post("/language", data={"language": "nl"}).status_code == 400


def test_one_has_the_language_of_ones_choice_on_record_before_pages_speak_it(
    client: Client, britt: Person, kept: Kept
) -> None:
    sign_in(client, britt)
    assert '<option value="nl">Nederlands</option>' in client.get("/me/data").text
    client.post("/me/data", data={"phone": "", "language": "nl"})
    assert kept(britt).language == "nl"


def test_a_language_that_pages_do_not_speak_yet_is_kept_and_said_so(client: Client, britt: Person) -> None:
    sign_in(client, britt)
    client.post("/me/data", data={"phone": "", "language": "nl"})
    page = client.get("/me").text
    assert "Pages and mails come in English until they are translated." in page
    assert "From now on pages and mails follow it." not in page


def test_who_has_another_language_on_record_keeps_it_and_reads_english_with_its_dates(
    client: Client, britt: Person, kept: Kept
) -> None:
    speaks(britt, "nl")
    sign_in(client, britt)
    client.post("/me/data", data={"phone": "+32 16 12 34 56", "language": "nl"})
    page = client.get("/calendar").text
    assert (kept(britt).phone, kept(britt).language) == ("+32 16 12 34 56", "nl")
    assert '<html lang="en"' in page
    assert "November 2026" in page


def test_an_administrator_who_edits_a_person_keeps_her_language(
    client: Client, leen: Person, britt: Person, kept: Kept
) -> None:
    speaks(britt, "nl")
    sign_in(client, leen)
    typed = {
        "given_name": "Brit",
        "family_name": "Bauwens",
        "mail": "b@school.example",
        "seen": kept(britt).fingerprint,
    }
    client.post(f"/people/{britt.id}/edit", data=typed)
    assert (kept(britt).given_name, kept(britt).language) == ("Brit", "nl")


def test_one_edits_phone_language_and_wishes_and_nothing_else(
    client: Client, britt: Person, kept: Kept, dutch: None
) -> None:
    sign_in(client, britt)
    typed = {"phone": "+32 16 12 34 56", "language": "nl", "wants_bulletin": "y", "given_name": "X", "active": ""}
    answer = client.post("/me/data", data=typed)
    now = kept(britt)
    assert (answer.location, now.phone, now.language, now.wants_bulletin, now.wants_confirmations, now.name) == (
        "/me",
        "+32 16 12 34 56",
        "nl",
        True,
        False,
        "Britt Bauwens",
    )


@pytest.mark.parametrize(
    "phone", ["call me", "<script>alert(1)</script>", "1" * 41, "+32\x00", "١٢٣", "\u202e123", "🦊"]
)
def test_what_is_no_phone_number_is_refused_and_kept_in_the_field(
    sqlite_app: Flask, client: Client, britt: Person, kept: Kept, phone: str
) -> None:
    sign_in(client, britt)
    answer = client.post("/me/data", data={"phone": phone, "language": "en"})
    assert (answer.status_code, kept(britt).phone, "<script>alert" in answer.text) == (200, None, False)


def test_a_language_that_is_not_spoken_is_refused(client: Client, britt: Person, kept: Kept, dutch: None) -> None:
    sign_in(client, britt)
    assert client.post("/me/data", data={"phone": "", "language": "xx"}).status_code == 200
    assert client.post("/language", data={"language": "xx"}).status_code == 400
    assert kept(britt).language == "en"


def test_a_visitor_chooses_a_language_for_the_device(sqlite_app: Flask, client: Client, dutch: None) -> None:
    answer = client.post("/language", data={"language": "nl"}, headers={"Referer": "http://localhost/sign-in"})
    assert (answer.location, '<html lang="nl"' in client.get("/sign-in").text) == ("http://localhost/sign-in", True)


def test_choosing_a_language_never_leads_elsewhere(sqlite_app: Flask, client: Client, dutch: None) -> None:
    answer = client.post("/language", data={"language": "nl"}, headers={"Referer": "http://localhost.example/"})
    assert answer.location == "http://localhost/"


def test_signing_out_everywhere_ends_all_sessions(app: Flask, client: Client, britt: Person) -> None:
    elsewhere = cast(Client, app.test_client())
    sign_in(elsewhere, britt)
    sign_in(client, britt)
    client.post("/me/sign-out-everywhere")
    assert (who_is_in(client), who_is_in(elsewhere)) == (None, None)


def test_who_is_deactivated_is_out_at_once(client: Client, britt: Person, leen: Person) -> None:
    sign_in(client, britt)
    with write(by=leen.actor, why="Left", at=school_clock.now()) as session:
        service.deactivate(session, person=britt, by=leen.actor, today=school_clock.today(), now=school_clock.now())
    assert who_is_in(client) is None


@pytest.mark.parametrize(
    "cookie", ["x", "1", "1.", ".x", "0x1.y", "9999999999999999999.k", "\x00.\x00", "²." + "k" * 32]
)
def test_a_session_cookie_of_another_shape_is_a_visitor(client: Client, cookie: str) -> None:
    with client.session_transaction() as kept:
        kept.update({"_user_id": cookie, "_fresh": True})
    assert client.get("/sign-in").status_code == 200
