"""The school's default data in a test's database, quickly: most tests stand on it, and few are about loading it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from dsbs.core.db import is_sqlite
from dsbs.history.models import Change
from dsbs.programmes.models import Programme, Unit
from dsbs.programmes.service import load_defaults
from dsbs.programmes.tables import TABLES

_FILLED = [cast(Table, model.__table__) for model in (Unit, Programme, *(table.model for table in TABLES), Change)]
#: What loading the defaults into an empty database writes, in the order of foreign keys; filled by the first load.
_written: dict[Table, list[dict[str, Any]]] = {}


def load(session: Session, *, at: datetime) -> None:
    """Load the defaults, as the first start does it; ``at`` is the moment of the write scope.

    The first time in a process they are read from their files and go through the program. From then on the same rows
    are written as they are, where none of their tables has a row yet.
    """
    if any(session.scalar(select(func.count()).select_from(table)) for table in _FILLED):
        load_defaults(session)
    elif _written:
        _write(session, at)
    else:
        load_defaults(session)
        session.flush()
        _written.update({table: [dict(row) for row in session.execute(select(table)).mappings()] for table in _FILLED})


def _write(session: Session, at: datetime) -> None:
    connection = session.connection()
    for table, rows in _written.items():
        connection.execute(table.insert(), [row | {"at": at} if table is Change.__table__ else row for row in rows])
        if not is_sqlite(session):
            last = max(row["id"] for row in rows)
            connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {last})")
