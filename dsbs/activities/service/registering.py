"""Taking a seat and giving it back.

Every verb locks the session's row first, so that two people never count the same free seats. On SQLite the write scope
holds the only write lock already.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from dsbs.accounts.models import Addressee, Person
from dsbs.activities import queries, standing
from dsbs.activities.clashing import check_known
from dsbs.activities.models import ActivitySession, Registration
from dsbs.activities.places import places_of
from dsbs.activities.rules import (
    Mode,
    NotEnoughSeats,
    Obstacle,
    RegistrationState,
    closed_to_all,
    free_numbers,
    obstacle,
    refusal,
)
from dsbs.activities.rules.conditions import Candidate
from dsbs.activities.service import approving, waiting
from dsbs.activities.service.seating import active, end, seat, tell, tell_all, who_run
from dsbs.activities.service.waiting import InLine
from dsbs.core import clock
from dsbs.core.refusals import N_, NotFound, Refused
from dsbs.enrolments import queries as enrolments
from dsbs.mail import service as mail

_IN_ALREADY = {
    RegistrationState.REQUESTED: N_("You asked for a seat already. The coordinator decides, and you are told by mail."),
    RegistrationState.REGISTERED: N_("You are registered already."),
    RegistrationState.WAITING: N_("You are on the waiting list already."),
    RegistrationState.OFFERED: N_("A seat is offered to you: take it, or leave it to the next."),
}


#: What becomes of the part that somebody gives up.
_LEAVING = {
    RegistrationState.WAITING: RegistrationState.LEFT,
    RegistrationState.REQUESTED: RegistrationState.WITHDRAWN,
}


class Part(NamedTuple):
    """What somebody got: the id of her registration, its state, and her place in the waiting list, 0 with a seat."""

    registration_id: int
    place: int
    state: RegistrationState


def register(
    session: Session,
    *,
    session_id: int,
    person: Addressee,
    candidate: Candidate,
    now: datetime,
    or_wait: bool = False,
    knows: Collection[int] = (),
) -> Part:
    """A researcher takes a seat (or says that she comes, where there are no seats); in a full session she may wait.

    Order of effects: the session is locked, the rules are asked, the lowest free number is hers, her calendar has the
    meetings, the confirmation is queued. When all seats are taken, or others wait already, she gets the next ticket if
    ``or_wait``. Where the coordinator approves who takes part, she gets the next ticket and waits for the answer.
    ``knows`` are the ids of her own slots at that time that she was shown; they are kept with her part. Refused with
    the one reason that she can act on, and by ``Clashing`` when she was not shown what she has at that time; nothing is
    written then.
    """
    facts, turn = standing.facts_under_lock(session, session_id, person_id=person.id, now=now)
    if turn.own.state is not None:
        raise Refused(_IN_ALREADY[turn.own.state])
    found, programme_id = obstacle(facts, candidate, now), next(iter(candidate.programmes), None)
    waits, asks = found is Obstacle.FULL and or_wait, found is Obstacle.APPROVAL
    if found is not None and not (waits or asks):
        raise refusal(found, facts)
    knew_of = check_known(session, session_id, person.id, knows=knows, now=now) if turn.own.is_busy else None
    in_line = InLine(person, programme_id, turn.ticket, knew_of)
    if asks:
        return Part(approving.ask(session, session_id=session_id, who=in_line, now=now), 0, RegistrationState.REQUESTED)
    if waits:
        waiting_id = waiting.join(session, session_id=session_id, who=in_line, now=now)
        places = places_of(session, session_id, facts) if facts.pools else {}
        place = places[waiting_id].place if places else facts.waiting + 1
        return Part(waiting_id, place, RegistrationState.WAITING)
    people = {person.id: programme_id}
    (registration_id,) = seat(session, session_id, facts.mode, people, [turn.number], now, knew_of=knew_of)
    if person.wants_confirmations:
        tell(session, registration_id, person, "registered", now)
    return Part(registration_id, 0, RegistrationState.REGISTERED)


def add(session: Session, *, session_id: int, people: Sequence[Person], reason: str, now: datetime) -> list[Person]:
    """A coordinator adds people by hand: conditions, kept seats, dates and waiting list are hers to decide, seats not.

    Works while the session runs, so that who stands at the door can be added. All of them or nobody; who has a seat
    already is passed over, who asked for one, waits for one or is offered one has it then. Gives those who were added;
    each is told. Refused as ``take_seats`` is, for want of seats by ``NotEnoughSeats``; ``making_room`` has what to do
    then.
    """
    new, registration_ids = _take_seats(session, session_id, people, now, reason=reason or None)
    tell_all(session, dict(zip(registration_ids, new, strict=True)), "added", now)
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
    facts = standing.lock(session, session_id, now=now)
    found = closed_to_all(facts, now)
    if found is not None and found is not Obstacle.BEGUN:
        raise refusal(found, facts)
    there = standing.states(session, session_id)
    new = [person for person in people if there.get(person.id) is not RegistrationState.REGISTERED]
    # Who is offered a seat holds its number already.
    needed = [person.id for person in new if there.get(person.id) is not RegistrationState.OFFERED]
    if facts.mode is Mode.SEAT and len(needed) > facts.free:
        raise NotEnoughSeats(facts, len(needed))
    known = [person.id for person in new if person.id in there]
    in_line = waiting.seat_now(session, session_id, facts.mode, known, reason=reason, now=now)
    fresh = [person.id for person in new if person.id not in there]
    enrolled = enrolments.programme_ids_of(session, fresh, clock.local(now).date())
    to_seat = {person_id: enrolled.get(person_id) for person_id in fresh}
    numbers = free_numbers(standing.numbers(session, session_id))
    made = dict(zip(fresh, seat(session, session_id, facts.mode, to_seat, numbers, now, reason=reason), strict=True))
    return new, [{**in_line, **made}[person.id] for person in new]


def cancel(session: Session, *, registration_id: int, person: Person, now: datetime) -> Registration:
    """A researcher gives her seat back, leaves the waiting list or takes her request back; she is told that it worked.

    Who waits longest is offered the seat at once. Possible until the session begins, also after the free-cancellation
    deadline (the moment of cancelling is kept, and the rules on late cancellations read it); who waits or asked may
    leave later as well. Refused for a seat once the session has begun or while it is only offered, and when the
    registration has ended.
    """
    registration, offered = active(session, registration_id)
    if registration.person_id != person.id:
        raise NotFound
    if registration.state is RegistrationState.REGISTERED and now >= offered.starts_at:
        raise Refused(N_("The session has begun, so the seat cannot be given back any more. Tell the teacher."))
    to = _LEAVING.get(registration.state, RegistrationState.CANCELLED)
    end(session, offered.id, [registration], to, now, running=who_run(session, offered.id, now))
    if person.wants_confirmations:
        tell(session, registration.id, person, to.value, now)
    waiting.serve(session, session_id=offered.id, now=now)
    return registration


def remove(session: Session, *, registration_id: int, session_id: int, reason: str, now: datetime) -> Registration:
    """A coordinator takes a person out, with a reason; the person is told, and who waits is offered the seat."""
    registration, offered = active(session, registration_id)
    if offered.id != session_id:
        raise NotFound
    running = who_run(session, offered.id, now)
    end(session, offered.id, [registration], RegistrationState.REMOVED, now, running=running)
    registration.reason = reason
    tell(session, registration.id, registration.person, "removed", now)
    waiting.serve(session, session_id=offered.id, now=now)
    return registration


def end_all(
    session: Session, *, offered: ActivitySession, besides: Collection[int] = (), now: datetime
) -> Sequence[Registration]:
    """End every active registration of a session that is cancelled, and tell each person once, who waits as well.

    ``besides`` are the ids of those who are told otherwise.
    """
    everybody = queries.active_registrations(session, offered.id)
    end(session, offered.id, everybody, RegistrationState.CALLED_OFF, now)
    told = {found.id: found.person for found in everybody if found.person_id not in besides}
    tell_all(session, told, "session_cancelled", now)
    return everybody


def tell_of_change(session: Session, *, offered: ActivitySession, besides: Collection[int] = (), now: datetime) -> int:
    """Tell everybody in a session and on its waiting list, whatever her wishes, that its time or place changed.

    Once for each revision. ``besides`` are the ids of those who are told otherwise. Gives how many are told.
    """
    everybody = queries.active_registrations(session, offered.id)
    letters = [
        mail.Letter(
            key=f"activities/session_changed:{registration.id}:{offered.revision}",
            to=registration.person.recipient,
            template="activities/session_changed",
            ids={"registration_id": registration.id, "revision": offered.revision},
        )
        for registration in everybody
        if registration.person_id not in besides
    ]
    mail.queue_all(session, letters, now=now)
    return len(letters)
