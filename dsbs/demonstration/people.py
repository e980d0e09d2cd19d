"""The people of the demonstration school: 400 researchers, those who supervise them, those who run it all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from sqlalchemy.orm import Session

from dsbs.accounts import passwords
from dsbs.accounts import service as accounts
from dsbs.accounts.models import Person, RoleGrant
from dsbs.core.access import Role
from dsbs.demonstration.names import address, invented
from dsbs.demonstration.shown import PASSWORD, SHOWN
from dsbs.programmes.models import Programme

RESEARCHERS = 400
SUPERVISORS = 64


@dataclass
class People:
    """Who was made, by what they do."""

    shown: dict[Role, Person] = field(default_factory=dict)
    supervisors: list[Person] = field(default_factory=list)
    coordinators: dict[str, Person] = field(default_factory=dict)
    researchers: dict[str, list[Person]] = field(default_factory=dict)
    enrolled_since: dict[int, date] = field(default_factory=dict)

    def supervisors_in(self, number: int, programmes: int) -> list[Person]:
        """Who supervises in the programme of this number: each supervisor is at home in one."""
        return self.supervisors[number::programmes]


def password_hash() -> str:
    """The hash of the shown password; worked out before the write scope, since hashing takes its time."""
    return passwords.hashed(PASSWORD)


def make_people(
    session: Session, random: Random, offered: Sequence[Programme], *, today: date, kept_password: str
) -> People:
    """Make everybody; only the shown ones have a password. Researchers are enrolled by ``enrol_everybody``."""
    people, names = People(), invented(random)
    _make_shown(session, people, offered, today, kept_password)
    people.supervisors += [_person(session, *next(names), Role.SUPERVISOR, today) for _ in range(SUPERVISORS)]
    session.flush()
    for number, programme in enumerate(offered):
        if programme.code not in people.coordinators:
            person = _person(session, *next(names), None, today)
            session.flush()
            people.coordinators[programme.code] = person
            for role in (Role.COORDINATOR, Role.LEADER):
                holder = person if role is Role.COORDINATOR else people.supervisors_in(number, len(offered))[0]
                accounts.grant(session, person=holder, role=role, since=_since(today), programme_id=programme.id)
        people.researchers.setdefault(programme.code, [])
    for number in range(RESEARCHERS - 1):
        programme = offered[number % len(offered)]
        people.researchers[programme.code].append(_person(session, *next(names), None, today))
    session.flush()
    return people


def _make_shown(
    session: Session, people: People, offered: Sequence[Programme], today: date, kept_password: str
) -> None:
    by_code = {programme.code: programme for programme in offered}
    for shown in SHOWN:
        scoped = shown.role in (Role.COORDINATOR, Role.LEADER)
        # An organiser's role has a session as its scope; it is given with the first session that she teaches.
        # A researcher's begins with her enrolment.
        role = None if scoped or shown.role in (Role.ORGANISER, Role.RESEARCHER) else shown.role
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
