"""What goes on at the same time in the demonstration school: two activities at one hour, a venue that others use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from dsbs.activities import standing
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules.conditions import Candidate
from dsbs.activities.service import registering
from dsbs.agenda import service as agenda
from dsbs.agenda.models import Venue
from dsbs.core import clock
from dsbs.core.access import Role
from dsbs.demonstration.open_ends import PROGRAMME, Open, plan_open
from dsbs.demonstration.people import People
from dsbs.demonstration.publishing import publish
from dsbs.demonstration.seats import Seats
from dsbs.exchange.busy import Busy
from dsbs.programmes.queries import programme_by_code

#: What she may join at the time of something else.
TITLE, _SEATS, _FILLING = "Telling patients what you found", 20, 0.3
#: Thursdays in the evening, by the calendar of the library.
_READING, _WEEKDAY, _FROM, _TO = "Reading circle", 3, time(19), time(21)
_EVENINGS = 12


def clash_with_her_own(
    session: Session, people: People, seats: Seats, made: Sequence[ActivitySession], now: datetime
) -> None:
    """Something to join at the very time of the shown researcher's next seat; somebody has both and knew."""
    shown = people.shown[Role.RESEARCHER]
    coming = sorted((one for one in made if one.starts_at > now), key=lambda one: one.starts_at)
    own = next((one for one in coming if shown.id in standing.states(session, one.id)), None)
    if own is None:
        return
    start = clock.local(own.starts_at)
    wanted = Open(TITLE, "skills_academic", 0, start.hour, _SEATS)
    other = plan_open(session, wanted, start.date(), None, now)
    publish(session, other, now)
    seats.fill(session, other, programmes=[PROGRAMME], filling=_FILLING)
    inside = standing.states(session, own.id)
    beside = next((one for one in people.researchers[PROGRAMME] if one.id in inside and one is not shown), None)
    if beside is None:
        return
    registering.register(
        session,
        session_id=other.id,
        person=beside,
        candidate=Candidate(is_researcher=True, programmes=(programme_by_code(session, PROGRAMME).id,)),
        now=now,
        knows=standing.slot_ids(session, own.id),
    )


def use_by_others(session: Session, venue: Venue, now: datetime, today: date) -> None:
    """The calendar that those who run a venue elsewhere sent: it is busy every week."""
    first = today + timedelta(days=(_WEEKDAY - today.weekday()) % 7)
    evenings = [first + timedelta(weeks=week) for week in range(_EVENINGS)]
    times = [Busy(clock.from_school_time(on, _FROM), clock.from_school_time(on, _TO), _READING) for on in evenings]
    agenda.take_file(session, venue=venue, name="city-library.ics", times=times, now=now)
