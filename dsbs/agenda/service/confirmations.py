"""What was asked for and confirmed by those who run a venue elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from dsbs.agenda.models import Slot
from dsbs.agenda.service import bookings
from dsbs.core.refusals import N_, Refused


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """The answer of a venue elsewhere: the day of it, its reference, and who there gave it."""

    on: date
    reference: str
    by: str


def confirm_venue(
    session: Session, *, slot: Slot, asked_on: date | None, confirmation: Confirmation | None, today: date
) -> Slot:
    """Write down when the venue was asked for and, once it answered, its confirmation; without one it is open (again).

    The caller has locked the row. An answer also settles what was booked there for the slot before it moved. Calendars
    do not print this, so the sequence stays. Refused for a venue of ours, for days to come, for a confirmation before
    the asking, and when there is nothing to write down or to take back.
    """
    if slot.venue is None or slot.venue.ours:
        raise Refused(N_("Only a venue elsewhere is asked for and confirmed."))
    if asked_on is not None and asked_on > today:
        raise Refused(N_("This day is still to come. Write down the day on which you asked."), field="asked_on")
    if confirmation is not None:
        _check(confirmation, asked_on, today)
    elif asked_on is None and slot.asked_on is None:
        raise Refused(N_("Nothing is written down yet. Give the day on which you asked."), field="asked_on")
    slot.asked_on = asked_on
    slot.confirmed_on = confirmation.on if confirmation else None
    slot.reference = confirmation.reference if confirmation else None
    slot.confirmed_by = confirmation.by if confirmation else None
    if confirmation is not None:
        bookings.settle_moved(session, slot)
    session.flush()
    return slot


def _check(confirmation: Confirmation, asked_on: date | None, today: date) -> None:
    if confirmation.on > today:
        raise Refused(N_("This day is still to come. Write down the day of the answer."), field="confirmed_on")
    if asked_on is None:
        raise Refused(N_("Say when the venue was asked for."), field="asked_on")
    if confirmation.on < asked_on:
        raise Refused(N_("The answer comes before the asking. Check both days."), field="confirmed_on")
