"""Taking a seat and giving it back.

Every verb locks the session's row first, so that two people never count the same free seats. On SQLite the write scope
holds the only write lock already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import repeat

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, selectinload

from dsbs.accounts.models import Person
from dsbs.activities import queries
from dsbs.activities.models import ActivitySession, Meeting, Registration
from dsbs.activities.rules import (
    Candidate,
    Mode,
    Obstacle,
    RegistrationState,
    free_numbers,
    obstacle,
    refusal,
)
from dsbs.agenda import service as agenda
from dsbs.core import clock
from dsbs.core.refusals import N_, NotFound, Refused
from dsbs.history.recorder import insert_all
from dsbs.mail import service as mail

#: As what people are bound to the meetings of a session.
PART, ORGANISER = "participant", "organiser"

#: What holds a coordinator back too; everything else is hers to decide.
_HARD = frozenset({Obstacle.DRAFT, Obstacle.CANCELLED, Obstacle.OVER, Obstacle.OPEN})


def register(session: Session, *, session_id: int, person: Person, candidate: Candidate, now: datetime) -> int:
    """A researcher takes a seat (or says that she comes, where there are no seats). Gives the id of her registration.

    Order of effects: the session is locked, the rules are asked, the lowest free number is hers, her calendar has the
    meetings, the confirmation is queued. Refused with the one reason that she can act on; nothing is written then.
    """
    facts, holders = queries.facts_under_lock(session, session_id)
    if person.id in holders:
        raise Refused(N_("You are registered already."))
    found = obstacle(facts, candidate, now)
    if found is not None:
        raise refusal(found, facts)
    (registration_id,) = _seat(session, session_id, facts.mode, holders, [person.id], now)
    if person.wants_confirmations:
        _tell(session, registration_id, person, "registered", now)
    return registration_id


def add(session: Session, *, session_id: int, people: Sequence[Person], reason: str, now: datetime) -> list[Person]:
    """A coordinator adds people by hand: programme and registration window are hers to decide, seats are not.

    Works while the session runs, so that who stands at the door can be added. All of them or nobody; who is in the
    session already is passed over. Gives those who were added; each is told. Refused as ``take_seats`` is.
    """
    new, registration_ids = _take_seats(session, session_id, people, now, reason=reason or None)
    for registration_id, person in zip(registration_ids, new, strict=True):
        _tell(session, registration_id, person, "added", now)
    return new


def take_seats(session: Session, *, session_id: int, people: Sequence[Person], now: datetime) -> list[int]:
    """Put these people into a session, each with the lowest free number, without a word to them.

    Who is in it already is passed over. Gives the ids of the new registrations. Refused when the session is a draft,
    cancelled, over or needs no registration, and when not all of them find a seat.
    """
    _, registration_ids = _take_seats(session, session_id, people, now)
    return registration_ids


def _take_seats(
    session: Session, session_id: int, people: Sequence[Person], now: datetime, *, reason: str | None = None
) -> tuple[list[Person], list[int]]:
    facts, holders = queries.facts_under_lock(session, session_id)
    found = obstacle(facts, Candidate(is_researcher=True, programmes=facts.programmes), now)
    if found in _HARD:
        raise refusal(found, facts)
    new = [person for person in people if person.id not in holders]
    if facts.mode is Mode.SEAT and len(new) > facts.free:
        raise Refused(
            N_("You named %(wanted)d, and %(free)d of %(capacity)d seats are free. Nobody was added."),
            field="people",
            free=facts.free,
            capacity=facts.capacity,
            wanted=len(new),
        )
    person_ids = [person.id for person in new]
    return new, _seat(session, session_id, facts.mode, holders, person_ids, now, reason=reason)


def cancel(session: Session, *, registration_id: int, person: Person, now: datetime) -> Registration:
    """A researcher gives her seat back; the number is free at once, and she is told that it worked.

    Possible until the session begins, also after the free-cancellation deadline (the moment of cancelling is kept, and
    the rules on late cancellations read it). Refused once the session has begun or the registration has ended.
    """
    registration, offered = _active(session, registration_id)
    if registration.person_id != person.id:
        raise NotFound
    if now >= offered.starts_at:
        raise Refused(N_("The session has begun, so the seat cannot be given back any more. Tell the teacher."))
    _end(session, registration, offered, RegistrationState.CANCELLED, now, runs_it=_runs(session, registration, now))
    if person.wants_confirmations:
        _tell(session, registration.id, person, "cancelled", now)
    return registration


def remove(session: Session, *, registration_id: int, session_id: int, reason: str, now: datetime) -> Registration:
    """A coordinator takes a person out, with a reason; the person is told."""
    registration, offered = _active(session, registration_id)
    if offered.id != session_id:
        raise NotFound
    _end(session, registration, offered, RegistrationState.REMOVED, now, runs_it=_runs(session, registration, now))
    registration.reason = reason
    _tell(session, registration.id, registration.person, "removed", now)
    return registration


def end_all(session: Session, *, offered: ActivitySession, now: datetime) -> Sequence[Registration]:
    """End every active registration of a session that is cancelled, and tell each person once."""
    active = queries.active_registrations(session, offered.id)
    for registration in active:
        _end(session, registration, offered, RegistrationState.CALLED_OFF, now)
        _tell(session, registration.id, registration.person, "session_cancelled", now)
    return active


def tell_of_change(session: Session, *, offered: ActivitySession, now: datetime) -> int:
    """Tell everybody in a session, whatever her wishes, that its time or place changed; once for each revision.

    Gives how many are told.
    """
    active = queries.active_registrations(session, offered.id)
    for registration in active:
        mail.queue(
            session,
            key=f"activities/session_changed:{registration.id}:{offered.revision}",
            to=registration.person.recipient,
            template="activities/session_changed",
            ids={"registration_id": registration.id, "revision": offered.revision},
            now=now,
        )
    return len(active)


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


def _seat(
    session: Session,
    session_id: int,
    mode: Mode,
    holders: Mapping[int, int | None],
    person_ids: Sequence[int],
    now: datetime,
    *,
    reason: str | None = None,
) -> list[int]:
    numbers: Iterable[int | None] = repeat(None)
    if mode is Mode.SEAT:
        numbers = free_numbers({number for number in holders.values() if number is not None})
    made = {"session_id": session_id, "state": RegistrationState.REGISTERED, "made_at": now, "reason": reason}
    rows = [{"person_id": one, "number": number, **made} for one, number in zip(person_ids, numbers, strict=False)]
    registration_ids = insert_all(session, Registration, rows)
    agenda.bind_people(session, slot_ids=queries.slot_ids(session, session_id), person_ids=person_ids, part=PART)
    return registration_ids


def _end(
    session: Session,
    registration: Registration,
    offered: ActivitySession,
    state: RegistrationState,
    now: datetime,
    *,
    runs_it: bool = False,
) -> None:
    if registration.ended_at is not None:
        raise Refused(N_("This registration has ended already."))
    registration.state = state
    registration.number = None
    registration.ended_at = now
    session.flush()
    for meeting in offered.meetings:
        if runs_it:
            agenda.bind_person(session, slot=meeting.slot, person_id=registration.person_id, part=ORGANISER)
        else:
            agenda.release_person(session, slot=meeting.slot, person_id=registration.person_id)


def _runs(session: Session, registration: Registration, now: datetime) -> bool:
    """Whether this person also runs the session, so that it stays in her calendar when her seat goes."""
    running = queries.organisers_of(session, session_id=registration.session_id, today=clock.local(now).date())
    return registration.person_id in {grant.person_id for grant in running}


def _active(session: Session, registration_id: int) -> tuple[Registration, ActivitySession]:
    """The registration with its session, which is locked first: whoever changes a registration holds that lock."""
    statement = select(Registration).where(Registration.id == registration_id)
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    offered = locked(session, found.session_id)
    return session.scalars(statement.execution_options(populate_existing=True)).one(), offered


def _tell(session: Session, registration_id: int, person: Person, what: str, now: datetime) -> None:
    mail.queue(
        session,
        key=f"activities/{what}:{registration_id}",
        to=person.recipient,
        template=f"activities/{what}",
        ids={"registration_id": registration_id},
        now=now,
    )
