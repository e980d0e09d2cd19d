"""What the researchers of the demonstration school work on, with whom, and since when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy.orm import Session

from dsbs.accounts.models import Person, RoleGrant
from dsbs.core.access import Role
from dsbs.demonstration.people import People
from dsbs.demonstration.year import topics
from dsbs.enrolments.rules import Facts, Track
from dsbs.enrolments.service import new_enrolment
from dsbs.programmes import queries as programmes
from dsbs.programmes.models import Programme, UnitKind

_APPROACHES = (
    "mechanisms", "a cohort study", "new markers", "prediction from routine data", "a model in the laboratory",
    "first steps to a treatment",
)  # fmt: skip
_PARTNERS = ("Maastricht University", "University of Lille", "Karolinska Institute", "University of Coimbra")
_FUNDED = timedelta(days=4 * 365)


@dataclass(frozen=True)
class _Pace:
    """How long a track takes in years, and for which part of the working week people on it are employed."""

    track: Track
    years: int
    percentages: tuple[Decimal, ...]


_PACES = (
    _Pace(Track.FOUR_YEARS, 4, (Decimal(100), Decimal(100), Decimal(100), Decimal(80))),
    _Pace(Track.SIX_YEARS, 6, (Decimal(50), Decimal(60))),
)


def enrol_everybody(
    session: Session, random: Random, people: People, offered: Sequence[Programme], *, today: date
) -> None:
    """Enrol each researcher with a project of her own in the department that works on it, and give her the role."""
    departments = {unit.code: unit.id for unit in programmes.units(session, UnitKind.DEPARTMENT)}
    for number, programme in enumerate(offered):
        at_home = people.supervisors_in(number, len(offered))
        researchers = people.researchers[programme.code]
        projects = _projects(random, programme, departments, len(researchers))
        for person, (department_id, title) in zip(researchers, projects, strict=True):
            is_shown = person is people.shown[Role.RESEARCHER]
            main = people.shown[Role.SUPERVISOR] if is_shown else random.choice(at_home)
            pace = _PACES[0] if is_shown else random.choices(_PACES, (9, 1))[0]
            start = shown_start(today) if is_shown else _start(random, pace, today)
            facts = Facts(
                programme_id=programme.id,
                department_id=department_id,
                start=start,
                track=pace.track,
                employment_percentage=pace.percentages[0] if is_shown else random.choice(pace.percentages),
                supervisor_id=main.id,
                co_supervisor_ids=_others(random, people, at_home, main),
                funding_end=start + _FUNDED if random.random() < 0.7 else None,
                joint_partner=random.choice(_PARTNERS) if random.random() < 0.08 else "",
                project_title=title,
            )
            session.add(new_enrolment(person_id=person.id, facts=facts))
            session.add(RoleGrant(person_id=person.id, role=Role.RESEARCHER, since=start))
            people.enrolled_since[person.id] = start
    session.flush()


def _projects(
    random: Random, programme: Programme, departments: Mapping[str, int], wanted: int
) -> list[tuple[int, str]]:
    """So many different projects: the department that each is at home in, and its title."""
    possible = [
        (departments[topic.department], f"{topic.title}: {approach}")
        for topic in topics()
        if topic.programme == programme.code
        for approach in _APPROACHES
    ]
    return random.sample(possible, wanted)


def _others(random: Random, people: People, at_home: Sequence[Person], main: Person) -> tuple[int, ...]:
    """Who supervises beside the first: nobody, a colleague of the programme, perhaps one of another; seldom two."""
    asked = random.sample(at_home, random.choice((0, 1, 1))) + random.sample(
        people.supervisors, random.choice((0, 0, 1))
    )
    shown = people.shown[Role.SUPERVISOR]
    return tuple(sorted({other.id for other in asked if other is not main and other is not shown}))


def shown_start(today: date) -> date:
    """When the shown researcher began, who is in her third year: the latest 2 September at least two years ago."""
    return date(today.year - (2 if (today.month, today.day) >= (9, 2) else 3), 9, 2)


def _start(random: Random, pace: _Pace, today: date) -> date:
    """Half of them in October, as schools begin, the others whenever; few are late with their thesis."""
    years_ago = random.choices(range(pace.years + 1), [2] * pace.years + [1])[0]
    month, day = (10, 1) if random.random() < 0.5 else (random.randrange(1, 13), random.choice((1, 15)))
    start = date(today.year - years_ago, month, day)
    return start if start < today else start.replace(year=start.year - 1)
