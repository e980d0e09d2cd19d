"""The pages of messages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from dsbs.accounts import links
from dsbs.accounts.models import Person
from dsbs.core.access import Role, Viewer
from dsbs.core.db import db
from dsbs.core.feature import features
from dsbs.mail import words
from dsbs.mail.banners import banner
from dsbs.mail.delivery import run
from dsbs.mail.models import Message, MessageStep
from dsbs.mail.rules import MessageState, Reason
from tests.mail.conftest import NOW, Post
from tests.support.client import Client, sign_in
from tests.support.clock import Clock
from tests.support.smtp import NEVER, SmtpServer
from tests.support.statements import questions, statements


@pytest.fixture
def administrator(post: Post, clock: Clock) -> Person:
    """Who runs the school."""
    return post.person("Ada", "Admin", Role.ADMINISTRATOR)


def _rows(page: str) -> list[str]:
    """The subjects in the first column of a table."""
    return re.findall(r'<td><a href="/(?:messages|mailbox)/\d+">([^<]+)</a>', page)


def test_the_register_shows_every_message_newest_first(post: Post, client: Client, administrator: Person) -> None:
    post.queue("a", ids={"seat": 1})
    post.queue("b", ids={"seat": 2})
    post.deliver()
    post.queue("c")
    sign_in(client, administrator)
    assert _rows(client.get("/messages").text) == ["Seat of a trial", "Seat 2 is yours", "Seat 1 is yours"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=failed", ["Seat 2 is yours"]),
        ("state=failed&state=sent", ["Seat 3 is yours", "Seat 2 is yours", "Seat 1 is yours"]),
        ("letter=trial/gone", ["Seat of a trial"]),
        ("letter=nothing", []),
        ("q=SEAT 3", ["Seat 3 is yours"]),
        ("q=100%25", []),
        ("q=nobody", []),
        ("person=999999", []),
        (
            "state=nonsense&page=-1&person=99999999999999999999",
            ["Seat of a trial", "Seat 3 is yours", "Seat 2 is yours", "Seat 1 is yours"],
        ),
        ("page=9", ["Seat of a trial", "Seat 3 is yours", "Seat 2 is yours", "Seat 1 is yours"]),
    ],
)
def test_the_register_is_narrowed_by_state_letter_person_and_words(
    post: Post, client: Client, administrator: Person, smtp_server: SmtpServer, query: str, found: list[str]
) -> None:
    for number in (1, 2, 3):
        post.queue(str(number), ids={"seat": number})
        if number == 2:
            smtp_server.fail_next(answer=NEVER)
        post.deliver()
    post.queue("gone", letter="gone")
    post.deliver()
    sign_in(client, administrator)
    assert _rows(client.get(f"/messages?{query}").text) == found


def test_every_letter_of_the_school_says_what_kind_it_is(sqlite_app: Flask) -> None:
    letters = [template for feature in features() for template in feature.letters]
    with sqlite_app.test_request_context():
        named = {words.letter_name(template) for template in letters}
    assert (len(letters) > 5, len(named)) == (True, len(letters))


def test_a_letter_that_nobody_writes_any_more_goes_by_its_own_name(
    post: Post, client: Client, administrator: Person
) -> None:
    post.queue("old", letter="of_old")
    sign_in(client, administrator)
    assert _rows(client.get("/messages").text) == ["Of old"]


def test_the_register_has_pages_of_fifty(post: Post, client: Client, administrator: Person) -> None:
    for number in range(51):
        post.queue(str(number))
    sign_in(client, administrator)
    assert [len(_rows(client.get(f"/messages?page={page}").text)) for page in (1, 2)] == [50, 1]


def test_the_register_asks_the_same_questions_for_one_row_and_for_many(
    post: Post, client: Client, administrator: Person
) -> None:
    sign_in(client, administrator)
    counts = []
    for more in (1, 2):
        for number in range(more):
            post.queue(f"{more}:{number}")
        post.deliver()
        client.get("/messages")
        with statements() as seen:
            client.get("/messages")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_message_leads_administrators_to_whom_it_went_and_nobody_else(
    post: Post, client: Client, administrator: Person
) -> None:
    number = post.queue().id
    leads_to_her = f'<a href="/people/{post.britt.id}">Britt Bauwens</a>'
    sign_in(client, administrator)
    pages = [client.get(page).text for page in ("/messages", f"/messages/{number}")]
    sign_in(client, post.britt)
    hers = client.get(f"/messages/{number}").text
    assert ([page.count(leads_to_her) for page in pages], 'href="/people/' in hers) == ([1, 1], False)
    assert "<dd>Britt Bauwens, britt.bauwens@school.example</dd>" in hers


def test_without_a_page_of_people_the_register_names_them(
    sqlite_app: Flask, post: Post, client: Client, administrator: Person
) -> None:
    post.queue()
    del sqlite_app.extensions["dsbs.page_of_person"]
    sign_in(client, administrator)
    assert 'data-label="To">Britt Bauwens</td>' in client.get("/messages").text


def test_only_administrators_see_the_register(post: Post, client: Client, clock: Clock) -> None:
    sign_in(client, post.britt)
    assert client.get("/messages").status_code == 403


def test_a_person_sees_all_of_her_own_messages_and_no_others(post: Post, client: Client, administrator: Person) -> None:
    post.queue("hers", ids={"seat": 1})
    post.queue("other", to=administrator.recipient)
    post.deliver()
    sign_in(client, post.britt)
    assert _rows(client.get("/my/messages").text) == ["Seat 1 is yours"]
    for key, status in (("hers", 200), ("other", 404)):
        number = post.message(key).id
        assert [client.get(f"/messages/{number}{end}").status_code for end in ("", "/html")] == [status] * 2


def test_a_message_is_read_as_text_with_its_links_but_never_with_a_secret(
    post: Post, client: Client, administrator: Person
) -> None:
    link = post.link()
    token = links.token_of(link)
    number = post.queue(letter="link", ids={"link": link.id}).id
    post.deliver()
    sign_in(client, administrator)
    for end in ("", "/html"):
        page = client.get(f"/messages/{number}{end}").text
        assert (token in page, "-secret" in page, "/sign-in/with/…" in page) == (False, False, True)


def test_the_html_of_a_mail_may_be_styled_and_nothing_else(post: Post, client: Client, clock: Clock) -> None:
    number = post.queue().id
    post.deliver()
    sign_in(client, post.britt)
    answer = client.get(f"/messages/{number}/html")
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; sandbox"
    )
    assert "'unsafe-inline'" not in client.get(f"/messages/{number}").headers["Content-Security-Policy"]


def test_what_is_not_written_yet_has_no_html(post: Post, client: Client, clock: Clock) -> None:
    number = post.queue().id
    sign_in(client, post.britt)
    assert [client.get(f"/messages/{number}{end}").status_code for end in ("", "/html")] == [200, 404]


def test_a_failed_message_is_sent_again_to_the_address_as_it_is_now(
    post: Post, client: Client, administrator: Person, smtp_server: SmtpServer
) -> None:
    number = post.queue().id
    smtp_server.fail_next(answer=NEVER)
    post.deliver()
    with post.writing() as session:
        session.get_one(Person, post.britt.id).mail = "britt@new.example"
    sign_in(client, administrator)
    assert "550 5.1.1 No such mailbox" in client.get(f"/messages/{number}").text
    answer = client.post(f"/messages/{number}/again")
    assert answer.headers["Location"] == f"/messages/{number}"
    assert post.deliver() == {MessageState.SENT: 1}
    assert smtp_server.recipients == [["britt@new.example"]]
    assert [step.by_name for step in post.message().steps] == ["dsbs", "Ada Admin", "dsbs"]


def test_a_message_that_was_not_delivered_leads_to_where_its_address_is_corrected(
    post: Post, client: Client, administrator: Person, smtp_server: SmtpServer
) -> None:
    number = post.queue().id
    smtp_server.fail_next(answer=NEVER)
    post.deliver()
    sign_in(client, administrator)
    page = client.get(f"/messages/{number}").text
    button = re.search(r'<a class="button button-quiet" href="([^"]+)">(?:<svg.*?</svg>)?Go to the person', page)
    assert button is not None
    assert button[1] == f"/people/{post.britt.id}"


def test_a_person_reads_why_her_own_mail_did_not_arrive_and_where_to_look(
    post: Post, client: Client, clock: Clock, smtp_server: SmtpServer
) -> None:
    number = post.queue().id
    smtp_server.fail_next(answer=NEVER)
    post.deliver()
    sign_in(client, post.britt)
    page = client.get(f"/messages/{number}").text
    assert ("Your address refused it." in page, 'href="/me/data">' in page) == (True, True)
    assert "550 5.1.1" not in page


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (MessageState.QUEUED, "It is written when it leaves"),
        (MessageState.FAILED, "Nothing was written, because it never left."),
    ],
)
def test_a_message_without_words_says_why_it_has_none(
    post: Post, client: Client, administrator: Person, state: MessageState, said: str
) -> None:
    number = post.queue().id
    with post.writing() as session:
        message = session.get_one(Message, number)
        message.state, message.ended_at = state, None if state is MessageState.QUEUED else message.queued_at
        session.add(
            MessageStep(message_id=number, at=message.queued_at, state=state, by_name="dsbs", reason=Reason.BAD_ADDRESS)
        )
    sign_in(client, administrator)
    assert said in client.get(f"/messages/{number}").text


def test_sending_again_twice_is_refused_in_words(
    post: Post, client: Client, administrator: Person, smtp_server: SmtpServer
) -> None:
    number = post.queue().id
    smtp_server.fail_next(answer=NEVER)
    post.deliver()
    sign_in(client, administrator)
    client.post(f"/messages/{number}/again")
    client.post(f"/messages/{number}/again")
    assert "Only a message that was not delivered can be sent again." in client.get(f"/messages/{number}").text
    assert len(post.message().steps) == 2


def test_only_administrators_send_again(post: Post, client: Client, clock: Clock) -> None:
    number = post.queue().id
    sign_in(client, post.britt)
    assert client.post(f"/messages/{number}/again").status_code == 403


def test_the_mailbox_of_a_demonstration_has_links_that_work(post: Post, client: Client, clock: Clock) -> None:
    link = post.link()
    number = post.queue(letter="link", ids={"link": link.id}).id
    token = links.token_of(link)
    post.deliver()
    assert _rows(client.get("/mailbox").text) == ["Seat 1 is yours"]
    address = f"http://localhost/sign-in/with/{token}"
    page = client.get(f"/mailbox/{number}")
    assert f'href="{address}"' in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert f'href="{address}"' in client.get(f"/mailbox/{number}/html").text


@pytest.mark.parametrize("change", [{"environment": "production"}, {"mail_url": "smtp://localhost"}])
def test_a_real_installation_has_no_mailbox(
    post: Post, app: Flask, client: Client, clock: Clock, change: dict[str, str]
) -> None:
    number = post.queue().id
    post.deliver()
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], **change)  # type: ignore[arg-type]
    assert [client.get(f"/mailbox{end}").status_code for end in ("", f"/{number}", f"/{number}/html")] == [404] * 3


def test_what_people_typed_stays_text(post: Post, client: Client, administrator: Person) -> None:
    number = post.queue(ids={"seat": "<b>4</b>"}).id  # type: ignore[dict-item]
    post.deliver()
    sign_in(client, administrator)
    for page in ("/messages", f"/messages/{number}", f"/messages/{number}/html", f"/mailbox/{number}"):
        assert "<b>4</b>" not in client.get(page).text


def test_administrators_are_told_when_nobody_delivers(
    post: Post, app: Flask, client: Client, administrator: Person
) -> None:
    def told() -> list[str]:
        app.extensions.pop("dsbs.mail.last_run", None)
        return re.findall(r"Mails wait: [^<]+", client.get("/my/messages").text)

    sign_in(client, administrator)
    assert told() == ["Mails wait: the worker has not run yet. Start it, or look at its log."]
    run(lambda: NOW - timedelta(minutes=3))
    assert told() == []
    run(lambda: NOW - timedelta(minutes=4))
    assert told() == [
        "Mails wait: the worker was last heard of on Tue 24 Nov 2026, 9:56. Start it, or see in its log why it waits."
    ]
    sign_in(client, post.britt)
    assert told() == []


def test_a_page_trusts_for_a_quarter_of_a_minute_what_an_earlier_one_read_of_the_worker(
    sqlite_app: Flask, post: Post, client: Client, administrator: Person, clock: Clock
) -> None:
    def has_read() -> bool:
        with questions() as asked:
            client.get("/my/messages")
        return any("delivery_run" in question for question in asked)

    sign_in(client, administrator)
    read = []
    for seconds in (0, 0, 15, 1, 0, -16, 0):
        clock.advance(timedelta(seconds=seconds))
        read.append(has_read())

    assert read == [True, False, False, True, False, True, False]


def test_without_the_broker_each_consequence_is_told_once(
    sqlite_app: Flask, post: Post, client: Client, administrator: Person
) -> None:
    sign_in(client, administrator)
    run(lambda: NOW - timedelta(hours=1))
    notices = client.get("/my/messages").text.partition('<section class="banners"')[2].partition("</section>")[0]
    assert [words.strip() for words in re.findall(r">([^<>]+)<", notices) if words.strip()] == [
        "Mails wait: the worker was last heard of on Tue 24 Nov 2026, 9:00. Start it, or see in its log why it waits.",
        "The broker (REDIS_URL) is out of reach: until it is back, each process counts failed sign-ins alone.",
    ]


def test_the_banner_costs_others_no_query(post: Post, app: Flask, clock: Clock) -> None:
    somebody = Viewer(id=post.britt.id, name="Britt")
    with statements() as seen:
        assert [list(banner(None)), list(banner(somebody))] == [[], []]
    assert seen == []
    db.session().rollback()
