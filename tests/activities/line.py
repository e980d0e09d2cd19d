"""A line for a seat: asking for one, answering offers, deciding, and how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select

from dsbs.accounts.models import Person
from dsbs.activities import queries
from dsbs.activities.models import Registration
from dsbs.activities.rules import RegistrationState
from dsbs.activities.rules.conditions import Candidate
from dsbs.activities.rules.pools import Reservation
from dsbs.activities.service import approving, offering, registering, waiting
from dsbs.activities.service.offering import plan_of
from dsbs.core.db import SYSTEM, db, write
from dsbs.mail.models import Message
from dsbs.programmes import service as programmes
from tests.support.cast import Cast
from tests.support.clock import Clock


def ask(session_id: int, person_id: int, clock: Clock, *programmes: int) -> registering.Part:
    """Ask for a seat, or a place in the line, as a researcher of these programmes."""
    candidate = Candidate(is_researcher=True, programmes=programmes)
    with write(by=SYSTEM, why="Asked", at=clock.now) as session:
        person = session.get_one(Person, person_id)
        return registering.register(
            session, session_id=session_id, person=person, candidate=candidate, now=clock.now, or_wait=True
        )


def answer(verb: str, registration_id: int, person_id: int, clock: Clock) -> None:
    """Cancel, accept or decline."""
    act = registering.cancel if verb == "cancel" else getattr(waiting, verb)
    with write(by=SYSTEM, why=verb, at=clock.now) as session:
        act(session, registration_id=registration_id, person=session.get_one(Person, person_id), now=clock.now)


def decide(verb: str, session_id: int, registration_id: int, clock: Clock) -> None:
    """Approve or refuse who asked."""
    with write(by=SYSTEM, why=verb, at=clock.now) as session:
        if verb == "approve":
            approving.approve(session, registration_id=registration_id, session_id=session_id, now=clock.now)
        else:
            approving.refuse(
                session, registration_id=registration_id, session_id=session_id, reason="No", now=clock.now
            )


def resize(session_id: int, capacity: int, clock: Clock, *, reservations: Sequence[Reservation] = ()) -> None:
    with write(by=SYSTEM, why="Resized", at=clock.now) as session:
        offered = queries.session_in_full(session, session_id)
        plan = replace(plan_of(offered), capacity=capacity, reservations=reservations)
        offering.edit_session(session, session_id=session_id, revision=offered.revision, plan=plan, now=clock.now)


def states(session_id: int) -> list[tuple[RegistrationState, int | None, int | None]]:
    """Everybody's state, number and ticket, in the order of the page."""
    db.session.rollback()
    found = queries.active_registrations(db.session(), session_id)
    return [(registration.state, registration.number, registration.ticket) for registration in found]


def letters_to(person_id: int) -> list[str]:
    db.session.rollback()
    wanted = select(Message.template).where(Message.person_id == person_id).order_by(Message.id)
    return [template.partition("/")[2] for template in db.session.scalars(wanted)]


def registration(registration_id: int) -> Registration:
    db.session.rollback()
    return db.session.get_one(Registration, registration_id)


class Line:
    """A course with one seat, taken, and people who wait for it."""

    def __init__(self, cast: Cast, clock: Clock, waiting: int, **course: object) -> None:
        self.clock = clock
        self.course_id = cast.course(capacity=1, **course).id  # type: ignore[arg-type]
        self.people = [cast.person(f"Person Number{n}").id for n in range(waiting + 1)]
        self.parts = [ask(self.course_id, person_id, clock).registration_id for person_id in self.people]

    def answer(self, verb: str, who: int) -> None:
        answer(verb, self.parts[who], self.people[who], self.clock)

    def state(self, who: int) -> RegistrationState:
        return registration(self.parts[who]).state


def programmes_loaded(clock: Clock) -> None:
    """The school's own rules, which say how long an offer lasts."""
    with write(by=SYSTEM, why="Defaults", at=clock.now) as session:
        programmes.load_defaults(session)
