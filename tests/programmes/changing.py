"""Changing rules and programmes as these tests do, on Tue 24 Nov 2026."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.programmes import queries, service
from dsbs.programmes.columns import RuleTable
from dsbs.programmes.models import Programme
from dsbs.programmes.rule_row import RuleRow
from dsbs.programmes.service import Terms
from dsbs.programmes.tables import registration

TODAY = date(2026, 11, 24)


def newest(session: Session, table: RuleTable, code: str, scope_code: str = "") -> RuleRow:
    """The newest version of a rule, as the database has it now."""
    model = table.model
    wanted = select(model).where(model.code == code, model.scope_code == scope_code)
    return session.scalars(wanted.order_by(model.version.desc()).limit(1)).one()


def terms_of(table: RuleTable, row: RuleRow, **changes: object) -> Terms:
    """What a version says, with some of it changed."""
    values = {column.name: getattr(row, column.name) for column in table.columns}
    return Terms(values={**values, **changes}, mark=row.mark, source=row.source, severity=row.severity)  # type: ignore[dict-item]


def change_value(session: Session, value: str, first: date = TODAY, code: str = "free_cancellation") -> RuleRow:
    """Give a rule of registering another value from a day on."""
    table = registration.table
    seen = newest(session, table, code)
    return service.replace_rule(
        session, table=table, seen=seen, terms=terms_of(table, seen, value=value), in_force_from=first, today=TODAY
    )


def edit_neuro(session: Session, seen: int | None = None, **changes: object) -> Programme:
    """Change the programme NEURO."""
    row = queries.programme_by_code(session, "NEURO")
    names = (
        "name",
        "short_name",
        "description",
        "colour",
        "live_from",
        "lead_faculty_id",
        "lead_faculty_mark",
        "mark",
        "source",
    )
    values = {name: getattr(row, name) for name in names} | changes
    return service.edit_programme(session, programme=row, seen=row.revision if seen is None else seen, **values)
