"""The stage of these tests: the school's defaults, Leen who runs the school, Roger who coordinates CARDIO."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from dsbs.accounts.models import Person
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, write
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock


class Stage:
    """What these tests do again and again, at the moment of the test's clock."""

    def __init__(self, app: Flask, clock: Clock) -> None:
        self.app = app
        self.clock = clock
        self.cast = Cast(clock.now)

    @contextmanager
    def writing(self, why: str = "Test") -> Iterator[Session]:
        """A write scope of the program itself."""
        with write(by=SYSTEM, why=why, at=self.clock.now) as session:
            yield session


@pytest.fixture
def stage(app: Flask, clock: Clock) -> Stage:
    """The school's defaults on both engines, on Tue 24 Nov 2026."""
    return Stage(app, clock)


@pytest.fixture
def sqlite_stage(sqlite_app: Flask, clock: Clock) -> Stage:
    """The same on SQLite only."""
    return Stage(sqlite_app, clock)


@pytest.fixture
def leen(request: pytest.FixtureRequest) -> Person:
    """An administrator."""
    return _stage_of(request).cast.person("Leen Desmet", Role.ADMINISTRATOR)


@pytest.fixture
def roger(request: pytest.FixtureRequest) -> Person:
    """The coordinator of CARDIO."""
    return _stage_of(request).cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO")


def _stage_of(request: pytest.FixtureRequest) -> Stage:
    name = "sqlite_stage" if "sqlite_stage" in request.fixturenames else "stage"
    found = request.getfixturevalue(name)
    assert isinstance(found, Stage)
    return found


@pytest.fixture
def as_leen(sqlite_stage: Stage, client: Client, leen: Person) -> Client:
    """An administrator's browser."""
    sign_in(client, leen)
    return client
