"""What happens by itself, and how often."""

from __future__ import annotations

from contextvars import Context

from celery.beat import Scheduler
from flask import Flask

from dsbs.core.db import db
from dsbs.mail.queries import last_run
from tests.support.clock import Clock
from worker.application import broker_address, make_app
from worker.schedule import SCHEDULE


def test_every_scheduled_task_is_registered(sqlite_app: Flask) -> None:
    registered = {name for name in make_app(sqlite_app).tasks if not name.startswith("celery.")}
    assert {entry["task"] for entry in SCHEDULE.values()} == registered


def test_a_tick_lapses_before_the_next_one_comes() -> None:
    for entry in SCHEDULE.values():
        assert entry["options"] == {"expires": entry["schedule"].total_seconds()}


def test_every_tick_comes_at_once_when_the_beat_starts(sqlite_app: Flask) -> None:
    beat = Scheduler(make_app(sqlite_app))

    assert {name: beat.is_due(entry).is_due for name, entry in beat.schedule.items()} == dict.fromkeys(SCHEDULE, True)


def test_a_tick_that_hangs_is_ended_from_outside(sqlite_app: Flask) -> None:
    limits = make_app(sqlite_app).conf

    assert (limits.task_soft_time_limit, limits.task_time_limit) == (None, 300)


def test_a_task_runs_inside_the_application(sqlite_app: Flask, clock: Clock) -> None:
    task = make_app(sqlite_app).tasks["mail.deliver"]

    Context().run(task.apply, throw=True)  # as in a worker, where nobody has pushed the application's context

    assert last_run(db.session()) == clock.now


def test_the_broker_is_found_under_the_address_of_the_settings() -> None:
    assert broker_address("redis://broker.example:6379/2") == "redis://broker.example:6379/2"
    assert broker_address("unix:///data/broker.sock") == "redis+socket:///data/broker.sock"
    assert broker_address("unix:///data/broker.sock?db=3") == "redis+socket:///data/broker.sock?virtual_host=3"
