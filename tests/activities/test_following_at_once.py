"""Two coordinators at one series: whoever comes second sees what the first one did, or is refused."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from dsbs.core.refusals import Refused
from tests.activities.weekly import Weekly
from tests.support.cast import Cast
from tests.support.clock import Clock

TURNS = range(3)


def at_once(app: Flask, *steps: Callable[[], object]) -> list[bool]:
    """Whether each of these steps was done, begun at the same moment; else it was refused."""
    start = threading.Barrier(len(steps))

    def take(step: Callable[[], object]) -> bool:
        start.wait()
        with app.app_context():
            try:
                step()
            except Refused:
                return False
            return True

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(take, steps))


@pytest.mark.parametrize("turn", TURNS)
def test_a_session_that_is_changed_alone_at_that_moment_keeps_what_was_given_to_it(
    app: Flask, cast: Cast, clock: Clock, turn: int
) -> None:
    weekly = Weekly(cast, clock)

    all_of_them, alone = at_once(
        app, lambda: weekly.change_from(0, capacity=40), lambda: weekly.change_alone(2, capacity=12)
    )

    assert all_of_them
    assert weekly.capacities() == [40, 40, 12 if alone else 40, 40]


@pytest.mark.parametrize("turn", TURNS)
def test_two_changes_of_a_series_do_not_mix(app: Flask, cast: Cast, clock: Clock, turn: int) -> None:
    weekly = Weekly(cast, clock)

    done = at_once(app, lambda: weekly.change_from(0, capacity=40), lambda: weekly.change_from(1, capacity=20))

    assert done[0]
    assert weekly.capacities() == ([40, 20, 20, 20] if done[1] else [40, 40, 40, 40])
