"""Which of several rule rows holds: the narrowest scope, then the newest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar


class ScopeKind(StrEnum):
    """For whom a rule is made, widest first."""

    SCHOOL = "school"
    FACULTY = "faculty"
    PROGRAMME = "programme"


class Severity(StrEnum):
    """What happens where a rule is not kept."""

    BLOCK = "block"
    WARN = "warn"
    INFO = "info"


@dataclass(frozen=True)
class Scope:
    """Where a question is asked: in a faculty, in a programme, in both, or (neither) for the school as a whole."""

    faculty: str | None = None
    programme: str | None = None


SCHOOL = Scope()


class RuleLike(Protocol):
    """What resolving needs to know of a row. All days are included; None leaves that side open.

    ``scope_code`` is the code of the faculty or programme, empty for the school. The cohort is the day on which
    somebody's track started.
    """

    @property
    def id(self) -> int: ...
    @property
    def code(self) -> str: ...
    @property
    def scope_kind(self) -> ScopeKind: ...
    @property
    def scope_code(self) -> str: ...
    @property
    def cohort_from(self) -> date | None: ...
    @property
    def cohort_to(self) -> date | None: ...
    @property
    def in_force_from(self) -> date | None: ...
    @property
    def in_force_to(self) -> date | None: ...


Row = TypeVar("Row", bound=RuleLike)

_WIDTH = {kind: width for width, kind in enumerate(ScopeKind)}


def resolve(rows: Iterable[Row], scope: Scope, cohort: date | None, day: date) -> dict[str, Row]:
    """The row that holds for each code: the narrowest scope wins, then the newest.

    Newest means made for the latest cohorts, then in force since the latest day, then added last. So a row for those
    who start from 2027 keeps winning for them when the general row is given a new version later. ``cohort`` None asks
    about nobody in particular: rows bound to cohorts are left out. A code without a row that applies is missing.
    """
    best: dict[str, Row] = {}
    for row in rows:
        if applies(row, scope, cohort, day) and (row.code not in best or _rank(row) > _rank(best[row.code])):
            best[row.code] = row
    return best


def applies(row: RuleLike, scope: Scope, cohort: date | None, day: date) -> bool:
    """Whether a row speaks about this scope and this cohort on this day."""
    return (
        _within(row.in_force_from, day, row.in_force_to)
        and _is_for_scope(row, scope)
        and (
            _within(row.cohort_from, cohort, row.cohort_to)
            if cohort is not None
            else row.cohort_from is None and row.cohort_to is None
        )
    )


def _within(first: date | None, day: date, last: date | None) -> bool:
    return (first is None or first <= day) and (last is None or day <= last)


def _is_for_scope(row: RuleLike, scope: Scope) -> bool:
    wanted = {ScopeKind.SCHOOL: "", ScopeKind.FACULTY: scope.faculty, ScopeKind.PROGRAMME: scope.programme}
    return row.scope_code == wanted[row.scope_kind]


def _rank(row: RuleLike) -> tuple[int, date, date, int]:
    return _WIDTH[row.scope_kind], row.cohort_from or date.min, row.in_force_from or date.min, row.id
