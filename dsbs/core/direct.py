"""Statements that go straight to the driver, for the few that nearly every page or every seat needs.

SQLAlchemy looks a statement up among those it has compiled, puts its values together, makes a cursor and wraps what
comes back: several times the work of the question itself. A direct one is put into the words of an engine once, with
all in it that never changes, and keeps its cursor with the connection, so that the driver too finds it prepared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import BindParameter, Column, Connection, Dialect, Select, Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.sql.visitors import cloned_traverse

from dsbs.core.db import OutsideWriteScope, connection_of, write_scope

_Convert = Callable[[Any], Any] | None


class _Said(NamedTuple):
    """A statement in the words of one engine: its values by name, and the columns of its rows that are converted."""

    words: str
    values: Sequence[tuple[str, _Convert]]
    by_place: bool
    columns: Sequence[tuple[int, Callable[[Any], Any]]]

    def filled(self, given: Mapping[str, object]) -> Any:
        """The values as the driver takes them."""
        values = {name: convert(given[name]) if convert else given[name] for name, convert in self.values}
        return tuple(values[name] for name, _convert in self.values) if self.by_place else values

    def read(self, rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
        """The rows as the types of their columns have it."""
        return [self._read_one(row) for row in rows] if self.columns else rows

    def _read_one(self, row: Sequence[Any]) -> Sequence[Any]:
        read = list(row)
        for place, convert in self.columns:
            read[place] = convert(read[place])
        return read


class _Statement:
    """A statement that the driver is given; what it is given anew each time are ``bindparam``s without a value."""

    def __init__(self, statement: Select[*tuple[Any, ...]] | ReturningInsert[Any], given: Sequence[str] = ()) -> None:
        self._statement = cloned_traverse(statement, {}, {"bindparam": _say_if_it_never_changes})
        self._given = given
        self._said: dict[str, _Said] = {}

    def _run(self, connection: Connection, given: Mapping[str, object]) -> Sequence[Sequence[Any]]:
        said = self._said.get(connection.dialect.name) or self._say(connection.dialect)
        cursors = connection.info
        try:
            cursor = cursors.get(self)
            if cursor is None:
                cursor = cursors[self] = connection.connection.cursor()
            cursor.execute(said.words, said.filled(given))
            return said.read(cursor.fetchall())
        except Exception as error:
            raise _as_usual(error, connection, said.words) from error

    def _say(self, dialect: Dialect) -> _Said:
        compiled = self._statement.compile(dialect=dialect, column_keys=list(self._given) or None)
        asked = {name: None for name, bind in compiled.binds.items() if bind.required}
        expanded = compiled.construct_expanded_state(asked)
        said = self._said[dialect.name] = _Said(
            expanded.statement,
            [
                (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
                for name in expanded.positiontup or asked
            ],
            expanded.positiontup is not None,
            [
                (place, convert)
                for place, column in enumerate(self._statement.exported_columns)
                if (convert := column.type.dialect_impl(dialect).result_processor(dialect, None))
            ],
        )
        return said


class Direct(_Statement):
    """A question for plain columns.

    It sees what the session has changed so far. What goes wrong is raised as SQLAlchemy's own errors.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        super().__init__(statement)

    def rows(self, session: Session, given: Mapping[str, object]) -> Sequence[Sequence[Any]]:
        """What comes back, as rows of plain values in the order of the columns."""
        if session.autoflush:
            session.flush()
        return self._run(connection_of(session), given)

    def row(self, session: Session, given: Mapping[str, object]) -> Sequence[Any]:
        """The one row that comes back."""
        (row,) = self.rows(session, given)
        return row


class DirectInsert(_Statement):
    """One row more, for who writes its history beside it; only inside a write scope.

    The statement says what of the row it gives back, the row must have all these columns: none is filled in by a
    default, so a column that needs one is asked for here.
    """

    def __init__(self, statement: ReturningInsert[Any], columns: Sequence[str]) -> None:
        super().__init__(statement, columns)
        table = cast(Table, statement.table)
        lacking = [column.name for column in table.columns if _is_needed(column) and column.name not in columns]
        if lacking:
            raise ValueError(f"A row of {table} needs {', '.join(lacking)}.")

    def add(self, session: Session, row: Mapping[str, object]) -> Sequence[Any] | None:
        """Insert this row; what it gives back, or None where the statement passes over one that is there already."""
        if write_scope(session) is None:
            raise OutsideWriteScope("Rows are added only inside `with write(by=..., why=...)`.")
        return next(iter(self._run(connection_of(session), row)), None)


def _is_needed(column: Column[Any]) -> bool:
    is_given = column.primary_key or column.server_default is not None
    return not is_given and (column.default is not None or not column.nullable)


def _say_if_it_never_changes(bind: BindParameter[Any]) -> None:
    if not bind.required:
        bind.literal_execute = True


def _as_usual(error: Exception, connection: Connection, words: str) -> BaseException:
    """The error as SQLAlchemy would have raised it; a connection that broke is given up."""
    dialect = connection.dialect
    of_driver = dialect.loaded_dbapi.Error
    is_broken = isinstance(error, of_driver) and dialect.is_disconnect(error, connection.connection, None)
    if is_broken:
        connection.invalidate(error)
    return DBAPIError.instance(words, None, error, of_driver, connection_invalidated=is_broken, dialect=dialect)
