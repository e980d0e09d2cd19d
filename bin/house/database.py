"""The database file, looked at before anything is built on it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from .words import Trouble


def database_file(environ: Mapping[str, str], inside: Path) -> Path | None:
    """The SQLite file that is used, None with a database server."""
    url = environ.get("DATABASE_URL")
    if not url:
        return inside
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def is_empty(database: Path | None) -> bool:
    """Whether a database file holds nothing yet. Of a server that is never said."""
    return database is not None and (not database.exists() or database.stat().st_size == 0)


def check_database(database: Path | None) -> None:
    """Refuse a damaged database file, in one sentence, before anything writes to it."""
    if database is None or not database.exists():
        return
    try:
        with contextlib.closing(sqlite3.connect(database)) as connection:
            verdict = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        verdict = str(error)
    if verdict != "ok":
        # What follows a first line are page numbers, which help nobody who reads this.
        told = verdict.splitlines()[-1].strip()
        raise Trouble(
            f"The database file {database} is damaged ({told}). "
            "Put your latest backup in its place, or start in another folder with --data."
        )
