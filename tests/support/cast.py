"""The small cast that tests share: two programmes, their people, and a course in a room.

Leen runs the school. Roger coordinates CARDIO, Vanessa NEURO. Nicole supervises Britt (CARDIO); Hugo (NEURO) is
supervised by Leon. Dirk reads, Tess teaches one session, Omar has no role at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.accounts import service as accounts
from dsbs.accounts.models import Person
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import MeetingPlan, Mode, SessionPlan
from dsbs.activities.rules.conditions import Condition, ConditionKind
from dsbs.activities.rules.pools import Reservation
from dsbs.activities.rules.requirements import Requirement
from dsbs.activities.service import offering
from dsbs.activities.service.offering import ActivityText
from dsbs.agenda import service as agenda
from dsbs.agenda.models import Venue
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.enrolments import service as enrolments
from dsbs.enrolments.rules import Facts, Track
from dsbs.programmes.models import Programme, Unit, UnitKind
from tests.support import defaults


class Cast:
    """Builds rows through the services at the moment that the test gives.

    Each call is a write scope of its own, except ``with cast.at_once():``, which makes one of all that is built inside.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.today = now.date()
        with write(by=SYSTEM, why="Loaded the defaults", at=now) as session:
            defaults.load(session, at=now)
        self._open: Session | None = None

    @contextmanager
    def at_once(self) -> Iterator[Session]:
        """One write scope for many calls: hundreds of rows in seconds."""
        with write(by=SYSTEM, why="Set the stage", at=self.now) as session:
            self._open = session
            try:
                yield session
            finally:
                self._open = None

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        if self._open is not None:
            yield self._open
        else:
            with write(by=SYSTEM, why="Set the stage", at=self.now) as session:
                yield session

    def programme(self, code: str) -> Programme:
        """One of the twelve, by its code."""
        return db.session.scalars(select(Programme).where(Programme.code == code)).one()

    def person(
        self,
        name: str,
        *roles: Role,
        programme: str | None = None,
        session_id: int | None = None,
        mail: str | None = "",
    ) -> Person:
        """Somebody with these roles since a year ago; coordinators and leaders in ``programme``."""
        given, _, family = name.partition(" ")
        address = f"{given}.{family}@school.example".lower() if mail == "" else mail
        with self._writing() as session:
            person = accounts.add_person(session, given_name=given, family_name=family, mail=address)
            for role in roles:
                scoped = role in (Role.COORDINATOR, Role.LEADER)
                accounts.grant(
                    session,
                    person=person,
                    role=role,
                    since=self.today - timedelta(days=365),
                    programme_id=self.programme(programme).id if scoped and programme else None,
                    session_id=session_id if role is Role.ORGANISER else None,
                )
        return person

    def researcher(self, name: str, programme: str = "CARDIO", *, supervisor: Person | None = None) -> Person:
        """A PhD researcher enrolled in this programme a year ago."""
        person = self.person(name, Role.RESEARCHER)
        self.enrol(person, programme, supervisor=supervisor or self.supervisor())
        return person

    def supervisor(self) -> Person:
        """Somebody who supervises; the same person each time."""
        found = db.session.scalars(select(Person).where(Person.mail == "nicole.coenen@school.example")).one_or_none()
        return found or self.person("Nicole Coenen", Role.SUPERVISOR)

    def enrol(self, person: Person, programme: str, *, supervisor: Person) -> None:
        """Enrol a researcher on the four-year track, full time."""
        with self._writing() as session:
            department = session.scalars(select(Unit).where(Unit.kind == UnitKind.DEPARTMENT).order_by(Unit.id)).first()
            assert department is not None
            enrolments.enrol(
                session,
                person_id=person.id,
                facts=Facts(
                    programme_id=self.programme(programme).id,
                    department_id=department.id,
                    supervisor_id=supervisor.id,
                    co_supervisor_ids=(),
                    start=self.today - timedelta(days=365),
                    until=None,
                    track=Track.FOUR_YEARS,
                    employment_percentage=Decimal(100),
                    funding_end=None,
                    joint_partner="",
                    project_title="Cardiac fibrosis in the ageing heart",
                ),
                today=self.today,
            )

    def venue(self, name: str = "Room 02.114", *, capacity: int = 30, ours: bool = True) -> Venue:
        """A room."""
        with self._writing() as session:
            return agenda.add_venue(session, facts=agenda.VenueFacts(name=name, capacity=capacity, ours=ours))

    def only(self, *codes: str) -> Condition:
        """That an activity is for researchers of these programmes."""
        return Condition(ConditionKind.PROGRAMMES, ids=tuple(self.programme(code).id for code in codes))

    def course(
        self,
        *,
        title: str = "Scientific writing",
        capacity: int | None = 30,
        mode: Mode = Mode.SEAT,
        programmes: Sequence[str] = (),
        conditions: Sequence[Condition] = (),
        requirements: Sequence[Requirement] = (),
        reservations: Sequence[Reservation] = (),
        starts_in: timedelta = timedelta(days=16),
        meetings: int = 1,
        venue: Venue | None = None,
        published: bool = True,
        opens_at: datetime | None = None,
        closes_at: datetime | None = None,
    ) -> ActivitySession:
        """A session of a new course; each meeting takes three hours, a week apart.

        Each of ``conditions`` is a requirement of its own.
        """
        plan = SessionPlan(
            mode=mode,
            capacity=capacity if mode is Mode.SEAT else None,
            meetings=_weekly(self.now + starts_in, meetings, venue),
            opens_at=opens_at,
            closes_at=closes_at,
            reservations=reservations,
        )
        asked = [*(Requirement((condition,)) for condition in conditions), *requirements]
        text = _text(title, asked, [self.programme(code).id for code in programmes])
        with self._writing() as session:
            activity = offering.add_activity(session, text=text)
            made = offering.plan_session(session, activity_id=activity.id, plan=plan, now=self.now)
            if published:
                offering.publish_session(session, session_id=made.id, free_cancellation_until=None, now=self.now)
        return made

    def another_session(self, of: ActivitySession, *, starts_in: timedelta) -> ActivitySession:
        """A further published session of the same activity, with as many seats."""
        plan = SessionPlan(mode=of.mode, capacity=of.capacity, meetings=_weekly(self.now + starts_in, 1, None))
        with self._writing() as session:
            made = offering.plan_session(session, activity_id=of.activity_id, plan=plan, now=self.now)
            offering.publish_session(session, session_id=made.id, free_cancellation_until=None, now=self.now)
        return made


def _weekly(first: datetime, count: int, venue: Venue | None) -> list[MeetingPlan]:
    """So many meetings of three hours, a week apart."""
    return [
        MeetingPlan(start=start, end=start + timedelta(hours=3), venue_id=venue.id if venue else None)
        for start in (first + timedelta(weeks=number) for number in range(count))
    ]


def _text(title: str, requirements: Sequence[Requirement], programme_ids: Sequence[int]) -> ActivityText:
    """What an activity of this title says about itself."""
    return ActivityText(
        title=title,
        kind="skills_academic",
        language="en",
        description="What makes a paper *readable*.",
        hours=Decimal(6),
        credits=None,
        programmes=programme_ids,
        requirements=requirements,
    )
