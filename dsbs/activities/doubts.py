"""What a coordinator should look at once more before a plan is saved. Nothing of it is forbidden."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from dsbs.activities.rules import Mode, SessionPlan
from dsbs.agenda import venue_queries as agenda
from dsbs.agenda.models import Venue
from dsbs.agenda.rules import Span
from dsbs.core import clock
from dsbs.programmes import queries as programmes
from dsbs.programmes.rules import is_working_day


@dataclass(frozen=True, slots=True)
class NoWorkingDay:
    """A meeting is on a day on which the school does not work; without a name it is one of a weekend."""

    day: date
    name: str | None


@dataclass(frozen=True, slots=True)
class TooSmall:
    """A venue holds fewer people than there are seats to give."""

    venue: str
    holds: int
    seats: int


@dataclass(frozen=True, slots=True)
class TakenByOthers:
    """A venue elsewhere is busy at the time of a meeting, as its own calendar says."""

    venue: str
    start: datetime
    end: datetime
    title: str


Doubt = NoWorkingDay | TooSmall | TakenByOthers


def doubts_about(session: Session, plan: SessionPlan, *, stood: SessionPlan | None, language: str) -> Sequence[Doubt]:
    """What is doubtful in a plan and was not in the one that it takes the place of, each once. Closed days by name."""
    before = frozenset(_doubts(session, stood, language)) if stood else frozenset()
    return [doubt for doubt in dict.fromkeys(_doubts(session, plan, language)) if doubt not in before]


def _doubts(session: Session, plan: SessionPlan, language: str) -> Iterator[Doubt]:
    days = sorted(clock.local(meeting.start).date() for meeting in plan.meetings)
    closed = programmes.names_of_closed_days(session, days[0], days[-1], language=language)
    for day in days:
        if not is_working_day(day, closed):
            yield NoWorkingDay(day, closed.get(day))
    if plan.mode is Mode.SEAT and plan.capacity:
        for meeting in plan.meetings:
            venue = session.get(Venue, meeting.venue_id) if meeting.venue_id else None
            if venue is not None and venue.capacity is not None and venue.capacity < plan.capacity:
                yield TooSmall(venue.place, venue.capacity, plan.capacity)
    for busy in agenda.busy_at(session, _places(plan)):
        yield TakenByOthers(session.get_one(Venue, busy.venue_id).place, busy.start, busy.end, busy.title)


def _places(plan: SessionPlan) -> list[tuple[int, Span]]:
    return [(meeting.venue_id, Span(meeting.start, meeting.end)) for meeting in plan.meetings if meeting.venue_id]
