"""Adding people by hand to a session that has too few seats for them: they wait, or it has more seats.

As in ``registering``, every verb locks the session's row first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from dsbs.accounts.models import Person
from dsbs.activities import standing
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import SEATED, Mode, NotEnoughSeats
from dsbs.activities.service import registering, waiting
from dsbs.activities.service.seating import locked, tell_all
from dsbs.core import clock
from dsbs.core.refusals import N_, Refused
from dsbs.enrolments import queries as enrolments

_HAS_BEGUN = N_("This session has begun, so waiting is of no use. Raise the capacity instead.")
_IS_CLOSED = N_("Registration is closed, so nobody is offered a seat any more. Raise the capacity instead.")

#: A session has no more seats than these; the database refuses more.
MOST_SEATS = 2000


class Added(NamedTuple):
    """Who has a seat now, and who waits for one now and did not before."""

    seated: Sequence[Person]
    waiting: Sequence[Person]


def add_with_more_seats(
    session: Session, *, session_id: int, people: Sequence[Person], most: int, reason: str, now: datetime
) -> list[Person]:
    """Add people by hand, and where seats are missing raise the capacity by just so many, to ``most`` at most.

    The capacity rises first, then they are added as by ``registering.add``. Refused by ``NotEnoughSeats`` when more
    than ``most`` were needed, since somebody else took a seat meanwhile: whoever decides sees the new number first.
    """
    offered = locked(session, session_id)
    try:
        return registering.add(session, session_id=session_id, people=people, reason=reason, now=now)
    except NotEnoughSeats as short:
        if short.enough > most:
            raise
        _raise_capacity(session, offered, short.enough)
    return registering.add(session, session_id=session_id, people=people, reason=reason, now=now)


def _raise_capacity(session: Session, offered: ActivitySession, capacity: int) -> None:
    if capacity > MOST_SEATS:
        raise Refused(N_("A session has 2,000 seats at most. Name fewer people."), field="people")
    offered.capacity = capacity
    # Who edits the session meanwhile is told that it changed, and does not set the old number again unawares.
    offered.revision += 1
    session.flush()


def add_or_line_up(session: Session, *, session_id: int, people: Sequence[Person], reason: str, now: datetime) -> Added:
    """Add people by hand in this order as long as there are seats; the others stand at the end of the waiting list.

    Each is told. Who waits or asks already keeps her place. Refused as ``registering.add`` is, and once registration
    is closed or the session has begun, when nobody is offered a seat any more.
    """
    facts, there = standing.lock(session, session_id, now=now), standing.states(session, session_id)
    without = [person for person in people if there.get(person.id) not in SEATED]
    seats = facts.free if facts.mode is Mode.SEAT else len(without)
    late = [person for person in without[seats:] if person.id not in there]
    if late and now >= facts.offers_end:
        raise Refused(_HAS_BEGUN if now >= facts.starts_at else _IS_CLOSED)
    left_out = {person.id for person in without[seats:]}
    in_time = [person for person in people if person.id not in left_out]
    seated = registering.add(session, session_id=session_id, people=in_time, reason=reason, now=now)
    ticket = standing.next_ticket(session, session_id)
    ids = [person.id for person in late]
    enrolled = enrolments.programme_ids_of(session, ids, clock.local(now).date())
    to_wait = {person_id: enrolled.get(person_id) for person_id in ids}
    made = waiting.line_up(session, session_id=session_id, people=to_wait, ticket=ticket, now=now, reason=reason)
    tell_all(session, dict(zip(made, late, strict=True)), "put_on_list", now)
    return Added(seated, late)
