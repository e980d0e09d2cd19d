"""Signing in by address and password, and counting those who guess, on both engines."""

from __future__ import annotations

import re
import time
from typing import cast
from urllib.parse import urlsplit

import pytest
from flask import Flask

from dsbs.accounts import attempts
from dsbs.accounts.models import Person
from tests.accounts.conftest import MakeLink
from tests.accounts.signing_in import PASSWORD, address_of, messages, try_password, who_is_in, words
from tests.support.broker import Broker, OwnBroker
from tests.support.client import Client, sign_in

pytestmark = pytest.mark.usefixtures("quick_answers")


SAME_SENTENCE = "This address and password do not belong together. A sign-in link by mail gets you in as well."


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
