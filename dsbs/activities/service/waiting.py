"""The waiting list: whoever waits longest is offered a free seat, holds it for a while, takes it or leaves it.

The order is that of the tickets, which are given under the session's lock; no moment decides. Only a coordinator deals
them anew, in ``queueing``. Whatever may free a seat ends with ``serve``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from operator import add
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.accounts import links
from dsbs.accounts.links import About
from dsbs.accounts.models import Addressee, Person
from dsbs.activities import standing
from dsbs.activities.clashing import Knowledge, check_known
from dsbs.activities.models import ActivitySession, Registration
from dsbs.activities.rules import (
    OFFER_LINK,
    Mode,
    OfferTime,
    RegistrationState,
    check_registration_move,
    free_numbers,
    may_offer,
    offered_until,
)
from dsbs.activities.service.seating import active, bind, end, tell, tell_all, who_run
from dsbs.core import clock
from dsbs.core.refusals import N_, NotFound, Refused
from dsbs.history.recorder import insert_all
from dsbs.mail import service as mail
from dsbs.programmes import queries as programmes
from dsbs.programmes.rules import OpenHours, times_in
from dsbs.programmes.tables.registration import RegistrationRule


class InLine(NamedTuple):
    """Who comes to the end of the line: the programme in which she is enrolled, the next ticket, what she knew of."""

    person: Addressee
    programme_id: int | None
    ticket: int
    knew_of: Knowledge = None


def join(session: Session, *, session_id: int, who: InLine, now: datetime) -> int:
    """Put somebody at the end of the waiting list and tell her by mail; gives the id of her registration.

    She has no part in the session; the caller holds its lock and knows that all seats are taken, and the next ticket.
    """
    people = {who.person.id: who.programme_id}
    (registration_id,) = line_up(
        session, session_id=session_id, people=people, ticket=who.ticket, now=now, knew_of=who.knew_of
    )
    if who.person.wants_confirmations:
        tell(session, registration_id, who.person, "waiting", now)
    return registration_id


def line_up(
    session: Session,
    *,
    session_id: int,
    people: Mapping[int, int | None],
    ticket: int,
    now: datetime,
    state: RegistrationState = RegistrationState.WAITING,
    reason: str | None = None,
    knew_of: Knowledge = None,
) -> list[int]:
    """Put these people at the end of the waiting list, from this ticket on, without a word to them; as ``join``.

    ``people`` gives the programme of each by her id. They wait, or in another ``state`` that goes by tickets.
    """
    made = {"session_id": session_id, "state": state, "made_at": now, "reason": reason, "knew_of": knew_of}
    rows = [
        {"person_id": person_id, "programme_id": programme_id, "ticket": own, **made}
        for (person_id, programme_id), own in zip(people.items(), count(ticket), strict=False)
    ]
    return insert_all(session, Registration, rows)


def serve(session: Session, *, session_id: int, now: datetime) -> int:
    """Offer the free seats of a session to those who wait, the lowest ticket first. Gives how many are offered.

    Seats that are kept for a programme go to its own researchers only (``pools``). Nothing is offered once registration
    is closed or the session has begun. Who was deactivated leaves the list when it is her turn. Each is told, and the
    meetings stand in her calendar, held. A session that has no seats any more takes in everybody who waits or is
    offered one, unless it is over. The caller holds the session's lock; everything changed so far is flushed first.
    """
    session.flush()
    facts = standing.lock(session, session_id, now=now)
    if facts.mode is not Mode.SEAT:
        return _take_in(session, session_id, now) if now < facts.ends_at else 0
    if not facts.waiting or not facts.free or not may_offer(facts, now):
        return 0
    # Where no seats are kept the first ones are served, without a look at those behind them.
    line = standing.first_in_line(session, session_id, most=None if facts.pools else facts.free)
    in_turn = [line[place] for place in facts.room.in_turn(one.programme_id for one in line)]
    if not in_turn:
        return 0
    if left := [registration for registration in in_turn if not registration.person.active]:
        # Nobody else could take the seat as long as they stood there.
        end(session, session_id, left, RegistrationState.LEFT, now)
        return serve(session, session_id=session_id, now=now)
    until = offered_until(facts, _offer_time(session, now), now)
    for registration, number in zip(in_turn, free_numbers(standing.numbers(session, session_id)), strict=False):
        registration.state = RegistrationState.OFFERED
        registration.number = number
        registration.offered_until = until
    session.flush()
    bind(session, session_id, in_turn, firm=False)
    _offer(session, in_turn, until, now)
    return len(in_turn)


def _offer(session: Session, registrations: Sequence[Registration], until: datetime, now: datetime) -> None:
    """Tell each of the seat, by a mail with a link on which she answers without signing in."""
    wanted = [
        About(person_id=one.person_id, subject="registration", subject_id=one.id, until=until) for one in registrations
    ]
    made = links.make_all(session, purpose=OFFER_LINK, wanted=wanted, now=now)
    letters = [
        mail.Letter(
            key=f"activities/seat_offered:{registration.id}",
            to=registration.person.recipient,
            template="activities/seat_offered",
            ids={"registration_id": registration.id, "link": link.id},
        )
        for registration, link in zip(registrations, made, strict=True)
    ]
    mail.queue_all(session, letters, now=now)


def accept(
    session: Session, *, registration_id: int, person: Person, now: datetime, knows: Collection[int] = ()
) -> Registration:
    """Take the seat that is offered: it is hers, and firm in her calendar. She is told as if she had just registered.

    ``knows`` and ``Clashing`` are as in ``registering.register``. Refused when the offer lapsed, also in the very
    second, and whether or not the sweep has seen it; once the session has begun; and when it was answered already.
    Raises ``NotFound`` for somebody else's.
    """
    registration, offered = _own(session, registration_id, person)
    check_registration_move(registration.state, RegistrationState.REGISTERED)
    if registration.state is not RegistrationState.OFFERED:
        raise Refused(N_("No seat is offered here yet."))
    until = min(registration.offered_until or offered.starts_at, offered.starts_at)
    if now >= until:
        raise Refused(
            N_("This offer lapsed on %(moment)s. Join the waiting list again if you want."),
            moment=until,
        )
    registration.knew_of = check_known(session, registration.session_id, person.id, knows=knows, now=now)
    registration.state = RegistrationState.REGISTERED
    registration.registered_at = now
    session.flush()
    bind(session, registration.session_id, [registration], firm=True)
    tell(session, registration.id, person, "registered", now)
    return registration


def decline(session: Session, *, registration_id: int, person: Person, now: datetime) -> Registration:
    """Leave the seat that is offered to the next in line, who is asked at once. Refused when it was answered."""
    registration, offered = _own(session, registration_id, person)
    running = who_run(session, offered.id, now)
    end(session, offered.id, [registration], RegistrationState.DECLINED, now, running=running)
    if person.wants_confirmations:
        tell(session, registration.id, person, "declined", now)
    serve(session, session_id=offered.id, now=now)
    return registration


def lapse(session: Session, *, session_id: int, now: datetime) -> int:
    """End the offers of this session that were not answered in time and ask the next in line. Gives how many lapsed.

    Each is told; she can join the list again at its end.
    """
    standing.lock(session, session_id, now=now)
    lapsed = standing.lapsed_offers(session, session_id, now=now)
    end(session, session_id, lapsed, RegistrationState.LAPSED, now, running=who_run(session, session_id, now))
    tell_all(session, {registration.id: registration.person for registration in lapsed}, "offer_lapsed", now)
    serve(session, session_id=session_id, now=now)
    return len(lapsed)


def shorten(session: Session, *, offered: ActivitySession) -> None:
    """Let no offer of this session outlast its registration or its beginning, which may have become earlier."""
    ends = offered.closes_at or offered.starts_at
    for registration in standing.offers_beyond(session, offered.id, ends):
        registration.offered_until = ends
    session.flush()


def merge(session: Session, *, session_id: int, now: datetime) -> int:
    """Open seats that were kept until now to all: who waits longest is offered what is left. Gives how many are."""
    standing.lock(session, session_id, now=now)
    for reservation in standing.reservations_to_merge(session, session_id, now=now):
        reservation.merged_at = now
    return serve(session, session_id=session_id, now=now)


def seat_now(
    session: Session, session_id: int, mode: Mode, person_ids: Collection[int], *, reason: str | None, now: datetime
) -> dict[int, int]:
    """Give these people, who wait, ask or are offered a seat, one at once; the ids of their registrations by person.

    The caller holds the session's lock and has counted the seats.
    """
    wanted = select(Registration).where(
        Registration.session_id == session_id, Registration.person_id.in_(person_ids), Registration.ended_at.is_(None)
    )
    found = session.scalars(wanted.order_by(Registration.ticket).execution_options(populate_existing=True)).all()
    numbers = free_numbers(standing.numbers(session, session_id))
    for registration in found:
        check_registration_move(registration.state, RegistrationState.REGISTERED)
        registration.number = (registration.number or next(numbers)) if mode is Mode.SEAT else None
        registration.state = RegistrationState.REGISTERED
        registration.registered_at = now
        registration.reason = reason
    session.flush()
    bind(session, session_id, found, firm=True)
    return {registration.person_id: registration.id for registration in found}


def _take_in(session: Session, session_id: int, now: datetime) -> int:
    in_turn = standing.undecided(session, session_id)
    if not in_turn:
        return 0
    for registration in in_turn:
        registration.state = RegistrationState.REGISTERED
        registration.registered_at = now
        registration.number = None
    session.flush()
    bind(session, session_id, in_turn, firm=True)
    tell_all(session, {registration.id: registration.person for registration in in_turn}, "registered", now)
    return len(in_turn)


def _own(session: Session, registration_id: int, person: Person) -> tuple[Registration, ActivitySession]:
    registration, offered = active(session, registration_id)
    if registration.person_id != person.id:
        raise NotFound
    return registration, offered


def _offer_time(session: Session, now: datetime) -> OfferTime:
    """How long offers last by today's rules of registering."""
    rules = programmes.registration_rules(session, clock.local(now).date())
    hours = rules.get("offer_clock")
    after: Callable[[datetime, timedelta], datetime] = add
    if hours is not None:
        opens, closes = times_in(hours.value)
        after = OpenHours(opens, closes, programmes.closed_calendar(session), clock.zone()).after
    return OfferTime(_hours(rules.get("offer_lifetime")), _hours(rules.get("offer_lifetime_late")), after)


def _hours(rule: RegistrationRule | None) -> timedelta | None:
    return None if rule is None or rule.number is None else timedelta(hours=float(rule.number))
