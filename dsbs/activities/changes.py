"""Where and when a session was to meet before an edit, and how its meetings moved, as the history knows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.activities.models import ActivitySession
from dsbs.agenda.models import Slot, SlotState, Venue
from dsbs.core.refusals import NotFound
from dsbs.history import queries as history
from dsbs.history.models import Change

#: The page of a session, by which its slots name it.
ENDPOINT = "activities.session"
#: What the history calls the step of who is moved in a waiting list; those whom she passes are updated by it.
MOVED = "move"
#: More changes than one session ever sees.
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """When and where one meeting is, as people read it; ``where`` is empty while the place is open."""

    start: datetime
    end: datetime
    where: str


@dataclass(frozen=True, slots=True)
class Move:
    """What one change did to a meeting: where it was and is then; None when it was not yet, or is no more."""

    slot_id: int
    session_id: int
    was: Whereabouts | None
    now: Whereabouts | None


@dataclass(frozen=True)
class Rearranged:
    """What an edit of a session changed for who comes.

    ``was`` are the meetings that are no more, ``fresh`` those that were not: one that moved is in both. ``gone`` are
    the slots of meetings that were taken away. ``link_changed``: one joins online at another address, or no more.
    """

    was: Sequence[Whereabouts]
    fresh: Collection[Whereabouts]
    gone: Sequence[Slot]
    link_changed: bool


def rearranged_by(session: Session, offered: ActivitySession, *, revision: int) -> Rearranged:
    """How the session stood before the edit that made this revision of it, beside how it stands now.

    Raises ``NotFound`` when the history knows no such edit, and when nothing differs (any more).
    """
    slots = _slots_of(session, [offered.id])
    link, since = _since(session, offered, [slot.id for slot in slots], revision)
    stood = {slot: values for slot in slots if (values := _as_it_was(slot, since)) is not None}
    venues = _places(session, [values["venue_id"] for values in stood.values()])
    was = {_whereabouts(values, venues) for values in stood.values()}
    now = {whereabouts(meeting.slot) for meeting in offered.meetings}
    found = Rearranged(
        was=sorted(was - now, key=lambda one: one.start),
        fresh=now - was,
        gone=[slot for slot in stood if slot.state is SlotState.CANCELLED],
        link_changed=link != offered.online_link,
    )
    if not (found.was or found.fresh or found.gone or found.link_changed):
        raise NotFound
    return found


def moves_of(session: Session, session_ids: Collection[int]) -> Mapping[int, Move]:
    """How the meetings of these sessions came, moved and went, by the id of the change. Three queries."""
    slots = _slots_of(session, session_ids)
    told = history.changes_of_all(session, "slot", [slot.id for slot in slots])
    steps = list(_steps({slot.id: _values(slot) for slot in slots}, told))
    venues = _places(session, {values["venue_id"] for _change, *sides in steps for values in sides if values})

    def said(values: dict[str, Any] | None) -> Whereabouts | None:
        return None if values is None or _is_cancelled(values) else _whereabouts(values, venues)

    owners = {slot.id: slot.subject_id or 0 for slot in slots}
    return {
        change.id: Move(change.subject_id, owners[change.subject_id], said(was), said(now))
        for change, was, now in steps
    }


@dataclass(frozen=True, slots=True)
class CapacitySet:
    """That a session was given the seats that it has now: how many it had, when, by whom, and why if it was said."""

    was: int
    at: datetime
    by: str
    reason: str


def capacity_set(session: Session, offered: ActivitySession) -> CapacitySet | None:
    """How this session came to its seats, when they were changed since it was planned. One query."""
    raised = select(Change).where(
        Change.subject == "activity_session",
        Change.subject_id == offered.id,
        Change.action == "update",
        Change.values[("capacity", 1)].as_integer() == offered.capacity,
    )
    found = session.scalars(raised.order_by(Change.id.desc()).limit(1)).one_or_none()
    was = found.values["capacity"][0] if found else None
    return CapacitySet(was, found.at, found.by_name, reason_in(found.why)) if found and was else None


def reason_in(why: str) -> str:
    """What somebody typed as her reason, out of the cause of a change: "Added by hand: asked for" is "asked for"."""
    return why.partition(": ")[2]


def _steps(
    stand: dict[int, dict[str, Any]], told: Sequence[Change]
) -> Iterator[tuple[Change, dict[str, Any] | None, dict[str, Any]]]:
    """Each change of a slot with its values before (None: it was not there) and after, going back from today's."""
    for change in told:
        after = stand[change.subject_id]
        stand[change.subject_id] = _taken_back(after, change)
        yield change, None if change.action == "insert" else stand[change.subject_id], after


def whereabouts(slot: Slot) -> Whereabouts:
    """When and where a slot is now."""
    return Whereabouts(slot.start, slot.end, slot.where)


def _slots_of(session: Session, session_ids: Collection[int]) -> Sequence[Slot]:
    """All slots that these sessions ever had, also those of meetings that were taken away."""
    statement = select(Slot).where(Slot.endpoint == ENDPOINT, Slot.subject_id.in_(session_ids)).order_by(Slot.id)
    return session.scalars(statement).unique().all()


def _since(
    session: Session, offered: ActivitySession, slot_ids: Collection[int], revision: int
) -> tuple[str | None, list[Change]]:
    """The online link before the edit, and all that happened to these slots with and since it, newest first."""
    link, since = offered.online_link, []
    told = history.changes_of(session, "activity_session", offered.id, along={"slot": slot_ids}, most=_MOST)
    for change in told:
        if change.subject == "slot":
            since.append(change)
            continue
        link = change.values.get("online_link", [link])[0]
        if change.values.get("revision", [None, None])[1] == revision:
            return link, since
    raise NotFound


def _as_it_was(slot: Slot, since: Sequence[Change]) -> dict[str, Any] | None:
    """The slot's values with these changes taken back; None when it was not there then, or not any more."""
    values = _values(slot)
    for change in since:
        if change.subject_id == slot.id:
            if change.action == "insert":
                return None
            values = _taken_back(values, change)
    return None if _is_cancelled(values) else values


def _values(slot: Slot) -> dict[str, Any]:
    return {
        "start": slot.start.isoformat(),
        "end": slot.end.isoformat(),
        "venue_id": slot.venue_id,
        "place": slot.place,
        "state": slot.state.value,
    }


def _taken_back(values: dict[str, Any], change: Change) -> dict[str, Any]:
    return values | {name: pair[0] for name, pair in change.values.items() if name in values}


def _is_cancelled(values: dict[str, Any]) -> bool:
    return bool(values["state"] == SlotState.CANCELLED.value)


def _places(session: Session, venue_ids: Collection[int | None]) -> dict[int | None, str]:
    rows = session.scalars(select(Venue).where(Venue.id.in_([id_ for id_ in venue_ids if id_ is not None])))
    return {venue.id: venue.place for venue in rows}


def _whereabouts(values: dict[str, Any], venues: dict[int | None, str]) -> Whereabouts:
    return Whereabouts(
        start=datetime.fromisoformat(values["start"]),
        end=datetime.fromisoformat(values["end"]),
        where=venues.get(values["venue_id"]) or values["place"],
    )
