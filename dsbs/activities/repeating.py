"""What stands in the way of each day on which a session could come back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import SessionPlan, SessionState, moved_by
from dsbs.activities.service.offering import plan_of
from dsbs.agenda import venue_queries as agenda
from dsbs.agenda.models import Slot, SlotState, Venue
from dsbs.agenda.rules import Span
from dsbs.core import clock
from dsbs.programmes import queries as programmes


@dataclass(frozen=True, slots=True)
class Prospect:
    """One day on which the session could come back, as it would be planned.

    What stands in the way, if anything does: the name of a closed day, or a room of ours that is taken, or that the
    activity has a session at this very time already.
    """

    day: date
    plan: SessionPlan
    closed: str | None = None
    taken: str | None = None
    planned: bool = False

    @property
    def is_free(self) -> bool:
        """Whether nothing stands in the way."""
        return not (self.closed or self.taken or self.planned)


def outlook(
    session: Session, offered: ActivitySession, days: Sequence[date], *, now: datetime, language: str
) -> Sequence[Prospect]:
    """What each of these days holds for the session: all of its meetings move along. Closed days by name.

    A fixed number of questions for each venue, however many the days.
    """
    first = clock.local(offered.meetings[0].slot.start).date()
    plans = [moved_by(plan_of(offered), day - first, clock.zone()) for day in days]
    last = max(clock.local(meeting.end).date() for plan in plans for meeting in plan.meetings)
    closed = programmes.names_of_closed_days(session, days[0], last, language=language)
    starts = _starts_of(session, offered.activity_id)
    rooms = rooms_in(session, plans, now)
    return [
        Prospect(
            day,
            plan,
            closed=next((closed[on] for on in _days_of(plan) if on in closed), None),
            taken=found[1].name if (found := what_stands_in(plan, rooms)) else None,
            planned=plan.meetings[0].start in starts,
        )
        for day, plan in zip(days, plans, strict=True)
    ]


def _days_of(plan: SessionPlan) -> Sequence[date]:
    return [clock.local(meeting.start).date() for meeting in plan.meetings]


def _starts_of(session: Session, activity_id: int) -> Collection[datetime]:
    """When the sessions of an activity begin that were not called off."""
    return set(
        session.scalars(
            select(ActivitySession.starts_at).where(
                ActivitySession.activity_id == activity_id, ActivitySession.state != SessionState.CANCELLED
            )
        )
    )


#: Rooms of ours by their ids, each with what stands there.
Rooms = Mapping[int, tuple[Venue, Sequence[Slot]]]


def rooms_in(session: Session, plans: Sequence[SessionPlan], now: datetime) -> Rooms:
    """The rooms of ours in these plans, each with what stands there from the first meeting to the last."""
    meetings = [meeting for plan in plans for meeting in plan.meetings]
    span = Span(min(meeting.start for meeting in meetings), max(meeting.end for meeting in meetings))
    wanted = {meeting.venue_id for meeting in meetings if meeting.venue_id is not None}
    rooms = session.scalars(select(Venue).where(Venue.id.in_(wanted), Venue.ours))
    return {
        room.id: (
            room,
            [slot for slot in agenda.standing_in(session, room.id, span) if not _has_lapsed(slot, now)],
        )
        for room in rooms.all()
    }


def what_stands_in(plan: SessionPlan, rooms: Rooms, *, besides: Collection[int] = ()) -> tuple[Slot, Venue] | None:
    """What takes a room that this plan wants, with the room; slots of these ids leave it. None where all is free."""
    for meeting in plan.meetings:
        room, standing = rooms.get(meeting.venue_id or 0, (None, ()))
        for slot in standing:
            if room is not None and slot.id not in besides and slot.span.overlaps(Span(meeting.start, meeting.end)):
                return slot, room
    return None


def _has_lapsed(slot: Slot, now: datetime) -> bool:
    return slot.state is SlotState.HELD and slot.held_until is not None and slot.held_until <= now
