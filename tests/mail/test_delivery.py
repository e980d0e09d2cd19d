"""The delivery, with a real SMTP server or into files."""

from __future__ import annotations

import itertools
import logging
import socket
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import cast

import icalendar
import pytest
from flask import Flask

from dsbs.accounts import links
from dsbs.accounts.models import SignedLink
from dsbs.core.db import db
from dsbs.mail import rules, service
from dsbs.mail.delivery import run
from dsbs.mail.models import DeliveryRun
from dsbs.mail.recipients import Recipient
from dsbs.mail.rules import DELAYS, MessageState, Reason
from tests.mail.conftest import NOW, Post
from tests.support import smtp
from tests.support.smtp import NEVER, TRY_LATER, SmtpServer


def test_a_message_arrives_once_with_everything_it_says(post: Post, smtp_server: SmtpServer) -> None:
    post.queue(ids={"seat": 7})
    assert post.deliver() == {MessageState.SENT: 1}
    assert post.deliver() == {}
    assert smtp_server.recipients == [["britt.bauwens@school.example"]]
    mail = smtp_server.messages[0]
    assert (mail["To"], mail["Subject"]) == ("Britt Bauwens <britt.bauwens@school.example>", "Seat 7 is yours")
    calendar = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert icalendar.Calendar.from_ical(calendar.get_content()).events[0]["UID"] == "slot-1@school.example"
    kept = post.message()
    assert (kept.subject, kept.ended_at, [step.state for step in kept.steps]) == (
        "Seat 7 is yours",
        NOW,
        [MessageState.SENT],
    )


def test_what_has_not_come_due_stays(post: Post, smtp_server: SmtpServer) -> None:
    post.queue(at=NOW + timedelta(minutes=1))
    assert post.deliver() == {}
    assert smtp_server.messages == []


def test_a_server_that_asks_for_patience_gets_the_same_mail_later(post: Post, smtp_server: SmtpServer) -> None:
    post.queue()
    smtp_server.fail_next(answer=TRY_LATER)
    assert post.deliver() == {MessageState.QUEUED: 1}
    first = post.message()
    first_text = first.text
    assert first_text is not None
    assert first.try_after == NOW + DELAYS[0]
    assert post.deliver(NOW + DELAYS[0] - timedelta(seconds=1)) == {}
    assert post.deliver(NOW + DELAYS[0]) == {MessageState.SENT: 1}
    body = smtp_server.messages[0].get_body(("plain",))
    assert body is not None
    assert (post.message().text, body.get_content().split()) == (first_text, first_text.split())
    assert smtp_server.messages[0]["Message-ID"] == f"<{first.message_id}@school.example>"
    assert [(step.reason, step.note) for step in post.message().steps] == [(Reason.PUT_OFF, TRY_LATER), (None, None)]


def test_patience_ends_and_the_failure_is_told(post: Post, smtp_server: SmtpServer) -> None:
    post.queue()
    smtp_server.fail_next(rules.MOST_TRIES, answer=TRY_LATER)
    moment, ended = NOW, []
    for wait in (*DELAYS, timedelta()):
        ended += list(post.deliver(moment))
        moment += wait
    assert ended == [MessageState.QUEUED] * len(DELAYS) + [MessageState.FAILED]
    assert smtp_server.messages == []
    assert len(post.message().steps) == rules.MOST_TRIES


def test_a_mailbox_that_does_not_exist_fails_at_once_and_the_others_go_on(post: Post, smtp_server: SmtpServer) -> None:
    for key in "abc":
        post.queue(key)
    smtp_server.fail_next(answer=NEVER)
    assert post.deliver() == {MessageState.FAILED: 1, MessageState.SENT: 2}
    assert [(step.reason, step.note) for step in post.message("a").steps] == [(Reason.REFUSED, NEVER)]


@pytest.mark.parametrize("address", ["", "no address"])
def test_who_has_no_address_fails_visibly(post: Post, smtp_server: SmtpServer, address: str) -> None:
    post.queue(to=Recipient(post.britt.id, "Britt", address, "en"))
    assert post.deliver() == {MessageState.FAILED: 1}
    assert [step.reason for step in post.message().steps] == [Reason.BAD_ADDRESS]


def test_a_letter_with_nothing_left_to_say_is_taken_back(post: Post, smtp_server: SmtpServer) -> None:
    post.queue("a", letter="gone")
    post.queue("b")
    assert post.deliver() == {MessageState.WITHDRAWN: 1, MessageState.SENT: 1}
    assert [step.reason for step in post.message("a").steps] == [Reason.POINTLESS]


def test_a_letter_with_a_defect_fails_alone(
    post: Post, smtp_server: SmtpServer, caplog: pytest.LogCaptureFixture
) -> None:
    post.queue("a", letter="broken")
    post.queue("b")
    with caplog.at_level(logging.ERROR):
        assert post.deliver() == {MessageState.FAILED: 1, MessageState.SENT: 1}
    assert [(step.reason, step.note) for step in post.message("a").steps] == [(Reason.UNWRITABLE, "ZeroDivisionError")]
    assert [record.exc_info and record.exc_info[0] for record in caplog.records] == [ZeroDivisionError]


def test_a_message_that_kills_every_process_is_given_up(post: Post, smtp_server: SmtpServer) -> None:
    post.queue()
    moment = NOW
    for _ in range(rules.MOST_TRIES):
        with post.writing(moment) as session:
            assert len(service.claim(session, now=moment, most=1)) == 1
        moment += rules.CLAIM_LIFETIME
    assert post.deliver(moment) == {MessageState.FAILED: 1}
    assert [step.reason for step in post.message().steps] == [Reason.CUT_OFF]
    assert smtp_server.messages == []


def test_what_was_said_first_is_what_is_sent_later(post: Post, smtp_server: SmtpServer) -> None:
    post.queue()
    smtp_server.fail_next()
    post.deliver()
    post.app.extensions["dsbs.features"] = ()  # nobody can write the letter any more
    assert post.deliver(NOW + DELAYS[0]) == {MessageState.SENT: 1}


def test_secrets_leave_in_the_mail_and_are_kept_nowhere(
    post: Post, smtp_server: SmtpServer, caplog: pytest.LogCaptureFixture
) -> None:
    link = post.link()
    token = links.token_of(link)
    post.queue(letter="link", ids={"link": link.id})
    with caplog.at_level(logging.DEBUG):
        assert post.deliver() == {MessageState.SENT: 1}
    bodies = [part.get_content() for part in smtp_server.messages[0].walk() if not part.is_multipart()]
    assert [(token in body, f"link-{link.id + 1}-secret" in body) for body in bodies] == [(True, True)] * 2
    kept = post.message()
    logged = [
        record.getMessage() for record in caplog.records if record.name != "mail.log"
    ]  # that of the test's server
    assert token not in f"{kept.subject}{kept.text}{kept.html}{kept.calendar}{kept.ids}{logged}"


def test_a_link_that_was_removed_meanwhile_takes_its_mail_back(post: Post, smtp_server: SmtpServer) -> None:
    link = post.link()
    post.queue(letter="link", ids={"link": link.id})
    smtp_server.fail_next()
    post.deliver()
    with post.writing() as session:
        session.delete(session.get_one(SignedLink, link.id))
    assert post.deliver(NOW + DELAYS[0]) == {MessageState.WITHDRAWN: 1}


def test_a_server_that_is_away_puts_all_off_and_is_asked_once(post: Post, gone_server: None) -> None:
    for key in "abc":
        post.queue(key)
    assert post.deliver() == {MessageState.QUEUED: 3}
    assert [post.message(key).steps[0].reason for key in "abc"] == [Reason.UNREACHABLE] * 3
    assert {post.message(key).try_after for key in "abc"} == {NOW + DELAYS[0]}


@pytest.fixture
def gone_server(smtp_server: SmtpServer, app: Flask) -> Iterator[None]:
    """The settings name a mail server's port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail_url=f"smtp://127.0.0.1:{taken.getsockname()[1]}")
        yield


def test_a_server_that_comes_back_gets_everything(post: Post) -> None:
    with smtp.smtp_server() as before:
        port = before.port
    post.app.config["SETTINGS"] = replace(post.app.config["SETTINGS"], mail_url=before.url)
    for key in "abc":
        post.queue(key)
    assert post.deliver() == {MessageState.QUEUED: 3}
    with smtp.smtp_server(port) as after:
        assert post.deliver(NOW + DELAYS[0]) == {MessageState.SENT: 3}
    assert len(after.messages) == 3


def test_names_of_all_scripts_arrive(post: Post, smtp_server: SmtpServer) -> None:
    names = ["Zoë 🧬 Ó Súilleabháin", "مريم الزهراء", "李小龍", 'O\'Hara, "Bo" <x>']
    for name in names:
        post.queue(name, to=replace(post.britt.recipient, name=name))
    assert post.deliver() == {MessageState.SENT: len(names)}
    assert [mail["To"].addresses[0].display_name for mail in smtp_server.messages] == names


def test_an_address_of_another_script_is_reached_where_the_server_knows_it(post: Post, smtp_server: SmtpServer) -> None:
    post.queue(to=replace(post.britt.recipient, address="zoë@school.example"))
    assert post.deliver() == {MessageState.SENT: 1}
    assert smtp_server.recipients == [["zoë@school.example"]]


def test_without_a_mail_server_mails_are_files_for_their_owner_only(
    post: Post, settings: object, tmp_path: Path
) -> None:
    message = post.queue()
    assert post.deliver() == {MessageState.SENT: 1}
    files = list((tmp_path / "mail").iterdir())
    assert [file.name for file in files] == [f"{message.id:08d}-britt.bauwens@school.example.eml"]
    assert stat.S_IMODE((tmp_path / "mail").stat().st_mode) == 0o700
    assert message_from_bytes(files[0].read_bytes(), policy=default)["Subject"] == "Seat 4 is yours"


def test_an_address_does_not_choose_where_its_file_lands(post: Post, tmp_path: Path) -> None:
    post.queue(to=Recipient(post.britt.id, "Britt", "etc/x@school.example", "en"))
    assert post.deliver() == {MessageState.SENT: 1}
    assert [file.parent for file in tmp_path.rglob("*.eml")] == [tmp_path / "mail"]


def test_many_messages_leave_in_one_run(post: Post, smtp_server: SmtpServer) -> None:
    for number in range(45):
        post.queue(str(number))
    assert post.deliver() == {MessageState.SENT: 45}
    assert len({mail["Message-ID"] for mail in smtp_server.messages}) == 45


def test_a_tick_says_that_the_worker_works_now_and_then(post: Post) -> None:
    seen = []
    for seconds in (0, 5, 25):
        run(lambda seconds=seconds: NOW + timedelta(seconds=seconds))  # type: ignore[misc]
        db.session().rollback()
        seen.append(cast(DeliveryRun, db.session().get(DeliveryRun, 1)).at - NOW)
    assert seen == [timedelta(), timedelta(), timedelta(seconds=25)]


def test_a_long_run_says_that_the_worker_works_before_each_batch(post: Post) -> None:
    for number in range(45):
        post.queue(str(number))
    steps = itertools.count()

    run(lambda: NOW + timedelta(milliseconds=200 * next(steps)))

    db.session().rollback()
    assert cast(DeliveryRun, db.session().get(DeliveryRun, 1)).at - NOW >= timedelta(seconds=20)
