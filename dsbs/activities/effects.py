"""What changing a session does to others: worked out from the change itself, told before it is saved."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from dsbs.accounts import queries as accounts
from dsbs.activities import queries, standing
from dsbs.activities.changes import ENDPOINT
from dsbs.activities.clashing import clashes_of_session
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import SEATED
from dsbs.agenda import venue_queries as agenda
from dsbs.agenda.clashes import Clash
from dsbs.agenda.models import VoidBooking
from dsbs.core import clock


@dataclass(frozen=True, slots=True)
class Told:
    """So many people are told by mail; giving back is free until then, and was until ``free_was``."""

    people: int
    free_until: datetime | None
    free_was: datetime | None

    @property
    def token(self) -> str:
        """By what it is known again; one person more or less makes no other decision."""
        return "told"


@dataclass(frozen=True, slots=True)
class NewClash:
    """Somebody has something else at the new time."""

    name: str
    clash: Clash

    @property
    def token(self) -> str:
        """By what it is known again."""
        return f"clash-{self.clash.person_id}-{self.clash.slot_id}"


@dataclass(frozen=True, slots=True)
class Rebook:
    """A venue elsewhere was asked for or confirmed for a time that is not needed any more."""

    venue: str
    start: datetime
    end: datetime
    reference: str | None
    booking: int

    @property
    def token(self) -> str:
        """By what it is known again."""
        return f"booking-{self.booking}-{self.start:%Y%m%d%H%M}"


@dataclass(frozen=True, slots=True)
class Over:
    """Fewer seats are given than are taken: so many people go on sitting, and so many go on waiting."""

    taken: int
    seats: int
    waiting: int

    @property
    def token(self) -> str:
        """By what it is known again; one person more or less makes no other decision."""
        return f"over-{self.seats}"


Effect = Told | NewClash | Rebook | Over


@dataclass(frozen=True, slots=True)
class Stood:
    """How a session stood before a change: who clashed with what, its void bookings, the end of free cancellation.

    ``seats`` are those that it gave, None where it counted none.
    """

    clashes: frozenset[tuple[int, int]]
    bookings: frozenset[int]
    free_until: datetime | None
    seats: int | None


def how_it_stood(session: Session, offered: ActivitySession, *, now: datetime) -> Stood:
    """What a change is compared with; read in the transaction of the change, before it."""
    return Stood(
        frozenset((clash.person_id, clash.slot_id) for clash in _clashes(session, offered, now)),
        frozenset(booking.id for booking in _bookings(session, offered)),
        offered.free_cancellation_until,
        offered.capacity,
    )


def effects_of(
    session: Session, offered: ActivitySession, *, stood: Stood, told: int, now: datetime
) -> Sequence[Effect]:
    """What the change that was just made does: who is told, who has a clash now, what is to be rebooked elsewhere.

    Who keeps a seat that there is no longer, too. Nothing where it concerns nobody. Nine queries at most, however many
    people.
    """
    return list(_effects(session, offered, stood, told, now))


def _effects(session: Session, offered: ActivitySession, stood: Stood, told: int, now: datetime) -> Iterator[Effect]:
    if told:
        yield Told(told, offered.free_cancellation_until, stood.free_until)
    if offered.capacity is not None and (stood.seats is None or offered.capacity < stood.seats):
        facts = standing.facts_of(session, offered.id, now=now)
        if facts.taken > offered.capacity:
            yield Over(facts.taken, offered.capacity, facts.waiting)
    fresh = [clash for clash in _clashes(session, offered, now) if _key(clash) not in stood.clashes]
    names = accounts.names_of(session, {clash.person_id for clash in fresh})
    for clash in fresh:
        yield NewClash(names[clash.person_id], clash)
    for booking in _bookings(session, offered):
        if booking.id not in stood.bookings:
            yield Rebook(booking.venue.place, booking.start, booking.end, booking.reference, booking.slot_id)


def _key(clash: Clash) -> tuple[int, int]:
    return clash.person_id, clash.slot_id


def _clashes(session: Session, offered: ActivitySession, now: datetime) -> Sequence[Clash]:
    """Of everybody who has a seat in it or runs it; who waits has no date yet."""
    return clashes_of_session(session, offered.id, _bound(session, offered, now), now=now)


def _bound(session: Session, offered: ActivitySession, now: datetime) -> Collection[int]:
    running = queries.organisers_of(session, session_id=offered.id, today=clock.local(now).date())
    seated = (id_ for id_, state in standing.states(session, offered.id).items() if state in SEATED)
    return {*seated, *(grant.person_id for grant in running)}


def _bookings(session: Session, offered: ActivitySession) -> Sequence[VoidBooking]:
    return agenda.bookings_of(session, endpoint=ENDPOINT, subject_id=offered.id)
