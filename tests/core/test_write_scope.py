"""The one write scope: all or nothing, one at a time on the rows that matter, and never silent."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import StatementError

from dsbs.accounts.models import Person
from dsbs.core.db import SYSTEM, OutsideWriteScope, db, write, write_scope
from dsbs.core.refusals import Refused
from dsbs.history.models import Change
from dsbs.mail.models import Message
from tests.support.databases import Engine

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
THREADS = 16
ROUNDS = 12


def make_person(mail: str = "counter@school.example", phone: str = "0") -> int:
    with write(by=SYSTEM, why="Set up", at=NOW) as session:
        person = Person(given_name="Ada", family_name="Counter", mail=mail, phone=phone, session_key="k")
        session.add(person)
    return person.id


def in_threads(app: Flask, work: Callable[[int], object]) -> list[object]:
    """Run ``work`` in sixteen threads that start at the same moment, each with a session of its own."""
    start = threading.Barrier(THREADS)

    def run(number: int) -> object:
        start.wait()
        with app.app_context():
            return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_sixteen_threads_that_read_and_then_write_lose_no_change_and_meet_no_error(app: Flask) -> None:
    person_id = make_person()

    def count_up(_: int) -> None:
        for _ in range(ROUNDS):
            assert db.session.get(Person, person_id) is not None  # a read transaction is open when writing begins
            with write(by=SYSTEM, why="Counted", at=NOW) as session:
                person = session.get_one(Person, person_id, with_for_update=True)
                person.phone = str(int(person.phone or 0) + 1)

    in_threads(app, count_up)

    db.session.rollback()
    assert db.session.get_one(Person, person_id).phone == str(THREADS * ROUNDS)
    recorded = db.session.scalar(select(func.count()).select_from(Change).where(Change.why == "Counted"))
    assert recorded == THREADS * ROUNDS


def test_readers_are_not_held_up_by_an_open_write(app: Flask) -> None:
    person_id = make_person(phone="before")
    with write(by=SYSTEM, why="Slow change", at=NOW) as session:
        session.get_one(Person, person_id).phone = "after"
        session.flush()

        seen = in_threads(app, lambda _: db.session.get_one(Person, person_id).phone)

    assert seen == ["before"] * THREADS


def test_what_was_read_before_is_read_again_inside(app: Flask) -> None:
    person_id = make_person(phone="old")
    person = db.session.get_one(Person, person_id)
    assert person.phone == "old"

    def change_elsewhere() -> None:
        with app.app_context(), write(by=SYSTEM, why="Elsewhere", at=NOW) as session:
            session.get_one(Person, person_id).phone = "new"

    thread = threading.Thread(target=change_elsewhere)
    thread.start()
    thread.join()

    with write(by=SYSTEM, why="Look", at=NOW):
        assert person.phone == "new"


def test_an_error_inside_leaves_nothing_behind(app: Flask) -> None:
    person_id = make_person(phone="kept")

    def half() -> None:
        with write(by=SYSTEM, why="Half done", at=NOW) as session:
            session.get_one(Person, person_id).phone = "lost"
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()

    assert db.session.get_one(Person, person_id).phone == "kept"
    assert db.session.scalar(select(func.count()).select_from(Change).where(Change.why == "Half done")) == 0


def test_a_violated_constraint_is_told_in_its_own_sentence_beside_its_field(app: Flask) -> None:
    make_person(mail="twice@school.example")

    with pytest.raises(Refused) as refused:
        make_person(mail="twice@school.example")

    assert str(refused.value) == "Somebody with this address is known already."
    assert refused.value.field == "mail"


def test_services_cannot_open_a_second_scope_inside_the_first(app: Flask) -> None:
    outer, inner = (write(by=SYSTEM, why=why, at=NOW) for why in ("Outer", "Inner"))

    with pytest.raises(RuntimeError, match="open already"), outer, inner:
        pass

    assert write_scope(db.session()) is None


def test_a_moment_without_time_zone_is_refused(app: Flask) -> None:
    bare = datetime(2026, 1, 1)  # noqa: DTZ001 - that it is bare is the point

    with pytest.raises(StatementError, match="has no time zone"), write(by=SYSTEM, why="x", at=bare) as session:
        session.add(Person(given_name="A", family_name="B", session_key="k"))


def test_nothing_is_added_changed_or_deleted_outside_a_scope(app: Flask) -> None:
    person_id = make_person(phone="as it was")

    def change() -> None:
        db.session.get_one(Person, person_id).phone = "changed"

    def add() -> None:
        db.session.add(Message(key="by the way"))

    def delete() -> None:
        db.session.delete(db.session.get_one(Person, person_id))

    for attempt in (change, add, delete):
        attempt()
        with pytest.raises(OutsideWriteScope):
            db.session.flush()
        db.session.rollback()
    with pytest.raises(OutsideWriteScope):
        db.session.execute(update(Message).values(tries=0))

    db.session.rollback()
    assert db.session.get_one(Person, person_id).phone == "as it was"


def test_who_reads_holds_no_transaction_open_on_postgresql(app: Flask, engine_name: Engine) -> None:
    person_id = make_person()
    db.session.get_one(Person, person_id)

    driver = db.session.connection().connection.driver_connection

    assert is_in_transaction(driver) == (engine_name == "sqlite")
    with write(by=SYSTEM, why="Looks inside", at=NOW) as session:
        session.get_one(Person, person_id)
        assert is_in_transaction(session.connection().connection.driver_connection)


def is_in_transaction(driver: Any) -> bool:
    """Whether the driver's connection has begun a transaction that has not ended."""
    if isinstance(driver, sqlite3.Connection):
        return driver.in_transaction
    return bool(driver.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS)
