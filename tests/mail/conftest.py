"""The stage of the mail's tests: people, letters written for the tests, and an outbox to deliver from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask, url_for
from flask_babel import gettext as _
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.accounts import links
from dsbs.accounts import service as people
from dsbs.accounts.models import Person, SignedLink
from dsbs.core import dates
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.feature import Feature
from dsbs.core.refusals import NotFound
from dsbs.mail import service
from dsbs.mail.delivery import deliver
from dsbs.mail.models import Message
from dsbs.mail.recipients import Recipient
from dsbs.mail.rules import MessageState

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

TEMPLATES = {
    "mail/trial/plain.kind.txt": "Seat of a trial",
    "mail/trial/plain.subject.txt": "Seat {{ seat }} is yours",
    "mail/trial/plain.txt": '{% extends "mail/layout.txt" %}{% block content %}Seat {{ seat }}: {{ title }}.'
    "{% endblock %}{% block why %}You asked for it.{% endblock %}",
    "mail/trial/plain.html": '{% extends "mail/layout.html" %}{% block content %}<p>Seat {{ seat }}: {{ title }}.</p>'
    "{% endblock %}{% block why %}You asked for it.{% endblock %}",
}
for _name in ("link", "spoken", "gone", "broken"):
    TEMPLATES |= {
        name.replace("plain", _name): text for name, text in TEMPLATES.items() if name.startswith("mail/trial/plain")
    }

CALENDAR = "\r\n".join(
    [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//dsbs//tests//",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        "UID:slot-1@school.example",
        "DTSTAMP:20261124T090000Z",
        "SEQUENCE:2",
        "DTSTART:20261210T130000Z",
        "DTEND:20261210T150000Z",
        "SUMMARY:Scientific writing é 🧬",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
)


def plain(*, seat: int = 4) -> Mapping[str, object]:
    """A letter with everything that a letter may have."""
    return {
        "seat": seat,
        "title": "Scientific <writing>",
        "calendar": CALENDAR,
        "action": (_("Sign in"), url_for("mail.own_messages", _external=True)),
    }


def with_link(*, link: int) -> Mapping[str, object]:
    """A letter with a signed link, and with a mark that somebody typed into a title."""
    found = db.session().get(SignedLink, link)
    assert found is not None
    address = url_for("accounts.sign_in_link", token=links.mark(found), _external=True)
    return {"seat": 1, "title": f"link-{link + 1}-secret", "action": ("Sign in", address)}


def spoken(**ids: int) -> Mapping[str, object]:
    """A letter that says which language it is asked in."""
    return {"seat": dates.language(), "title": ""}


def gone(**ids: int) -> Mapping[str, object]:
    """A letter about a row that is no more."""
    raise NotFound


def broken(**ids: int) -> Mapping[str, object]:
    """A letter with a defect."""
    raise ZeroDivisionError("one letter's defect")


LETTERS = {
    "trial/plain": plain,
    "trial/link": with_link,
    "trial/spoken": spoken,
    "trial/gone": gone,
    "trial/broken": broken,
}


class Post:
    """Makes people, queues messages to them, delivers them; every row is committed."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        app.extensions["dsbs.features"] += (Feature(name="trial", letters=LETTERS),)
        assert app.jinja_env.loader is not None
        app.jinja_env.loader = ChoiceLoader([DictLoader(TEMPLATES), app.jinja_env.loader])
        self.britt = self.person("Britt", "Bauwens")

    @contextmanager
    def writing(self, at: datetime = NOW) -> Iterator[Session]:
        """A write scope of the program itself."""
        with write(by=SYSTEM, why="Test", at=at) as session:
            yield session

    def person(self, given: str, family: str, *roles: Role) -> Person:
        """Somebody with an address of her own, and these roles in the whole school."""
        with self.writing() as session:
            mail = f"{given}.{family}@school.example".lower() if given.isascii() else "person@school.example"
            person = people.add_person(session, given_name=given, family_name=family, mail=mail)
            for role in roles:
                people.grant(session, person=person, role=role, since=NOW.date() - timedelta(days=900))
        return person

    def link(self) -> SignedLink:
        """A sign-in link of Britt's."""
        with self.writing() as session:
            person = session.get_one(Person, self.britt.id)
            return links.make(session, purpose="sign-in", person=person, now=NOW, lifetime=timedelta(minutes=15))

    def queue(
        self,
        key: str = "a",
        *,
        letter: str = "plain",
        ids: Mapping[str, int] | None = None,
        to: Recipient | None = None,
        at: datetime = NOW,
        urgent: bool = False,
    ) -> Message:
        """Queue a message, to Britt where nobody is named, and return it."""
        recipient = to or self.britt.recipient
        with self.writing(at) as session:
            is_new = service.queue(
                session, key=key, to=recipient, template=f"trial/{letter}", ids=ids or {}, now=at, urgent=urgent
            )
        assert is_new
        return db.session().scalars(select(Message).where(Message.key == key)).one()

    def deliver(self, at: datetime = NOW) -> Counter[MessageState]:
        """One run of the delivery at this moment."""
        return deliver(lambda: at)

    def message(self, key: str = "a") -> Message:
        """The message with this key as it stands now, steps included."""
        db.session().rollback()
        found = db.session().scalars(select(Message).where(Message.key == key)).one()
        db.session().refresh(found, ["steps"])
        return found


@pytest.fixture
def post(app: Flask) -> Post:
    """An outbox, letters and Britt, who gets mails. Without ``smtp_server`` they land as files."""
    return Post(app)
