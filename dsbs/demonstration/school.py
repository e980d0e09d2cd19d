"""The demonstration school as a whole, made in one write scope through the same verbs that its users have."""

from __future__ import annotations

from collections.abc import Container, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count, islice
from random import Random

from sqlalchemy.orm import Session

from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import MeetingPlan, Mode, SessionPlan
from dsbs.activities.rules.conditions import Condition, ConditionKind
from dsbs.activities.rules.requirements import Requirement
from dsbs.activities.service import offering, teaching
from dsbs.activities.service.offering import ActivityText
from dsbs.agenda import service as agenda
from dsbs.agenda.models import Venue
from dsbs.core import clock
from dsbs.core.access import Role
from dsbs.core.refusals import Refused
from dsbs.demonstration.attending import tick_what_was
from dsbs.demonstration.eligibility import ask_for_something
from dsbs.demonstration.enrolling import enrol_everybody
from dsbs.demonstration.meanwhile import clash_with_her_own, use_by_others
from dsbs.demonstration.open_ends import leave_open
from dsbs.demonstration.people import People, make_people
from dsbs.demonstration.publishing import publish
from dsbs.demonstration.seats import EXPECTED, Seats
from dsbs.demonstration.series import come_back_on_tuesdays
from dsbs.demonstration.tracks import run_tracks, work_with_the_program
from dsbs.demonstration.writing import write_to_people, write_to_series
from dsbs.demonstration.year import Offer, Room, offers, rooms
from dsbs.programmes import queries as programmes
from dsbs.programmes import service as programme_service
from dsbs.programmes.rules import Mark

SEED = 2026


def make_school(session: Session, *, now: datetime, today: date, kept_password: str) -> People:
    """Fill an empty database: people, rooms, a year's activities around today, and who registered for them."""
    random = Random(SEED)  # noqa: S311 - the same school each time is what is wanted
    taught = programmes.programmes(session)
    people = make_people(session, random, taught, today=today, kept_password=kept_password)
    enrol_everybody(session, random, people, taught, today=today)
    _close_at_christmas(session, today)
    work_with_the_program(taught, today)
    # With chance of its own: what is offered, and to whom, stays the same whatever becomes of the tracks.
    run_tracks(session, Random(SEED), people.shown[Role.RESEARCHER], today=today)  # noqa: S311 - as above
    venues = [_venue(session, room) for room in rooms()]
    ours = sorted((venue for venue in venues if venue.ours), key=lambda venue: venue.capacity or 0)
    offered = [made for offer in offers() for made in _offer(session, offer, ours, now, today)]
    seats = Seats(random, people, now)
    for session_made, offer in offered:
        seats.fill(session, session_made, programmes=offer.programmes, filling=offer.filling)
    made = [session_made for session_made, _ in offered]
    tick_what_was(session, random, made, always=people.shown[Role.RESEARCHER].id, now=now)
    _teach(session, people, made, now, today)
    elsewhere = [venue for venue in venues if not venue.ours]
    ask_for_something(session, people, made, now, today)
    leave_open(session, elsewhere, seats, _with_people(offered), now, today)
    large = next(room for room in ours if (room.capacity or 0) >= EXPECTED)
    series_id = come_back_on_tuesdays(session, people, large, seats, now, today)
    clash_with_her_own(session, people, seats, made, now)
    use_by_others(session, elsewhere[1], now, today)
    write_to_people(session, people, made, now)
    write_to_series(session, people, series_id, now)
    return people


def _with_people(offered: list[tuple[ActivitySession, Offer]]) -> ActivitySession:
    """The first session that people registered for."""
    return next(made for made, offer in offered if offer.mode is Mode.SEAT)


def _close_at_christmas(session: Session, today: date) -> None:
    for year in range(today.year - 1, today.year + 2):
        programme_service.add_closure(
            session,
            first_day=date(year, 12, 24),
            last_day=date(year + 1, 1, 1),
            name="Between Christmas and New Year",
            mark=Mark.ASSUMED,
            source="invented for the demonstration",
        )


def _venue(session: Session, room: Room) -> Venue:
    facts = agenda.VenueFacts(name=room.name, building=room.building, capacity=room.capacity, ours=room.ours)
    return agenda.add_venue(session, facts=facts)


def _offer(
    session: Session, offer: Offer, venues: list[Venue], now: datetime, today: date
) -> Iterator[tuple[ActivitySession, Offer]]:
    by_code = {programme.code: programme.id for programme in programmes.programmes(session)}
    own = tuple(by_code[code] for code in offer.programmes)
    text = ActivityText(
        title=offer.title,
        kind=offer.kind,
        language=offer.language,
        description=offer.about,
        hours=Decimal(offer.length * offer.days),
        credits=offer.credits,
        programmes=own,
        requirements=[Requirement((Condition(ConditionKind.PROGRAMMES, ids=own),))] if offer.own_only else [],
    )
    activity = offering.add_activity(session, text=text)
    closed = programmes.closed_calendar(session)
    before = date.min
    for week in offer.weeks:
        # Closed days push a session back: the next of its activity begins when it is over.
        coming = (day for day in _open_days(offer, week, today, closed) if day > before)
        days = list(islice(coming, offer.days))
        made = _plan(session, activity.id, offer, days, venues, now)
        if made is not None:
            before = days[-1]
            publish(session, made, now)
            yield made, offer


def _plan(
    session: Session, activity_id: int, offer: Offer, days: list[date], venues: list[Venue], now: datetime
) -> ActivitySession | None:
    """A session in the smallest fitting room that is free; none when every one is taken."""
    fitting: list[Venue | None] = [venue for venue in venues if _fits(offer, venue)]
    for venue in [None] if offer.online else fitting:
        meetings = [_meeting(offer, day, venue) for day in days]
        plan = SessionPlan(
            mode=offer.mode,
            capacity=offer.capacity,
            meetings=meetings,
            online_link="https://meet.school.example/room" if offer.online else None,
        )
        try:
            with session.begin_nested():
                made = offering.plan_session(session, activity_id=activity_id, plan=plan, now=now)
        except Refused:
            continue
        return made
    return None


def _fits(offer: Offer, venue: Venue) -> bool:
    """The room that it cannot do without, else one that is large enough and not kept for such."""
    if offer.room:
        return venue.name == offer.room
    return venue.name not in _SPECIAL and (venue.capacity or 0) >= (offer.capacity or EXPECTED)


_SPECIAL = {"PC room 1.08", "Imaging suite B", "Movement laboratory"}


def _open_days(offer: Offer, week: int, today: date, closed: Container[date]) -> Iterator[date]:
    """The offer's day of the week from this week on, without the days on which the school is closed."""
    first = today - timedelta(days=today.weekday()) + timedelta(days=offer.weekday)
    return (day for number in count(week) if (day := first + timedelta(weeks=number)) not in closed)


def _meeting(offer: Offer, day: date, venue: Venue | None) -> MeetingPlan:
    start = clock.from_school_time(day, time(offer.hour))
    return MeetingPlan(start=start, end=start + timedelta(hours=offer.length), venue_id=venue.id if venue else None)


def _teach(session: Session, people: People, offered: list[ActivitySession], now: datetime, today: date) -> None:
    """The shown organiser gave the last session of her courses, which is not ticked through, and runs the next two."""
    hers = sorted((made for made in offered if made.activity.title in _SHOWN_TEACHES), key=lambda made: made.starts_at)
    past, coming = ([made for made in hers if (made.ends_at <= now) is is_over] for is_over in (True, False))
    for made in [*past[-1:], *coming[:2]]:
        teaching.name_organiser(session, session_id=made.id, person=people.shown[Role.ORGANISER], today=today)


#: What the shown organiser gives: on different days of the week, so that she is never in two places at once.
_SHOWN_TEACHES = {"Statistics with R", "Data management plans"}
