"""Who is in a room: looked up under the venue's lock, so that of two who ask at once the second is told in words.

The database's own guard stands behind it and speaks up only where the lock was not taken.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dsbs.agenda import guards, venue_queries
from dsbs.agenda.models import Slot, SlotState, Venue, Visibility
from dsbs.agenda.rules import Span
from dsbs.agenda.service.changes import mark
from dsbs.core.refusals import N_, Refused


class RoomTaken(Refused):
    """A room that is not free. ``endpoint`` and ``subject_id`` name the page of what stands there, if it has one."""

    def __init__(self, sentence: str, slot: Slot, **values: object) -> None:
        super().__init__(sentence, field="venue", **values)
        self.endpoint, self.subject_id, self.span = slot.endpoint, slot.subject_id, slot.span


def lock(session: Session, venues: Iterable[Venue | None]) -> None:
    """Hold these venues until the change is done, in the order of their ids; refuses one that is no longer used."""
    wanted = {venue.id for venue in venues if venue is not None}
    if not wanted:
        return
    rows = session.scalars(
        select(Venue)
        .where(Venue.id.in_(wanted))
        .order_by(Venue.id)
        # The weaker of the two locks: other slots may go on pointing to the row.
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    for venue in rows.all():
        if not venue.active:
            raise Refused(N_("%(venue)s is no longer used. Choose another room."), field="venue", venue=venue.place)


def lapsed_in(
    session: Session, venue: Venue | None, span: Span, *, now: datetime, besides: Collection[int] = ()
) -> list[Slot]:
    """The lapsed holds that must give way before a room of ours can be taken.

    Refuses when anything else stands there; says what, as far as everybody may know it, and until when.
    """
    if venue is None or not venue.ours:
        return []
    there = venue_queries.standing_in(session, venue.id, span, besides=besides)
    for slot in there:
        if not _has_lapsed(slot, now):
            raise taken_by(slot, venue)
    return list(there)


def give_way(session: Session, lapsed: Iterable[Slot]) -> None:
    """End lapsed holds, so that their room can be taken."""
    for slot in lapsed:
        slot.state = SlotState.CANCELLED
        mark(session, slot)
    session.flush()


def taken_by(slot: Slot, venue: Venue) -> RoomTaken:
    """The refusal that names what stands in a room, as far as everybody at the school may know it."""
    until = slot.end.astimezone(ZoneInfo(slot.zone))
    is_known = slot.state is SlotState.FIRM and slot.visibility in (Visibility.PUBLIC, Visibility.SCHOOL)
    return RoomTaken(
        N_("%(venue)s is taken by “%(title)s” until %(time)s on %(day)s. Choose another room or time.")
        if is_known
        else N_("%(venue)s is taken until %(time)s on %(day)s. Choose another room or time."),
        slot,
        venue=venue.name,
        title=slot.title,
        time=f"{until:%H:%M}",
        day=until.date(),
    )


@contextmanager
def guarded(session: Session) -> Iterator[None]:
    """Flush what the block does; the database's guard against double booking becomes a refusal.

    The block runs in a savepoint, so that the caller can go on after a refusal.
    """
    try:
        with session.begin_nested():
            yield
            session.flush()
    except IntegrityError as error:
        if guards.TAKEN not in str(error.orig):
            raise
        raise Refused(
            N_("Somebody took this room for this time just before you. Choose another room or time."), field="venue"
        ) from error


def _has_lapsed(slot: Slot, now: datetime) -> bool:
    return slot.state is SlotState.HELD and slot.held_until is not None and slot.held_until <= now
