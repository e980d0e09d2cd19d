"""The session writes the history itself, so that no feature can forget it.

Inserts are recorded after the flush (their ids are known then), changes and deletions before it (what was is still
known); rows that go because they were taken out of their parent's list become known as deleted only in it. A bulk
statement on a tracked table that does not name the verb which writes its history raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Table, event, insert, inspect
from sqlalchemy.orm import InstanceState, ORMExecuteState, Session, UOWTransaction
from sqlalchemy.sql.dml import ReturningInsert

from dsbs.core.db import Model, WriteScope, connection_of, db, is_sqlite, write_scope
from dsbs.core.direct import DirectInsert
from dsbs.history.models import Change, Tracked

#: Execution option of a bulk statement: the verb that records what the statement changes.
RECORDED_BY = "history_recorded_by"
_CHANGES = cast(Table, Change.__table__)
_INSERT = insert(Change)
#: Nearly all that people do changes one row, so it goes the short way.
_INSERT_ONE = DirectInsert(
    insert(_CHANGES).returning(_CHANGES.c.id),
    ("at", "by_id", "by_name", "why", "action", "subject", "subject_id", "values"),
)


class UnrecordedChange(RuntimeError):
    """A tracked row was about to change without a line in the history."""


def init_app() -> None:
    """Follow every session of the program; called once, when the application is made."""
    for name, listener in (
        ("before_flush", _before_flush),
        ("after_flush", _after_flush),
        ("do_orm_execute", _before_statement),
    ):
        if not event.contains(db.session, name, listener):
            event.listen(db.session, name, listener)


def record(session: Session, rows: Iterable[dict[str, Any]]) -> None:
    """Write history rows by hand, for a verb that changes many rows in one statement.

    Each row gives ``action``, ``subject`` (table), ``subject_id`` and ``values``; who, why and when come from the
    write scope. Raises ``UnrecordedChange`` outside one.
    """
    scope = _scope_of(session)
    filled = [{"at": scope.at, "by_id": scope.by.id, "by_name": scope.by.name, "why": scope.why, **r} for r in rows]
    if len(filled) == 1:
        _INSERT_ONE.add(session, filled[0])
    elif filled:
        connection_of(session).execute(_INSERT, filled)


def insert_all(session: Session, model: type[Model], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows of a tracked model in one statement and write their history in another; their ids in this order.

    The rows give every column that is not null and may be none at all. For what is made often or in numbers; a row or
    two that is worked on further is added to the session as ever. Constraints and ``UnrecordedChange`` as there.
    """
    if not rows:
        return []
    _scope_of(session)
    if len(rows) == 1:
        ids = list(_inserting_one(model, tuple(rows[0])).add(session, rows[0]) or ())
    else:
        ids = _insert_many(session, model, rows)
    record(session, [_made(model, row_id, row) for row_id, row in zip(ids, rows, strict=True)])
    return ids


def _insert_many(session: Session, model: type[Model], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    # SQLite gives ids that rise from row to row and tells them in any order; asked for that of the rows, SQLAlchemy
    # would insert one after the other there.
    rising = is_sqlite(session)
    ids = connection_of(session).execute(_inserting(model, in_order=not rising), rows).scalars()
    return sorted(ids) if rising else list(ids)


@lru_cache
def _inserting(model: type[Model], *, in_order: bool) -> ReturningInsert[int]:
    table = cast(Table, model.__table__)
    return insert(table).returning(table.c.id, sort_by_parameter_order=in_order)


@lru_cache
def _inserting_one(model: type[Model], columns: tuple[str, ...]) -> DirectInsert:
    table = cast(Table, model.__table__)
    return DirectInsert(insert(table).returning(table.c.id), columns)


def _made(model: type[Model], row_id: int, row: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: [None, _plain(value)] for name, value in {"id": row_id, **row}.items() if value is not None}
    return {"action": "insert", "subject": model.__tablename__, "subject_id": row_id, "values": values}


def _before_flush(session: Session, context: UOWTransaction, instances: object) -> None:
    changed = [row for row in session.dirty if isinstance(row, Tracked) and session.is_modified(row)]
    gone = [row for row in session.deleted if isinstance(row, Tracked)]
    # The session knows what changed in no order, the history tells it in that of the rows.
    rows = sorted((_row("update", row, _updates(row)) for row in changed), key=_by_row)
    record(session, [*(row for row in rows if row["values"]), *map(_deletion, gone)])


def _after_flush(session: Session, context: UOWTransaction) -> None:
    fresh = [row for row in session.new if isinstance(row, Tracked)]
    rows = [_row("insert", row, {k: [None, v] for k, v in _values(row).items()}) for row in fresh]
    record(session, [*(_deletion(row) for row in _orphans(session, context)), *rows])


def _orphans(session: Session, context: UOWTransaction) -> list[Any]:
    """The rows that this flush deletes although nobody asked for that by name."""
    gone = [state.obj() for state, (is_deleted, _only_listed) in context.states.items() if is_deleted]
    return [row for row in gone if isinstance(row, Tracked) and row not in session.deleted]


def _before_statement(state: ORMExecuteState) -> None:
    if not (state.is_insert or state.is_update or state.is_delete):
        return
    if RECORDED_BY in state.execution_options:
        return
    table = getattr(getattr(state.statement, "table", None), "name", None)
    if _is_tracked(table):
        raise UnrecordedChange(f"A bulk statement on {table} must name the verb that writes its history.")


@lru_cache
def _is_tracked(table: str | None) -> bool:
    return any(
        mapper.local_table.name == table and issubclass(mapper.class_, Tracked)  # type: ignore[attr-defined]
        for mapper in Model.registry.mappers
    )


def _scope_of(session: Session) -> WriteScope:
    scope = write_scope(session)
    if scope is None:
        raise UnrecordedChange("History is written only inside `with write(by=..., why=...)`.")
    return scope


def _deletion(row: Any) -> dict[str, Any]:
    return _row("delete", row, {name: [value, None] for name, value in _values(row).items()})


def _row(action: str, row: Any, values: dict[str, list[Any]]) -> dict[str, Any]:
    hidden = {name: ["…", "…"] for name in row.__private__ & values.keys()}
    return {"action": action, "subject": row.__tablename__, "subject_id": row.id, "values": values | hidden}


def _by_row(change: Mapping[str, Any]) -> tuple[str, int]:
    return change["subject"], change["subject_id"]


def _values(row: Any) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in _columns(row) if getattr(row, name) is not None}


def _updates(row: Any) -> dict[str, list[Any]]:
    state: InstanceState[Any] = inspect(row)
    found = {}
    for name in _columns(row):
        past = state.attrs[name].load_history()
        if past.has_changes():
            found[name] = [_plain(past.deleted[0] if past.deleted else None), _plain(getattr(row, name))]
    return {name: pair for name, pair in found.items() if pair[0] != pair[1]}


def _columns(row: Any) -> list[str]:
    return [attribute.key for attribute in inspect(type(row)).column_attrs]


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
