"""What can go wrong while mails leave, with real processes on both engines."""

from __future__ import annotations

import os
import signal
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from config import Settings
from dsbs.accounts import service as people
from dsbs.accounts.models import Person
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import Busy
from dsbs.mail import service
from dsbs.mail.delivery import deliver
from dsbs.mail.models import Message, MessageStep
from dsbs.mail.rules import CLAIM_LIFETIME, MessageState, Reason
from tests.mail.processes import running
from tests.support.smtp import SmtpServer

NOW = datetime.now(UTC)


@pytest.fixture
def person(app: Flask) -> Person:
    """Somebody who can be written to."""
    with write(by=SYSTEM, why="Test", at=NOW) as session:
        return people.add_person(session, given_name="Britt", family_name="Bauwens", mail="britt@school.example")


@pytest.fixture
def silent_server() -> Iterator[socket.socket]:
    """A mail server that takes the connection and then says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(60)
        yield listening


def _queue(person: Person, count: int) -> None:
    with write(by=SYSTEM, why="Test", at=NOW) as session:
        for number in range(count):
            service.queue(
                session,
                key=str(number),
                to=person.recipient,
                template="accounts/password_changed",
                ids={"person": person.id},
                now=NOW,
            )


def _states() -> dict[MessageState, int]:
    db.session().rollback()
    return dict(db.session().execute(select(Message.state, func.count()).group_by(Message.state)).all())


def test_several_deliveries_at_once_send_every_message_exactly_once(
    person: Person, settings: Settings, smtp_server: SmtpServer
) -> None:
    _queue(person, 200)
    with ExitStack() as stack:
        started = [stack.enter_context(running(settings, "flask", "mail", "deliver")) for _ in range(3)]
        assert [process.wait(120) for process in started] == [0, 0, 0]
    assert _states() == {MessageState.SENT: 200}
    arrived = Counter(mail["Message-ID"] for mail in smtp_server.messages)
    assert (len(arrived), set(arrived.values())) == (200, {1})


def test_a_delivery_killed_before_it_sends_loses_nothing_and_sends_nothing_twice(
    person: Person, app: Flask, settings: Settings, silent_server: socket.socket, smtp_server: SmtpServer
) -> None:
    _queue(person, 3)
    silent = replace(settings, mail_url=f"smtp://127.0.0.1:{silent_server.getsockname()[1]}")
    with running(silent, "flask", "mail", "deliver") as process:
        connection, _ = silent_server.accept()  # it has claimed, and waits for the server's greeting
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)
        connection.close()
    assert _states() == {MessageState.SENDING: 3}
    claimed = db.session().scalars(select(func.max(Message.claimed_at))).one()
    assert deliver(lambda: claimed + CLAIM_LIFETIME - timedelta(seconds=1)) == {}
    assert deliver(lambda: claimed + CLAIM_LIFETIME) == {MessageState.SENT: 3}
    assert len({mail["Message-ID"] for mail in smtp_server.messages}) == len(smtp_server.messages) == 3


def test_a_delivery_killed_after_it_sent_sends_at_most_one_mail_twice_under_one_name(
    person: Person, app: Flask, settings: Settings, smtp_server: SmtpServer
) -> None:
    _queue(person, 3)
    assert deliver(lambda: NOW) == {MessageState.SENT: 3}
    with write(by=SYSTEM, why="Test", at=NOW) as session:  # as it stood when the process was killed before recording
        session.execute(
            update(Message)
            .where(Message.key == "1")
            .values(state=MessageState.SENDING, claim="killed", claimed_at=NOW, ended_at=None)
        )
    assert deliver(lambda: NOW + CLAIM_LIFETIME) == {MessageState.SENT: 1}
    arrived = Counter(mail["Message-ID"] for mail in smtp_server.messages)
    assert sorted(arrived.values()) == [1, 1, 2]


def test_a_busy_database_does_not_make_a_sent_mail_leave_again(
    person: Person, app: Flask, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = [Busy(), Busy()]
    record = service.record

    def busy_twice(*args: object, **kwargs: object) -> MessageState | None:
        if busy:
            raise busy.pop()
        return record(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(service, "record", busy_twice)
    _queue(person, 1)
    assert deliver(lambda: NOW) == {MessageState.SENT: 1}
    assert (busy, len(smtp_server.messages)) == ([], 1)


def test_a_server_that_says_nothing_puts_mails_off(
    person: Person, app: Flask, silent_server: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dsbs.mail.transport.TIMEOUT_SECONDS", 0.2)
    app.config["SETTINGS"] = replace(
        app.config["SETTINGS"], mail_url=f"smtp://127.0.0.1:{silent_server.getsockname()[1]}"
    )
    _queue(person, 2)
    assert deliver(lambda: NOW) == {MessageState.QUEUED: 2}
    assert list(db.session().scalars(select(MessageStep.reason))) == [Reason.UNREACHABLE] * 2


def test_the_command_ends_well_when_the_mail_server_is_away(
    person: Person, app: Flask, settings: Settings, silent_server: socket.socket
) -> None:
    _queue(person, 1)
    away = replace(settings, mail_url=f"smtp://127.0.0.1:{silent_server.getsockname()[1]}")
    silent_server.close()
    with running(away, "flask", "mail", "deliver") as process:
        assert process.wait(60) == 0
    assert _states() == {MessageState.QUEUED: 1}
