"""Adding and changing units."""

from __future__ import annotations

import re

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dsbs.core.refusals import N_, Refused
from dsbs.programmes.models import Unit, UnitKind
from dsbs.programmes.rules import Mark
from dsbs.programmes.service.revisions import lock, unsign

_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,19}")


def add_unit(
    session: Session,
    *,
    kind: UnitKind,
    code: str,
    name: str,
    mark: Mark,
    source: str = "",
    faculty_id: int | None = None,
    faculty_mark: Mark | None = None,
) -> Unit:
    """Add a unit. Refused: a code or name that is taken, a faculty for anything but a department."""
    if not _CODE.fullmatch(code):
        raise Refused(N_("Write capital letters, digits and underscores, a letter first, 20 at most."), field="code")
    if session.scalar(select(Unit.id).where(Unit.code == code)) is not None:
        raise Refused(N_("There is a unit with this code already."), field="code")
    unit = Unit(kind=kind, code=code)
    _check(session, unit, name, faculty_id, faculty_mark)
    unit.name, unit.mark, unit.source = name, mark, source
    unit.faculty_id, unit.faculty_mark = faculty_id, faculty_mark
    session.add(unit)
    session.flush()
    return unit


def edit_unit(
    session: Session,
    *,
    unit: Unit,
    seen: int,
    name: str,
    mark: Mark,
    source: str,
    faculty_id: int | None,
    faculty_mark: Mark | None,
) -> Unit:
    """Change a unit; ``seen`` is the revision that the person saw. Kind and code stay, a signature goes.

    Refused: an outdated revision, a name that is taken, a faculty for anything but a department.
    """
    lock(session, unit, seen)
    _check(session, unit, name, faculty_id, faculty_mark)
    changes = {"name": name, "mark": mark, "source": source, "faculty_id": faculty_id, "faculty_mark": faculty_mark}
    if any(getattr(unit, column) != value for column, value in changes.items()):
        unsign(unit)
    for column, value in changes.items():
        setattr(unit, column, value)
    session.flush()
    return unit


def _check(session: Session, unit: Unit, name: str, faculty_id: int | None, faculty_mark: Mark | None) -> None:
    same_name = select(Unit.id).where(Unit.kind == unit.kind, func.lower(Unit.name) == name.lower(), Unit.id != unit.id)
    if session.scalar(same_name) is not None:
        raise Refused(N_("There is a unit with this kind and name already."), field="name")
    if faculty_id is None:
        return
    faculty = session.get(Unit, faculty_id)
    if unit.kind is not UnitKind.DEPARTMENT or faculty is None or faculty.kind is not UnitKind.FACULTY:
        raise Refused(N_("Only a department belongs to a faculty."), field="faculty_id")
    if faculty_mark is None:
        raise Refused(N_("Say how sure the faculty is."), field="faculty_mark")
