"""The three states in which every page is looked at: just installed, in the middle of a year, and far too full.

Each is made once per run, as the program itself makes it, then copied for each worker and served for real.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from dsbs import create_app
from dsbs.accounts import service
from dsbs.accounts.models import Person
from dsbs.core import clock
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.mail.models import DeliveryRun
from dsbs.programmes.models import Programme
from tests.browser import many
from tests.support import serving
from tests.support.broker import Broker
from tests.support.databases import Databases
from tests.support.servers import Run
from tests.support.settings import settings_for

EMPTY, DEMONSTRATION, MANY = "empty", "demonstration", "300 rows"

#: Who looks: the address of one person for each role.
Cast = dict[str, str]
_CAST = "cast.json"


@dataclass(frozen=True)
class Site:
    """The program in one state, answering at ``address``."""

    app: Flask
    address: str
    cast: Cast

    def person(self, role: Role) -> Person:
        """Who looks in this role; inside the application's context."""
        return db.session.scalars(select(Person).where(Person.mail == self.cast[role])).one()


@contextmanager
def site_in(state: str, run: Run, databases: Databases, folder: Path) -> Iterator[Site]:
    """The program in this state with a data folder of its own; two workers never share one."""
    shutil.copytree(_made(state, run, databases), folder, dirs_exist_ok=True, symlinks=True)
    with serving.listening() as listener:
        with _application(folder, run, serving.address_of(listener)) as app:
            _worker_runs()
        with serving.serving(app, listener) as address:
            yield Site(app, address, json.loads((folder / _CAST).read_text()))
        with app.app_context():
            db.engine.dispose()


def _made(state: str, run: Run, databases: Databases) -> Path:
    """The data folder of this state, made by the first worker that asks."""
    folder = run.folder / "states" / state
    with run.one_at_a_time(f"state {state}"):
        if not (folder / _CAST).exists():
            shutil.rmtree(folder, ignore_errors=True)
            _FILL[state](folder, run, databases)
    return folder


@contextmanager
def _application(folder: Path, run: Run, base_url: str = "http://localhost") -> Iterator[Flask]:
    database_url, broker_url = f"sqlite:///{folder / 'dsbs.sqlite3'}", Broker(run, database=0).url
    app = create_app(settings_for(folder, database_url=database_url, redis_url=broker_url, base_url=base_url))
    with app.app_context():
        yield app
        db.session.remove()
        # Folds SQLite's journal into the one file that is copied.
        db.engine.dispose()


def _fill_empty(folder: Path, run: Run, databases: Databases) -> None:
    """As after ``bin/run --empty``, and one person for each role who has just been let in."""
    with _new(folder, run, databases) as app:
        _command(app, "defaults", "load")
        _keep_cast(folder, _one_for_each_role())


def _fill_demonstration(folder: Path, run: Run, databases: Databases) -> None:
    """As after the first ``bin/run``; who looks are the people whose sign-ins it shows."""
    with _new(folder, run, databases) as app:
        _command(app, "defaults", "load")
        _command(app, "demonstration", "create")
        shown = _command(app, "demonstration", "sign-ins").splitlines()
        _keep_cast(folder, dict(line.split("\t")[:2] for line in shown))


def _fill_many(folder: Path, run: Run, databases: Databases) -> None:
    """The demonstration, with 300 rows more in every list."""
    shutil.copytree(_made(DEMONSTRATION, run, databases), folder, symlinks=True)
    cast = json.loads((folder / _CAST).read_text())
    (folder / _CAST).unlink()
    with _application(folder, run) as app, write(by=SYSTEM, why="Filled every list", at=clock.now()) as session:
        viewer = Site(app, "", cast).person(Role.RESEARCHER)
        for fill in many.FILLS:
            fill(session, viewer)
    _keep_cast(folder, cast)


_FILL = {EMPTY: _fill_empty, DEMONSTRATION: _fill_demonstration, MANY: _fill_many}


@contextmanager
def _new(folder: Path, run: Run, databases: Databases) -> Iterator[Flask]:
    folder.mkdir(parents=True)
    (folder / "static").symlink_to(run.static)
    databases.sqlite(folder)
    with _application(folder, run) as app:
        yield app


def _keep_cast(folder: Path, cast: Cast) -> None:
    """Write down who looks; this also says that the state is made."""
    (folder / _CAST).write_text(json.dumps(cast))


def _worker_runs() -> None:
    """Be a worker that has just looked after the mail, for as long as the tests last."""
    with write(by=SYSTEM, why="Delivered", at=clock.now()) as session:
        session.merge(DeliveryRun(id=1, at=clock.now() + timedelta(days=1)))


def _one_for_each_role() -> Cast:
    cast = {}
    with write(by=SYSTEM, why="Let one person for each role in", at=clock.now()) as session:
        programme = session.scalars(select(Programme).where(Programme.code == "CARDIO")).one()
        for role in set(Role) - {Role.ORGANISER}:
            mail = cast[role.value] = f"{role}@school.example"
            person = service.add_person(session, given_name="Ada", family_name=f"{role}".capitalize(), mail=mail)
            scope = programme.id if role in {Role.COORDINATOR, Role.LEADER} else None
            since = clock.today() - timedelta(days=30)
            service.grant(session, person=person, role=role, since=since, programme_id=scope)
    return cast


def _command(app: Flask, *words: str) -> str:
    done = app.test_cli_runner().invoke(args=list(words))
    if done.exit_code:
        raise RuntimeError(f"flask {' '.join(words)} failed:\n{done.output}") from done.exception
    return str(done.output)
