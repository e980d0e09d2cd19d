"""How a change of a slot or commitment is marked, so that calendars notice it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from dsbs.agenda.models import Commitment, Slot
from dsbs.core.db import write_scope


def moment(session: Session) -> datetime:
    """The moment of the change that the open write scope makes."""
    scope = write_scope(session)
    if scope is None:
        raise RuntimeError("The agenda changes only inside `with write(by=..., why=...)`.")
    return scope.at


def mark(session: Session, row: Slot | Commitment) -> None:
    """Let calendar programs see a newer version of this entry."""
    row.sequence += 1
    row.changed_at = moment(session)
