"""The servers of the tests are real, fresh for each test, and gone with the run."""

from __future__ import annotations

import os
import signal
import smtplib
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import psycopg
import pytest
import redis
from sqlalchemy import create_engine, inspect, text  # noqa: TID251 - asks the server itself
from sqlalchemy.exc import DBAPIError

from config import ROOT
from tests.support.broker import Broker, OwnBroker
from tests.support.clock import Clock
from tests.support.databases import Databases
from tests.support.postgres import Postgres
from tests.support.smtp import NEVER, SmtpServer

_ONE_CHANGE = """
INSERT INTO history_change (at, by_name, why, action, subject, subject_id, "values")
VALUES (now(), 'Ada', 'Tried', 'insert', 'person', 1, '{}') RETURNING id
"""
_RUN_OF_ITS_OWN = """
import sys, time
from tests.support.servers import Run
from tests.support.postgres import Postgres
from tests.support.broker import Broker

run = Run()
Postgres(run), Broker(run, 0)
print(run.folder, flush=True)
time.sleep(600)
"""


def mail(to: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "school@school.example", to, "Grüße — hello"
    message.set_content("Bonjour à tous")
    return message


def processes_of(folder: Path) -> list[str]:
    listed = subprocess.run(["ps", "-ewwo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(folder) in line]


def test_a_postgresql_database_is_a_copy_that_nobody_else_has(postgres: Postgres) -> None:
    with postgres.database() as one, postgres.database() as other:
        for url in (one, other):
            engine = create_engine(url)
            with engine.begin() as connection:
                connection.execute(text("CREATE TABLE seat (number int)"))
            engine.dispose()

    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(one.replace("postgresql+psycopg://", "postgresql://"))


def test_postgresql_can_exclude_overlapping_times_and_folds_all_letters(postgres: Postgres) -> None:
    with postgres.database() as url:
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("CREATE EXTENSION btree_gist"))
            assert connection.scalar(text("SELECT lower('ÉÅÑ')")) == "éåñ"
        engine.dispose()


def test_a_fresh_database_has_the_schema_and_no_people(database_url: str) -> None:
    engine = create_engine(database_url)
    assert "person" in inspect(engine).get_table_names()
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM person")) == 0
    engine.dispose()


def test_a_database_that_was_used_before_is_fresh_again(databases: Databases, tmp_path: Path) -> None:
    ids = []
    for _ in range(2):
        with databases.fresh("postgresql", tmp_path) as url:
            engine = create_engine(url)
            with engine.begin() as connection:
                assert connection.scalar(text("SELECT count(*) FROM history_change")) == 0
                ids.append(connection.scalar(text(_ONE_CHANGE)))
            with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
                connection.execute(text("DELETE FROM history_change"))
            engine.dispose()

    assert ids == [1, 1]


def test_an_empty_database_has_no_tables(databases: Databases, tmp_path: Path) -> None:
    with databases.empty("postgresql", tmp_path) as url:
        engine = create_engine(url)
        assert inspect(engine).get_table_names() == []
        engine.dispose()


def test_the_broker_is_empty_before_each_test(broker: Broker) -> None:
    with redis.Redis.from_url(broker.url) as client:
        client.set("left", "over")
    broker.empty()

    with redis.Redis.from_url(broker.url) as client:
        assert client.dbsize() == 0


def test_a_broker_of_its_own_keeps_what_it_had_over_a_stop(own_broker: OwnBroker) -> None:
    own_broker.start()
    with redis.Redis.from_url(own_broker.url) as client:
        client.set("task", "waiting")
    own_broker.stop()
    own_broker.start()

    with redis.Redis.from_url(own_broker.url) as client:
        assert client.get("task") == b"waiting"


def test_the_mail_server_keeps_what_it_takes_and_refuses_as_often_as_told(smtp_server: SmtpServer) -> None:
    smtp_server.fail_next(2)
    smtp_server.fail_next(answer=NEVER)
    answers = []
    for _ in range(4):
        with smtplib.SMTP("127.0.0.1", smtp_server.port) as connection:
            try:
                connection.send_message(mail("ada@school.example"))
                answers.append(250)
            except smtplib.SMTPDataError as refused:
                answers.append(refused.smtp_code)

    assert answers == [451, 451, 550, 250]
    assert [message["Subject"] for message in smtp_server.messages] == ["Grüße — hello"]
    assert smtp_server.recipients == [["ada@school.example"]]


def test_the_clock_stands_still_until_it_is_moved(clock: Clock) -> None:
    before = datetime.now(UTC)
    time.sleep(0.01)
    clock.advance(timedelta(days=3))

    assert datetime.now(UTC) == before + timedelta(days=3)
    clock.move_to(datetime(2027, 3, 28, 1, 30, tzinfo=UTC))
    assert clock.now == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT], ids=["killed", "interrupted"])
def test_a_run_that_ends_early_leaves_no_server_behind(end: signal.Signals) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DSBS_TEST_RUN"}
    with subprocess.Popen(
        [sys.executable, "-c", _RUN_OF_ITS_OWN],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as run:
        assert run.stdout is not None
        folder = Path(run.stdout.readline().strip())
        running = processes_of(folder)
        run.send_signal(end)

    until = time.monotonic() + 15
    while (folder.exists() or processes_of(folder)) and time.monotonic() < until:
        time.sleep(0.1)
    assert len(running) > 2
    assert processes_of(folder) == []
    assert not folder.exists()
