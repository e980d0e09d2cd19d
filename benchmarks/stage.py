"""What the benchmarks ask for: a database with sixty sessions to come and two hundred researchers who are signed in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import flask_migrate
from flask import Flask
from sqlalchemy import Engine, text

from benchmarks.client import Connection, get
from benchmarks.servers import KEY, Web
from config import ROOT
from dsbs import create_app
from dsbs.activities.service import registering
from dsbs.core import clock
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from tests.support.cast import Cast
from tests.support.client import session_of
from tests.support.postgres import Postgres
from tests.support.servers import Run
from tests.support.settings import settings_for

SESSIONS = 60
PEOPLE = 200
SEATS = 30


@dataclass(frozen=True)
class Stage:
    """The database, and the cookies of the researchers; ``session_id`` has thirty free seats."""

    database_url: str
    data: Path
    session_id: int
    cookies: tuple[str, ...]

    @property
    def page(self) -> str:
        """The page of the session that everybody wants."""
        return f"/sessions/{self.session_id}"

    def page_size(self, web: Web) -> int:
        """How many bytes that page has, which the floor must send as well."""
        return len(Connection(web.port).send(get(self.page, self.cookies[0])).body)


@contextmanager
def set_stage(engine: str = "postgresql") -> Iterator[Stage]:
    """A database of this engine with everything in it, gone after the block."""
    run = Run()
    try:
        data = run.folder / "data"
        data.mkdir()
        with _database(engine, run, data) as url:
            settings = settings_for(data, database_url=url)
            app = create_app(settings.__class__(**{**settings.__dict__, "secret_key": KEY}))
            with app.app_context():
                flask_migrate.upgrade(directory=str(ROOT / "migrations"))
                stage = _fill(app, url, data)
                _analyze(app)
                yield stage
    finally:
        run.close()


@contextmanager
def _database(engine: str, run: Run, data: Path) -> Iterator[str]:
    if engine == "sqlite":
        yield f"sqlite:///{data / 'dsbs.sqlite3'}"
    else:
        with Postgres(run).database() as url:
            yield url


def clear(engine: Engine, stage: Stage) -> None:
    """Empty the session that everybody wants, and the outbox; set up what the floor counts in."""
    with engine.begin() as connection:
        connection.execute(
            text("CREATE TABLE IF NOT EXISTS floor_course (id int, title text, taken int, capacity int)")
        )
        connection.execute(text("DELETE FROM floor_course"))
        connection.execute(text("INSERT INTO floor_course VALUES (1, 'Wanted by all', 0, :seats)"), {"seats": SEATS})
        connection.execute(text("DELETE FROM message"))
        wanted = "SELECT slot_id FROM activity_meeting WHERE session_id = :id"
        for table, condition in (("commitment", f"slot_id IN ({wanted})"), ("registration", "session_id = :id")):
            connection.execute(text(f"DELETE FROM {table} WHERE {condition}"), {"id": stage.session_id})


def wrong_numbers(engine: Engine, stage: Stage) -> str | None:
    """What is wrong with the numbers of the seats that were given out, if anything is."""
    with engine.connect() as connection:
        numbers = connection.execute(
            text("SELECT number FROM registration WHERE session_id = :id AND number IS NOT NULL ORDER BY number"),
            {"id": stage.session_id},
        ).scalars()
        return None if list(numbers) == list(range(1, SEATS + 1)) else "The seats are not numbered from 1 to 30."


def _analyze(app: Flask) -> None:
    """Let PostgreSQL look at what it holds, as its autovacuum does within minutes of a school's first day."""
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")


def _fill(app: Flask, url: str, data: Path) -> Stage:
    cast = Cast(clock.now())
    first = cast.researcher("Ada Zero")
    people = [first, *(cast.person(f"Ada Number{number}", Role.RESEARCHER) for number in range(1, PEOPLE))]
    codes = ("CARDIO", "CANCER", "NEURO")
    for number in range(SESSIONS - 1):
        made = cast.course(
            title=f"Course number {number}",
            programmes=[codes[number % 3], codes[(number + 1) % 3]],
            starts_in=timedelta(days=10, hours=number * 5),
            venue=cast.venue(f"Room {number}"),
        )
        with write(by=SYSTEM, why="Set the stage", at=cast.now) as session:
            registering.take_seats(
                session, session_id=made.id, people=people[number % 100 : number % 100 + number % 30], now=cast.now
            )
    wanted = cast.course(title="Wanted by all", capacity=SEATS, starts_in=timedelta(days=30), venue=cast.venue("Hall"))
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    cookies = tuple(f"dsbs={serializer.dumps(session_of(person))}" for person in people)
    session_id = wanted.id
    db.session.remove()
    return Stage(url, data, session_id, cookies)
