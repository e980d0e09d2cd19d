"""Where and when a session was to meet before an edit of it, as the history knows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
#: More changes than one session ever sees.
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """When and where one meeting is, as people read it; ``where`` is empty while the place is open."""

    start: datetime
    end: datetime
    where: str


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
    slots = _slots_of(session, offered)
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


def whereabouts(slot: Slot) -> Whereabouts:
    """When and where a slot is now."""
    return Whereabouts(slot.start, slot.end, slot.where)


def _slots_of(session: Session, offered: ActivitySession) -> Sequence[Slot]:
    """All slots that this session ever had, also those of meetings that were taken away."""
    statement = select(Slot).where(Slot.endpoint == ENDPOINT, Slot.subject_id == offered.id).order_by(Slot.id)
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
    values: dict[str, Any] = {
        "start": slot.start.isoformat(),
        "end": slot.end.isoformat(),
        "venue_id": slot.venue_id,
        "place": slot.place,
        "state": slot.state.value,
    }
    for change in since:
        if change.subject_id == slot.id:
            if change.action == "insert":
                return None
            values |= {name: pair[0] for name, pair in change.values.items() if name in values}
    return None if values["state"] == SlotState.CANCELLED.value else values


def _places(session: Session, venue_ids: Collection[int | None]) -> dict[int | None, str]:
    rows = session.scalars(select(Venue).where(Venue.id.in_([id_ for id_ in venue_ids if id_ is not None])))
    return {venue.id: venue.place for venue in rows}


def _whereabouts(values: dict[str, Any], venues: dict[int | None, str]) -> Whereabouts:
    return Whereabouts(
        start=datetime.fromisoformat(values["start"]),
        end=datetime.fromisoformat(values["end"]),
        where=venues.get(values["venue_id"]) or values["place"],
    )
