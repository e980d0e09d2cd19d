"""Showing a draft to researchers, while somebody else changes it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from time import sleep

from flask import Flask
from sqlalchemy import column, func, select, table

from dsbs.activities import queries
from dsbs.activities.models import ActivitySession
from dsbs.activities.service import offering, publishing
from dsbs.core.db import SYSTEM, db, write
from dsbs.programmes import queries as programmes
from tests.activities.line import programmes_loaded
from tests.activities.moving import later, plan_now
from tests.support.cast import Cast
from tests.support.clock import Clock
from tests.support.databases import Engine

_ACTIVITY = table("pg_stat_activity", column("datname"), column("wait_event_type"))
_WAITING = select(func.count()).where(
    _ACTIVITY.c.datname == func.current_database(), _ACTIVITY.c.wait_event_type == "Lock"
)


def wait_until_somebody_waits(engine_name: Engine) -> None:
    """Until another connection stands before a lock; SQLite lets nobody in who could, nor says so."""
    for _ in range(500):
        if engine_name == "sqlite":
            return
        with db.engine.connect() as connection:
            if connection.scalar(_WAITING):
                return
        sleep(0.02)
    raise AssertionError("Nobody came to the lock.")


def test_who_publishes_what_somebody_moves_at_that_moment_promises_what_fits_the_new_day(
    app: Flask, cast: Cast, clock: Clock, engine_name: Engine
) -> None:
    programmes_loaded(clock)
    draft_id = cast.course(published=False).id
    plan = plan_now(draft_id)
    moved_to = [later(meeting, weeks=2) for meeting in plan.meetings]
    is_moved = threading.Event()

    def publish() -> None:
        is_moved.wait()
        with app.app_context(), write(by=SYSTEM, why="Published", at=clock.now) as session:
            publishing.publish_draft(session, session_id=draft_id, now=clock.now)

    with ThreadPoolExecutor(1) as pool:
        published = pool.submit(publish)
        with write(by=SYSTEM, why="Moved", at=clock.now) as session:
            offered = queries.session_in_full(session, draft_id)
            moved = offering.SessionPlan(mode=plan.mode, capacity=plan.capacity, meetings=moved_to)
            offering.edit_session(session, session_id=draft_id, revision=offered.revision, plan=moved, now=clock.now)
            is_moved.set()
            wait_until_somebody_waits(engine_name)
        published.result()

    db.session.rollback()
    found = db.session.get_one(ActivitySession, draft_id)
    fits = programmes.free_cancellation_end(db.session(), moved_to[0].start, today=cast.today)
    assert fits is not None
    assert (found.starts_at, found.free_cancellation_until) == (moved_to[0].start, fits)
