"""The stage of these tests: the small cast, at the moment where the clock stands."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.cast import Cast
from tests.support.clock import Clock


@pytest.fixture
def cast(app: Flask, clock: Clock) -> Cast:
    """Builds people, rooms and courses."""
    return Cast(clock.now)
