"""Bookings of venues elsewhere that no longer fit: noted when a slot leaves, settled when those who run it know."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from dsbs.agenda.models import Slot, VoidBooking
from dsbs.agenda.service.changes import moment
from dsbs.core.refusals import N_, Refused


def leave(session: Session, slot: Slot) -> None:
    """Note that the place and time of this slot, as booked elsewhere, are not needed any more.

    Nothing is noted where nobody was asked, and for what is over. Called before the slot changes.
    """
    if slot.asked_on is None or slot.venue is None or slot.venue.ours or slot.end <= moment(session):
        return
    session.add(
        VoidBooking(
            slot_id=slot.id,
            venue_id=slot.venue.id,
            start=slot.start,
            end=slot.end,
            asked_on=slot.asked_on,
            confirmed_on=slot.confirmed_on,
            reference=slot.reference,
            confirmed_by=slot.confirmed_by,
            arose_at=moment(session),
        )
    )


def come_back(session: Session, slot: Slot) -> None:
    """Let a booking hold again when the slot is back where it was and nobody has given the booking up meanwhile."""
    if slot.venue is None or slot.venue.ours:
        return
    session.flush()
    found = session.scalars(
        _open_of(slot).where(VoidBooking.start == slot.start, VoidBooking.end == slot.end)
    ).one_or_none()
    if found is None:
        return
    slot.asked_on, slot.confirmed_on = found.asked_on, found.confirmed_on
    slot.reference, slot.confirmed_by = found.reference, found.confirmed_by
    session.delete(found)


def settle_moved(session: Session, slot: Slot) -> None:
    """What was booked before in the same venue is settled by the answer for the new time."""
    for booking in session.scalars(_open_of(slot)):
        booking.settled_on, booking.settled_by = slot.confirmed_on, slot.confirmed_by
        booking.settled_reference = slot.reference


def settle_booking(
    session: Session, *, booking: VoidBooking, on: date, by: str, reference: str, today: date
) -> VoidBooking:
    """Write down who there cancelled a booking that is not needed any more, when, and under which reference, if any.

    The caller has locked the row. Refused for a day to come, before the asking, and when it was settled already.
    """
    if booking.settled_on is not None:
        raise Refused(N_("This was written down already."))
    if on > today:
        raise Refused(N_("This day is still to come. Write down the day of the answer."), field="on")
    if on < booking.asked_on:
        raise Refused(N_("The answer comes before the asking. Check the day."), field="on")
    booking.settled_on, booking.settled_by, booking.settled_reference = on, by, reference or None
    session.flush()
    return booking


def _open_of(slot: Slot) -> Select[VoidBooking]:
    return select(VoidBooking).where(
        VoidBooking.slot_id == slot.id, VoidBooking.venue_id == slot.venue_id, VoidBooking.settled_on.is_(None)
    )
