"""Changing a session as it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from dsbs.activities import queries
from dsbs.activities.rules import MeetingPlan, SessionPlan
from dsbs.activities.service import offering
from dsbs.core.db import SYSTEM, db, write
from tests.support.clock import Clock


def edit(session_id: int, clock: Clock, **changes: object) -> int:
    """Change a session as it stands; gives how many were told."""
    with write(by=SYSTEM, why="Changed a session", at=clock.now) as session:
        offered = queries.session_in_full(session, session_id)
        plan = replace(offering.plan_of(offered), **changes)  # type: ignore[arg-type]
        return offering.edit_session(
            session, session_id=session_id, revision=offered.revision, plan=plan, now=clock.now
        )


def plan_now(session_id: int) -> SessionPlan:
    db.session.rollback()
    return offering.plan_of(queries.session_in_full(db.session(), session_id))


def later(meeting: MeetingPlan, **amount: float) -> MeetingPlan:
    step = timedelta(**amount)
    return replace(meeting, start=meeting.start + step, end=meeting.end + step)
