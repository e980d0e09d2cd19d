"""A password forgotten, changed, removed, as a browser meets it, on both engines."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.accounts import passwords, rules
from dsbs.accounts.models import Person, SignedLink
from dsbs.core.db import db
from tests.accounts.conftest import Kept, MakeLink
from tests.accounts.signing_in import PASSWORD, address_of, messages, who_is_in, words
from tests.support.client import Client, sign_in
from tests.support.clock import Clock

pytestmark = pytest.mark.usefixtures("quick_answers")


def test_a_forgotten_password_is_set_anew_by_a_link_good_for_an_hour(
    client: Client, roger: Person, kept: Kept, clock: Clock
) -> None:
    client.post("/forgotten-password", data={"mail": "roger.meunier@school.example"})
    link = db.session().scalars(select(SignedLink)).one()
    key, lifetime = roger.session_key, link.expires_at - link.made_at
    new = {"password": "seven quiet rivers", "again": "seven quiet rivers"}
    answer = client.post(address_of(link, "/new-password/"), data=new)
    now = kept(roger)
    assert (lifetime, answer.location, who_is_in(client)) == (timedelta(hours=1), "/", "Roger Meunier")
    assert (now.session_key != key, passwords.matches("seven quiet rivers", now.password_hash)) == (True, True)
    assert messages() == [("accounts/new_password", roger.id), ("accounts/password_changed", roger.id)]


def test_a_password_link_works_once(app: Flask, client: Client, roger: Person, make_link: MakeLink) -> None:
    link = make_link(roger, purpose=rules.NEW_PASSWORD)
    new = {"password": "seven quiet rivers", "again": "seven quiet rivers"}
    client.post(address_of(link, "/new-password/"), data=new)
    visitor = cast(Client, app.test_client())
    second = visitor.post(address_of(link, "/new-password/"), data={"password": PASSWORD * 2, "again": PASSWORD * 2})
    assert (second.status_code, rules.USED in words(second)) == (410, True)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (("short", "short"), "Use 12 to 200 characters."),
        (("seven quiet rivers", "seven quiet river"), "The two are not the same. Type both again."),
        (("Roger Meunier Roger", "Roger Meunier Roger"), "This is easy to guess."),
        (("", ""), "Type a new password."),
    ],
)
def test_a_bad_new_password_is_told_and_the_link_stays_good(
    sqlite_app: Flask, client: Client, roger: Person, make_link: MakeLink, typed: tuple[str, str], sentence: str
) -> None:
    link = make_link(roger, purpose=rules.NEW_PASSWORD)
    answer = client.post(address_of(link, "/new-password/"), data={"password": typed[0], "again": typed[1]})
    assert (answer.status_code, sentence in words(answer), db.session().get_one(SignedLink, link.id).uses_left) == (
        200,
        True,
        1,
    )


def test_a_password_is_changed_by_who_knows_the_present_one(client: Client, roger: Person, kept: Kept) -> None:
    sign_in(client, roger)
    new = {"password": "seven quiet rivers", "again": "seven quiet rivers"}
    wrong = client.post("/me/password", data={"present": "wrong", **new})
    assert ("This is not your present password." in words(wrong), wrong.status_code) == (True, 200)
    right = client.post("/me/password", data={"present": PASSWORD, **new})
    changed = passwords.matches("seven quiet rivers", kept(roger).password_hash)
    assert (right.location, changed, who_is_in(client)) == ("/me", True, "Roger Meunier")


def test_another_device_is_out_after_a_new_password(app: Flask, client: Client, roger: Person) -> None:
    elsewhere = cast(Client, app.test_client())
    sign_in(elsewhere, roger)
    sign_in(client, roger)
    new = {"password": "seven quiet rivers", "again": "seven quiet rivers"}
    client.post("/me/password", data={"present": PASSWORD, **new})
    assert (who_is_in(client), who_is_in(elsewhere)) == ("Roger Meunier", None)


def test_a_first_password_needs_no_present_one(client: Client, britt: Person, kept: Kept) -> None:
    sign_in(client, britt)
    client.post("/me/password", data={"password": "seven quiet rivers", "again": "seven quiet rivers"})
    assert passwords.matches("seven quiet rivers", kept(britt).password_hash) is True


def test_a_password_can_be_removed(client: Client, roger: Person, kept: Kept) -> None:
    sign_in(client, roger)
    answer = client.post("/me/password/remove", data={"present": PASSWORD})
    assert (answer.location, kept(roger).password_hash, who_is_in(client)) == ("/me", None, "Roger Meunier")
