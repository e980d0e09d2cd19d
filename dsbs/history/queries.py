"""Reads of the history, named as answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from dsbs.history.models import Change

#: How many moments a page of a history shows.
PAGE = 100

_NOTHING: Mapping[str, Collection[int]] = MappingProxyType({})


@dataclass(frozen=True)
class Changes:
    """One page of a history, newest first; ``page`` counts from 1."""

    rows: Sequence[Change]
    page: int
    pages: int


def changes_of(
    session: Session,
    subject: str,
    subject_id: int,
    *,
    along: Mapping[str, Collection[int]] = _NOTHING,
    most: int = 50,
) -> Sequence[Change]:
    """What happened to a row, newest first. ``along`` names rows of other tables that belong to its story."""
    story = _story(subject, subject_id, along)
    return session.scalars(select(Change).where(story).order_by(Change.id.desc()).limit(most)).all()


def changes_of_all(session: Session, subject: str, subject_ids: Collection[int]) -> Sequence[Change]:
    """All that ever happened to these rows of one table, newest first. One query."""
    own = select(Change).where(Change.subject == subject, Change.subject_id.in_(subject_ids))
    return session.scalars(own.order_by(Change.id.desc())).all()


def page_of_changes(
    session: Session, subject: str, subject_id: int, *, along: Mapping[str, Collection[int]] = _NOTHING, page: int
) -> Changes:
    """The same a page at a time: a hundred moments, each with all that happened then. Two queries."""
    story = _story(subject, subject_id, along)
    moments = session.scalars(select(Change.at).where(story).distinct().order_by(Change.at.desc())).all()
    pages = max(1, -(-len(moments) // PAGE))
    page = max(1, min(page, pages))
    here = moments[(page - 1) * PAGE : page * PAGE]
    if not here:
        return Changes((), page, pages)
    found = select(Change).where(story, Change.at.between(here[-1], here[0]))
    return Changes(session.scalars(found.order_by(Change.at.desc(), Change.id.desc())).all(), page, pages)


def made_with(session: Session, subject: str, *, column: str, values: Collection[int]) -> Sequence[Change]:
    """How all rows of a table were made that had one of these values in this column, also those gone; oldest first.

    Among them are other rows with the same ids: SQLite gives the id of a removed row to a later one again. One query.
    """
    ids = _makings(subject).where(Change.values[(column, 1)].as_integer().in_(values))
    return made(session, subject, ids.with_only_columns(Change.subject_id))


def made(session: Session, subject: str, ids: Collection[int] | Select[int]) -> Sequence[Change]:
    """How the rows of a table with these ids were made, as ``made_with``. One query."""
    return session.scalars(_makings(subject).where(Change.subject_id.in_(ids)).order_by(Change.id)).all()


def _makings(subject: str) -> Select[Change]:
    return select(Change).where(Change.subject == subject, Change.action == "insert")


def _story(subject: str, subject_id: int, along: Mapping[str, Collection[int]]) -> ColumnElement[bool]:
    tables = {**along, subject: [subject_id]}
    return or_(*(and_(Change.subject == table, Change.subject_id.in_(ids)) for table, ids in tables.items()))
