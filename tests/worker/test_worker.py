"""Real workers, with a real broker, database and mail server."""

from __future__ import annotations

import os
import random
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import redis
from flask import Flask
from sqlalchemy import ColumnElement, func, select

from config import Settings
from dsbs.accounts import service as people
from dsbs.accounts.models import Person
from dsbs.core import clock
from dsbs.core.db import SYSTEM, db, write
from dsbs.mail import service
from dsbs.mail.models import Message
from dsbs.mail.rules import CLAIM_LIFETIME, MessageState
from tests.mail.processes import send_ticks, workers
from tests.reminders.ledger import people_with_an_offer
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


def test_two_workers_with_two_beats_send_every_message_and_reminder_once(
    app: Flask, person: Person, settings: Settings, smtp_server: SmtpServer, own_broker: OwnBroker
) -> None:
    reminded = people_with_an_offer(60, now=datetime.now(UTC))
    own_broker.start()
    with workers(settings, count=2):
        for start in range(0, 60, 20):
            _queue(person, *(str(number) for number in range(start, start + 20)))
            send_ticks(app, "reminders.sweep", 4)  # both beats send one every five minutes; here both at once, twice
            time.sleep(4)
        _wait_until(lambda: len(smtp_server.messages) >= 120)
        time.sleep(6)
    assert set(Counter(mail["Message-ID"] for mail in smtp_server.messages).values()) == {1}
    told = Counter(address for addresses in smtp_server.recipients for address in addresses)
    assert told == {"britt@school.example": 60, **dict.fromkeys(reminded, 1)}


def test_a_worker_that_is_killed_again_and_again_loses_no_mail_and_sends_few_twice(
    app: Flask, person: Person, settings: Settings, smtp_server: SmtpServer, own_broker: OwnBroker
) -> None:
    mails, moments = 1000, random.Random()  # noqa: S311 - other moments each time
    _queue(person, *map(str, range(mails)))
    own_broker.start()
    were_sending = []
    for after in (100, 400, 700):
        with workers(settings) as [worker]:
            _wait_until(lambda after=after: len(smtp_server.messages) >= after)  # type: ignore[misc]
            time.sleep(moments.uniform(0, 0.2))
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        were_sending.append(_processes_sending())
        clock.set_shift(clock.shift() + CLAIM_LIFETIME)  # what they had claimed is for others now
    with workers(settings):
        _wait_until(lambda: _count(Message.state != MessageState.SENT) == 0)
    arrived = Counter(mail["Message-ID"] for mail in smtp_server.messages)
    assert len(arrived) == mails
    assert any(were_sending), "No kill hit a delivery"
    twice = arrived.total() - mails
    assert twice <= sum(were_sending), f"{twice} sent twice by {were_sending} killed deliveries"


def _processes_sending() -> int:
    """How many processes have mails claimed; each of them may have handed one over without recording it."""
    return _count(Message.claimed_at > clock.now() - CLAIM_LIFETIME, of=Message.claim.distinct())


def _count(*conditions: ColumnElement[bool], of: Any = Message.id) -> int:
    """How many messages, or different values of one of their columns, fulfil these conditions."""
    db.session.rollback()
    return db.session.scalar(select(func.count(of)).where(*conditions)) or 0
