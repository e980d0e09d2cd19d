"""A crowd at one session: each of several processes does whatever comes to its mind, as people and coordinators do."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy.orm import Session

from dsbs import create_app
from dsbs.accounts.models import Person
from dsbs.activities import queries, standing
from dsbs.activities.models import Registration
from dsbs.activities.rules import Edge
from dsbs.activities.rules.conditions import Candidate
from dsbs.activities.service import making_room, offering, queueing, registering, waiting
from dsbs.activities.service.offering import plan_of
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import Busy, NotFound, Refused
from tests.activities.causes import BY_HAND
from tests.support.settings import settings_for

#: A second of the crowd is so long for the school, so that offers lapse while it lasts.
_A_SECOND = timedelta(days=3)
_RESEARCHER = Candidate(is_researcher=True, programmes=())


@dataclass(frozen=True)
class Scene:
    """Where the crowd comes: the database and data folder of the program, the session, who may come, since when."""

    database_url: str
    folder: Path
    session_id: int
    people: Sequence[int]
    began: datetime
    seconds: float


def come(scene: Scene, seed: int) -> int:
    """Be one process of the crowd; gives how many of its steps were done. What is no refusal ends it with an error."""
    app = create_app(settings_for(scene.folder, database_url=scene.database_url, redis_url=None))
    done, start = 0, time.monotonic()
    with app.app_context():
        member = _Member(scene, Random(seed))  # noqa: S311 - no secret, and the same each time
        while (passed := time.monotonic() - start) < scene.seconds:
            done += member.does_something(scene.began + passed * _A_SECOND + timedelta(microseconds=seed))
        db.session.remove()
        db.engine.dispose()
    return done


class _Member:
    """Somebody of the crowd, who is a different person each time."""

    def __init__(self, scene: Scene, random: Random) -> None:
        self._scene, self._random = scene, random
        self._steps: list[tuple[str, Callable[[Session, datetime], object]]] = [
            *[("Asked", self._ask)] * 4,
            *[("Answered", self._answer)] * 4,
            ("Lapsed", self._lapse),
            ("Resized", self._resize),
            ("Moved", self._move),
            (BY_HAND, self._add_more),
            (BY_HAND, self._line_up),
        ]

    def does_something(self, now: datetime) -> bool:
        """One step; whether it was done, for most are refused in a crowd."""
        why, step = self._random.choice(self._steps)
        try:
            with write(by=SYSTEM, why=why, at=now) as session:
                step(session, now)
        except (Refused, NotFound, Busy):
            return False
        return True

    def _person(self, session: Session) -> Person:
        return session.get_one(Person, self._random.choice(self._scene.people))

    def _ask(self, session: Session, now: datetime) -> None:
        person = self._person(session)
        registering.register(
            session,
            session_id=self._scene.session_id,
            person=person,
            candidate=_RESEARCHER,
            now=now,
            or_wait=True,
        )

    def _answer(self, session: Session, now: datetime) -> None:
        part = self._random.choice(self._parts(session))
        verb = self._random.choice([registering.cancel, waiting.accept, waiting.accept, waiting.decline])
        verb(session, registration_id=part.id, person=part.person, now=now)

    def _lapse(self, session: Session, now: datetime) -> None:
        waiting.lapse(session, session_id=self._scene.session_id, now=now)

    def _resize(self, session: Session, now: datetime) -> None:
        offered = queries.session_in_full(session, self._scene.session_id)
        plan = replace(plan_of(offered), capacity=self._random.randint(1, 6))
        offering.edit_session(session, session_id=offered.id, revision=offered.revision, plan=plan, now=now)

    def _move(self, session: Session, now: datetime) -> None:
        line = list(standing.line(session, self._scene.session_id))
        if line:
            before = self._random.choice([*Edge, *line])
            own = self._random.choice(line)
            queueing.move(session, session_id=self._scene.session_id, registration_id=own, before=before, now=now)

    def _add_more(self, session: Session, now: datetime) -> None:
        people, own = [self._person(session)], self._scene.session_id
        making_room.add_with_more_seats(session, session_id=own, people=people, most=6, reason="Late", now=now)

    def _line_up(self, session: Session, now: datetime) -> None:
        people, own = [self._person(session)], self._scene.session_id
        making_room.add_or_line_up(session, session_id=own, people=people, reason="Late", now=now)

    def _parts(self, session: Session) -> Sequence[Registration]:
        parts = queries.active_registrations(session, self._scene.session_id)
        if not parts:
            raise NotFound
        return parts
