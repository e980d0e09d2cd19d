"""Who has two things at the same time: all commitments of a person are looked at, whatever feature wrote them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, Select, and_, bindparam, literal, or_, select
from sqlalchemy.orm import Session, aliased

from dsbs.agenda.models import Commitment, CommitmentState, Slot, SlotState, Venue, Visibility
from dsbs.agenda.rules import STANDING, place_of
from dsbs.agenda.terms import standing_at


@dataclass(frozen=True, slots=True)
class Clash:
    """What a person is bound to, as ``part``, at the time of something else. Moments are aware UTC.

    ``is_open`` says whether others may know what it is; without, they may only know that she is not free.
    """

    person_id: int
    slot_id: int
    start: datetime
    end: datetime
    title: str
    where: str
    part: str
    is_open: bool
    endpoint: str | None
    subject_id: int | None


_Mine, _MyPart = aliased(Slot), aliased(Commitment)
#: The person's other slots that overlap what is asked about, with the id of that: slots are told by what they are for.
_CLASHES = (
    select(
        _Mine.subject_id.label("of_id"),
        Commitment.person_id,
        Slot.id.label("slot_id"),
        Slot.start,
        Slot.end,
        Slot.title,
        Slot.place,
        Slot.state,
        Slot.visibility,
        Slot.endpoint,
        Slot.subject_id,
        Commitment.part,
        Venue.name.label("venue"),
        Venue.building,
    )
    .select_from(Commitment)
    .join(Slot, Slot.id == Commitment.slot_id)
    .join(_Mine, and_(_Mine.start < Slot.end, Slot.start < _Mine.end))
    .outerjoin(Venue, Venue.id == Slot.venue_id)
    .where(
        Commitment.state != CommitmentState.RELEASED,
        standing_at(bindparam("now")),
        _Mine.endpoint == bindparam("endpoint"),
        _Mine.state.in_(STANDING),
        _Mine.end > bindparam("now"),
        # A meeting of the same thing is no clash; what has no page is never the same thing.
        or_(Slot.endpoint.is_(None), Slot.endpoint != _Mine.endpoint, Slot.subject_id != _Mine.subject_id),
    )
    .order_by(Slot.start, Slot.id, Commitment.person_id)
)
_WITH = _CLASHES.where(
    _Mine.subject_id == bindparam("subject_id"), Commitment.person_id.in_(bindparam("person_ids", expanding=True))
)
_WITH_SEVERAL = _CLASHES.where(
    _Mine.subject_id.in_(bindparam("subject_ids", expanding=True)), Commitment.person_id == bindparam("person_id")
)
_AMONG_OWN = _CLASHES.join(_MyPart, _MyPart.slot_id == _Mine.id).where(
    Commitment.person_id == bindparam("person_id"),
    _MyPart.person_id == bindparam("person_id"),
    _MyPart.state != CommitmentState.RELEASED,
)


def is_busy(*, subject_id: BindParameter[int], person_id: BindParameter[int]) -> ColumnElement[bool]:
    """Whether a person has any clash with one thing, for a statement that asks more than that.

    That statement must be given ``endpoint``, which names the thing together with ``subject_id``, and ``now``.
    """
    hers = _CLASHES.where(_Mine.subject_id == subject_id, Commitment.person_id == person_id)
    return hers.with_only_columns(literal(1)).order_by(None).exists()


def clashes_with(
    session: Session, *, endpoint: str, subject_id: int, person_ids: Collection[int], now: datetime
) -> Sequence[Clash]:
    """What these people have at the times of one thing, as far as these are still to come, soonest first. One query.

    The thing is named as slots name it; whether they are bound to it themselves makes no difference.
    """
    about = {"endpoint": endpoint, "subject_id": subject_id, "person_ids": list(person_ids), "now": now}
    return [clash for _of, clash in _read(session, _WITH, about)] if person_ids else []


def clashes_with_several(
    session: Session, person_id: int, *, endpoint: str, subject_ids: Collection[int], now: datetime
) -> Mapping[int, Sequence[Clash]]:
    """What one person has at the times of several things, by their ids; as ``clashes_with``. One query."""
    about = {"endpoint": endpoint, "subject_ids": list(subject_ids), "person_id": person_id, "now": now}
    return _by_thing(_read(session, _WITH_SEVERAL, about))


def clashes_among_own(
    session: Session, person_id: int, *, endpoint: str, now: datetime
) -> Mapping[int, Sequence[Clash]]:
    """What else a person has at the times of the things of this kind that she is bound to, by their ids. One query."""
    return _by_thing(_read(session, _AMONG_OWN, {"person_id": person_id, "endpoint": endpoint, "now": now}))


def _by_thing(read: Collection[tuple[int, Clash]]) -> Mapping[int, Sequence[Clash]]:
    found: dict[int, list[Clash]] = defaultdict(list)
    for of_id, clash in read:
        found[of_id].append(clash)
    return found


def _read(
    session: Session, statement: Select[*tuple[Any, ...]], values: Mapping[str, object]
) -> Collection[tuple[int, Clash]]:
    """Each clash once, however many of the times it overlaps."""
    return dict.fromkeys((row.of_id, _clash(row)) for row in session.execute(statement, values))


def _clash(row: Row[*tuple[Any, ...]]) -> Clash:
    announced = row.state is SlotState.FIRM
    return Clash(
        person_id=row.person_id,
        slot_id=row.slot_id,
        start=row.start,
        end=row.end,
        title=row.title,
        where=place_of(row.venue, row.building) if row.venue else row.place,
        part=row.part,
        is_open=announced and row.visibility in (Visibility.PUBLIC, Visibility.SCHOOL),
        endpoint=row.endpoint,
        subject_id=row.subject_id,
    )
