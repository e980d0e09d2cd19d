"""When a venue elsewhere is busy by its own calendar: claimed, read by whoever claimed it, replaced as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from dsbs.agenda.models import BusyTime, Venue, VenueReading
from dsbs.agenda.venue_queries import READ_EVERY
from dsbs.core.refusals import N_, Refused
from dsbs.exchange.busy import Busy


def claim_reading(session: Session, *, venue_id: int, now: datetime) -> str | None:
    """The address to read now, for one process alone; None when another one reads it, or it is not due any more.

    A process that dies while it reads leaves the old times; the calendar is due again after an hour.
    """
    venue, reading = _locked(session, venue_id)
    if venue.calendar_url is None or (reading is not None and reading.tried_at > now - READ_EVERY):
        return None
    if reading is None:
        session.add(VenueReading(venue_id=venue_id, source=venue.calendar_url, tried_at=now))
    else:
        reading.source, reading.tried_at = venue.calendar_url, now
    session.flush()
    return venue.calendar_url


def keep_reading(session: Session, *, venue_id: int, url: str, times: Sequence[Busy], now: datetime) -> None:
    """Take over what was read at an address; nothing happens when the venue has another address by now."""
    venue, reading = _locked(session, venue_id)
    if reading is not None and venue.calendar_url == url:
        _replace(session, reading, times, now)


def keep_failure(session: Session, *, venue_id: int, url: str, sentence: str) -> None:
    """Note why a reading failed; what was read before stays."""
    venue, reading = _locked(session, venue_id)
    if reading is not None and venue.calendar_url == url:
        reading.failure = sentence
        session.flush()


def take_file(session: Session, *, venue: Venue, name: str, times: Sequence[Busy], now: datetime) -> None:
    """Take over the times of a file that somebody sent, in the place of those of an earlier one.

    Refused for a venue of ours, and where an address is read: the next reading would undo it.
    """
    venue, reading = _locked(session, venue.id)
    if venue.ours:
        raise Refused(N_("A room of ours has no calendar of its own: what stands in it is planned here."))
    if venue.calendar_url is not None:
        raise Refused(N_("The calendar of this venue is read from an address. Take the address out first."))
    if reading is None:
        reading = VenueReading(venue_id=venue.id)
        session.add(reading)
    reading.source, reading.tried_at = name[:500], now
    _replace(session, reading, times, now)


def forget(session: Session, venue_id: int) -> None:
    """Forget what was read: the venue is ours now, or has another calendar."""
    for model in (BusyTime, VenueReading):
        session.execute(delete(model).where(model.venue_id == venue_id))


def _locked(session: Session, venue_id: int) -> tuple[Venue, VenueReading | None]:
    locked = select(Venue).where(Venue.id == venue_id).with_for_update(key_share=True)
    venue = session.scalars(locked.execution_options(populate_existing=True)).one()
    return venue, session.get(VenueReading, venue_id, populate_existing=True)


def _replace(session: Session, reading: VenueReading, times: Sequence[Busy], now: datetime) -> None:
    reading.read_at, reading.failure = now, None
    session.flush()
    session.execute(delete(BusyTime).where(BusyTime.venue_id == reading.venue_id))
    rows = [{"venue_id": reading.venue_id, "start": time.start, "end": time.end, "title": time.title} for time in times]
    if rows:
        session.execute(insert(BusyTime), rows)
