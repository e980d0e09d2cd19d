"""Adding and changing venues."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.agenda import venue_queries
from dsbs.agenda.models import Slot, Venue
from dsbs.agenda.rules import Equipment
from dsbs.agenda.service.busy import forget
from dsbs.agenda.service.changes import moment
from dsbs.agenda.service.rooms import guarded
from dsbs.core.refusals import N_, Refused


@dataclass(frozen=True, kw_only=True)
class VenueFacts:
    """What is known of a venue. ``capacity`` is empty where nobody knows it."""

    name: str
    ours: bool
    building: str = ""
    address: str = ""
    capacity: int | None = None
    equipment: frozenset[Equipment] = frozenset()
    contact: str = ""
    notes: str = ""
    calendar_url: str | None = None


def add_venue(session: Session, *, facts: VenueFacts) -> Venue:
    """Add a venue. The database refuses a second one of this name in the building."""
    venue = Venue()
    _write(venue, facts)
    venue.changed_at = moment(session)
    session.add(venue)
    session.flush()
    return venue


def edit_venue(session: Session, *, venue: Venue, facts: VenueFacts) -> Venue:
    """Change what is known of a venue.

    One that becomes ours is guarded from then on: refused, with their names, while two slots in it overlap, past ones
    included. With another address of its calendar, what was read so far is forgotten; one of ours has no such calendar.
    """
    session.scalars(select(Venue).where(Venue.id == venue.id).with_for_update()).one()
    if facts.ours and not venue.ours:
        _check_no_overlaps(venue_queries.overlaps_in(session, venue.id))
    if facts.ours or facts.calendar_url != venue.calendar_url:
        forget(session, venue.id)
    with guarded(session):
        _write(venue, facts)
        if session.is_modified(venue):
            venue.changed_at = moment(session)
    return venue


def deactivate_venue(session: Session, *, venue: Venue) -> Venue:
    """Let nothing new be planned in a venue; what stands in it stays."""
    return _set_active(session, venue, False)


def activate_venue(session: Session, *, venue: Venue) -> Venue:
    """Use a venue again."""
    return _set_active(session, venue, True)


def _set_active(session: Session, venue: Venue, active: bool) -> Venue:
    if venue.active is not active:
        venue.active = active
        venue.changed_at = moment(session)
        session.flush()
    return venue


def _write(venue: Venue, facts: VenueFacts) -> None:
    values = asdict(facts)
    values["calendar_url"] = None if facts.ours else facts.calendar_url
    values["equipment"] = sorted(kind.value for kind in facts.equipment)
    for name, value in values.items():
        if getattr(venue, name) != value:
            setattr(venue, name, value)


def _check_no_overlaps(pairs: Sequence[tuple[Slot, Slot]]) -> None:
    if not pairs:
        return
    one, other = pairs[0]
    raise Refused(
        N_(
            "“%(one)s” and “%(other)s” overlap here on %(day)s (%(count)d such pairs in all). "
            "A room of ours holds one at a time: move one of them first."
        ),
        field="ours",
        one=one.title,
        other=other.title,
        day=max(one.start, other.start).astimezone(ZoneInfo(one.zone)).date(),
        count=len(pairs),
    )
