"""What is sent to the database, of whichever engine, thread and session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

from dsbs.core.direct import _Statement


@contextmanager
def statements(*beginnings: str) -> Iterator[list[str]]:
    """What the block sends to the database: all of it, or what begins with one of these words."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if statement.lstrip("( \n").upper().startswith(beginnings or ""):
            sent.append(statement)

    run = _Statement._run

    def direct(self: _Statement, connection: Connection, given: Mapping[str, object]) -> Sequence[Sequence[Any]]:
        # What goes straight to the driver is no event of the engine's.
        found = run(self, connection, given)
        note(None, None, self._said[connection.dialect.name].words)
        return found

    event.listen(Engine, "before_cursor_execute", note)
    _Statement._run = direct  # type: ignore[method-assign]
    try:
        yield sent
    finally:
        _Statement._run = run  # type: ignore[method-assign]
        event.remove(Engine, "before_cursor_execute", note)


@contextmanager
def questions() -> Iterator[list[str]]:
    """What the block asks the database, without what it changes there."""
    with statements("SELECT", "WITH") as asked:
        yield asked
