"""The mails about signing in, from the form to the mail server and back by their links."""

from __future__ import annotations

import re
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.accounts import links, service
from dsbs.accounts.models import Person, SignedLink
from dsbs.core import clock as school_clock
from dsbs.core.db import SYSTEM, db, write
from dsbs.mail.delivery import deliver
from dsbs.mail.models import Message
from tests.support.client import Client
from tests.support.clock import START, Clock
from tests.support.smtp import SmtpServer

pytestmark = pytest.mark.usefixtures("clock")


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def path_in(mail: EmailMessage) -> str:
    """The path of the link in a mail; text and HTML hold the same."""
    found = re.findall(r"http://localhost(/\S+)", text_of(mail))
    in_html = re.findall(r'href="http://localhost([^"]+)"', text_of(mail, "html"))
    assert in_html[:1] == found[:1]
    return str(found[0])


def test_the_link_in_the_mail_signs_in(app: Flask, client: Client, britt: Person, smtp_server: SmtpServer) -> None:
    client.post("/sign-in?next=/me/data", data={"mail": "britt.bauwens@school.example"})
    deliver(school_clock.now)
    (mail,) = smtp_server.messages
    assert mail["Subject"] == "Sign in to the Doctoral School: your link, good until 10:15"
    assert "Dear Britt Bauwens,\n\nThis link signs you in once, until Tue 24 Nov 2026, 10:15" in text_of(mail)
    assert client.post(path_in(mail)).location == "/me/data"


def test_what_is_kept_of_the_mail_signs_nobody_in(app: Flask, britt: Person, smtp_server: SmtpServer) -> None:
    with write(by=SYSTEM, why="Asked", at=START) as session:
        link = service.send_sign_in_link(session, person=britt, now=START)
    deliver(school_clock.now)
    db.session.rollback()
    kept = db.session().scalars(select(Message)).one()
    secret = links.token_of(db.session().get_one(SignedLink, link.id)).partition("-")[2]
    assert (secret in text_of(smtp_server.messages[0]), secret in f"{kept.text} {kept.html}") == (True, False)


def test_the_password_mail_leads_to_a_new_password(
    app: Flask, client: Client, britt: Person, smtp_server: SmtpServer
) -> None:
    client.post("/forgotten-password", data={"mail": "britt.bauwens@school.example"})
    deliver(school_clock.now)
    new = {"password": "seven quiet rivers", "again": "seven quiet rivers"}
    assert client.post(path_in(smtp_server.messages[0]), data=new).location == "/"
    deliver(school_clock.now)
    assert [mail["Subject"] for mail in smtp_server.messages] == [
        "Choose a new password: your link, good until 11:00",
        "Your password was changed",
    ]


def test_a_link_that_grew_too_old_in_the_queue_is_not_sent(
    app: Flask, britt: Person, smtp_server: SmtpServer, clock: Clock
) -> None:
    with write(by=SYSTEM, why="Asked", at=START) as session:
        service.send_sign_in_link(session, person=britt, now=START)
    clock.move_to(START.replace(hour=10))
    counts = deliver(school_clock.now)
    assert ({state.value: count for state, count in counts.items()}, smtp_server.messages) == ({"withdrawn": 1}, [])


def test_the_mail_that_a_password_is_gone_says_how_to_sign_in(
    app: Flask, britt: Person, smtp_server: SmtpServer
) -> None:
    with write(by=SYSTEM, why="Removed", at=START) as session:
        service.change_password(session, person=britt, password_hash=None, now=START)
    deliver(school_clock.now)
    (mail,) = smtp_server.messages
    assert mail["Subject"] == "Your password was removed"
    assert path_in(mail) == "/forgotten-password"
