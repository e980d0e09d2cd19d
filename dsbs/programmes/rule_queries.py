"""Reads about tables of rules: what is in force, what is coming, what waits for the school."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, joinedload

from dsbs.core.refusals import NotFound
from dsbs.history.models import Change
from dsbs.programmes.columns import RuleTable
from dsbs.programmes.marked import Marked
from dsbs.programmes.models import Closure, Programme, Unit
from dsbs.programmes.rule_row import RuleRow
from dsbs.programmes.rules import SIGNED_OFF_BY_ITSELF
from dsbs.programmes.tables import TABLES


@dataclass(frozen=True)
class Line:
    """All versions of one rule, the first one first, as they stand on one day."""

    versions: tuple[RuleRow, ...]
    current: RuleRow | None
    coming: RuleRow | None

    @property
    def newest(self) -> RuleRow:
        """The version that a change replaces."""
        return self.versions[-1]

    @property
    def shown(self) -> RuleRow:
        """The version that stands for the rule in lists: what is in force, else what is coming, else the last one."""
        return self.current or self.coming or self.newest

    @property
    def has_ended(self) -> bool:
        """Whether the rule is no longer in force and will not be."""
        return self.current is None and self.coming is None

    @property
    def waits(self) -> bool:
        """Whether a version that is or will be in force waits for the school."""
        return any(version is not None and version.waits for version in (self.current, self.coming))


def lines(session: Session, table: RuleTable, day: date) -> list[Line]:
    """All rules of a table as they stand on a day, in the order in which they were added."""
    model = table.model
    rows = session.scalars(select(model).options(joinedload(model.signed_off_by)).order_by(model.version, model.id))
    grouped: dict[str, list[RuleRow]] = {}
    for row in rows:
        grouped.setdefault(row.line, []).append(row)
    return [line_on(versions, day) for versions in grouped.values()]


def line_of_row(session: Session, table: RuleTable, row_id: int, day: date) -> Line:
    """The rule that a version belongs to, as it stands on a day. Raises ``NotFound``."""
    model = table.model
    wanted = select(model.line).where(model.id == row_id).scalar_subquery()
    rows = session.scalars(
        select(model).options(joinedload(model.signed_off_by)).where(model.line == wanted).order_by(model.version)
    ).all()
    if not rows:
        raise NotFound
    return line_on(rows, day)


def line_on(versions: Sequence[RuleRow], day: date) -> Line:
    """The versions of one rule, in their order, as they stand on a day."""
    current = [row for row in versions if _began(row, day) and (row.in_force_to is None or row.in_force_to >= day)]
    coming = [row for row in versions if not _began(row, day) and not _never_used(row)]
    return Line(tuple(versions), current=_last(current), coming=_last(coming))


def makings(session: Session, versions: Sequence[RuleRow]) -> dict[int, Change]:
    """Who made each of these versions of one rule, when and why, by their ids."""
    wanted = select(Change).where(
        Change.subject == versions[0].__tablename__,
        Change.subject_id.in_([version.id for version in versions]),
        Change.action == "insert",
    )
    return {change.subject_id: change for change in session.scalars(wanted)}


def titles(session: Session, table: RuleTable) -> dict[str, str]:
    """What each code of a table is called, by the newest version."""
    model = table.model
    title = getattr(model, table.title)
    return dict(session.execute(select(model.code, title).order_by(model.version, model.id)).all())


def waiting_counts(session: Session, day: date) -> dict[str, tuple[int, int]]:
    """For each table of rules and for programmes, units and closures: how many there are, how many wait.

    Rules are counted by the versions that are or will be in force. Keyed by the table's word, else ``programmes``,
    ``units``, ``closures``. One query.
    """
    nouns: dict[str, type[Marked]] = {"programmes": Programme, "units": Unit, "closures": Closure}
    parts = [_counted(word, model) for word, model in nouns.items()]
    parts += [
        _counted(table.word, table.model, or_(table.model.in_force_to.is_(None), table.model.in_force_to >= day))
        for table in TABLES
    ]
    return {row.word: (row.total, row.waiting) for row in session.execute(union_all(*parts))}


def _counted(word: str, model: type[Marked], *conditions: ColumnElement[bool]) -> Select[str, int, int]:
    unsure = or_(*(getattr(model, name) != SIGNED_OFF_BY_ITSELF for name in model.__marks__))
    waiting = func.count().filter(unsure, model.signed_off_at.is_(None)).label("waiting")
    return (
        select(literal(word).label("word"), func.count().label("total"), waiting).select_from(model).where(*conditions)
    )


def _began(row: RuleRow, day: date) -> bool:
    return row.in_force_from is None or row.in_force_from <= day


def _never_used(row: RuleRow) -> bool:
    return row.in_force_from is not None and row.in_force_to is not None and row.in_force_to < row.in_force_from


def _last(rows: Iterable[RuleRow]) -> RuleRow | None:
    return max(rows, key=lambda row: row.version, default=None)
