"""What the verbs of seats and of the waiting list share. The caller holds the session's lock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import repeat

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, selectinload

from dsbs.accounts.models import Addressee
from dsbs.activities import queries, standing
from dsbs.activities.clashing import Knowledge
from dsbs.activities.models import ActivitySession, Meeting, Registration, SessionSeries
from dsbs.activities.rules import SEATED, Mode, RegistrationState, check_registration_move, free_numbers
from dsbs.agenda import service as agenda
from dsbs.core import clock
from dsbs.core.refusals import NotFound
from dsbs.history.recorder import insert_all
from dsbs.mail import service as mail

#: As what people are bound to the meetings of a session.
PART, ORGANISER = "participant", "organiser"

_LOCKED = (
    select(ActivitySession)
    .where(ActivitySession.id == bindparam("session_id"))
    .options(selectinload(ActivitySession.meetings).joinedload(Meeting.slot))
    .with_for_update(of=ActivitySession)
    .execution_options(populate_existing=True)
)


def locked(session: Session, session_id: int) -> ActivitySession:
    """The session's row, locked until the write scope ends, read anew. Raises ``NotFound``."""
    found = session.scalars(_LOCKED, {"session_id": session_id}).one_or_none()
    if found is None:
        raise NotFound
    return found


def locked_series(session: Session, series_id: int) -> SessionSeries:
    """The series' row, locked before those of its sessions until the write scope ends. Raises ``NotFound``."""
    wanted = select(SessionSeries).where(SessionSeries.id == series_id).with_for_update()
    found = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound
    return found


def active(session: Session, registration_id: int) -> tuple[Registration, ActivitySession]:
    """The registration with its session, which is locked first: whoever changes a registration holds that lock."""
    statement = select(Registration).where(Registration.id == registration_id)
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    offered = locked(session, found.session_id)
    return session.scalars(statement.execution_options(populate_existing=True)).one(), offered


def seat(
    session: Session,
    session_id: int,
    mode: Mode,
    people: Mapping[int, int | None],
    numbers: Iterable[int],
    now: datetime,
    *,
    reason: str | None = None,
    knew_of: Knowledge = None,
) -> list[int]:
    """Give these people, who have no part in the session yet, these free seats; the ids of their registrations.

    ``people`` gives the programme of each by her id, in the order in which they are seated.
    """
    seats = numbers if mode is Mode.SEAT else repeat(None)
    told = {"reason": reason, "knew_of": knew_of}
    moments = {"made_at": now, "registered_at": now}
    made = {"session_id": session_id, "state": RegistrationState.REGISTERED, **moments, **told}
    rows = [
        {"person_id": person_id, "programme_id": programme_id, "number": number, **made}
        for (person_id, programme_id), number in zip(people.items(), seats, strict=False)
    ]
    registration_ids = insert_all(session, Registration, rows)
    agenda.bind_people(session, slot_ids=standing.slot_ids(session, session_id), person_ids=list(people), part=PART)
    return registration_ids


def renumber(session: Session, offered: ActivitySession) -> None:
    """Give a number to everybody who came while the session had no seats, also beyond what it has now.

    When it has none any more, all numbers go.
    """
    numbers = free_numbers(standing.numbers(session, offered.id))
    for registration in standing.registered(session, offered.id):
        registration.number = (registration.number or next(numbers)) if offered.mode is Mode.SEAT else None
    session.flush()


def end(
    session: Session,
    session_id: int,
    registrations: Collection[Registration],
    state: RegistrationState,
    now: datetime,
    *,
    running: Collection[int] = (),
) -> None:
    """End these parts in a session: their numbers are free, and its meetings leave the calendars of these people.

    They stay in those of who runs the session all the same (``running``, by the ids of the people). As many statements
    for one as for hundreds. Refused when the table of moves does not allow it for one of them.
    """
    for registration in registrations:
        check_registration_move(registration.state, state)
    seated = [registration for registration in registrations if registration.state in SEATED]
    waiting = [registration for registration in registrations if registration.state not in SEATED]
    # Rows in which the same columns change are one statement.
    for alike in (seated, waiting):
        for registration in alike:
            registration.state = state
            registration.number = None
            registration.ended_at = now
        session.flush()
    if seated:
        _leave_calendars(session, session_id, [registration.person_id for registration in seated], running)


def _leave_calendars(session: Session, session_id: int, person_ids: Collection[int], running: Collection[int]) -> None:
    slot_ids = standing.slot_ids(session, session_id)
    if staying := [person_id for person_id in person_ids if person_id in running]:
        agenda.bind_people(session, slot_ids=slot_ids, person_ids=staying, part=ORGANISER)
    if leaving := [person_id for person_id in person_ids if person_id not in running]:
        agenda.release_people(session, slot_ids=slot_ids, person_ids=leaving)


def who_run(session: Session, session_id: int, now: datetime) -> Collection[int]:
    """The ids of those who run a session today, so that it stays in their calendars when their seats go."""
    grants = queries.organisers_of(session, session_id=session_id, today=clock.local(now).date())
    return {grant.person_id for grant in grants}


def tell(session: Session, registration_id: int, person: Addressee, what: str, now: datetime) -> None:
    """Queue the letter of this name about a registration; each once."""
    tell_all(session, {registration_id: person}, what, now)


def tell_all(session: Session, people: Mapping[int, Addressee], what: str, now: datetime) -> None:
    """Queue the letter of this name about each of these registrations, by their ids; each once."""
    letters = [
        mail.Letter(
            key=f"activities/{what}:{registration_id}",
            to=person.recipient,
            template=f"activities/{what}",
            ids={"registration_id": registration_id},
        )
        for registration_id, person in people.items()
    ]
    mail.queue_all(session, letters, now=now)


def bind(session: Session, session_id: int, registrations: Collection[Registration], *, firm: bool) -> None:
    """Put the meetings into the calendars of those who have these seats, held until they are firm."""
    agenda.bind_people(
        session,
        slot_ids=standing.slot_ids(session, session_id),
        person_ids=[registration.person_id for registration in registrations],
        part=PART,
        firm=firm,
    )
