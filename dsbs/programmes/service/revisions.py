"""Two people at one row: the second is told, and overwrites only on purpose."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy.orm import Session

from dsbs.programmes.marked import Marked
from dsbs.programmes.models import Closure, Programme, Unit
from dsbs.programmes.rules import Outdated

Row = TypeVar("Row", Programme, Unit, Closure)


def lock(session: Session, row: Row, seen: int) -> None:
    """Hold the row until the end of the write scope. Raises ``Outdated`` unless ``seen`` is its revision still."""
    session.refresh(row, with_for_update={"of": type(row)})
    if row.revision != seen:
        raise Outdated


def unsign(row: Marked) -> None:
    """Take the signature off a row that changed: it was given for what stood there."""
    row.signed_off_at = None
    row.signed_off_by_id = None
