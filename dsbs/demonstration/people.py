"""The people of the demonstration school: 400 researchers, those who supervise them, those who run it all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy.orm import Session

from dsbs.accounts import passwords
from dsbs.accounts import service as accounts
from dsbs.accounts.models import Person, RoleGrant
from dsbs.core.access import Role
from dsbs.demonstration.names import address, invented
from dsbs.demonstration.shown import PASSWORD, SHOWN
from dsbs.enrolments.rules import Facts, Track
from dsbs.enrolments.service import new_enrolment
from dsbs.programmes import queries as programmes
from dsbs.programmes.models import Programme, UnitKind

RESEARCHERS = 400
SUPERVISORS = 64
_TOPICS = (
        "cardiac fibrosis in the ageing heart", "micro-RNA in early diabetes", "gait after stroke",
    "tumour micro-environment",
    "sleep in adolescents", "beta-cell function", "dental implants in osteoporosis", "spinal cord imaging",
    "cartilage repair", "vaccine response in the elderly", "rare channelopathies", "primary care for migrants",
)  # fmt: skip
_APPROACHES = ("Mechanisms of", "Early detection of", "Modelling", "Predicting", "A cohort study of", "Targeting")


@dataclass
class People:
    """Who was made, by what they do."""

    shown: dict[Role, Person] = field(default_factory=dict)
    supervisors: list[Person] = field(default_factory=list)
    coordinators: dict[str, Person] = field(default_factory=dict)
    researchers: dict[str, list[Person]] = field(default_factory=dict)


def password_hash() -> str:
    """The hash of the shown password; worked out before the write scope, since hashing takes its time."""
    return passwords.hashed(PASSWORD)


def make_people(session: Session, random: Random, *, today: date, kept_password: str) -> People:
    """Make everybody and enrol the researchers; only the shown ones have a password."""
    people, names = People(), invented(random)
    offered = programmes.programmes(session)
    _make_shown(session, people, offered, today, kept_password)
    people.supervisors += [_person(session, *next(names), Role.SUPERVISOR, today) for _ in range(SUPERVISORS)]
    session.flush()
    leaders = [person for person in people.supervisors if person is not people.shown[Role.SUPERVISOR]]
    for programme in offered:
        if programme.code not in people.coordinators:
            person = _person(session, *next(names), None, today)
            session.flush()
            people.coordinators[programme.code] = person
            for role in (Role.COORDINATOR, Role.LEADER):
                holder = person if role is Role.COORDINATOR else random.choice(leaders)
                accounts.grant(session, person=holder, role=role, since=_since(today), programme_id=programme.id)
        people.researchers.setdefault(programme.code, [])
    for number in range(RESEARCHERS - 1):
        programme = offered[number % len(offered)]
        person = _person(session, *next(names), Role.RESEARCHER, today)
        people.researchers[programme.code].append(person)
    session.flush()
    _enrol_everybody(session, random, people, offered, today)
    return people


def _make_shown(
    session: Session, people: People, offered: Sequence[Programme], today: date, kept_password: str
) -> None:
    by_code = {programme.code: programme for programme in offered}
    for shown in SHOWN:
        scoped = shown.role in (Role.COORDINATOR, Role.LEADER)
        # An organiser's role has a session as its scope; it is given with the first session that she teaches.
        role = None if scoped or shown.role is Role.ORGANISER else shown.role
        person = _person(session, shown.given_name, shown.family_name, role, today)
        person.password_hash = kept_password
        session.flush()
        people.shown[shown.role] = person
        if scoped and shown.programme:
            programme_id = by_code[shown.programme].id
            accounts.grant(session, person=person, role=shown.role, since=_since(today), programme_id=programme_id)
        if shown.role is Role.COORDINATOR and shown.programme:
            people.coordinators[shown.programme] = person
        if shown.role is Role.RESEARCHER and shown.programme:
            people.researchers.setdefault(shown.programme, []).append(person)
        if shown.role is Role.SUPERVISOR:
            people.supervisors.append(person)


def _person(session: Session, given: str, family: str, role: Role | None, today: date) -> Person:
    """Somebody new, perhaps with a role in the whole school.

    Not by the verb that checks address and role against what is there: nothing is, and these are hundreds.
    """
    person = Person(given_name=given, family_name=family, mail=address(given, family), language="en", active=True)
    if role is not None:
        person.grants.append(RoleGrant(role=role, since=_since(today)))
    session.add(person)
    return person


def _since(today: date) -> date:
    return today - timedelta(days=400)


def _enrol_everybody(
    session: Session, random: Random, people: People, offered: Sequence[Programme], today: date
) -> None:
    departments = programmes.units(session, UnitKind.DEPARTMENT)
    for programme in offered:
        for person in people.researchers[programme.code]:
            start = _start(random, today)
            main, *others = random.sample(people.supervisors, random.choice((1, 2, 2, 3)))
            is_shown = person is people.shown[Role.RESEARCHER]
            facts = Facts(
                programme_id=programme.id,
                department_id=random.choice(departments).id,
                start=date(today.year - 2, 9, 2) if is_shown else start,
                track=Track.FOUR_YEARS if is_shown else random.choices(list(Track), (9, 1))[0],
                employment_percentage=Decimal(100) if is_shown else random.choices(_PERCENTAGES, (8, 1, 1))[0],
                supervisor_id=people.shown[Role.SUPERVISOR].id if is_shown else main.id,
                co_supervisor_ids=tuple(other.id for other in others if other is not people.shown[Role.SUPERVISOR]),
                funding_end=start + timedelta(days=4 * 365) if random.random() < 0.7 else None,
                joint_partner=random.choice(("", "", "", "", "University of Maastricht")),
                project_title=f"{random.choice(_APPROACHES)} {random.choice(_TOPICS)}",
            )
            session.add(new_enrolment(person_id=person.id, facts=facts))
    session.flush()


_PERCENTAGES = (Decimal(100), Decimal(80), Decimal(50))


def _start(random: Random, today: date) -> date:
    """Half of them in October, as schools begin; the others whenever."""
    year = today.year - random.randrange(5)
    day = date(year, 10, 1) if random.random() < 0.5 else date(year, random.randrange(1, 13), random.choice((1, 15)))
    return day if day < today else date(year - 1, day.month, day.day)
