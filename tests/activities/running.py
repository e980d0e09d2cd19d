"""Who runs a session, as the tests of several pages set it up."""

from __future__ import annotations

from dsbs.accounts.models import Person
from dsbs.activities.service import teaching
from dsbs.core.db import SYSTEM, write
from tests.support.clock import Clock


def name_organiser(session_id: int, person: Person, clock: Clock) -> int:
    """Name somebody a teacher of a session; the id of her role."""
    with write(by=SYSTEM, why="Named a teacher", at=clock.now) as session:
        own = session.get_one(Person, person.id)
        return teaching.name_organiser(session, session_id=session_id, person=own, today=clock.now.date()).id


def end_organiser(session_id: int, grant_id: int, clock: Clock) -> None:
    """End a teacher's part in a session."""
    with write(by=SYSTEM, why="Ended it", at=clock.now) as session:
        teaching.end_organiser(session, session_id=session_id, grant_id=grant_id, now=clock.now, today=clock.now.date())
