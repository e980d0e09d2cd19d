"""The ledger as tests read it, and the moves of the stage: registering, sweeping, delivering."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dsbs.accounts.models import Person
from dsbs.activities.models import ActivitySession, Registration
from dsbs.activities.rules import RegistrationState
from dsbs.activities.service import registering
from dsbs.core.db import SYSTEM, db, write
from dsbs.programmes.rule_row import line_of
from dsbs.programmes.rules import Mark, ScopeKind, Severity
from dsbs.programmes.tables.reminders import ReminderRule
from dsbs.reminders.models import Reminder
from dsbs.reminders.rules import Cadence, State
from dsbs.reminders.sweeping import sweep
from tests.support.cast import Cast
from tests.support.clock import Clock

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Row(NamedTuple):
    """One row of the ledger, by what people call it."""

    code: str
    person: str
    state: State
    late: bool


def ledger() -> list[Row]:
    """All rows in the order in which they were noted."""
    db.session.rollback()
    rows = db.session.execute(
        select(Reminder, ReminderRule.code, Person.family_name)
        .join(Reminder.rule)
        .join(Reminder.person)
        .order_by(Reminder.id)
    )
    return [Row(code, name, reminder.state, reminder.late) for reminder, code, name in rows]


def states() -> list[tuple[str, State]]:
    """The code and the state of each row."""
    return [(row.code, row.state) for row in ledger()]


def sweep_all(clock: Clock) -> int:
    """Both sweeps, as the worker's two ticks; how many mails were queued."""
    return sum(sweep(lambda: clock.now, cadence) or 0 for cadence in Cadence)


def take_seat(course: ActivitySession, *people: Person, at: datetime) -> list[int]:
    """Give these people a seat at a moment; the ids of their registrations."""
    with write(by=SYSTEM, why="Took a seat", at=at) as session:
        own = [session.get_one(Person, person.id) for person in people]
        return registering.take_seats(session, session_id=course.id, people=own, now=at)


def people_with_an_offer(count: int, *, now: datetime) -> list[str]:
    """So many people were offered a seat and have a few hours left; gives their addresses.

    They are reminded by a rule in hours, which leaves at any time of the day.
    """
    cast = Cast(now)
    with cast.at_once():
        people = [cast.person(f"Person Number{number}") for number in range(count)]
        course = cast.course(capacity=count)
    made = take_seat(course, *people, at=now)
    with write(by=SYSTEM, why="Offered", at=now) as session:
        for ticket, registration_id in enumerate(made, 1):
            registration = session.get_one(Registration, registration_id)
            registration.state, registration.ticket = RegistrationState.OFFERED, ticket
            registration.offered_until = now + 5 * HOUR
    return [str(person.mail) for person in people]


def add_rule(
    code: str,
    occasion: str,
    offset: int,
    unit: str,
    *,
    letter: str,
    audience: str = "registered",
    condition: str = "confirmed",
    programme: str = "",
    since: date | None = None,
    useful_days: int | None = None,
) -> None:
    """A further rule of the school, or of one programme."""
    kind = ScopeKind.PROGRAMME if programme else ScopeKind.SCHOOL
    with write(by=SYSTEM, why="Made a rule", at=datetime.now().astimezone()) as session:
        session.add(
            ReminderRule(
                line=line_of(code, kind, programme, None),
                version=1,
                code=code,
                scope_kind=kind,
                scope_code=programme,
                in_force_from=since,
                severity=Severity.INFO,
                mark=Mark.ASSUMED,
                occasion=occasion,
                offset=offset,
                unit=unit,
                audience=(audience,),
                condition=condition,
                template=letter,
                useful_days=useful_days,
            )
        )


def school(day: int, hour: int, minute: int = 0, *, month: int = 12) -> datetime:
    """A moment of the winter of 2026 as the school's clocks show it."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo("Europe/Brussels"))
