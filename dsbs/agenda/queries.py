"""Reads about slots and commitments, for calendars and feeds, named as answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, func, or_, select, true
from sqlalchemy.orm import Session

from dsbs.accounts.models import Person
from dsbs.agenda.models import (
    Commitment,
    CommitmentState,
    Slot,
    SlotProgramme,
    SlotState,
    Venue,
    Visibility,
)
from dsbs.agenda.rules import LONGEST, Span, place_of
from dsbs.agenda.terms import ends_after, in_span, looked_after_by, of_programmes, standing_at, with_programmes
from dsbs.core.access import Role, Viewer
from dsbs.core.refusals import NotFound
from dsbs.programmes.labels import ProgrammeLabel
from dsbs.programmes.models import Programme

#: For how long what was cancelled is still told to calendar programs.
CANCELLED_TOLD = timedelta(days=30)
#: How far back a personal feed reaches.
FEED_BACK = timedelta(days=90)


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
        .where(in_span(span), or_(standing_at(now), _cancelled_for_viewer()), *_narrowed(only))
        .options(with_programmes())
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
            ends_after(now - FEED_BACK),
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
            ends_after(now - FEED_BACK),
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
            ends_after(now),
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


def _bound() -> ColumnElement[bool]:
    """Bound now, or until the slot itself was cancelled: both are then marked with the moment of that one change."""
    return or_(
        Commitment.state != CommitmentState.RELEASED,
        and_(Slot.state == SlotState.CANCELLED, Commitment.changed_at == Slot.changed_at),
    )


def _cancelled_for_viewer() -> ColumnElement[bool]:
    return and_(Slot.state == SlotState.CANCELLED, Slot.firm_at.is_not(None), Commitment.id.is_not(None))


def _seen_by(viewer: Viewer, programme_ids: Collection[int]) -> ColumnElement[bool]:
    """Whether the viewer may know what a slot is. Needs her commitment joined.

    A hold is known only to those who plan it; a private slot only to those bound to it.
    """
    of_hers = true() if viewer.has(Role.READER) else of_programmes(programme_ids)
    announced = and_(
        Slot.state == SlotState.FIRM,
        or_(
            Slot.visibility.in_((Visibility.PUBLIC, Visibility.SCHOOL)),
            and_(Slot.visibility == Visibility.PROGRAMMES, of_hers),
        ),
    )
    planned = and_(Slot.visibility != Visibility.PRIVATE, looked_after_by(viewer))
    return or_(Commitment.id.is_not(None), announced, planned)


def _narrowed(only: Only) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if only.mine:
        wanted.append(Commitment.id.is_not(None))
    if only.programme_ids:
        wanted.append(of_programmes(only.programme_ids))
    if only.venue_id is not None:
        wanted.append(Slot.venue_id == only.venue_id)
    return wanted


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
