"""The database: one base for models, one clock-safe type for moments, one write scope.

Reads run in a deferred transaction of the request on SQLite, and without one on PostgreSQL (the engine is made with
AUTOCOMMIT, see ``config.py``), where each statement sees what is committed anyway and a transaction would cost two more
round trips. Whoever wants to change something opens ``write(by=..., why=...)``; nothing else may send changes to the
database. On SQLite the scope begins with ``BEGIN
IMMEDIATE``, so that every check inside it is made on rows that nobody else can change before it ends; on PostgreSQL the
contended rows are locked by ``FOR UPDATE``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import flask_sqlalchemy.session
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    CheckConstraint,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Index,
    MetaData,
    Table,
    UniqueConstraint,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session, UOWTransaction
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from dsbs.core.refusals import Busy, Refused

LOCK_WAIT_SECONDS = 10
_IMMEDIATE = "dsbs_immediate"
_SCOPE = "dsbs_write_scope"
_CONNECTION = "dsbs_write_connection"


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database; a naive value is a programming error and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn any aware moment into UTC; SQLite has no zones, so there the UTC reading is kept bare."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment back as aware UTC on both engines."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Model(DeclarativeBase):
    """The base of all models. Every constraint has a name, so that a violation can be told in words."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime()}  # noqa: RUF012 - read once by SQLAlchemy


class Reading(flask_sqlalchemy.session.Session):
    """The session of a request or a task: it reads, and writes only while a write scope is open on it."""


class Database(SQLAlchemy):
    """The engines and the session of the application."""

    def init_app(self, app: Flask) -> None:
        """Make the engines; those of SQLite begin their transactions by ``_begin``.

        Only those: an engine that anybody listens to has each of its connections ask who does.
        """
        super().init_app(app)
        with app.app_context():
            for engine in self.engines.values():
                if engine.dialect.name == "sqlite":
                    event.listen(engine, "begin", _begin)


db = Database(metadata=Model.metadata, session_options={"class_": Reading})


@dataclass(frozen=True)
class Actor:
    """Who changes something: a person by id and by the name as printed then, or the program itself (no id)."""

    id: int | None
    name: str


SYSTEM = Actor(id=None, name="dsbs")


@dataclass(frozen=True)
class WriteScope:
    """What the open write scope knows; the history reads it. ``at`` is the moment of the change, aware UTC."""

    by: Actor
    why: str
    at: datetime


@contextmanager
def write(*, by: Actor, why: str, at: datetime) -> Iterator[Session]:
    """Change the database: all of the block or nothing, with who, why and when handed to the history.

    Order of effects: the read transaction used so far ends (what was loaded is expired and read again), a writing one
    begins, the block runs, one commit. ``why`` is a short sentence for the history, such as "Took a seat".

    Raises ``Busy`` when a lock could not be had within ten seconds or a row moved on under our hands, ``Refused`` when
    a constraint of the database says no, ``RuntimeError`` when a scope is open already. Nothing is written then.
    """
    session = db.session()
    if _SCOPE in session.info:
        raise RuntimeError("A write scope is open already; services never open one.")
    session.rollback()
    session.info[_SCOPE] = WriteScope(by=by, why=why, at=at)
    try:
        session.info[_CONNECTION] = session.connection(execution_options=_writing(session))
        yield session
        session.commit()
    except IntegrityError as error:
        session.rollback()
        raise _refusal_of(error) from error
    except StaleDataError as error:
        session.rollback()
        raise Busy from error
    except OperationalError as error:
        session.rollback()
        if _is_lock_timeout(error):
            raise Busy from error
        raise
    except BaseException:
        session.rollback()
        raise
    finally:
        del session.info[_SCOPE]
        session.info.pop(_CONNECTION, None)


def _writing(session: Session) -> Mapping[str, Any]:
    """How a connection is asked for the transaction in which something changes."""
    return {_IMMEDIATE: True} if is_sqlite(session) else {"isolation_level": "READ COMMITTED"}


class OutsideWriteScope(RuntimeError):
    """Something was about to change outside ``with write(...)``, where it would stand at once and by nobody."""


@event.listens_for(Reading, "before_flush")
def _only_in_a_scope(session: Session, context: UOWTransaction, instances: object) -> None:
    if _SCOPE not in session.info and (session.new or session.deleted or _is_modified(session)):
        raise OutsideWriteScope("Rows change only inside `with write(by=..., why=...)`.")


@event.listens_for(Reading, "do_orm_execute")
def _statements_only_in_a_scope(state: ORMExecuteState) -> None:
    if state.is_select or _SCOPE in state.session.info:
        return
    if state.is_insert or state.is_update or state.is_delete:
        raise OutsideWriteScope("Statements change rows only inside `with write(by=..., why=...)`.")


def _is_modified(session: Session) -> bool:
    return any(session.is_modified(row) for row in session.dirty)


def write_scope(session: Session) -> WriteScope | None:
    """The write scope that is open on this session, if any."""
    return session.info.get(_SCOPE)


def connection_of(session: Session) -> Connection:
    """The connection of this session; inside a write scope the one it began with, without a search for it."""
    return session.info.get(_CONNECTION) or session.connection()


def is_sqlite(session: Session) -> bool:
    """Whether this session speaks to SQLite, where ``BEGIN IMMEDIATE`` stands in for row locks."""
    return session.get_bind().dialect.name == "sqlite"


def insert_for(session: Session, table: Any) -> sqlite.Insert | postgresql.Insert:
    """An insert that can say what happens to rows that are there already, as the engine of this session spells it."""
    return sqlite.insert(table) if is_sqlite(session) else postgresql.insert(table)


def _is_lock_timeout(error: OperationalError) -> bool:
    # 55P03 lock_not_available, 40P01 deadlock_detected, 40001 serialization_failure
    waited = getattr(error.orig, "sqlstate", None) in {"55P03", "40P01", "40001"}
    return waited or "database is locked" in str(error.orig)


def _refusal_of(error: IntegrityError) -> Exception:
    """The sentence that the violated constraint carries in its ``info``; without one it is a defect and stays."""
    for constraint in _violated(error):
        sentence = constraint.info.get("refusal")
        if sentence:
            return Refused(sentence, field=constraint.info.get("field"))
    return error


def _violated(error: IntegrityError) -> Iterator[UniqueConstraint | CheckConstraint | Index]:
    """The named constraints that this error speaks of: PostgreSQL names one, SQLite may only list its columns."""
    name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    told = str(error.orig)
    for table in Model.metadata.tables.values():
        for constraint in _guards_of(table):
            columns = ", ".join(f"{table.name}.{column.name}" for column in constraint.columns)
            if constraint.name == name or (name is None and told.endswith((f": {columns}", f": {constraint.name}"))):
                yield constraint


def _guards_of(table: Table) -> Iterator[UniqueConstraint | CheckConstraint | Index]:
    yield from (c for c in table.constraints if isinstance(c, UniqueConstraint | CheckConstraint))
    yield from (index for index in table.indexes if index.unique)


@event.listens_for(Engine, "connect")
def _prepare_connection(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    """Take SQLite's transactions into our own hands, and make both engines wait the same time for a lock."""
    cursor: Any = connection.cursor()
    if type(connection).__module__.startswith("sqlite3"):
        connection.isolation_level = None  # the driver must not begin by itself
        cursor.execute(f"PRAGMA busy_timeout = {LOCK_WAIT_SECONDS * 1000}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
    else:
        cursor.execute(f"SET lock_timeout = '{LOCK_WAIT_SECONDS}s'")
        cursor.execute("SET TIME ZONE 'UTC'")
        connection.commit()
    cursor.close()


def _begin(connection: Connection) -> None:
    """A writer takes the write lock at once, a reader never does."""
    immediate = connection.get_execution_options().get(_IMMEDIATE)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
