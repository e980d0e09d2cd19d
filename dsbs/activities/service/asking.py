"""What an activity asks of who joins it, brought to rows: what is said already stays, years change where they stand.

The caller holds the lock of the activity's row, and has checked what is asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from dsbs.activities.models import Activity, ActivityCondition
from dsbs.activities.rules.conditions import Condition, ConditionKind
from dsbs.activities.rules.requirements import Asked, Requirement, numbered


class _Row(NamedTuple):
    """What a row says; two rows of one activity never say the same."""

    requirement: int
    kind: ConditionKind
    programme_id: int | None = None
    other_activity_id: int | None = None
    first_year: int | None = None
    last_year: int | None = None

    @property
    def asked(self) -> Asked:
        return self.kind, self.programme_id or self.other_activity_id

    @property
    def order(self) -> tuple[int, ...]:
        """Years without an end come first: there is one such row in a requirement, and it is used again."""
        ids = self.programme_id or 0, self.other_activity_id or 0, self.first_year or 0
        return self.requirement, self.last_year is not None, *ids


def write_requirements(activity: Activity, requirements: Sequence[Requirement]) -> None:
    """Let the activity ask this, and nothing else. Flushed by the caller."""
    there = {_said_by(row): row for row in activity.conditions}
    numbers = numbered(_by_number(there), [{row.asked for row in _rows(0, one)} for one in requirements])
    wanted = {row for number, one in zip(numbers, requirements, strict=True) for row in _rows(number, one)}
    gone = [there[said] for said in sorted(there.keys() - wanted, key=lambda said: said.order)]
    for said in sorted(wanted - there.keys(), key=lambda said: said.order):
        years = next((row for row in gone if _are_years_of(row, said)), None)
        if years is None:
            activity.conditions.append(ActivityCondition(**said._asdict()))
        else:
            years.first_year, years.last_year = said.first_year, said.last_year
            gone.remove(years)
    for row in gone:
        activity.conditions.remove(row)


def _said_by(row: ActivityCondition) -> _Row:
    return _Row(row.requirement, row.kind, row.programme_id, row.other_activity_id, row.first_year, row.last_year)


def _by_number(rows: Iterable[_Row]) -> Mapping[int, set[Asked]]:
    found: dict[int, set[Asked]] = defaultdict(set)
    for row in rows:
        found[row.requirement].add(row.asked)
    return found


def _are_years_of(row: ActivityCondition, said: _Row) -> bool:
    return row.kind is said.kind is ConditionKind.YEARS and row.requirement == said.requirement


def _rows(number: int, requirement: Requirement) -> Iterator[_Row]:
    return (row for condition in requirement.one_of for row in _rows_of(number, condition))


def _rows_of(number: int, condition: Condition) -> Iterator[_Row]:
    """One row for each programme or activity that a condition names, else one."""
    if condition.kind is ConditionKind.PROGRAMMES:
        yield from (_Row(number, condition.kind, programme_id=id_) for id_ in condition.ids)
    elif condition.kind is ConditionKind.ATTENDED:
        yield from (_Row(number, condition.kind, other_activity_id=id_) for id_ in condition.ids)
    elif condition.kind is ConditionKind.YEARS:
        yield _Row(number, condition.kind, first_year=condition.first_year or 1, last_year=condition.last_year)
    else:
        yield _Row(number, condition.kind)
