"""Reads about programmes, units, rules and closed days, named as answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import cast

from sqlalchemy import Date, bindparam, select
from sqlalchemy.orm import Session, joinedload

from dsbs.accounts.models import Person, RoleGrant
from dsbs.accounts.queries import in_force
from dsbs.core import clock
from dsbs.core.access import Role
from dsbs.core.kept import Kept
from dsbs.core.refusals import NotFound
from dsbs.programmes import rules
from dsbs.programmes.models import Closure, Programme, Unit, UnitKind
from dsbs.programmes.public_holidays import public_holidays
from dsbs.programmes.rules import SCHOOL, Scope
from dsbs.programmes.tables.activity_kinds import ActivityKind
from dsbs.programmes.tables.registration import RegistrationRule


@dataclass
class ProgrammePeople:
    """Who looks after a programme today, by family name."""

    leaders: list[Person] = field(default_factory=list)
    coordinators: list[Person] = field(default_factory=list)


@dataclass(frozen=True)
class ClosedCalendar:
    """The days on which the school does not work, weekends aside; knows every day there is."""

    closures: tuple[tuple[date, date], ...]

    def __contains__(self, day: object) -> bool:
        """Whether this day is a public holiday or lies in a closure."""
        return isinstance(day, date) and (
            day in public_holidays(day.year) or any(first <= day <= last for first, last in self.closures)
        )


def programmes(session: Session) -> Sequence[Programme]:
    """All programmes with lead faculty and who signed them off, in the order in which the school names them."""
    wanted = select(Programme).options(joinedload(Programme.lead_faculty), joinedload(Programme.signed_off_by))
    return session.scalars(wanted.order_by(Programme.id)).all()


def programme_by_code(session: Session, code: str) -> Programme:
    """The programme with this code, with its lead faculty and who signed it off. Raises ``NotFound``."""
    if not code.isprintable():
        raise NotFound  # PostgreSQL takes no NUL, and no code holds one
    wanted = select(Programme).options(joinedload(Programme.lead_faculty), joinedload(Programme.signed_off_by))
    found = session.scalars(wanted.where(Programme.code == code.upper())).one_or_none()
    if found is None:
        raise NotFound
    return found


def people_of_programmes(
    session: Session, programme_ids: Collection[int], today: date
) -> Mapping[int, ProgrammePeople]:
    """Leaders and coordinators of these programmes who hold the role today and are still with the school."""
    found = {programme_id: ProgrammePeople() for programme_id in programme_ids}
    rows = session.execute(
        select(RoleGrant.programme_id, RoleGrant.role, Person)
        .join(RoleGrant.person)
        .where(
            RoleGrant.programme_id.in_(programme_ids),
            RoleGrant.role.in_([Role.LEADER, Role.COORDINATOR]),
            in_force(today),
            Person.active,
        )
        .order_by(Person.family_name, Person.given_name, Person.id)
    )
    for programme_id, role, person in rows:
        people = found[cast(int, programme_id)]  # the filter leaves no null
        group = people.leaders if role is Role.LEADER else people.coordinators
        if person not in group:
            group.append(person)
    return found


#: The coordinators of a programme whom one can write to, by family name.
_COORDINATOR = (
    select(Person.given_name, Person.family_name, Person.mail)
    .join(RoleGrant, RoleGrant.person_id == Person.id)
    .where(
        RoleGrant.programme_id == bindparam("programme_id"),
        RoleGrant.role == Role.COORDINATOR,
        in_force(bindparam("today", type_=Date)),
        Person.active,
        Person.mail.is_not(None),
    )
    .order_by(Person.family_name, Person.given_name, Person.id)
    .limit(1)
)


@Kept
def coordinator_to_ask(session: Session, programme_id: int, today: date) -> tuple[str, str] | None:
    """Name and mail address of the first coordinator of a programme whom one can write to."""
    row = session.execute(_COORDINATOR, {"programme_id": programme_id, "today": today}).one_or_none()
    return (f"{row.given_name} {row.family_name}", row.mail) if row else None


def units(session: Session, kind: UnitKind | None = None) -> Sequence[Unit]:
    """All units, or those of one kind, with their faculty, in the order in which they were added."""
    wanted = select(Unit).options(joinedload(Unit.faculty), joinedload(Unit.signed_off_by)).order_by(Unit.id)
    return session.scalars(wanted if kind is None else wanted.where(Unit.kind == kind)).all()


def unit_by_id(session: Session, unit_id: int) -> Unit:
    """A unit with its faculty and who signed it off. Raises ``NotFound``."""
    wanted = select(Unit).options(joinedload(Unit.faculty), joinedload(Unit.signed_off_by))
    found = session.scalars(wanted.where(Unit.id == unit_id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def unit_by_name(session: Session, kind: UnitKind, name: str) -> Unit | None:
    """The unit of this kind that goes by this name or code, whatever their case."""
    wanted = name.strip().casefold()
    return next((unit for unit in units(session, kind) if wanted in (unit.name.casefold(), unit.code.casefold())), None)


def closures(session: Session) -> Sequence[Closure]:
    """All closures, the latest first."""
    return session.scalars(
        select(Closure).options(joinedload(Closure.signed_off_by)).order_by(Closure.first_day.desc(), Closure.id)
    ).all()


def names_of_closed_days(session: Session, first: date, last: date, *, language: str) -> Mapping[date, str]:
    """The public holidays and closed days from the first to the last day, each with what it is called."""
    shut = session.execute(
        select(Closure.first_day, Closure.last_day, Closure.name)
        .where(Closure.first_day <= last, Closure.last_day >= first)
        .order_by(Closure.first_day, Closure.id)
    ).all()
    named = {day: row.name for row in shut for day in _days_between(max(row.first_day, first), min(row.last_day, last))}
    for year in range(first.year, last.year + 1):
        named |= {day: name for day, name in public_holidays(year, language).items() if first <= day <= last}
    return named


def _days_between(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def closure_by_id(session: Session, closure_id: int) -> Closure:
    """A closure with who signed it off. Raises ``NotFound``."""
    found = session.scalars(
        select(Closure).options(joinedload(Closure.signed_off_by)).where(Closure.id == closure_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def closed_calendar(session: Session) -> ClosedCalendar:
    """The days on which the school does not work, for counting in working days without an edge."""
    rows = session.execute(select(Closure.first_day, Closure.last_day))
    return ClosedCalendar(tuple((first, last) for first, last in rows))


def closed_days(session: Session, first: date, last: date) -> frozenset[date]:
    """The days between these two, both included, on which the school does not work; weekends are left out."""
    calendar = closed_calendar(session)
    return frozenset(day for day in _days_between(first, last) if day.weekday() < 5 and day in calendar)


def registration_rules(session: Session, day: date, scope: Scope = SCHOOL) -> Mapping[str, RegistrationRule]:
    """The rules of registering that hold on a day, by their code."""
    return rules.resolve(session.scalars(select(RegistrationRule)), scope, None, day)


def free_cancellation_end(session: Session, starts_at: datetime, *, today: date) -> datetime | None:
    """Until when cancelling is free by the registration rules of this day: the end of the last free day; None without.

    Counted in working days back from the day on which it starts; rule ``free_cancellation`` of the registration rules.
    """
    rule = registration_rules(session, today).get("free_cancellation")
    if rule is None or rule.number is None:
        return None
    last_free = rules.add_working_days(clock.local(starts_at).date(), -int(rule.number), closed_calendar(session))
    return clock.from_school_time(last_free, time(23, 59))


def activity_kinds(session: Session) -> list[ActivityKind]:
    """The kinds of activities that can be chosen: the newest version of each that has no last day."""
    return [kind for kind in _newest_kinds(session) if kind.in_force_to is None]


def activity_kind_names(session: Session) -> dict[str, str]:
    """What every kind is called, by its code; those that can no longer be chosen too."""
    return {kind.code: kind.name for kind in _newest_kinds(session)}


def _newest_kinds(session: Session) -> Iterable[ActivityKind]:
    rows = session.scalars(select(ActivityKind).order_by(ActivityKind.version, ActivityKind.id))
    # A later version takes the place of the earlier one, and so its position too.
    return {kind.code: kind for kind in rows}.values()


def scope_names(session: Session) -> dict[tuple[str, str], str]:
    """What a scope is called: by kind of scope and code, for every faculty and programme."""
    faculties = session.execute(select(Unit.code, Unit.name).where(Unit.kind == UnitKind.FACULTY).order_by(Unit.id))
    shorts = session.execute(select(Programme.code, Programme.short_name).order_by(Programme.id))
    return {("faculty", code): name for code, name in faculties} | {("programme", code): name for code, name in shorts}
