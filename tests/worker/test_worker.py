"""Real workers, with a real broker, database and mail server."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import redis
from flask import Flask
from sqlalchemy import select

from config import Settings
from dsbs.accounts import service as people
from dsbs.accounts.models import Person
from dsbs.core.db import SYSTEM, db, write
from dsbs.mail import service
from dsbs.mail.models import Message
from dsbs.mail.rules import MessageState
from tests.mail.processes import workers
from tests.support.broker import OwnBroker
from tests.support.smtp import SmtpServer

pytestmark = pytest.mark.long
PATIENCE_SECONDS = 180


@pytest.fixture
def person(app: Flask) -> Person:
    """Somebody who can be written to."""
    with write(by=SYSTEM, why="Test", at=datetime.now(UTC)) as session:
        return people.add_person(session, given_name="Britt", family_name="Bauwens", mail="britt@school.example")


def _queue(person: Person, *keys: str) -> None:
    now = datetime.now(UTC)
    letter, ids = "accounts/password_changed", {"person": person.id}
    with write(by=SYSTEM, why="Test", at=now) as session:
        for key in keys:
            service.queue(session, key=key, to=person.recipient, template=letter, ids=ids, now=now)


def _states() -> dict[str, MessageState]:
    """Where each message stands in the database, by its key."""
    db.session.rollback()
    return {message.key: message.state for message in db.session.scalars(select(Message))}


def _wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < until, "Waited in vain"
        time.sleep(0.1)


def test_the_worker_delivers_what_is_queued_while_it_runs(
    person: Person, settings: Settings, smtp_server: SmtpServer, own_broker: OwnBroker
) -> None:
    own_broker.start()
    with workers(settings):
        _queue(person, "a")
        _wait_until(lambda: len(smtp_server.messages) == 1)
        _queue(person, "b", "c")
        _wait_until(lambda: len(smtp_server.messages) == 3)
    assert _states() == {"a": MessageState.SENT, "b": MessageState.SENT, "c": MessageState.SENT}


def test_a_broker_that_goes_and_comes_back_loses_no_mail(
    person: Person, settings: Settings, smtp_server: SmtpServer, own_broker: OwnBroker
) -> None:
    with workers(settings):  # before the broker is there
        _queue(person, "a")
        own_broker.start()
        _wait_until(lambda: len(smtp_server.messages) == 1)
        own_broker.stop()
        _queue(person, "b")
        time.sleep(8)
        own_broker.start()
        _wait_until(lambda: len(smtp_server.messages) == 2)
    assert _states() == {"a": MessageState.SENT, "b": MessageState.SENT}


def test_a_worker_outlives_a_broker_that_goes_while_a_tick_is_under_way(
    person: Person, settings: Settings, own_broker: OwnBroker
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # a mail server whose greeting does not come
        silent.settimeout(PATIENCE_SECONDS)
        address = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        own_broker.start()
        with workers(replace(settings, mail_url=address)) as [worker]:
            _queue(person, "a")
            under_way, _ = silent.accept()
            _stop_noticed_last_by_what_fetches_ticks(own_broker, worker.pid)
            _queue(person, "b")
            under_way.close()
            time.sleep(3)
            assert worker.poll() is None
            own_broker.start()
            silent.accept()[0].close()  # a tick has come for the other mail


def _stop_noticed_last_by_what_fetches_ticks(broker: OwnBroker, worker: int) -> None:
    """Stop the broker; the worker sees the connection for its remote control break before that for its ticks.

    Which of them comes first is chance otherwise, and a worker on a busy machine finds both at once.
    """
    os.kill(worker, signal.SIGSTOP)
    with redis.Redis.from_url(broker.url) as client:
        client.client_kill_filter(_type="pubsub")
    broker.stop()
    os.kill(worker, signal.SIGCONT)


def test_two_workers_with_two_beats_send_every_message_once(
    person: Person, settings: Settings, smtp_server: SmtpServer, own_broker: OwnBroker
) -> None:
    own_broker.start()
    with workers(settings, count=2):
        for start in range(0, 60, 20):
            _queue(person, *(str(number) for number in range(start, start + 20)))
            time.sleep(4)
        _wait_until(lambda: len(smtp_server.messages) >= 60)
        time.sleep(6)
    assert set(Counter(mail["Message-ID"] for mail in smtp_server.messages).values()) == {1}
    assert len(smtp_server.messages) == 60
