"""Reads about venues, slots and commitments, named as answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, and_, bindparam, exists, false, func, or_, select, true
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from dsbs.accounts.models import Person
from dsbs.agenda.models import (
    BusyTime,
    Commitment,
    CommitmentState,
    Slot,
    SlotProgramme,
    SlotState,
    Venue,
    VenueReading,
    Visibility,
    VoidBooking,
)
from dsbs.agenda.rules import LONGEST, STANDING, Span, place_of
from dsbs.core.access import STAFF, Role, Viewer
from dsbs.core.refusals import NotFound
from dsbs.programmes.labels import ProgrammeLabel
from dsbs.programmes.models import Programme

#: For how long what was cancelled is still told to calendar programs.
CANCELLED_TOLD = timedelta(days=30)
#: How far back a personal feed reaches.
FEED_BACK = timedelta(days=90)
#: How often the calendar of a venue elsewhere is read.
READ_EVERY = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Only:
    """What a calendar is narrowed to: the viewer's own, programmes, one venue; else all that she may see."""

    mine: bool = False
    programme_ids: frozenset[int] = frozenset()
    venue_id: int | None = None


@dataclass(frozen=True)
class Entry:
    """A slot as its viewer may see it. Without a title she may only know that the time is taken.

    ``part`` is her own part in it, if she has one. ``endpoint`` and ``subject_id`` name its page.
    """

    slot_id: int
    start: datetime
    end: datetime
    state: SlotState
    title: str | None = None
    kind: str = ""
    where: str = ""
    room: str = ""
    programmes: tuple[ProgrammeLabel, ...] = ()
    part: str | None = None
    endpoint: str | None = None
    subject_id: int | None = None

    @property
    def span(self) -> Span:
        """When it is."""
        return Span(self.start, self.end)

    @property
    def is_cancelled(self) -> bool:
        """Whether it will not be."""
        return self.state is SlotState.CANCELLED


def slots_between(
    session: Session,
    viewer: Viewer,
    *,
    span: Span,
    now: datetime,
    only: Only | None = None,
    programme_ids: Collection[int] = (),
) -> Sequence[Entry]:
    """What stands in the calendar in this span, soonest first, as far as the viewer may see it.

    ``programme_ids`` are the programmes that she belongs to as a researcher. What she may not see is left out, but for
    one venue it is there as an entry without a title: the room is taken. What was cancelled while she was bound to it
    stays, marked so. Two queries, however many slots.
    """
    only = only or Only()
    seen = _seen_by(viewer, programme_ids)
    statement = (
        select(Slot, seen.label("seen"), Commitment.part)
        .outerjoin(Commitment, and_(Commitment.slot_id == Slot.id, Commitment.person_id == viewer.id, _bound()))
        .where(_in(span), or_(standing_at(now), _cancelled_for_viewer()), *_narrowed(only))
        .options(_with_programmes())
        .order_by(Slot.start, Slot.end, Slot.id)
    )
    if only.venue_id is None:
        statement = statement.where(seen)
    return [_entry(slot, seen, part) for slot, seen, part in session.execute(statement)]


def own_slots_between(session: Session, person_id: int, *, span: Span, now: datetime) -> Sequence[Entry]:
    """What a person is bound to in this span, soonest first: as ``slots_between`` with ``mine``, in one query."""
    moments = {"start": span.start, "end": span.end, "longest_before": span.start - LONGEST, "now": now}
    rows = session.execute(_OWN, {"person_id": person_id, **moments})
    return [_own_entry(list(of_slot)) for _id, of_slot in groupby(rows, key=lambda row: row.id)]


def _own_entry(rows: Sequence[Row[*tuple[Any, ...]]]) -> Entry:
    first = rows[0]
    room = first.venue or first.place
    return Entry(
        first.id,
        first.start,
        first.end,
        first.state,
        title=first.title,
        kind=first.kind,
        where=place_of(room, first.building),
        room=room,
        programmes=tuple(
            ProgrammeLabel(row.programme_id, row.colour, row.short_name) for row in rows if row.programme_id is not None
        ),
        part=first.part,
        endpoint=None if first.state is SlotState.CANCELLED else first.endpoint,
        subject_id=first.subject_id,
    )


def commitments_for_feed(session: Session, person_id: int, *, now: datetime) -> Sequence[tuple[Slot, Commitment]]:
    """A person's own entries for her calendar program, oldest first.

    From 90 days ago on; what was cancelled is there for 30 days more. One query.
    """
    rows = session.execute(
        select(Slot, Commitment)
        .join(Commitment, Commitment.slot_id == Slot.id)
        .where(
            Commitment.person_id == person_id,
            _ends_after(now - FEED_BACK),
            _bound(),
            or_(standing_at(now), and_(Slot.state == SlotState.CANCELLED, Slot.changed_at > now - CANCELLED_TOLD)),
        )
        .order_by(Slot.start, Slot.id)
    )
    return [(slot, commitment) for slot, commitment in rows]


def public_slots_for_feed(session: Session, programme_id: int, *, now: datetime) -> Sequence[Slot]:
    """The public slots of a programme that were announced, oldest first; cancelled ones for 30 days more."""
    return session.scalars(
        select(Slot)
        .join(SlotProgramme, SlotProgramme.slot_id == Slot.id)
        .where(
            SlotProgramme.programme_id == programme_id,
            Slot.visibility == Visibility.PUBLIC,
            Slot.firm_at.is_not(None),
            _ends_after(now - FEED_BACK),
            or_(
                Slot.state == SlotState.FIRM,
                and_(Slot.state == SlotState.CANCELLED, Slot.changed_at > now - CANCELLED_TOLD),
            ),
        )
        .order_by(Slot.start, Slot.id)
    ).all()


def coming_of_programme(
    session: Session, programme_id: int, *, seen: Collection[Visibility], now: datetime, most: int
) -> Sequence[Slot]:
    """The next slots of a programme that are firm and not over, of these visibilities, soonest first."""
    return session.scalars(
        select(Slot)
        .join(SlotProgramme, SlotProgramme.slot_id == Slot.id)
        .where(
            SlotProgramme.programme_id == programme_id,
            Slot.visibility.in_(seen),
            Slot.state == SlotState.FIRM,
            _ends_after(now),
        )
        .order_by(Slot.start, Slot.id)
        .limit(most)
    ).all()


def last_change(session: Session) -> datetime | None:
    """When anything in the calendar of the school last changed: an entry that vanishes from a feed is a change too."""
    newest = [select(func.max(table.changed_at)).scalar_subquery() for table in (Slot, Commitment, Venue)]
    return max((moment for moment in session.execute(select(*newest)).one() if moment is not None), default=None)


def person_of_feed(session: Session, key_hash: str) -> Person:
    """Whose feed this is. Raises ``NotFound`` for a forged or replaced key, and for one who was deactivated."""
    found = session.scalars(select(Person).where(Person.feed_key == key_hash, Person.active)).one_or_none()
    if found is None:
        raise NotFound
    return found


def venues(session: Session) -> Sequence[Venue]:
    """All venues by name; those no longer used come last."""
    return session.scalars(select(Venue).order_by(Venue.active.desc(), func.lower(Venue.name), Venue.id)).all()


def venue(session: Session, venue_id: int) -> Venue:
    """One venue. Raises ``NotFound``."""
    found = session.get(Venue, venue_id)
    if found is None:
        raise NotFound
    return found


def slot_elsewhere(session: Session, slot_id: int) -> Slot:
    """A slot that stands in a venue elsewhere, with its programmes. Raises ``NotFound``."""
    found = session.scalars(
        select(Slot)
        .join(Slot.venue)
        .where(Slot.id == slot_id, Slot.state.in_(STANDING), Venue.ours.is_(False))
        .options(_with_programmes())
    ).one_or_none()
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
            _ends_after(now),
            standing_at(now),
            _looked_after_by(viewer),
        )
        .options(_with_programmes())
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
        .where(VoidBooking.settled_on.is_(None), VoidBooking.end > now, _looked_after_by(viewer))
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
        .where(Slot.venue_id == venue_id, _ends_after(now), standing_at(now), _looked_after_by(viewer))
        .options(_with_programmes())
        .order_by(Slot.start, Slot.id)
    ).all()


def standing_in(session: Session, venue_id: int, span: Span, *, besides: Collection[int] = ()) -> Sequence[Slot]:
    """What stands in a venue in this span, lapsed holds included, soonest first."""
    return session.scalars(
        select(Slot)
        .where(Slot.venue_id == venue_id, Slot.state.in_(STANDING), Slot.id.not_in(besides), _in(span))
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


_PARTS = (
    select(Slot.id, Slot.state, Commitment)
    .outerjoin(
        Commitment,
        and_(Commitment.slot_id == Slot.id, Commitment.person_id.in_(bindparam("person_ids", expanding=True))),
    )
    .where(Slot.id.in_(bindparam("slot_ids", expanding=True)))
    .order_by(Slot.id)
)


def parts(
    session: Session, *, slot_ids: Collection[int], person_ids: Collection[int]
) -> tuple[Mapping[int, SlotState], Mapping[tuple[int, int], Commitment]]:
    """The state of these slots, and what part these people have in them, released ones included, by slot and person."""
    rows = session.execute(_PARTS, {"slot_ids": list(slot_ids), "person_ids": list(person_ids)}).all()
    known = {(slot_id, part.person_id): part for slot_id, _, part in rows if part is not None}
    return {slot_id: state for slot_id, state, _ in rows}, known


def _in(span: Span) -> ColumnElement[bool]:
    """Overlap with a span; no slot is longer than the limit, so an index on the start finds them all."""
    return and_(Slot.start < span.end, _ends_after(span.start))


def _ends_after(moment: datetime) -> ColumnElement[bool]:
    return and_(Slot.end > moment, Slot.start > moment - LONGEST)


def standing_at(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Whether the slot of the surrounding query takes its room and people's time at this moment."""
    return or_(
        Slot.state == SlotState.FIRM,
        and_(Slot.state == SlotState.HELD, or_(Slot.held_until.is_(None), Slot.held_until > now)),
    )


def _bound() -> ColumnElement[bool]:
    """Bound now, or until the slot itself was cancelled: both are then marked with the moment of that one change."""
    return or_(
        Commitment.state != CommitmentState.RELEASED,
        and_(Slot.state == SlotState.CANCELLED, Commitment.changed_at == Slot.changed_at),
    )


def _cancelled_for_viewer() -> ColumnElement[bool]:
    return and_(Slot.state == SlotState.CANCELLED, Slot.firm_at.is_not(None), Commitment.id.is_not(None))


def _of_programmes(ids: Collection[int]) -> ColumnElement[bool]:
    if not ids:
        return false()
    return exists().where(SlotProgramme.slot_id == Slot.id, SlotProgramme.programme_id.in_(ids))


def _looked_after_by(viewer: Viewer) -> ColumnElement[bool]:
    """Slots of the programmes that the viewer runs; those of the whole school belong to everybody who runs one."""
    if viewer.is_administrator:
        return true()
    if not viewer.has(*STAFF):
        return false()
    of_school = ~exists().where(SlotProgramme.slot_id == Slot.id)
    return or_(of_school, _of_programmes(viewer.programmes_as(Role.COORDINATOR, Role.LEADER)))


def _seen_by(viewer: Viewer, programme_ids: Collection[int]) -> ColumnElement[bool]:
    """Whether the viewer may know what a slot is. Needs her commitment joined.

    A hold is known only to those who plan it; a private slot only to those bound to it.
    """
    of_hers = true() if viewer.has(Role.READER) else _of_programmes(programme_ids)
    announced = and_(
        Slot.state == SlotState.FIRM,
        or_(
            Slot.visibility.in_((Visibility.PUBLIC, Visibility.SCHOOL)),
            and_(Slot.visibility == Visibility.PROGRAMMES, of_hers),
        ),
    )
    planned = and_(Slot.visibility != Visibility.PRIVATE, _looked_after_by(viewer))
    return or_(Commitment.id.is_not(None), announced, planned)


def _narrowed(only: Only) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if only.mine:
        wanted.append(Commitment.id.is_not(None))
    if only.programme_ids:
        wanted.append(_of_programmes(only.programme_ids))
    if only.venue_id is not None:
        wanted.append(Slot.venue_id == only.venue_id)
    return wanted


def _with_programmes() -> ORMOption:
    link = selectinload(Slot.programme_links).joinedload(SlotProgramme.programme)
    return link.load_only(Programme.code, Programme.short_name, Programme.colour)


def _entry(slot: Slot, seen: bool, part: str | None) -> Entry:
    if not seen:
        return Entry(slot.id, slot.start, slot.end, slot.state, where=slot.where, room=slot.room)
    return Entry(
        slot.id,
        slot.start,
        slot.end,
        slot.state,
        title=slot.title,
        kind=slot.kind,
        where=slot.where,
        room=slot.room,
        programmes=tuple(
            ProgrammeLabel(link.programme.id, link.programme.colour, link.programme.short_name)
            for link in slot.programme_links
        ),
        part=part,
        endpoint=None if slot.state is SlotState.CANCELLED else slot.endpoint,
        subject_id=slot.subject_id,
    )


#: What a person is bound to, a row for each programme of each slot.
_OWN = (
    select(
        Slot.id,
        Slot.start,
        Slot.end,
        Slot.state,
        Slot.title,
        Slot.kind,
        Slot.place,
        Slot.endpoint,
        Slot.subject_id,
        Commitment.part,
        Venue.name.label("venue"),
        Venue.building,
        Programme.id.label("programme_id"),
        Programme.colour,
        Programme.short_name,
    )
    .join(Commitment, Commitment.slot_id == Slot.id)
    .outerjoin(Venue, Venue.id == Slot.venue_id)
    .outerjoin(SlotProgramme, SlotProgramme.slot_id == Slot.id)
    .outerjoin(Programme, Programme.id == SlotProgramme.programme_id)
    .where(
        Commitment.person_id == bindparam("person_id"),
        _bound(),
        Slot.start < bindparam("end"),
        Slot.end > bindparam("start"),
        Slot.start > bindparam("longest_before"),
        or_(standing_at(bindparam("now")), and_(Slot.state == SlotState.CANCELLED, Slot.firm_at.is_not(None))),
    )
    .order_by(Slot.start, Slot.end, Slot.id, Programme.id)
)
