"""Reads about venues: what stands in them, what was booked elsewhere, when others are there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from dsbs.agenda.models import BusyTime, Slot, SlotProgramme, Venue, VenueReading, VoidBooking
from dsbs.agenda.rules import STANDING, Span
from dsbs.agenda.terms import ends_after, in_span, looked_after_by, standing_at, with_programmes
from dsbs.core.access import Viewer
from dsbs.core.refusals import NotFound

#: How often the calendar of a venue elsewhere is read.
READ_EVERY = timedelta(hours=1)


def venues(session: Session) -> Sequence[Venue]:
    """All venues by name; those no longer used come last."""
    return session.scalars(select(Venue).order_by(Venue.active.desc(), func.lower(Venue.name), Venue.id)).all()


def venue(session: Session, venue_id: int) -> Venue:
    """One venue. Raises ``NotFound``."""
    found = session.get(Venue, venue_id)
    if found is None:
        raise NotFound
    return found


def slot_elsewhere(session: Session, slot_id: int, *, lock: bool = False) -> Slot:
    """A slot that stands in a venue elsewhere, with its programmes; locked for a change. Raises ``NotFound``."""
    statement = (
        select(Slot)
        .join(Slot.venue)
        .where(Slot.id == slot_id, Slot.state.in_(STANDING), Venue.ours.is_(False))
        .options(with_programmes())
        .execution_options(populate_existing=True)
    )
    found = session.scalars(statement.with_for_update(of=Slot) if lock else statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def slots_to_confirm(session: Session, viewer: Viewer, *, now: datetime) -> Sequence[Slot]:
    """Slots to come in venues elsewhere that are not confirmed yet and that the viewer looks after, soonest first."""
    return session.scalars(
        select(Slot)
        .join(Slot.venue)
        .where(
            Venue.ours.is_(False),
            Slot.confirmed_on.is_(None),
            ends_after(now),
            standing_at(now),
            looked_after_by(viewer),
        )
        .options(with_programmes())
        .order_by(Slot.start, Slot.id)
    ).all()


def bookings_to_settle(
    session: Session, viewer: Viewer, *, now: datetime, venue_id: int | None = None
) -> Sequence[VoidBooking]:
    """Bookings elsewhere that are not needed any more and still stand there, of slots that the viewer looks after.

    The soonest first; what is over needs no word any more. ``venue_id`` narrows them to one venue. Two queries.
    """
    statement = (
        select(VoidBooking)
        .join(VoidBooking.slot)
        .where(VoidBooking.settled_on.is_(None), VoidBooking.end > now, looked_after_by(viewer))
        .options(contains_eager(VoidBooking.slot), joinedload(VoidBooking.venue))
        .order_by(VoidBooking.start, VoidBooking.id)
    )
    if venue_id is not None:
        statement = statement.where(VoidBooking.venue_id == venue_id)
    return session.scalars(statement).all()


def void_booking(session: Session, booking_id: int, *, lock: bool = False) -> VoidBooking:
    """A booking that is not needed any more, with its slot's programmes; locked for a change. Raises ``NotFound``."""
    statement = (
        select(VoidBooking)
        .where(VoidBooking.id == booking_id)
        .options(
            joinedload(VoidBooking.slot).selectinload(Slot.programme_links).joinedload(SlotProgramme.programme),
            joinedload(VoidBooking.venue),
        )
        .execution_options(populate_existing=True)
    )
    found = session.scalars(statement.with_for_update(of=VoidBooking) if lock else statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def bookings_of(session: Session, *, endpoint: str, subject_id: int) -> Sequence[VoidBooking]:
    """The open bookings elsewhere that one thing, named as slots name it, does not need any more, soonest first."""
    return session.scalars(
        select(VoidBooking)
        .join(VoidBooking.slot)
        .where(VoidBooking.settled_on.is_(None), Slot.endpoint == endpoint, Slot.subject_id == subject_id)
        .options(contains_eager(VoidBooking.slot), joinedload(VoidBooking.venue))
        .order_by(VoidBooking.start, VoidBooking.id)
    ).all()


def busy_between(session: Session, venue_id: int, span: Span) -> Sequence[BusyTime]:
    """When a venue elsewhere is taken by others in this span, by its own calendar, soonest first."""
    return busy_at(session, [(venue_id, span)])


def busy_at(session: Session, places: Collection[tuple[int, Span]]) -> Sequence[BusyTime]:
    """What others have in any of these venues at these times, soonest first. One query."""
    if not places:
        return []
    met = [
        and_(BusyTime.venue_id == venue_id, BusyTime.start < span.end, BusyTime.end > span.start)
        for venue_id, span in places
    ]
    return session.scalars(select(BusyTime).where(or_(*met)).order_by(BusyTime.start, BusyTime.id)).all()


def reading_of(session: Session, venue_id: int) -> VenueReading | None:
    """How the calendar of a venue was last read."""
    return session.get(VenueReading, venue_id)


def calendars_due(session: Session, *, now: datetime) -> Sequence[int]:
    """The venues whose calendar is to be read again, by id: an hour after the last try, at once with a new address."""
    return session.scalars(
        select(Venue.id)
        .outerjoin(VenueReading, VenueReading.venue_id == Venue.id)
        .where(
            Venue.calendar_url.is_not(None),
            Venue.active,
            or_(VenueReading.venue_id.is_(None), VenueReading.tried_at <= now - READ_EVERY),
        )
        .order_by(Venue.id)
    ).all()


def slots_elsewhere_in(session: Session, viewer: Viewer, venue_id: int, *, now: datetime) -> Sequence[Slot]:
    """The slots to come in one venue that the viewer looks after, soonest first."""
    return session.scalars(
        select(Slot)
        .where(Slot.venue_id == venue_id, ends_after(now), standing_at(now), looked_after_by(viewer))
        .options(with_programmes())
        .order_by(Slot.start, Slot.id)
    ).all()


def standing_in(session: Session, venue_id: int, span: Span, *, besides: Collection[int] = ()) -> Sequence[Slot]:
    """What stands in a venue in this span, lapsed holds included, soonest first."""
    return session.scalars(
        select(Slot)
        .where(Slot.venue_id == venue_id, Slot.state.in_(STANDING), Slot.id.not_in(besides), in_span(span))
        .order_by(Slot.start, Slot.id)
    ).all()


def overlaps_in(session: Session, venue_id: int) -> Sequence[tuple[Slot, Slot]]:
    """Pairs of slots that stand in a venue at the same time, past ones included; the earliest first."""
    other = aliased(Slot)
    rows = session.execute(
        select(Slot, other)
        .join(other, and_(other.venue_id == Slot.venue_id, other.id > Slot.id))
        .where(
            Slot.venue_id == venue_id,
            Slot.state.in_(STANDING),
            other.state.in_(STANDING),
            Slot.start < other.end,
            other.start < Slot.end,
        )
        .order_by(Slot.start, Slot.id, other.start)
    )
    return [(one, two) for one, two in rows]
