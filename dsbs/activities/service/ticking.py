"""Ticking who was there. Every verb locks the session's row first, so that two who tick see each other's marks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from dsbs.accounts.models import Person
from dsbs.activities import records
from dsbs.activities.attending import Presence, check_open, needs_reason
from dsbs.activities.models import ActivitySession, Attendance, Meeting
from dsbs.activities.rules import SENTENCES, Mode, Obstacle, SessionState
from dsbs.activities.service import registering
from dsbs.activities.service.seating import locked
from dsbs.core import clock
from dsbs.core.refusals import N_, NotFound, Refused
from dsbs.history.recorder import insert_all


class Tick(NamedTuple):
    """What a page showed of a person, and what it says now; None is not ticked."""

    shown: Presence | None
    wanted: Presence | None


@dataclass(frozen=True, slots=True)
class Ticked:
    """How many marks were written, and of whom another one was found and kept: the mark by the person's id."""

    written: int
    kept: Mapping[int, Presence | None]


def tick(
    session: Session,
    *,
    meeting_id: int,
    ticks: Mapping[int, Tick],
    by_id: int | None,
    reason: str,
    now: datetime,
) -> Ticked:
    """Note who was at a meeting, by person. Only what differs from what the page showed is written.

    What somebody else noted of the same person since is kept and told; who stands on the list no more is passed over.
    Refused unless the session is published, earlier than an hour before the meeting, and after its day without a
    reason. Raises ``NotFound`` for a meeting that is no more.
    """
    changed = {person_id: tick for person_id, tick in ticks.items() if tick.wanted is not tick.shown}
    offered, meeting = _locked(session, meeting_id, now)
    if not changed:
        return Ticked(0, {})
    _check_reason(meeting, reason, now)
    expected = records.people_expected(session, offered.id)
    listed = {person_id: tick for person_id, tick in changed.items() if person_id in expected}
    return _note(session, meeting, listed, by_id=by_id, reason=reason, now=now)


def add_at_door(
    session: Session,
    *,
    meeting_id: int,
    people: Sequence[Person],
    by_id: int | None,
    reason: str,
    now: datetime,
) -> tuple[list[Person], Ticked]:
    """Note people as present who do not stand on the list. Gives whom that put into the session, and what was noted.

    Where one registers they get a seat first, as ``registering.add`` gives it, all of them or nobody; not once the
    session is over, nor where no registration is needed. Who is ticked otherwise already stays so. Refused like
    ``tick``, and when not all of them find a seat.
    """
    offered, meeting = _locked(session, meeting_id, now)
    _check_reason(meeting, reason, now)
    added: list[Person] = []
    if offered.mode is not Mode.OPEN and now < offered.ends_at:
        added = registering.add(session, session_id=offered.id, people=people, reason=reason, now=now)
    ticks = {person.id: Tick(None, Presence.PRESENT) for person in people}
    return added, _note(session, meeting, ticks, by_id=by_id, reason=reason, now=now)


def _locked(session: Session, meeting_id: int, now: datetime) -> tuple[ActivitySession, Meeting]:
    offered = locked(session, records.session_id_of(session, meeting_id))
    meeting = next((meeting for meeting in offered.meetings if meeting.id == meeting_id), None)
    if meeting is None:
        raise NotFound
    if offered.state is not SessionState.PUBLISHED:
        raise Refused(SENTENCES[Obstacle(offered.state.value)])
    check_open(meeting.slot.start, now)
    return offered, meeting


def _check_reason(meeting: Meeting, reason: str, now: datetime) -> None:
    if not reason and needs_reason(meeting.slot.end, now, clock.zone()):
        raise Refused(N_("The day of this meeting is over: say why you tick now."), field="reason")


def _note(
    session: Session,
    meeting: Meeting,
    ticks: Mapping[int, Tick],
    *,
    by_id: int | None,
    reason: str,
    now: datetime,
) -> Ticked:
    noted = records.noted_at_meeting(session, meeting.id)
    found = {person_id: noted[person_id].mark if person_id in noted else None for person_id in ticks}
    due = {person_id: tick for person_id, tick in ticks.items() if found[person_id] is tick.shown}
    about = {"reason": reason or None, "noted_by_id": by_id, "noted_at": now}
    for person_id in due.keys() & noted.keys():
        _change(noted[person_id], {"mark": due[person_id].wanted, **about})
    fresh = [
        {"meeting_id": meeting.id, "person_id": person_id, "mark": due[person_id].wanted, **about}
        for person_id in sorted(due.keys() - noted.keys())
    ]
    insert_all(session, Attendance, fresh)
    session.flush()
    return Ticked(len(due), _others(found, ticks, due))


def _change(row: Attendance, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _others(
    found: Mapping[int, Presence | None], ticks: Mapping[int, Tick], due: Collection[int]
) -> Mapping[int, Presence | None]:
    """What somebody else noted meanwhile and is not the same."""
    return {
        person_id: mark for person_id, mark in found.items() if person_id not in due and mark is not ticks[person_id][1]
    }
