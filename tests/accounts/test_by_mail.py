"""Signing in by a link in a mail, as a browser meets it, on both engines."""

from __future__ import annotations

import re
import statistics
import time
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.accounts import links, rules, service
from dsbs.accounts.models import Person, SignedLink
from dsbs.accounts.views import steps
from dsbs.core import clock as school_clock
from dsbs.core.db import SYSTEM, db, write
from tests.accounts.conftest import MakeLink
from tests.accounts.signing_in import address_of, messages, who_is_in, words
from tests.support.client import Client, sign_in
from tests.support.clock import START, Clock

pytestmark = pytest.mark.usefixtures("quick_answers")


def test_an_address_is_answered_by_a_link_in_a_mail(client: Client, britt: Person, clock: Clock) -> None:
    answer = client.post("/sign-in", data={"mail": " Britt.Bauwens@school.example"})
    link = db.session().scalars(select(SignedLink)).one()
    assert (answer.location, messages(), link.expires_at, link.uses_left) == (
        "/sign-in/sent",
        [("accounts/sign_in", britt.id)],
        START + timedelta(minutes=15),
        1,
    )


def test_the_answer_is_the_same_for_who_is_unknown_and_who_was_deactivated(
    app: Flask, britt: Person, leen: Person
) -> None:
    with write(by=leen.actor, why="Left", at=school_clock.now()) as session:
        gone = service.add_person(session, given_name="Gone", family_name="Away", mail="gone@school.example")
        service.deactivate(session, person=gone, by=leen.actor, today=school_clock.today(), now=school_clock.now())
    answers = set()
    for mail in ("britt.bauwens@school.example", "nobody@school.example", "gone@school.example"):
        for page in ("/sign-in", "/forgotten-password"):
            visitor = cast(Client, app.test_client())
            sent = visitor.post(page, data={"mail": mail}, follow_redirects=True)
            text = re.sub(r'value="[^"]+"', "", sent.text).replace(mail, "ADDRESS")
            answers.add((page, sent.status_code, sent.request.path, text))
    assert (len(answers), [person for _, person in messages()]) == (2, [britt.id, britt.id])


@pytest.mark.parametrize(
    ("page", "typed"),
    [
        ("/sign-in", {}),
        ("/sign-in/password", {"password": "not hers at all"}),
        ("/forgotten-password", {}),
    ],
)
def test_an_address_is_typed_once(sqlite_app: Flask, client: Client, page: str, typed: dict[str, str]) -> None:
    client.post(page, data={"mail": "britt@school.example", **typed})
    kept = [
        client.get(other).text.count('value="britt@school.example"') for other in ("/sign-in", "/forgotten-password")
    ]
    assert kept == [2, 1]


@pytest.mark.parametrize(
    ("environment", "mail_url", "said"),
    [
        ("demonstration", None, (True, False, False)),
        ("production", None, (False, True, False)),
        ("production", "smtp://mail.school.example", (False, False, True)),
        ("development", "smtp://mail.school.example", (False, False, True)),
    ],
)
def test_who_asked_for_a_link_reads_where_its_mail_is(
    sqlite_app: Flask, client: Client, environment: str, mail_url: str | None, said: tuple[bool, ...]
) -> None:
    settings = sqlite_app.config["SETTINGS"]
    sqlite_app.config["SETTINGS"] = replace(settings, environment=environment, mail_url=mail_url)
    page = client.get("/sign-in/sent").text
    sentences = ("Read the mail here", "No mail leaves this house yet", "Look among the unwanted mail.")
    assert tuple(sentence in page for sentence in sentences) == said


def test_the_time_of_the_answer_does_not_tell_who_is_known(
    sqlite_app: Flask, app: Flask, britt: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "ANSWER_SECONDS", 0.25)
    taken: dict[str, list[float]] = {"britt.bauwens@school.example": [], "nobody@school.example": []}
    for _ in range(3):
        for mail, times in taken.items():
            visitor = cast(Client, app.test_client())
            began = time.perf_counter()
            visitor.post("/sign-in", data={"mail": mail})
            times.append(time.perf_counter() - began)
    known, unknown = (statistics.median(times) for times in taken.values())
    assert min(known, unknown) >= steps.ANSWER_SECONDS
    assert abs(known - unknown) < steps.ANSWER_SECONDS / 4


def test_looking_at_a_link_does_not_use_it(client: Client, britt: Person, make_link: MakeLink) -> None:
    link = make_link(britt)
    answers = [client.get(address_of(link)) for _ in range(3)]
    assert (
        [answer.status_code for answer in answers],
        who_is_in(client),
        db.session().get_one(SignedLink, link.id).uses_left,
    ) == (
        [200, 200, 200],
        None,
        1,
    )
    assert "Sign in as Britt Bauwens" in words(answers[0])


def test_the_button_behind_a_link_signs_in_and_goes_on(client: Client, britt: Person, make_link: MakeLink) -> None:
    answer = client.post(address_of(make_link(britt, next_path="/me/data?a=1")))
    assert (answer.location, who_is_in(client)) == ("/me/data?a=1", "Britt Bauwens")


def test_a_session_lasts_thirty_days(
    sqlite_app: Flask, app: Flask, client: Client, britt: Person, make_link: MakeLink
) -> None:
    client.post(address_of(make_link(britt)))
    cookie = client.get_cookie("dsbs")
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site, app.permanent_session_lifetime) == (True, "Lax", timedelta(days=30))
    assert cookie.expires is not None


@pytest.mark.parametrize("page", ["/sign-in/with/", "/new-password/"])
def test_a_page_with_a_secret_in_its_address_tells_it_to_nobody(
    sqlite_app: Flask, client: Client, britt: Person, make_link: MakeLink, page: str
) -> None:
    purpose = rules.SIGN_IN if page.startswith("/sign-in") else rules.NEW_PASSWORD
    link = make_link(britt, purpose=purpose)
    fresh = client.get(address_of(link, page))
    with write(by=SYSTEM, why="Used", at=school_clock.now()) as session:
        links.use(session, link=link, now=school_clock.now())
    answers = [fresh, client.get(address_of(link, page)), client.get(page + "1-" + "A" * 43)]
    assert [
        (answer.status_code, answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) for answer in answers
    ] == [
        (200, "no-referrer", "no-store"),
        (410, "no-referrer", "no-store"),
        (404, "no-referrer", "no-store"),
    ]


def test_a_used_link_says_so_and_offers_a_new_one(
    app: Flask, client: Client, britt: Person, make_link: MakeLink
) -> None:
    link = make_link(britt, next_path="/me/data")
    client.post(address_of(link))
    visitor = cast(Client, app.test_client())
    answers = [visitor.get(address_of(link)), visitor.post(address_of(link))]
    assert [(answer.status_code, rules.USED in words(answer)) for answer in answers] == [(410, True), (410, True)]
    again = visitor.post(address_of(link) + "/again")
    newest = db.session().scalars(select(SignedLink).order_by(SignedLink.id.desc())).first()
    assert newest is not None
    assert (again.location, messages(), newest.next_path) == (
        "/sign-in/sent",
        [("accounts/sign_in", britt.id)],
        "/me/data",
    )
    assert "britt.bauwens" not in visitor.get("/sign-in/sent").text


def test_an_old_link_says_that_it_is_too_old(client: Client, britt: Person, make_link: MakeLink, clock: Clock) -> None:
    link = make_link(britt)
    clock.advance(rules.SIGN_IN_LIFETIME)
    answers = [client.get(address_of(link)), client.post(address_of(link))]
    assert [(answer.status_code, "This link is too old." in words(answer)) for answer in answers] == [(410, True)] * 2
    assert who_is_in(client) is None


def test_a_link_of_somebody_else_says_whose_it_is_and_changes_hands_by_its_button_only(
    client: Client, britt: Person, leen: Person, make_link: MakeLink
) -> None:
    sign_in(client, leen)
    link = make_link(britt)
    page = words(client.get(address_of(link)))
    assert "This link belongs to Britt Bauwens. On this device Leen Desmet is signed in now" in page
    assert who_is_in(client) == "Leen Desmet"
    client.post(address_of(link))
    assert who_is_in(client) == "Britt Bauwens"


def test_a_link_opened_again_by_who_is_in_leads_on(client: Client, britt: Person, make_link: MakeLink) -> None:
    link = make_link(britt, next_path="/me")
    client.post(address_of(link))
    assert [client.get(address_of(link)).location, client.post(address_of(link)).location] == ["/me", "/me"]


@pytest.mark.parametrize("token", ["1-" + "A" * 43, "x", "1", "%00", "1-%F0%9F%92%A5", "9" * 18 + "-" + "A" * 43])
@pytest.mark.parametrize("page", ["/sign-in/with/", "/new-password/"])
def test_a_forged_link_is_not_complete(client: Client, token: str, page: str) -> None:
    answers = [client.get(page + token), client.post(page + token), client.post(page + token + "/again")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_a_link_for_a_password_signs_nobody_in(client: Client, britt: Person, make_link: MakeLink) -> None:
    link = make_link(britt, purpose=rules.NEW_PASSWORD)
    assert (client.post(address_of(link)).status_code, who_is_in(client)) == (404, None)


def test_signing_in_leaves_nothing_of_the_visitor_before(client: Client, britt: Person, make_link: MakeLink) -> None:
    with client.session_transaction() as kept:
        kept["planted"] = "by somebody else"
    client.get("/sign-in")
    with client.session_transaction() as kept:
        before = kept["csrf_token"]
    client.post(address_of(make_link(britt)))
    with client.session_transaction() as kept:
        assert ("planted" in kept, kept.get("csrf_token") == before) == (False, False)
