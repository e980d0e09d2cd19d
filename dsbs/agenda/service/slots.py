"""Taking a time and a room, moving several at once, announcing, renaming and cancelling them.

Venues are locked before slots, each in the order of their ids.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import NotRequired, TypedDict, Unpack

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dsbs.agenda.models import Slot, SlotProgramme, SlotState, Venue, Visibility
from dsbs.agenda.rules import STANDING, Span, check_apart, check_move, check_span
from dsbs.agenda.service import bookings, rooms
from dsbs.agenda.service.changes import mark, moment
from dsbs.core.refusals import N_, Refused
from dsbs.history.recorder import RECORDED_BY


class Printed(TypedDict):
    """What a calendar prints of a slot beside its time and venue.

    ``kind`` and ``title`` are printed as they are, ``place`` says where it is without a venue; ``endpoint`` and
    ``subject_id`` name its page.
    """

    kind: str
    title: str
    endpoint: str | None
    subject_id: int | None
    place: NotRequired[str]


@dataclass(frozen=True, kw_only=True)
class Move:
    """Where a slot goes: the venue (or none) and the time that it shall have, changed or not. Moments are aware."""

    slot: Slot
    venue: Venue | None
    start: datetime
    end: datetime

    @property
    def span(self) -> Span:
        """When it shall be."""
        return Span(self.start, self.end)

    @property
    def changes_something(self) -> bool:
        """Whether the slot is not there already."""
        return (self.slot.venue_id, self.slot.span) != (self.venue and self.venue.id, self.span)


def take_slot(
    session: Session,
    *,
    venue: Venue | None,
    start: datetime,
    end: datetime,
    state: SlotState,
    now: datetime,
    programme_ids: Collection[int] = (),
    visibility: Visibility | str = Visibility.SCHOOL,
    held_until: datetime | None = None,
    **printed: Unpack[Printed],
) -> Slot:
    """Take this time, and the venue for it.

    A hold (``state``) is known only to those who plan it, and lapses at ``held_until`` if that is given. Refused when
    the span is empty or longer than 14 days, when the venue is no longer used, or is ours and taken (the refusal names
    what stands there, and until when).
    """
    span = Span(start, end)
    check_span(span)
    rooms.lock(session, [venue])
    rooms.give_way(session, rooms.lapsed_in(session, venue, span, now=now))
    slot = Slot(
        start=start,
        end=end,
        state=state,
        held_until=held_until,
        firm_at=moment(session) if state is SlotState.FIRM else None,
        changed_at=moment(session),
        visibility=Visibility(visibility),
        programme_links=[SlotProgramme(programme_id=id_) for id_ in sorted(set(programme_ids))],
        **printed,
    )
    _put_into(slot, venue)
    with rooms.guarded(session):
        session.add(slot)
    return slot


def move_slots(session: Session, *, moves: Sequence[Move], now: datetime) -> list[Slot]:
    """Move slots to other times and venues, all or none: all are released first, then all are taken.

    So two can swap rooms, and back-to-back ones can shift by an hour. Gives the slots that really moved; their
    sequence rises, and a confirmation of a venue elsewhere is void. Refused like ``take_slot``, when two of the new
    times overlap in one room, and for a cancelled slot.
    """
    for move in moves:
        check_span(move.span)
    rooms.lock(session, [move.venue for move in moves])
    _lock(session, [move.slot for move in moves])
    moving = [move for move in moves if move.changes_something]
    _check_standing(moving)
    _check_apart(moving)
    ids = [move.slot.id for move in moving]
    lapsed = [slot for move in moving for slot in rooms.lapsed_in(session, move.venue, move.span, now=now, besides=ids)]
    rooms.give_way(session, lapsed)
    _set_state(session, moving, SlotState.CANCELLED)
    for move in moving:
        _arrive(session, move)
    with rooms.guarded(session):
        session.flush()
        for state in STANDING:
            _set_state(session, [move for move in moving if move.slot.state is state], state)
    return [move.slot for move in moving]


def make_firm(session: Session, *, slot: Slot) -> Slot:
    """Announce what was held. Refused when it is announced or cancelled already."""
    _lock(session, [slot])
    check_move(slot.state, SlotState.FIRM)
    slot.state = SlotState.FIRM
    slot.held_until = None
    slot.firm_at = moment(session)
    mark(session, slot)
    session.flush()
    return slot


def rename_slot(
    session: Session,
    *,
    slot: Slot,
    title: str,
    programme_ids: Collection[int],
    kind: str | None = None,
    visibility: Visibility | str | None = None,
    place: str | None = None,
) -> Slot:
    """Bring what calendars print of a slot to this; what is not given stays. Nothing happens when nothing differs."""
    wanted = {"title": title, "kind": kind, "place": place, "visibility": visibility and Visibility(visibility)}
    changed = {name: value for name, value in wanted.items() if value is not None and value != getattr(slot, name)}
    for name, value in changed.items():
        setattr(slot, name, value)
    if _set_programmes(slot, frozenset(programme_ids)) or changed:
        mark(session, slot)
        session.flush()
    return slot


def cancel_slots(session: Session, *, slots: Collection[Slot]) -> None:
    """Call slots off; their rooms are free from now on, those elsewhere once they were told so (``bookings``).

    Calendars that know them show them as cancelled for 30 days. As many statements for one as for a dozen. Refused when
    one of them was cancelled already.
    """
    _lock(session, slots)
    for slot in slots:
        check_move(slot.state, SlotState.CANCELLED)
    for slot in slots:
        bookings.leave(session, slot)
        slot.state = SlotState.CANCELLED
        mark(session, slot)
    session.flush()


def _lock(session: Session, slots: Iterable[Slot]) -> None:
    """Hold these slots until the change is done, and read them again."""
    statement = select(Slot).where(Slot.id.in_([slot.id for slot in slots])).order_by(Slot.id).with_for_update(of=Slot)
    session.scalars(statement.execution_options(populate_existing=True)).all()


def _check_standing(moves: Iterable[Move]) -> None:
    for move in moves:
        if move.slot.state is SlotState.CANCELLED:
            raise Refused(N_("“%(title)s” was cancelled and cannot be moved."), title=move.slot.title)


def _check_apart(moves: Iterable[Move]) -> None:
    in_rooms = [(move.venue.id, move.span) for move in moves if move.venue is not None and move.venue.ours]
    for _, group in groupby(sorted(in_rooms), key=lambda placed: placed[0]):
        check_apart(span for _, span in group)


def _arrive(session: Session, move: Move) -> None:
    slot = move.slot
    bookings.leave(session, slot)
    slot.start, slot.end = move.start, move.end
    _put_into(slot, move.venue)
    slot.asked_on = slot.confirmed_on = slot.reference = slot.confirmed_by = None
    bookings.come_back(session, slot)
    mark(session, slot)


def _put_into(slot: Slot, venue: Venue | None) -> None:
    slot.venue = venue
    slot.venue_id = venue.id if venue else None
    slot.venue_ours = venue.ours if venue else None


def _set_state(session: Session, moves: Collection[Move], state: SlotState) -> None:
    """Step aside, or come back: the state is the same afterwards, and the history records the move itself."""
    session.execute(
        update(Slot)
        .where(Slot.id.in_([move.slot.id for move in moves]))
        .values(state=state)
        .execution_options(synchronize_session=False, **{RECORDED_BY: "move_slots"})
    )


def _set_programmes(slot: Slot, wanted: frozenset[int]) -> bool:
    kept = [link for link in slot.programme_links if link.programme_id in wanted]
    added = sorted(wanted - {link.programme_id for link in kept})
    if not added and len(kept) == len(slot.programme_links):
        return False
    slot.programme_links = [*kept, *(SlotProgramme(programme_id=id_) for id_ in added)]
    return True
