"""Seats that a coordinator approves: somebody asks, keeps her place by her ticket, and is told the answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from dsbs.activities import standing
from dsbs.activities.models import Registration
from dsbs.activities.rules import Mode, RegistrationState, SessionFacts, check_registration_move, free_numbers
from dsbs.activities.service import waiting
from dsbs.activities.service.seating import active, bind, end, tell, tell_all
from dsbs.activities.service.waiting import InLine
from dsbs.core.refusals import N_, NotFound, Refused


def ask(session: Session, *, session_id: int, who: InLine, now: datetime) -> int:
    """Ask for a seat: she has the next ticket and is told that the coordinator decides; the id of her registration.

    She has no part in the session; the caller holds its lock and has asked the rules.
    """
    (registration_id,) = waiting.line_up(
        session,
        session_id=session_id,
        people={who.person.id: who.programme_id},
        ticket=who.ticket,
        now=now,
        state=RegistrationState.REQUESTED,
        knew_of=who.knew_of,
    )
    if who.person.wants_confirmations:
        tell(session, registration_id, who.person, "requested", now)
    return registration_id


def approve(session: Session, *, registration_id: int, session_id: int, now: datetime) -> Registration:
    """Say yes to who asked: a seat if one is free for her, else her place in the waiting list by her ticket.

    Who asked later and was approved sooner keeps the seat that was free then; of those who wait, she comes before them.
    Once registration is closed nobody who waits is offered a seat any more: a free one is hers then, whoever waits.
    Told by mail. Refused when all seats are taken then, once the session has begun, and when the request was answered
    or taken back.
    """
    registration, facts = _to_answer(session, registration_id, session_id, now)
    if facts.mode is not Mode.SEAT or _is_in_turn(session, registration, facts, now):
        _seat(session, registration, facts, now)
    else:
        check_registration_move(registration.state, RegistrationState.WAITING)
        registration.state = RegistrationState.WAITING
    tell(session, registration.id, registration.person, "approved", now)
    waiting.serve(session, session_id=session_id, now=now)
    return registration


def _is_in_turn(session: Session, registration: Registration, facts: SessionFacts, now: datetime) -> bool:
    """Whether a seat is free for her and for nobody who waits with a lower ticket and may still be offered it."""
    if now >= facts.offers_end:
        if not facts.free:
            raise Refused(
                N_(
                    "All seats are taken, and since registration is closed none is offered any more. "
                    "Raise the capacity first, or refuse."
                )
            )
        return True
    waits = standing.first_in_line(session, registration.session_id)
    before = [one.programme_id for one in waits if (one.ticket or 0) < (registration.ticket or 0)]
    return len(before) in facts.room.in_turn([*before, registration.programme_id])


def _seat(session: Session, registration: Registration, facts: SessionFacts, now: datetime) -> None:
    if facts.mode is Mode.SEAT:
        registration.number = next(free_numbers(standing.numbers(session, registration.session_id)))
    check_registration_move(registration.state, RegistrationState.REGISTERED)
    registration.state = RegistrationState.REGISTERED
    registration.registered_at = now
    session.flush()
    bind(session, registration.session_id, [registration], firm=True)


def _to_answer(
    session: Session, registration_id: int, session_id: int, now: datetime
) -> tuple[Registration, SessionFacts]:
    """The request with its session as the rules see it, locked. Raises ``NotFound`` for one of another session."""
    registration, offered = active(session, registration_id)
    if offered.id != session_id:
        raise NotFound
    if registration.state is not RegistrationState.REQUESTED:
        raise Refused(N_("This request was answered or taken back already. Look at the list again."))
    facts = standing.lock(session, session_id, now=now)
    if now >= facts.starts_at:
        raise Refused(
            N_("The session has begun, so this request has ended. Add the person by hand if there is a seat.")
        )
    return registration, facts


def refuse(session: Session, *, registration_id: int, session_id: int, reason: str, now: datetime) -> Registration:
    """Say no to who asked, with a reason that she reads in the mail. Refused as ``approve`` is."""
    registration, _facts = _to_answer(session, registration_id, session_id, now)
    registration.reason = reason
    end(session, session_id, [registration], RegistrationState.REFUSED, now)
    tell(session, registration.id, registration.person, "refused", now)
    return registration


def expire(session: Session, *, session_id: int, now: datetime) -> int:
    """End the requests that nobody answered before the session began; each is told. Gives how many."""
    facts = standing.lock(session, session_id, now=now)
    late = standing.requests_of(session, session_id) if now >= facts.starts_at else ()
    end(session, session_id, late, RegistrationState.EXPIRED, now)
    tell_all(session, {registration.id: registration.person for registration in late}, "request_expired", now)
    return len(late)
