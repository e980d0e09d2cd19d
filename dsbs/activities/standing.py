"""Who is in a session, who waits for it, and where one person stands. Read on every page that offers a seat."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, case, exists, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased, joinedload

from dsbs.activities.changes import ENDPOINT
from dsbs.activities.models import Activity, ActivityCondition, ActivitySession, Meeting, Registration, SeatReservation
from dsbs.activities.rules import SEATED, Mode, RegistrationState, SessionFacts, SessionState
from dsbs.activities.rules.pools import Pool
from dsbs.activities.rules.requirements import Stated, requirements_from
from dsbs.agenda.clashes import is_busy
from dsbs.core.direct import Direct
from dsbs.core.refusals import NotFound
from dsbs.programmes.models import Programme

_REGISTRATION = Registration.__table__.c
_IN_SESSION = _REGISTRATION.session_id == bindparam("session_id")
_IS_ACTIVE = _REGISTRATION.ended_at.is_(None)
_WAITS = _REGISTRATION.state == RegistrationState.WAITING
_IS_SEATED = _REGISTRATION.state.in_(SEATED)
_IS_OWN = _REGISTRATION.person_id == bindparam("person_id")


class Standing(NamedTuple):
    """How full a session is, and one person's own part in it, if she has one.

    ``taken`` counts seats that are taken or offered, ``waiting`` who waits. ``place`` is her place by
    ticket, from 1, and 0 when she does not wait; ``offered_until`` is when a seat that is offered to her lapses, aware
    UTC.
    ``is_busy`` says that she has something else at one of its meetings to come.
    """

    taken: int
    waiting: int
    registration_id: int | None
    state: RegistrationState | None
    place: int
    offered_until: datetime | None
    is_busy: bool


def _own_active(column: Any) -> Any:
    return func.max(case((_IS_OWN, column)))


_OWN_TICKET = (
    select(_REGISTRATION.ticket).where(_IN_SESSION, _IS_OWN, _IS_ACTIVE, _WAITS).correlate(None).scalar_subquery()
)
#: Plain columns, without rows that the session would have to look after: most pages ask it.
_STANDING = select(
    func.count(case((_IS_SEATED, 1))),
    func.count(case((_WAITS, 1))),
    _own_active(_REGISTRATION.id),
    _own_active(_REGISTRATION.state),
    func.count(case((_WAITS & (_REGISTRATION.ticket <= _OWN_TICKET), 1))),
    _own_active(_REGISTRATION.offered_until),
    is_busy(subject_id=bindparam("session_id"), person_id=bindparam("person_id")),
).where(_IN_SESSION, _IS_ACTIVE)
_ASKED = Direct(_STANDING)


def standing(session: Session, *, session_id: int, person_id: int, now: datetime) -> Standing:
    """How full this session is now, and this person's part in it."""
    return Standing(*_ASKED.row(session, _about(session_id, person_id, now)))


def _about(session_id: int, person_id: int, now: datetime) -> Mapping[str, object]:
    return {"session_id": session_id, "person_id": person_id, "endpoint": ENDPOINT, "now": now}


#: The first seat, and those after each that is taken: the lowest of them that nobody has is free.
_SEATS = union_all(
    select(literal(1).label("number")),
    select(_REGISTRATION.number + 1).where(_IN_SESSION, _REGISTRATION.number.is_not(None)),
).subquery()
_SEAT = Registration.__table__.alias("seat").c
_NEXT_NUMBER = (
    select(func.min(_SEATS.c.number))
    .where(~exists().where(_SEAT.session_id == bindparam("session_id"), _SEAT.number == _SEATS.c.number))
    .scalar_subquery()
)
_NEXT_TICKET = (
    select(func.coalesce(func.max(_REGISTRATION.ticket), 0) + 1).where(_IN_SESSION).correlate(None).scalar_subquery()
)

_OTHER = aliased(Activity)
#: What a condition is kept as, in the order of ``Stated``.
STATED = (
    ActivityCondition.requirement,
    ActivityCondition.kind,
    func.coalesce(ActivityCondition.programme_id, ActivityCondition.other_activity_id).label("named_id"),
    func.coalesce(Programme.short_name, _OTHER.title).label("name"),
    ActivityCondition.first_year,
    ActivityCondition.last_year,
)


def naming(statement: Any) -> Any:
    """The statement, which has the conditions, joined to what these name."""
    return statement.outerjoin(Programme, Programme.id == ActivityCondition.programme_id).outerjoin(
        _OTHER, _OTHER.id == ActivityCondition.other_activity_id
    )


class _OfSession(NamedTuple):
    """The first columns of the facts, alike in each row; those of ``STATED`` follow, empty without a condition."""

    activity_id: int
    state: SessionState
    mode: Mode
    capacity: int | None
    opens_at: datetime | None
    closes_at: datetime | None
    starts_at: datetime
    ends_at: datetime


_FACTS = naming(
    select(
        ActivitySession.activity_id,
        ActivitySession.state,
        ActivitySession.mode,
        ActivitySession.capacity,
        ActivitySession.opens_at,
        ActivitySession.closes_at,
        ActivitySession.starts_at,
        ActivitySession.ends_at,
        *STATED,
    )
    .outerjoin(ActivityCondition, ActivityCondition.activity_id == ActivitySession.activity_id)
    .where(ActivitySession.id == bindparam("session_id"))
)
_READ_FACTS, _LOCKED_FACTS = Direct(_FACTS), Direct(_FACTS.with_for_update(of=ActivitySession))
#: Whether seats are kept for a programme, asked together with what is counted anyway.
_KEEPS_SEATS = (
    select(func.count())
    .select_from(SeatReservation)
    .where(SeatReservation.session_id == bindparam("session_id"), SeatReservation.until > bindparam("now"))
    .scalar_subquery()
)
_COUNTS = Direct(
    select(func.count(case((_IS_SEATED, 1))), func.count(case((_WAITS, 1))), _KEEPS_SEATS).where(
        _IN_SESSION, _IS_ACTIVE
    )
)
_TURN = Direct(_STANDING.add_columns(_NEXT_NUMBER, _NEXT_TICKET, _KEEPS_SEATS))


def facts_of(session: Session, session_id: int, *, now: datetime) -> SessionFacts:
    """A session as the rules see it now. Raises ``NotFound``."""
    return _facts(session, session_id, _READ_FACTS, now)


def lock(session: Session, session_id: int, *, now: datetime) -> SessionFacts:
    """Lock the row of a session until the write scope ends, and see it as the rules do. Raises ``NotFound``."""
    return _facts(session, session_id, _LOCKED_FACTS, now)


class Turn(NamedTuple):
    """Where this person stands, and what who comes next would get: the lowest free seat, the ticket after the last."""

    own: Standing
    number: int
    ticket: int


def facts_under_lock(session: Session, session_id: int, *, person_id: int, now: datetime) -> tuple[SessionFacts, Turn]:
    """The same, and where this person stands; nobody takes or leaves a seat before the write scope ends.

    The row of the session is locked first, the people and the seats that are kept are counted then. Three statements,
    two where none are kept. Raises ``NotFound``.
    """
    rows = _LOCKED_FACTS.rows(session, {"session_id": session_id})
    *own, number, ticket, keeps = _TURN.row(session, _about(session_id, person_id, now))
    turn = Turn(Standing(*own), number, ticket)
    pools = pools_of(session, [session_id], now=now).get(session_id, ()) if keeps else ()
    return _put_together(rows, turn.own.taken, turn.own.waiting, pools), turn


def _facts(session: Session, session_id: int, statement: Direct, now: datetime) -> SessionFacts:
    rows = statement.rows(session, {"session_id": session_id})
    taken, waiting, keeps = _COUNTS.row(session, {"session_id": session_id, "now": now})
    pools = pools_of(session, [session_id], now=now).get(session_id, ()) if keeps else ()
    return _put_together(rows, taken, waiting, pools)


def _put_together(rows: Sequence[Sequence[Any]], taken: int, waiting: int, pools: tuple[Pool, ...]) -> SessionFacts:
    """The facts from one row for each row of the conditions."""
    if not rows:
        raise NotFound
    own = len(_OfSession._fields)
    first = _OfSession(*rows[0][:own])
    stated = (Stated(*row[own:]) for row in rows if any(row[own:]))
    return SessionFacts(
        state=first.state,
        mode=first.mode,
        capacity=first.capacity,
        taken=taken,
        waiting=waiting,
        opens_at=first.opens_at,
        closes_at=first.closes_at,
        starts_at=first.starts_at,
        ends_at=first.ends_at,
        requirements=requirements_from(first.activity_id, stated),
        pools=pools,
    )


_POOLS = (
    select(
        SeatReservation.session_id,
        SeatReservation.programme_id,
        Programme.short_name,
        SeatReservation.seats,
        SeatReservation.until,
        func.count(case((_IS_SEATED, 1))),
        func.count(case((_WAITS, 1))),
    )
    .join(Programme, Programme.id == SeatReservation.programme_id)
    .outerjoin(
        Registration,
        (_REGISTRATION.session_id == SeatReservation.session_id)
        & (_REGISTRATION.programme_id == SeatReservation.programme_id)
        & _IS_ACTIVE,
    )
    .where(
        SeatReservation.session_id.in_(bindparam("session_ids", expanding=True)),
        SeatReservation.until > bindparam("now"),
    )
    .group_by(SeatReservation.id, Programme.short_name)
    .order_by(SeatReservation.programme_id)
)


def pools_of(session: Session, session_ids: Sequence[int], *, now: datetime) -> Mapping[int, tuple[Pool, ...]]:
    """The seats that are kept for programmes now in each of these sessions; one without any is not in it. One query."""
    found: dict[int, tuple[Pool, ...]] = {}
    for row in session.execute(_POOLS, {"session_ids": session_ids, "now": now}):
        found[row.session_id] = (*found.get(row.session_id, ()), Pool(*row[1:]))
    return found


_NUMBERS = select(_REGISTRATION.number).where(_IN_SESSION, _REGISTRATION.number.is_not(None))


def numbers(session: Session, session_id: int) -> Collection[int]:
    """The seats of a session that are taken or offered. Read under its lock by whoever is about to give one out."""
    return set(session.scalars(_NUMBERS, {"session_id": session_id}))


def next_ticket(session: Session, session_id: int) -> int:
    """The ticket of who joins the waiting list next; read under the session's lock."""
    ticket: int = session.execute(select(_NEXT_TICKET), {"session_id": session_id}).scalar_one()
    return ticket


_STATES = select(_REGISTRATION.person_id, _REGISTRATION.state).where(_IN_SESSION, _IS_ACTIVE)


def states(session: Session, session_id: int) -> Mapping[int, RegistrationState]:
    """Who has a part in a session, by her id, and which. Read under its lock by whoever is about to change it."""
    return dict(session.execute(_STATES, {"session_id": session_id}).all())


_SLOTS = Direct(select(Meeting.slot_id).where(Meeting.session_id == bindparam("session_id")))


def slot_ids(session: Session, session_id: int) -> Sequence[int]:
    """The slots in which a session meets."""
    return [slot_id for (slot_id,) in _SLOTS.rows(session, {"session_id": session_id})]


def first_in_line(session: Session, session_id: int, *, most: int | None = None) -> Sequence[Registration]:
    """Who waits for a seat of this session, by ticket, so many of them at most; rows to be changed, read anew."""
    return session.scalars(
        select(Registration)
        .where(Registration.session_id == session_id, Registration.state == RegistrationState.WAITING)
        .options(joinedload(Registration.person))
        .order_by(Registration.ticket)
        .limit(most)
        .execution_options(populate_existing=True)
    ).all()


_LINE = (
    select(_REGISTRATION.id, _REGISTRATION.ticket).where(_IN_SESSION, _IS_ACTIVE, _WAITS).order_by(_REGISTRATION.ticket)
)


def line(session: Session, session_id: int) -> Mapping[int, int]:
    """The tickets of those who wait, by their registrations, the first in line first."""
    return dict(session.execute(_LINE, {"session_id": session_id}).all())


_PROGRAMMES_IN_LINE = (
    select(_REGISTRATION.id, _REGISTRATION.programme_id)
    .where(_IN_SESSION, _IS_ACTIVE, _WAITS)
    .order_by(_REGISTRATION.ticket)
)


def programmes_in_line(session: Session, session_id: int) -> Mapping[int, int | None]:
    """The programmes of those who wait, by their registrations, the first in line first."""
    return dict(session.execute(_PROGRAMMES_IN_LINE, {"session_id": session_id}).all())


def undecided(session: Session, session_id: int) -> Sequence[Registration]:
    """Who waits for a seat of this session or is offered one, by ticket; rows to be changed, read anew."""
    return session.scalars(
        select(Registration)
        .where(
            Registration.session_id == session_id,
            Registration.state.in_((RegistrationState.WAITING, RegistrationState.OFFERED)),
        )
        .options(joinedload(Registration.person))
        .order_by(Registration.ticket)
        .execution_options(populate_existing=True)
    ).all()


def registered(session: Session, session_id: int) -> Sequence[Registration]:
    """Who is in this session for certain; rows to be changed, read anew, who came first."""
    return session.scalars(
        select(Registration)
        .where(
            Registration.session_id == session_id,
            Registration.state == RegistrationState.REGISTERED,
        )
        .order_by(Registration.id)
        .execution_options(populate_existing=True)
    ).all()


def sessions_with_lapsed_offers(session: Session, *, now: datetime) -> Sequence[int]:
    """The sessions in which an offered seat was not taken in time, by their ids."""
    return session.scalars(
        select(Registration.session_id)
        .where(Registration.state == RegistrationState.OFFERED, Registration.offered_until <= now)
        .distinct()
        .order_by(Registration.session_id)
    ).all()


def lapsed_offers(session: Session, session_id: int, *, now: datetime) -> Sequence[Registration]:
    """The offers of seats of this session that were not answered in time; rows to be changed, read anew."""
    return session.scalars(
        select(Registration)
        .where(
            Registration.session_id == session_id,
            Registration.state == RegistrationState.OFFERED,
            Registration.offered_until <= now,
        )
        .options(joinedload(Registration.person))
        .order_by(Registration.ticket)
        .execution_options(populate_existing=True)
    ).all()


def offers_beyond(session: Session, session_id: int, moment: datetime) -> Sequence[Registration]:
    """The offers of seats of this session that last longer than to this moment; rows to be changed, read anew."""
    return session.scalars(
        select(Registration)
        .where(
            Registration.session_id == session_id,
            Registration.state == RegistrationState.OFFERED,
            Registration.offered_until > moment,
        )
        .execution_options(populate_existing=True)
    ).all()


def requests_of(session: Session, session_id: int) -> Sequence[Registration]:
    """Who asked for a seat of this session and has no answer yet, by ticket; rows to be changed, read anew."""
    return session.scalars(
        select(Registration)
        .where(Registration.session_id == session_id, Registration.state == RegistrationState.REQUESTED)
        .options(joinedload(Registration.person))
        .order_by(Registration.ticket)
        .execution_options(populate_existing=True)
    ).all()


def sessions_with_late_requests(session: Session, *, now: datetime) -> Sequence[int]:
    """The sessions that began before somebody who asked for a seat had an answer, by their ids."""
    return session.scalars(
        select(Registration.session_id)
        .join(ActivitySession, ActivitySession.id == Registration.session_id)
        .where(Registration.state == RegistrationState.REQUESTED, ActivitySession.starts_at <= now)
        .distinct()
        .order_by(Registration.session_id)
    ).all()


def sessions_with_seats_to_merge(session: Session, *, now: datetime) -> Sequence[int]:
    """The sessions in which seats were kept until now and are open to all from now on, by their ids."""
    return session.scalars(
        select(SeatReservation.session_id)
        .where(SeatReservation.merged_at.is_(None), SeatReservation.until <= now)
        .distinct()
        .order_by(SeatReservation.session_id)
    ).all()


def reservations_to_merge(session: Session, session_id: int, *, now: datetime) -> Sequence[SeatReservation]:
    """The reservations of this session that are over and not merged yet; rows to be changed, read anew."""
    return session.scalars(
        select(SeatReservation)
        .where(
            SeatReservation.session_id == session_id,
            SeatReservation.merged_at.is_(None),
            SeatReservation.until <= now,
        )
        .execution_options(populate_existing=True)
    ).all()
