"""Who is in a session, who waits for it, and where one person stands. Read on every page that offers a seat."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, case, exists, func, literal, select, union_all
from sqlalchemy.orm import Session, joinedload

from dsbs.activities.changes import ENDPOINT
from dsbs.activities.models import Activity, ActivityProgramme, ActivitySession, Meeting, Registration
from dsbs.activities.rules import RegistrationState, SessionFacts
from dsbs.agenda.clashes import is_busy
from dsbs.core.refusals import NotFound

_REGISTRATION = Registration.__table__.c
_IN_SESSION = _REGISTRATION.session_id == bindparam("session_id")
_IS_ACTIVE = _REGISTRATION.ended_at.is_(None)
_WAITS = _REGISTRATION.state == RegistrationState.WAITING
_IS_SEATED = ~_WAITS  # of those whose part has not ended
_IS_OWN = _REGISTRATION.person_id == bindparam("person_id")


class Standing(NamedTuple):
    """How full a session is, and one person's own part in it, if she has one.

    ``taken`` counts seats that are taken or offered, ``waiting`` who waits. ``place`` is her place in the waiting list,
    from 1, and 0 when she does not wait; ``offered_until`` is when a seat that is offered to her lapses, aware UTC.
    ``is_busy``: she has something else at one of its meetings to come.
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


def standing(session: Session, *, session_id: int, person_id: int, now: datetime) -> Standing:
    """How full this session is now, and this person's part in it."""
    return Standing(*session.connection().execute(_STANDING, _asked(session_id, person_id, now)).one())


def _asked(session_id: int, person_id: int, now: datetime) -> Mapping[str, object]:
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
_TURN = _STANDING.add_columns(_NEXT_NUMBER, _NEXT_TICKET)

_FACTS = (
    select(
        ActivitySession.state,
        ActivitySession.mode,
        ActivitySession.capacity,
        ActivitySession.opens_at,
        ActivitySession.closes_at,
        ActivitySession.starts_at,
        ActivitySession.ends_at,
        Activity.audience,
        ActivityProgramme.programme_id,
    )
    .join(Activity, Activity.id == ActivitySession.activity_id)
    .outerjoin(ActivityProgramme, ActivityProgramme.activity_id == Activity.id)
    .where(ActivitySession.id == bindparam("session_id"))
)
_LOCKED_FACTS = _FACTS.with_for_update(of=ActivitySession)
_COUNTS = select(func.count(case((_IS_SEATED, 1))), func.count(case((_WAITS, 1)))).where(_IN_SESSION, _IS_ACTIVE)


def facts_of(session: Session, session_id: int) -> SessionFacts:
    """A session as the rules see it now. Raises ``NotFound``."""
    rows = session.execute(_FACTS, {"session_id": session_id}).all()
    taken, waiting = session.execute(_COUNTS, {"session_id": session_id}).one()
    return _facts(rows, taken, waiting)


class Turn(NamedTuple):
    """Where this person stands, and what who comes next would get: the lowest free seat, the ticket after the last."""

    own: Standing
    number: int
    ticket: int


def facts_under_lock(session: Session, session_id: int, *, person_id: int, now: datetime) -> tuple[SessionFacts, Turn]:
    """The same, and where this person stands; nobody takes or leaves a seat before the write scope ends.

    The row of the session is locked first, the people are counted then. Raises ``NotFound``.
    """
    connection = session.connection()
    rows = connection.execute(_LOCKED_FACTS, {"session_id": session_id}).all()
    *own, number, ticket = connection.execute(_TURN, _asked(session_id, person_id, now)).one()
    turn = Turn(Standing(*own), number, ticket)
    return _facts(rows, turn.own.taken, turn.own.waiting), turn


def lock(session: Session, session_id: int) -> SessionFacts:
    """Lock the row of a session until the write scope ends, and see it as the rules do. Raises ``NotFound``."""
    rows = session.execute(_LOCKED_FACTS, {"session_id": session_id}).all()
    taken, waiting = session.execute(_COUNTS, {"session_id": session_id}).one()
    return _facts(rows, taken, waiting)


def _facts(rows: Sequence[Any], taken: int, waiting: int) -> SessionFacts:
    """The facts from one row for each programme that offers it."""
    if not rows:
        raise NotFound
    programmes = frozenset(row.programme_id for row in rows if row.programme_id is not None)
    shared = {name: value for name, value in rows[0]._mapping.items() if name != "programme_id"}
    return SessionFacts(programmes=programmes, taken=taken, waiting=waiting, **shared)


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


_SLOTS = select(Meeting.slot_id).where(Meeting.session_id == bindparam("session_id"))


def slot_ids(session: Session, session_id: int) -> Sequence[int]:
    """The slots in which a session meets."""
    return session.scalars(_SLOTS, {"session_id": session_id}).all()


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
        .order_by(Registration.ticket)
        .execution_options(populate_existing=True)
    ).all()
