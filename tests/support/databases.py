"""Fresh databases for tests: made once per run and engine by the migrations, then copied."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Literal

import flask_migrate

from dsbs import create_app
from dsbs.core.db import db
from tests.support.postgres import Postgres
from tests.support.servers import Run
from tests.support.settings import settings_for

Engine = Literal["sqlite", "postgresql"]
ENGINES: tuple[Engine, ...] = ("sqlite", "postgresql")

_TEMPLATE = "dsbs_template"


class Databases:
    """Where tests get their databases from. PostgreSQL is started with the first one that asks for it."""

    def __init__(self, run: Run) -> None:
        self._run = run
        #: Copies of the template that a test of this worker has used and that are empty again.
        self._idle: list[str] = []

    @contextmanager
    def fresh(self, engine: Engine, folder: Path) -> Iterator[str]:
        """The address of a database with the whole schema and no rows. Who changes the schema asks for ``empty``."""
        if engine == "sqlite":
            yield self.sqlite(folder)
            return
        postgres = self.postgres
        name = self._idle.pop() if self._idle else self._copy(postgres)
        yield postgres.url(name)
        postgres.empty(name)
        self._idle.append(name)

    @contextmanager
    def empty(self, engine: Engine, folder: Path) -> Iterator[str]:
        """The address of a database with nothing in it at all, as on the day of an installation."""
        if engine == "sqlite":
            yield f"sqlite:///{folder / 'empty.sqlite3'}"
        else:
            with self.postgres.database() as url:
                yield url

    def sqlite(self, folder: Path) -> str:
        """The address of a SQLite database with the whole schema in this folder."""
        path = folder / "dsbs.sqlite3"
        shutil.copyfile(self._sqlite_template(), path)
        return f"sqlite:///{path}"

    @cached_property
    def postgres(self) -> Postgres:
        """The server of this run."""
        return Postgres(self._run)

    def _copy(self, postgres: Postgres) -> str:
        name = f"test_{uuid.uuid4().hex}"
        postgres.create(name, template=self._postgresql_template())
        return name

    def _sqlite_template(self) -> Path:
        path = self._run.folder / "template.sqlite3"

        def make() -> None:
            path.unlink(missing_ok=True)
            migrate(f"sqlite:///{path}", self._run.folder)

        self._once("sqlite", make)
        return path

    def _postgresql_template(self) -> str:
        postgres = self.postgres

        def make() -> None:
            postgres.drop(_TEMPLATE)
            postgres.create(_TEMPLATE)
            migrate(postgres.url(_TEMPLATE), self._run.folder)

        self._once("postgresql", make)
        return _TEMPLATE

    def _once(self, what: str, make: Callable[[], None]) -> None:
        """Make a template unless this run has it; a second worker waits for the first."""
        done = self._run.folder / f"{what}.made"
        if not done.exists():
            with self._run.one_at_a_time(what):
                if not done.exists():
                    make()
                    done.touch()


def migrate(url: str, folder: Path) -> None:
    """Bring the database at this address up to date, as ``flask db upgrade`` does."""
    app = create_app(settings_for(folder, database_url=url))
    with app.app_context():
        try:
            flask_migrate.upgrade()
        finally:
            # Closing the last connection folds SQLite's journal into the one file that is copied.
            db.engine.dispose()
