"""The stage of these tests: the small cast, at the moment where the clock stands."""

from __future__ import annotations

import pytest
from flask import Flask

from dsbs.core.access import Role
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock


@pytest.fixture
def cast(app: Flask, clock: Clock) -> Cast:
    """Builds people, rooms and courses."""
    return Cast(clock.now)


@pytest.fixture
def britt(cast: Cast, client: Client) -> int:
    """A researcher of CARDIO, signed in."""
    person = cast.researcher("Britt Bauwens", "CARDIO")
    sign_in(client, person)
    return person.id


@pytest.fixture
def roger(cast: Cast, client: Client) -> int:
    """The coordinator of CARDIO, signed in."""
    person = cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO")
    sign_in(client, person)
    return person.id
