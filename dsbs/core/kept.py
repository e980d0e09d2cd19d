"""Answers that hardly change, kept in memory for as long as the database vouches for them.

Programmes, venues, activities and their sessions stand on every page and change a few times a day, and so do people and
their roles. The database stamps them: its triggers put a new random number into ``stamp`` in every transaction that
changes one of the tables named in the migrations. A page reads the stamp first of all; an answer kept under the same
stamp is as good as one read now. Nobody has to tell another process, another machine or a restored backup that
something changed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Concatenate, Generic, NamedTuple, ParamSpec, TypeVar, cast
from weakref import WeakKeyDictionary, ref

from sqlalchemy import BigInteger, Connection, Engine, select
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from dsbs.core.db import Model, connection_of, write_scope
from dsbs.core.direct import Direct

Key = ParamSpec("Key")
Answer = TypeVar("Answer")

_SEEN = "dsbs_stamp"
_VERBS = ("insert", "update", "delete")
#: So many answers to one question are kept; then all of them make room.
_MOST = 2000


class Stamp(Model):
    """The one row whose number is new whenever something changed of what is kept; no row yet means nothing ever did.

    ``given_in`` is the transaction that gave it (PostgreSQL only), so that it gives it once.
    """

    __tablename__ = "stamp"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    given_in: Mapped[int] = mapped_column(BigInteger)


#: Every page asks this first of all.
_STAMP = Direct(select(Stamp.number).where(Stamp.id == 1))


@dataclass
class _Shelf:
    """What was answered under one stamp."""

    stamp: int | None
    answers: dict[Any, Any] = field(default_factory=dict)


class _Seen(NamedTuple):
    """The stamp of a database as it was read in a transaction of the session."""

    during: ref[SessionTransaction]
    engine: Engine
    stamp: int | None


class Kept(Generic[Key, Answer]):
    """A question to the database whose answers are kept, one for each set of values; a decorator of the question.

    The answer must be plain, immutable values, read from stamped tables only and depending on nothing but the values.
    Inside a write scope the question is asked anew each time: what is about to change is never taken from memory.
    """

    def __init__(self, ask: Callable[Concatenate[Session, Key], Answer]) -> None:
        self._ask = ask
        self._shelves: WeakKeyDictionary[object, _Shelf] = WeakKeyDictionary()
        self.__doc__ = ask.__doc__

    def __call__(self, session: Session, *args: Key.args, **kwargs: Key.kwargs) -> Answer:
        """The answer as the database has it now."""
        if write_scope(session) is not None:
            return self._ask(session, *args, **kwargs)
        answers, key = self._shelf(session).answers, (args, *kwargs.items())
        if key not in answers:
            if len(answers) >= _MOST:
                answers.clear()
            answers[key] = self._ask(session, *args, **kwargs)
        answer: Answer = answers[key]
        return answer

    def _shelf(self, session: Session) -> _Shelf:
        engine, stamp = _seen(session)
        shelf = self._shelves.get(engine)
        if shelf is None or shelf.stamp != stamp:
            # A thread that still reads under the stamp before goes on with its own shelf.
            shelf = self._shelves[engine] = _Shelf(stamp)
        return shelf


def _seen(session: Session) -> tuple[Engine, int | None]:
    """The database that is read and its stamp, asked for once in a transaction."""
    seen: _Seen | None = session.info.get(_SEEN)
    if seen is None or seen.during() is None or seen.during() is not session.get_transaction():
        rows = _STAMP.rows(session, {})
        # A strong reference would go in a circle, and leave the session of each request to the garbage collector.
        seen = _Seen(
            ref(cast(SessionTransaction, session.get_transaction())),
            connection_of(session).engine,
            rows[0][0] if rows else None,
        )
        session.info[_SEEN] = seen
    return seen.engine, seen.stamp


def watch(connection: Connection, table: str, columns: Collection[str] = ()) -> None:
    """Let the database give a new stamp whenever rows of a table change, or only these columns of them.

    Called by the migrations. One that rebuilds the table on SQLite drops the triggers and must call this again.
    On PostgreSQL the stamp is given when the transaction commits, so that no two of them wait for each other's.
    """
    update = f"UPDATE OF {', '.join(columns)}" if columns else "UPDATE"
    for statement in (_sqlite if connection.dialect.name == "sqlite" else _postgresql)(table, update):
        connection.exec_driver_sql(statement)


def unwatch(connection: Connection, table: str) -> None:
    """Take away what ``watch`` put on a table, to watch it in another way."""
    if connection.dialect.name == "sqlite":
        for verb in _VERBS:
            connection.exec_driver_sql(f"DROP TRIGGER {table}_stamp_{verb}")
    else:
        connection.exec_driver_sql(f"DROP TRIGGER {table}_stamp ON {table}")


def _sqlite(table: str, update: str) -> Iterator[str]:
    give = "INSERT INTO stamp (id, number, given_in) VALUES (1, random(), 0)"
    anew = "ON CONFLICT (id) DO UPDATE SET number = excluded.number"
    for name, change in zip(_VERBS, ("INSERT", update, "DELETE"), strict=True):
        yield f"CREATE TRIGGER {table}_stamp_{name} AFTER {change} ON {table} BEGIN {give} {anew}; END"


def _postgresql(table: str, update: str) -> Iterator[str]:
    yield """CREATE OR REPLACE FUNCTION stamp_anew() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO stamp AS s (id, number, given_in) VALUES (1, (random() * 9e15)::bigint, txid_current())
    ON CONFLICT (id) DO UPDATE SET number = excluded.number, given_in = excluded.given_in
    WHERE s.given_in <> excluded.given_in;
    RETURN NULL; END $$"""
    yield f"""CREATE CONSTRAINT TRIGGER {table}_stamp AFTER INSERT OR {update} OR DELETE ON {table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stamp_anew()"""
