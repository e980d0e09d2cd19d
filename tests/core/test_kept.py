"""Answers kept in memory: as good as one read now, whoever changed what."""

from __future__ import annotations

import gc
import re
import weakref
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from dsbs import create_app
from dsbs.activities import offers
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.kept import Kept
from dsbs.enrolments.queries import current_enrolment, place_of
from dsbs.programmes.models import Programme
from dsbs.programmes.queries import coordinator_to_ask
from tests.support.cast import Cast
from tests.support.databases import Databases
from tests.support.servers import Run
from tests.support.settings import settings_for
from tests.support.statements import statements

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def cast(app: Flask) -> Cast:
    """The school at nine o'clock."""
    return Cast(NOW)


@pytest.fixture
def sent(app: Flask) -> Iterator[list[str]]:
    """What is sent to the database from here on."""
    with statements() as seen:
        yield seen


def rename(programme: Programme, name: str) -> None:
    with write(by=SYSTEM, why="Renamed", at=NOW) as session:
        session.get_one(Programme, programme.id).short_name = name


def names(session: Session) -> set[str]:
    return {programme.short_name for programme in offers.labels(session).programmes}


def test_an_answer_is_read_once_and_then_kept(cast: Cast, sent: list[str]) -> None:
    cast.programme("CARDIO")
    names(db.session())
    db.session.rollback()
    sent.clear()

    names(db.session())

    assert [statement for statement in sent if "stamp" not in statement and "BEGIN" not in statement] == []


def test_a_change_is_seen_by_the_next_question(cast: Cast) -> None:
    programme = cast.programme("CARDIO")
    before = names(db.session())
    rename(programme, "Heart")

    assert (programme.short_name in before, "Heart" in names(db.session())) == (False, True)


def test_a_change_past_the_program_is_seen_too(cast: Cast) -> None:
    cast.programme("CARDIO")
    names(db.session())
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE programme SET short_name = 'Heart' WHERE code = 'CARDIO'")

    assert "Heart" in names(db.session())


def test_a_change_that_was_taken_back_leaves_the_answer_as_it_was(cast: Cast) -> None:
    programme = cast.programme("CARDIO")
    before = names(db.session())
    with write(by=SYSTEM, why="Renamed", at=NOW) as session:
        session.get_one(Programme, programme.id).short_name = "Heart"
        session.flush()
        session.rollback()

    assert names(db.session()) == before


def test_inside_a_write_scope_what_is_about_to_change_is_read_anew(cast: Cast) -> None:
    programme = cast.programme("CARDIO")
    names(db.session())

    with write(by=SYSTEM, why="Renamed", at=NOW) as session:
        session.get_one(Programme, programme.id).short_name = "Heart"
        session.flush()
        inside = names(session)

    assert "Heart" in inside


def test_a_session_that_read_the_stamp_is_gone_with_its_request(cast: Cast) -> None:
    names(db.session())
    reading = weakref.ref(db.session())
    gc.disable()
    try:
        db.session.remove()
        left = reading()
    finally:
        gc.enable()

    assert left is None


def test_two_databases_do_not_share_an_answer(cast: Cast) -> None:
    asked: list[object] = []

    @Kept
    def bound_to(session: Session) -> str:
        asked.append(session.get_bind())
        return str(session.get_bind())

    bound_to(db.session())
    bound_to(db.session())
    with Session(db.engine) as other:
        bound_to(other)

    assert len(asked) == len(set(map(id, asked)))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE activity SET title = 'Renamed'",
        "UPDATE activity_session SET label = 'B'",
        "UPDATE venue SET name = 'Elsewhere'",
        "UPDATE activity_kind SET name = 'Workshop'",
        "DELETE FROM activity_programme",
    ],
)
def test_whatever_a_session_is_printed_from_gives_a_new_stamp(cast: Cast, change: str) -> None:
    made = cast.course(title="Statistics", programmes=["CARDIO"], venue=cast.venue("Aula"))
    before = offers.offer(db.session(), made.id)
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.exec_driver_sql(change)

    assert offers.offer(db.session(), made.id) is not before


def test_a_slot_that_moves_gives_a_new_stamp_and_one_that_is_only_confirmed_does_not(cast: Cast) -> None:
    made = cast.course(title="Statistics", venue=cast.venue("Aula"))
    before = offers.offer(db.session(), made.id)
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE slot SET reference = NULL")
    same = offers.offer(db.session(), made.id)
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE slot SET venue_id = NULL, venue_ours = NULL")

    assert (same is before, offers.offer(db.session(), made.id).meetings[0].venue) == (True, None)


def test_every_table_that_a_kept_answer_is_read_from_gives_the_stamp(cast: Cast, sent: list[str]) -> None:
    made = cast.course(title="Statistics", programmes=["CARDIO"], venue=cast.venue("Aula"))
    sent.clear()
    with write(by=SYSTEM, why="Inside a scope everything is read", at=NOW) as session:
        offers.labels(session)
        place_of(session, 1, NOW.date())
        current_enrolment(session, 1, NOW.date())
        coordinator_to_ask(session, 1, NOW.date())
        offers.offers_to_come(session, NOW.date())
        offers.offer(session, made.id)

    read = {table for statement in sent for table in re.findall(r"(?:FROM|JOIN) (\w+)", statement)}

    assert read - stamped() == set()
    assert len(read) > 5


def stamped() -> set[str]:
    """The tables whose changes give a new stamp."""
    triggers = {
        "sqlite": "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND instr(name, '_stamp_')",
        "postgresql": "SELECT tgrelid::regclass::text FROM pg_trigger WHERE right(tgname, 6) = '_stamp'",
    }
    with db.engine.connect() as connection:
        return set(connection.exec_driver_sql(triggers[connection.dialect.name]).scalars())


def test_a_connection_that_broke_is_given_up(databases: Databases, tmp_path: Path, run: Run) -> None:
    with databases.fresh("postgresql", tmp_path) as url:
        (tmp_path / "static").symlink_to(run.static)
        app = create_app(settings_for(tmp_path, database_url=url))
        with app.app_context():
            broken = db.session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            with db.engine.connect() as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({broken})")

            with pytest.raises(OperationalError):
                names(db.session())
            db.session.rollback()

            assert names(db.session()) == set()
            db.session.remove()
            db.engine.dispose()
