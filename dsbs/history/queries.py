"""Reads of the history, named as answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from dsbs.history.models import Change

_NOTHING: Mapping[str, Collection[int]] = MappingProxyType({})


def changes_of(
    session: Session,
    subject: str,
    subject_id: int,
    *,
    along: Mapping[str, Collection[int]] = _NOTHING,
    most: int = 50,
) -> Sequence[Change]:
    """What happened to a row, newest first. ``along`` names rows of other tables that belong to its story."""
    rows = [
        and_(Change.subject == table, Change.subject_id.in_(ids))
        for table, ids in {**along, subject: [subject_id]}.items()
    ]
    return session.scalars(select(Change).where(or_(*rows)).order_by(Change.id.desc()).limit(most)).all()


def made_with(session: Session, subject: str, *, column: str, value: int) -> Sequence[int]:
    """The ids of all rows of a table that were made with this value in this column, also of those that are gone."""
    made = select(Change.subject_id).where(Change.subject == subject, Change.action == "insert")
    return session.scalars(made.where(Change.values[(column, 1)].as_integer() == value)).all()
