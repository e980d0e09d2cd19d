"""The cast of these tests: Leen runs the school, Roger coordinates, Britt is a researcher."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy.orm import Session

from dsbs.accounts import links, passwords, rules, service
from dsbs.accounts.models import Person, SignedLink
from dsbs.accounts.views import steps
from dsbs.core import clock as school_clock
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.language import LANGUAGES
from tests.accounts.signing_in import PASSWORD

AddPerson = Callable[..., Person]
MakeLink = Callable[..., SignedLink]
Kept = Callable[[Person], Person]


@pytest.fixture
def add_person(app: Flask) -> AddPerson:
    """Adds a person in a write scope of its own, with these roles since a year ago."""

    def add(name: str, *roles: Role, mail: str | None = "", password_hash: str | None = None) -> Person:
        given, _, family = name.partition(" ")
        address = f"{given}.{family}@school.example".lower() if mail == "" else mail
        with write(by=SYSTEM, why="Set the stage", at=school_clock.now()) as session:
            person = service.add_person(session, given_name=given, family_name=family, mail=address)
            for role in roles:
                service.grant(session, person=person, role=role, since=school_clock.today() - timedelta(days=365))
            person.password_hash = password_hash
        return person

    return add


@pytest.fixture
def leen(add_person: AddPerson) -> Person:
    """An administrator."""
    return add_person("Leen Desmet", Role.ADMINISTRATOR)


@pytest.fixture
def britt(add_person: AddPerson) -> Person:
    """A researcher who signs in by mail."""
    return add_person("Britt Bauwens", Role.RESEARCHER)


@pytest.fixture
def make_link(app: Flask) -> MakeLink:
    """Makes a link in a write scope of its own."""

    def make(
        person: Person, purpose: str = rules.SIGN_IN, lifetime: timedelta = rules.SIGN_IN_LIFETIME, **more: object
    ) -> SignedLink:
        now = school_clock.now()
        with write(by=SYSTEM, why="Set the stage", at=now) as session:
            return links.make(session, purpose=purpose, person=person, now=now, lifetime=lifetime, **more)  # type: ignore[arg-type]

    return make


@pytest.fixture
def kept(app: Flask) -> Callable[[Person], Person]:
    """Reads a person as the database has her now."""

    def read(person: Person) -> Person:
        session: Session = db.session()
        session.rollback()
        return session.get_one(Person, person.id)

    return read


@pytest.fixture
def quick_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers take no fixed time and hashes little, except where that is what is tested."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(steps, "ANSWER_SECONDS", 0.0)
    monkeypatch.setattr(passwords, "_hasher", quick)
    monkeypatch.setattr(passwords, "_NOBODY", quick.hash("nobody's password"))


@pytest.fixture
def password_hash(quick_answers: None) -> str:
    """The hash of PASSWORD."""
    return passwords.hashed(PASSWORD)


@pytest.fixture
def roger(add_person: AddPerson, password_hash: str) -> Person:
    """Somebody with a password."""
    return add_person("Roger Meunier", Role.RESEARCHER, password_hash=password_hash)


@pytest.fixture
def dutch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages speak Dutch as well."""
    monkeypatch.setitem(LANGUAGES, "nl", "Nederlands")
