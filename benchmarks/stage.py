"""What the benchmarks ask for: a database with sixty sessions to come and two hundred researchers who are signed in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import flask_migrate
from flask import Flask

from benchmarks.servers import KEY
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


@contextmanager
def set_stage() -> Iterator[Stage]:
    """PostgreSQL with everything in it, gone after the block."""
    run = Run()
    try:
        with Postgres(run).database() as url:
            data = run.folder / "data"
            data.mkdir()
            settings = settings_for(data, database_url=url)
            app = create_app(settings.__class__(**{**settings.__dict__, "secret_key": KEY}))
            with app.app_context():
                flask_migrate.upgrade(directory=str(ROOT / "migrations"))
                stage = _fill(app, url, data)
                _analyze(app)
                yield stage
    finally:
        run.close()


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
