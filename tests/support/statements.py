"""What is sent to the database, of whichever engine, thread and session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event


@contextmanager
def statements(*beginnings: str) -> Iterator[list[str]]:
    """What the block sends to the database: all of it, or what begins with one of these words."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if statement.lstrip("( \n").upper().startswith(beginnings or ""):
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@contextmanager
def questions() -> Iterator[list[str]]:
    """What the block asks the database, without what it changes there."""
    with statements("SELECT", "WITH") as asked:
        yield asked
