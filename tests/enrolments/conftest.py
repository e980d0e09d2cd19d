"""The cast: Britt is a researcher, Rita supervises, Roger coordinates Cardio, Vanessa Cancer, Leen runs the school."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.accounts import service as accounts
from dsbs.accounts.models import Person
from dsbs.core import clock as school_clock
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.enrolments import queries, service
from dsbs.enrolments.models import Enrolment
from dsbs.enrolments.rules import Facts, Track
from dsbs.programmes.models import Programme, Unit, UnitKind
from tests.exchange.conftest import leen, plan, run_import, school

__all__ = ["leen", "plan", "run_import", "school"]

AddPerson = Callable[..., Person]
Enrol = Callable[..., Enrolment]


@dataclass(frozen=True)
class Cast:
    """Who plays, and where."""

    britt: Person
    bram: Person
    rita: Person
    hugo: Person
    roger: Person
    vanessa: Person
    olga: Person
    leen: Person
    cardio: int
    cancer: int
    oncology: int


@pytest.fixture
def add_person(school: Flask) -> AddPerson:
    """Adds a person in a write scope of its own, with one role since the turn of the year before last."""

    def add(name: str, role: Role | None = None, programme_id: int | None = None) -> Person:
        given, _, family = name.partition(" ")
        mail = f"{given}.{family}@school.example".lower()
        with write(by=SYSTEM, why="Set the stage", at=school_clock.now()) as session:
            person = accounts.add_person(
                session, given_name=given, family_name=family, mail=mail, personnel_number=f"n-{given.lower()}"
            )
            if role is not None:
                since = date(2020, 1, 1)
                accounts.grant(session, person=person, role=role, since=since, programme_id=programme_id)
        return person

    return add


@pytest.fixture
def cast(school: Flask, leen: Person, add_person: AddPerson) -> Cast:
    """Everybody, nobody enrolled yet. Olga reads."""
    programmes = dict(db.session.execute(select(Programme.code, Programme.id)).all())
    oncology = db.session.scalars(select(Unit.id).where(Unit.kind == UnitKind.DEPARTMENT, Unit.code == "ONC")).one()
    return Cast(
        britt=add_person("Britt Bauwens", Role.RESEARCHER),
        bram=add_person("Bram Maes", Role.RESEARCHER),
        rita=add_person("Rita Jäkel", Role.SUPERVISOR),
        hugo=add_person("Hugo Coppens", Role.SUPERVISOR),
        roger=add_person("Roger Meunier", Role.COORDINATOR, programmes["CARDIO"]),
        vanessa=add_person("Vanessa Raes", Role.COORDINATOR, programmes["CANCER"]),
        olga=add_person("Olga Lindén", Role.READER),
        leen=leen,
        cardio=programmes["CARDIO"],
        cancer=programmes["CANCER"],
        oncology=oncology,
    )


@pytest.fixture
def facts(cast: Cast) -> Callable[..., Facts]:
    """What an enrolment in Cardio under Rita says, with changes."""

    def made(**changed: Any) -> Facts:
        values: dict[str, Any] = {
            "programme_id": cast.cardio,
            "department_id": cast.oncology,
            "start": date(2024, 9, 2),
            "track": Track.FOUR_YEARS,
            "employment_percentage": Decimal(100),
            "supervisor_id": cast.rita.id,
        }
        return Facts(**(values | changed))

    return made


@pytest.fixture
def enrol(cast: Cast, facts: Callable[..., Facts]) -> Enrol:
    """Enrols a person (Britt) in a write scope of its own."""

    def made(person: Person | None = None, **changed: Any) -> Enrolment:
        with write(by=SYSTEM, why="Set the stage", at=school_clock.now()) as session:
            person_id = (person or cast.britt).id
            made = service.enrol(session, person_id=person_id, facts=facts(**changed), today=school_clock.today())
            enrolment_id = made.id
        return queries.enrolment(db.session(), enrolment_id)

    return made
