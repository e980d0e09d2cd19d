"""The school's default data: what is missing is added, what is there stays as the school has made it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.programmes.columns import RuleTable, read
from dsbs.programmes.models import Programme, Unit, UnitKind
from dsbs.programmes.rule_row import RuleRow, line_of
from dsbs.programmes.rules import Mark, ScopeKind, Severity
from dsbs.programmes.tables import TABLES

DEFAULTS = Path(__file__).resolve().parents[1] / "defaults"

Line = Mapping[str, str]


def missing_defaults(session: Session, folder: Path = DEFAULTS) -> dict[str, list[Line]]:
    """The lines of the default data, by file, that the database does not know; files without any are left out.

    A unit or programme is known by its code, a rule by its code, scope and cohort: a version that the school made, or
    one that it ended, counts as known.
    """
    found = {
        "units.csv": _unknown(folder / "units.csv", set(session.scalars(select(Unit.code)))),
        "programmes.csv": _unknown(folder / "programmes.csv", set(session.scalars(select(Programme.code)))),
    }
    for table in TABLES:
        known = set(session.scalars(select(table.model.line)))
        found[table.file] = [line for line in _lines(folder / table.file) if _rule_line(table, line) not in known]
    return {file: lines for file, lines in found.items() if lines}


def load_defaults(session: Session, *, folder: Path = DEFAULTS) -> dict[str, int]:
    """Add what the default data has and the database has not; return how many rows each file gave. Safe to repeat.

    Nothing that is there is changed, whether it came from an earlier load or from an administrator.
    """
    missing = missing_defaults(session, folder)
    _add_units(session, missing.get("units.csv", []))
    _add_programmes(session, missing.get("programmes.csv", []))
    for table in TABLES:
        session.add_all(_rule(table, line) for line in missing.get(table.file, []))
    session.flush()
    return {file: len(lines) for file, lines in missing.items()}


def _lines(path: Path) -> list[Line]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _unknown(path: Path, known: set[str]) -> list[Line]:
    return [line for line in _lines(path) if line["code"] not in known]


def _add_units(session: Session, lines: list[Line]) -> None:
    """Faculties first: departments name theirs."""
    session.add_all(_unit(line, None) for line in lines if not line["faculty"])
    session.flush()
    faculties = _faculties(session)
    session.add_all(_unit(line, faculties[line["faculty"]]) for line in lines if line["faculty"])
    session.flush()


def _unit(line: Line, faculty_id: int | None) -> Unit:
    return Unit(
        kind=UnitKind(line["kind"]),
        code=line["code"],
        name=line["name"],
        faculty_id=faculty_id,
        faculty_mark=Mark(line["faculty_mark"]) if faculty_id else None,
        mark=Mark(line["mark"]),
    )


def _add_programmes(session: Session, lines: list[Line]) -> None:
    faculties = _faculties(session) if lines else {}
    session.add_all(
        Programme(
            code=line["code"],
            name=line["name"],
            short_name=line["short_name"],
            colour=line["colour"],
            lead_faculty_id=faculties[line["lead_faculty"]],
            lead_faculty_mark=Mark(line["lead_faculty_mark"]),
            mark=Mark(line["mark"]),
        )
        for line in lines
    )
    session.flush()


def _faculties(session: Session) -> dict[str, int]:
    rows = session.execute(select(Unit.code, Unit.id).where(Unit.kind == UnitKind.FACULTY))
    return dict(rows.all())


def _rule(table: RuleTable, line: Line) -> RuleRow:
    kind, code, cohort = _place(line)
    return table.model(
        line=_rule_line(table, line),
        version=1,
        code=table.code_of(line),
        scope_kind=kind,
        scope_code=code,
        cohort_from=cohort,
        severity=Severity(line.get("severity") or Severity.INFO),
        mark=Mark(line["mark"]),
        **{column.name: read(column, line.get(column.header or column.name, "")) for column in table.columns},
    )


def _rule_line(table: RuleTable, line: Line) -> str:
    return line_of(table.code_of(line), *_place(line))


def _place(line: Line) -> tuple[ScopeKind, str, date | None]:
    kind, _, code = (line.get("scope") or "school").partition(":")
    cohort = line.get("from_cohort")
    return ScopeKind(kind), code, date.fromisoformat(cohort) if cohort else None
