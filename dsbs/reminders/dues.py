"""What leaves when by which rule, as selects: the sweep writes what they find, the forecast only counts it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import Subquery

from dsbs.core import clock
from dsbs.core.db import UtcDateTime, is_sqlite
from dsbs.programmes import queries as programmes
from dsbs.programmes.rules import SCHOOL, Scope, resolve
from dsbs.programmes.tables.reminders import ReminderRule
from dsbs.reminders.models import Reminder
from dsbs.reminders.occasions import Columns, Occasion, Occasions
from dsbs.reminders.rules import USEFUL_DAYS, SchoolTime, Spell, State, Step, Unit, Unused, why_unused


@dataclass(frozen=True)
class Holding:
    """A rule that is at work, what it is about, and where: in these programmes, and perhaps in the school as such."""

    rule: ReminderRule
    occasion: Occasion
    programmes: frozenset[int]
    school: bool

    @property
    def step(self) -> Step:
        """When it leaves."""
        return Step(self.rule.offset, Unit(self.rule.unit))

    @property
    def useful_days(self) -> int:
        """For how many days it is still worth sending."""
        return USEFUL_DAYS if self.rule.useful_days is None else max(self.rule.useful_days, 0)

    @property
    def letter(self) -> str:
        """The letter that it sends."""
        return self.occasion.letters[self.rule.template]


def school_time(session: Session) -> SchoolTime:
    """The days and hours of the school, as its closures stand."""
    return SchoolTime(programmes.closed_calendar(session), clock.zone())


def unused(rule: ReminderRule, occasions: Occasions) -> Unused | None:
    """Why a rule does nothing yet, or None."""
    occasion = occasions.get(rule.occasion)
    return why_unused(
        occasion.reported if occasion else None,
        unit=rule.unit,
        audience=rule.audience,
        condition=rule.condition,
        letter=rule.template,
    )


def holding(session: Session, occasions: Occasions, day: date) -> list[Holding]:
    """The rules that are at work on this day, in the order of their making: the narrowest scope wins. Two queries."""
    rows = [row for row in session.scalars(select(ReminderRule)) if unused(row, occasions) is None]
    places = {
        programme.id: Scope(programme.lead_faculty.code, programme.code) for programme in programmes.programmes(session)
    }
    where: dict[int, set[int]] = {}
    for programme_id, scope in places.items():
        for row in resolve(rows, scope, None, day).values():
            where.setdefault(row.id, set()).add(programme_id)
    for_school = {row.id for row in resolve(rows, SCHOOL, None, day).values()}
    return [
        Holding(row, occasions[row.occasion], frozenset(where.get(row.id, ())), row.id in for_school)
        for row in sorted(rows, key=lambda row: row.id)
        if row.id in where or row.id in for_school
    ]


def leaving(session: Session, found: Holding, *, first: datetime, last: datetime, spells: Sequence[Spell]) -> Subquery:
    """What leaves by this rule from the first moment to the last, both included: ``open`` with ``leaves_at``.

    ``spells`` are those of a step in days (see ``rules.spells``); there is at least one then.
    """
    step, reported = found.step, found.occasion.open_for(found.rule.audience)
    if step.unit is Unit.HOURS:
        within: ColumnElement[bool] = reported.c.due.between(first - step.hours, last - step.hours)
        leaves_at: ColumnElement[datetime] = _later(reported.c.due, step.hours, sqlite=is_sqlite(session))
    else:
        bound = _bounds(found.occasion)
        within = and_(reported.c.due >= bound(spells[0].first), reported.c.due < bound(spells[-1].last))
        leaves_at = case(
            *((reported.c.due < bound(spell.last), literal(spell.leaves_at, UtcDateTime())) for spell in spells)
        )
    timed = select(reported, leaves_at.label("leaves_at")).where(within, _is_ruled(reported, found))
    timed_open = timed.subquery("timed")
    told = or_(timed_open.c.since.is_(None), timed_open.c.since <= timed_open.c.leaves_at)
    return select(timed_open).where(told, timed_open.c.leaves_at.between(first, last)).subquery("leaving")


def open_of(found: Holding, *conditions: tuple[str, Any]) -> Columns:
    """Everything that is open for this rule, whenever it leaves, where columns are among values."""
    reported = found.occasion.open_for(found.rule.audience)
    return select(reported).where(
        _is_ruled(reported, found), *(reported.c[name].in_(values) for name, values in conditions)
    )


def is_noted(found: Holding, reported: Subquery) -> ColumnElement[bool]:
    """Whether the ledger has this reminder already."""
    return exists().where(
        Reminder.occasion == found.occasion.code,
        Reminder.subject_id == reported.c.subject_id,
        Reminder.person_id == reported.c.person_id,
        Reminder.line == found.rule.line,
        due_column(found.occasion) == reported.c.due,
        Reminder.state != State.WITHDRAWN,
    )


def due_column(occasion: Occasion) -> Any:
    """The column of the ledger that holds what comes due: a day or a moment."""
    return Reminder.due_on if occasion.dated else Reminder.due_at


def _is_ruled(reported: Subquery, found: Holding) -> ColumnElement[bool]:
    """Whether what is open lies where the rule holds. What belongs to no programme alone is the school's."""
    places: Iterator[ColumnElement[bool]] = (
        place
        for place in (
            reported.c.programme_id.in_(found.programmes) if found.programmes else None,
            reported.c.programme_id.is_(None) if found.school else None,
        )
        if place is not None
    )
    return or_(*places)


def _bounds(occasion: Occasion) -> Any:
    """How the first moment of a day is compared with what comes due."""
    zone = clock.zone()
    if occasion.dated:
        return lambda day: day
    return SchoolTime((), zone).begin


def _later(due: ColumnElement[Any], amount: timedelta, *, sqlite: bool) -> ColumnElement[datetime]:
    """A moment so much later; SQLite keeps moments as text, to the microsecond."""
    if not sqlite:
        return due + literal(amount)
    seconds = f"{int(amount.total_seconds()):+d} seconds"
    return type_coerce(func.strftime("%Y-%m-%d %H:%M:%f", due, seconds).concat("000"), UtcDateTime())
