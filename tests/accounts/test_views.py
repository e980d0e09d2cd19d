"""Signing in and one's own pages, as a browser meets them, on both engines."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from dsbs.accounts import attempts, links, passwords, queries, rules, service
from dsbs.accounts.models import Person, SignedLink
from dsbs.accounts.views import steps
from dsbs.core import clock as school_clock
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.language import LANGUAGES
from dsbs.mail.models import Message
from tests.accounts.conftest import AddPerson, MakeLink
from tests.support.broker import Broker, OwnBroker
from tests.support.client import Client, sign_in
from tests.support.clock import START, Clock

PASSWORD = "kettle orbit basil tram"
SAME_SENTENCE = "This address and password do not belong together. A sign-in link by mail gets you in as well."
Kept = Callable[[Person], Person]


@pytest.fixture(autouse=True)
def quick_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers take no fixed time and hashes little, except where that is what is tested."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(steps, "ANSWER_SECONDS", 0.0)
    monkeypatch.setattr(passwords, "_hasher", quick)
    monkeypatch.setattr(passwords, "_NOBODY", quick.hash("nobody's password"))


@pytest.fixture
def password_hash(quick_answers: None) -> str:
    """The hash of PASSWORD."""
    return passwords.hashed(PASSWORD)


def words(answer: TestResponse) -> str:
    """What a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).replace("&#39;", "'").split())


def address_of(link: SignedLink, page: str = "/sign-in/with/") -> str:
    return page + links.token_of(link)


def who_is_in(client: Client) -> str | None:
    """The name in the header of the start page, None for a visitor."""
    answer = client.get("/me")
    found = re.search(r"<h1>([^<]+)</h1>", answer.text) if answer.status_code == 200 else None
    return found[1] if found else None


def messages() -> list[tuple[str, int | None]]:
    db.session.rollback()
    rows = db.session().execute(select(Message.template, Message.person_id).order_by(Message.id))
    return [(row.template, row.person_id) for row in rows]


# ---- By mail ----


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


# ---- By password ----


@pytest.fixture
def roger(add_person: AddPerson, password_hash: str) -> Person:
    """Somebody with a password."""
    return add_person("Roger Meunier", Role.RESEARCHER, password_hash=password_hash)


def try_password(
    client: Client, password: str, mail: str = "roger.meunier@school.example", **more: str
) -> TestResponse:
    return client.post("/sign-in/password", data={"mail": mail, "password": password}, query_string=more)


def test_address_and_password_sign_in(client: Client, roger: Person) -> None:
    answer = try_password(client, PASSWORD, "ROGER.Meunier@school.example", next="/me")
    assert (answer.location, who_is_in(client)) == ("/me", "Roger Meunier")


@pytest.mark.parametrize(
    ("mail", "password"),
    [
        ("roger.meunier@school.example", "wrong"),
        ("nobody@school.example", PASSWORD),
        ("britt.bauwens@school.example", "nobody's password"),
        ("<script>alert(1)</script>", PASSWORD),
        ("\u202eelpmaxe.loohcs@regor", "🦊🦊🦊🦊"),
    ],
)
def test_every_wrong_pair_gets_the_same_sentence_and_keeps_the_address(
    client: Client, roger: Person, britt: Person, mail: str, password: str
) -> None:
    answer = try_password(client, password, mail)
    kept = re.findall(r'<input[^>]*name="mail"[^>]*value="([^"]*)"', answer.text)
    typed = mail.replace("<", "&lt;").replace(">", "&gt;")
    assert (answer.status_code, SAME_SENTENCE in words(answer), kept, who_is_in(client)) == (
        200,
        True,
        [typed] * 2,
        None,
    )
    assert password not in answer.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"mail": "", "password": "x"}, "Type your mail address."),
        ({"mail": "a@b.example", "password": ""}, "Type your password."),
        ({"mail": "a\x00@b.example", "password": "x"}, "This holds characters that cannot be shown. Type it again."),
        ({"mail": "a" * 300, "password": "x"}, "Use at most 254 characters."),
        ({"mail": "a@b.example", "password": "x" * 300}, "Use at most 200 characters."),
    ],
)
def test_what_cannot_be_right_is_said_beside_its_field(
    sqlite_app: Flask, client: Client, typed: dict[str, str], sentence: str
) -> None:
    answer = client.post("/sign-in/password", data=typed)
    assert (answer.status_code, sentence in words(answer)) == (200, True)


@pytest.mark.parametrize("typed", ["", "a\x00b", "a" * 255, "nonsense", "britt@", "britt bauwens@school.example"])
def test_what_is_no_address_asks_for_no_mail(sqlite_app: Flask, client: Client, typed: str) -> None:
    assert (client.post("/sign-in", data={"mail": typed}).status_code, messages()) == (200, [])


def test_what_is_no_address_is_said_beside_its_field(sqlite_app: Flask, client: Client) -> None:
    page = client.post("/sign-in", data={"mail": "nonsense"}).text
    error = page.partition('id="mail-error"')[2].partition("</span></span>")[0]
    assert "This is not a mail address. Write it like name@school.example." in error
    assert 'value="nonsense"' in page


@pytest.mark.parametrize(
    "target", ["//elsewhere.example", "https://elsewhere.example/", "/\\elsewhere.example", "/\t/e.example"]
)
def test_signing_in_never_leads_elsewhere(
    sqlite_app: Flask, app: Flask, roger: Person, make_link: MakeLink, target: str
) -> None:
    by_password = try_password(cast(Client, app.test_client()), PASSWORD, next=target)
    by_link = cast(Client, app.test_client()).post(address_of(make_link(roger, next_path=target)))
    already_in = cast(Client, app.test_client())
    sign_in(already_in, roger)
    asked = already_in.get("/sign-in", query_string={"next": target})
    assert [urlsplit(answer.location).path for answer in (by_password, by_link, asked)] == ["/", "/", "/"]
    assert [urlsplit(answer.location).netloc for answer in (by_password, by_link, asked)] == ["", "", ""]


@pytest.mark.parametrize(
    "page",
    [
        "/sign-in",
        "/sign-in/password",
        "/sign-out",
        "/language",
        "/forgotten-password",
        "/me/data",
        "/me/password",
        "/me/sign-out-everywhere",
        "/people/new",
        "/people/1/deactivate",
    ],
)
def test_nothing_is_taken_without_the_token_of_the_page(
    sqlite_app: Flask, client: Client, leen: Person, page: str
) -> None:
    sign_in(client, leen)
    assert (client.post(page, data={"mail": "a@b.example"}, csrf=False).status_code, messages()) == (400, [])


def test_signing_out_ends_the_session_here(client: Client, roger: Person) -> None:
    sign_in(client, roger)
    assert (client.post("/sign-out").location, who_is_in(client)) == ("/sign-in", None)


def test_links_work_behind_https_although_their_page_sends_no_referrer(
    sqlite_app: Flask, client: Client, britt: Person, make_link: MakeLink
) -> None:
    answer = client.post(address_of(make_link(britt)), base_url="https://localhost")
    assert (answer.status_code, answer.location) == (302, "/")


# ---- Counting failures ----


def test_five_wrong_passwords_close_the_account_for_passwords_but_not_for_links(
    client: Client, roger: Person, broker: Broker
) -> None:
    wrong = [try_password(client, "wrong").status_code for _ in range(5)]
    closed = try_password(client, PASSWORD)
    assert (wrong, closed.status_code, closed.headers["Retry-After"]) == ([200] * 5, 429, "900")
    assert "That were too many tries for this address. Wait 15 minutes" in words(closed)
    assert 'value="roger.meunier@school.example"' in closed.text
    assert client.post("/sign-in", data={"mail": "roger.meunier@school.example"}).status_code == 302


def test_unknown_addresses_are_counted_alike(sqlite_app: Flask, client: Client, broker: Broker) -> None:
    answers = [try_password(client, "wrong", "nobody@school.example").status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


def test_a_success_forgets_the_failures(client: Client, roger: Person, broker: Broker) -> None:
    for _ in range(3):
        assert [try_password(client, "wrong").status_code for _ in range(4)] == [200] * 4
        assert try_password(client, PASSWORD).status_code == 302
        client.post("/sign-out")


def test_a_link_forgets_the_failures_too(client: Client, roger: Person, make_link: MakeLink, broker: Broker) -> None:
    for _ in range(6):
        try_password(client, "wrong")
    client.post(address_of(make_link(roger)))
    client.post("/sign-out")
    assert try_password(client, PASSWORD).status_code == 302


def test_successes_of_a_campus_behind_one_address_are_not_counted(
    sqlite_app: Flask, client: Client, roger: Person, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = attempts.RateLimitItemPerMinute(3, 15, namespace="test-few")
    monkeypatch.setattr(attempts, "FAILURES_PER_ADDRESS", few)
    for _ in range(5):
        assert try_password(client, PASSWORD).status_code == 302
        client.post("/sign-out")


def test_many_failures_from_one_network_address_close_it(
    sqlite_app: Flask, client: Client, roger: Person, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = attempts.RateLimitItemPerMinute(3, 15, namespace="test-few")
    monkeypatch.setattr(attempts, "FAILURES_PER_ADDRESS", few)
    answers = [try_password(client, "wrong", f"person{number}@school.example") for number in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "Too many people tried from your network just now." in words(answers[3])


def test_nobody_gets_more_than_five_mails_in_a_row(client: Client, britt: Person, broker: Broker) -> None:
    mail = {"mail": "britt.bauwens@school.example"}
    answers = [client.post("/sign-in", data=mail).status_code for _ in range(5)]
    answers += [client.post(page, data=mail).status_code for page in ("/sign-in", "/forgotten-password")]
    assert (answers, len(messages())) == ([302] * 5 + [429] * 2, 5)


def test_two_processes_count_together(
    sqlite_app: Flask, app: Flask, client: Client, roger: Person, broker: Broker
) -> None:
    for _ in range(5):
        try_password(client, "wrong")
    app.extensions["dsbs.attempts"] = attempts.Attempts(broker.url)
    assert try_password(client, PASSWORD).status_code == 429


def test_without_the_store_failures_are_counted_in_memory_and_administrators_are_told(
    sqlite_app: Flask, client: Client, roger: Person, leen: Person
) -> None:
    told = "The broker (REDIS_URL) is out of reach: until it is back, each process counts failed sign-ins alone."
    answers = [try_password(client, "wrong").status_code for _ in range(6)]
    sign_in(client, roger)
    for_others = client.get("/me").text
    sign_in(client, leen)
    assert (answers, told in for_others, told in client.get("/me").text) == ([200] * 5 + [429], False, True)


def test_a_store_that_stops_and_comes_back_costs_no_error(
    sqlite_app: Flask,
    client: Client,
    roger: Person,
    leen: Person,
    own_broker: OwnBroker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = "The broker (REDIS_URL) is out of reach"
    monkeypatch.setattr(attempts.Attempts, "RETRY_SECONDS", 0.5)
    sign_in(client, leen)
    visitor = cast(Client, sqlite_app.test_client())
    seen, banners = [], []
    for turn in (own_broker.start, own_broker.stop, own_broker.start):
        turn()
        time.sleep(0.6)
        seen.append(try_password(visitor, "wrong").status_code)
        banners.append(told in client.get("/me").text)
    assert (seen, banners) == ([200, 200, 200], [False, True, False])


# ---- Forgotten, changed, removed ----


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


# ---- One's own data ----


@pytest.fixture
def dutch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages speak Dutch as well."""
    monkeypatch.setitem(LANGUAGES, "nl", "Nederlands")


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


# ---- What administrators do ----


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
