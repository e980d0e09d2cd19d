"""The school's units and programmes, and Leen who imports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from dsbs.accounts import service as accounts
from dsbs.accounts.models import Person
from dsbs.core import clock as school_clock
from dsbs.core.access import Role
from dsbs.core.dates import speaking
from dsbs.core.db import SYSTEM, db, write
from dsbs.exchange.importers import importer
from dsbs.exchange.importing import Outcome, Preview
from dsbs.exchange.tables import read
from dsbs.exchange.words import reason
from tests.support import defaults

SAMPLES = Path(__file__).parents[1] / "samples"

Plan = Callable[[str, bytes | str], Preview]
Import = Callable[..., Result]


@pytest.fixture
def school(app: Flask) -> Flask:
    """The application with the school's own units and programmes, and nobody in it."""
    now = school_clock.now()
    with write(by=SYSTEM, why="Loaded the defaults", at=now) as session:
        defaults.load(session, at=now)
    return app


@pytest.fixture
def leen(school: Flask) -> Person:
    """An administrator."""
    with write(by=SYSTEM, why="Set the stage", at=school_clock.now()) as session:
        person = accounts.add_person(session, given_name="Leen", family_name="Desmet", mail="leen@school.example")
        accounts.grant(session, person=person, role=Role.ADMINISTRATOR, since=school_clock.today())
    return person


@pytest.fixture
def plan(school: Flask) -> Plan:
    """What importing this table would do now: ``plan("people", table)``."""

    def made(word: str, table: bytes | str) -> Preview:
        db.session.rollback()
        data = table.encode() if isinstance(table, str) else table
        return importer(word).plan(db.session(), read(data, "x.csv"), today=school_clock.today())

    return made


@pytest.fixture
def run_import(school: Flask, tmp_path: Path) -> Import:
    """``flask import WORD FILE`` as a shell runs it, with this table in the file."""

    def run(word: str, table: bytes | str, *options: str) -> Result:
        file = tmp_path / f"{word}.csv"
        file.write_bytes(table.encode() if isinstance(table, str) else table)
        db.session.rollback()
        return school.test_cli_runner().invoke(args=["import", word, str(file), *options])

    return run


def counted(preview: Preview) -> dict[str, int]:
    """How many rows go which way; kinds without rows are left out."""
    return {outcome.value: count for outcome, count in preview.counts.items() if count}


def refusals(preview: Preview) -> list[tuple[int, str, str]]:
    """Line, column and reason of everything that is refused."""
    rows = [row for row in preview.rows if row.outcome is Outcome.REFUSED]
    with speaking("en"):
        return [(row.line, fault.column, reason(fault)) for row in rows for fault in row.faults]
