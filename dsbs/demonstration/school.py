"""The demonstration school as a whole, made in one write scope through the same verbs that its users have."""

from __future__ import annotations

from collections.abc import Container, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count, islice
from random import Random

from sqlalchemy.orm import Session

from dsbs.accounts.models import Person
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import MeetingPlan, Mode, SessionPlan
from dsbs.activities.service import offering, registering, teaching
from dsbs.activities.service.offering import ActivityText
from dsbs.agenda import service as agenda
from dsbs.agenda.models import Venue
from dsbs.core import clock
from dsbs.core.access import Role
from dsbs.core.refusals import Refused
from dsbs.demonstration.open_ends import leave_open
from dsbs.demonstration.people import People, make_people
from dsbs.demonstration.year import Offer, Room, offers, rooms
from dsbs.programmes import queries as programmes
from dsbs.programmes import service as programme_service
from dsbs.programmes.rules import Mark

SEED = 2026


def make_school(session: Session, *, now: datetime, today: date, kept_password: str) -> People:
    """Fill an empty database: people, rooms, a year's activities around today, and who registered for them."""
    random = Random(SEED)  # noqa: S311 - the same school each time is what is wanted
    people = make_people(session, random, today=today, kept_password=kept_password)
    _close_at_christmas(session, today)
    venues = [_venue(session, room) for room in rooms()]
    ours = sorted((venue for venue in venues if venue.ours), key=lambda venue: venue.capacity or 0)
    offered = [made for offer in offers() for made in _offer(session, offer, ours, now, today)]
    for session_made, offer in offered:
        _fill(session, random, session_made, offer, people, now)
    _teach(session, people, [made for made, _ in offered], now, today)
    elsewhere = [venue for venue in venues if not venue.ours]
    leave_open(session, elsewhere, _with_people(offered), now, today)
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
    text = ActivityText(
        title=offer.title,
        kind=offer.kind,
        language=offer.language,
        description=offer.about,
        hours=Decimal(offer.length * offer.days),
        credits=offer.credits,
        audience=offer.audience,
        programmes=[by_code[code] for code in offer.programmes],
    )
    activity = offering.add_activity(session, text=text)
    closed = programmes.closed_calendar(session)
    for week in offer.weeks:
        days = list(islice(_open_days(offer, week, today, closed), offer.days))
        made = _plan(session, activity.id, offer, days, venues, now)
        if made is not None:
            yield made, offer


def _plan(
    session: Session, activity_id: int, offer: Offer, days: list[date], venues: list[Venue], now: datetime
) -> ActivitySession | None:
    """A session in the smallest room that is large enough and free; none when every one is taken."""
    large: list[Venue | None] = [venue for venue in venues if (venue.capacity or 0) >= (offer.capacity or 20)]
    for venue in [None] if offer.online else large:
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
        _publish(session, made, now)
        return made
    return None


def _open_days(offer: Offer, week: int, today: date, closed: Container[date]) -> Iterator[date]:
    """The offer's day of the week from this week on, without the days on which the school is closed."""
    first = today - timedelta(days=today.weekday()) + timedelta(days=offer.weekday)
    return (day for number in count(week) if (day := first + timedelta(weeks=number)) not in closed)


def _meeting(offer: Offer, day: date, venue: Venue | None) -> MeetingPlan:
    start = clock.from_school_time(day, time(offer.hour))
    return MeetingPlan(start=start, end=start + timedelta(hours=offer.length), venue_id=venue.id if venue else None)


def _publish(session: Session, made: ActivitySession, now: datetime) -> None:
    """Published three weeks before it begins, or now, whichever is earlier: past sessions were once to come."""
    published = min(now, made.starts_at - timedelta(weeks=3))
    deadline = made.starts_at - timedelta(days=7)
    offering.publish_session(session, session_id=made.id, free_cancellation_until=deadline, now=published)


def _fill(session: Session, random: Random, made: ActivitySession, offer: Offer, people: People, now: datetime) -> None:
    if offer.mode is Mode.OPEN:
        return
    wanted = round((offer.capacity or 40) * offer.filling)
    registering.take_seats(
        session,
        session_id=made.id,
        people=_interested(random, offer, people, wanted, is_soon=now < made.starts_at < now + timedelta(days=7)),
        now=min(now, made.starts_at - timedelta(days=1)),
    )


def _interested(random: Random, offer: Offer, people: People, wanted: int, *, is_soon: bool) -> list[Person]:
    """Researchers of the programmes that offer it, then of the others. The shown one keeps most seats to take."""
    shown = people.shown[Role.RESEARCHER]
    near = [person for code in offer.programmes for person in people.researchers[code]]
    far = [person for group in people.researchers.values() for person in group if person not in near]
    candidates = random.sample(near, len(near)) + random.sample(far, len(far))
    chosen = [shown] if is_soon and offer.title in _SHOWN_TAKES else []
    return (chosen + [person for person in candidates if person is not shown])[:wanted]


#: Where the shown researcher has a seat already, this week.
_SHOWN_TAKES = {"Clonal haematopoiesis and the failing heart", "Statistics with R", "Heart failure journal club"}


def _teach(session: Session, people: People, offered: list[ActivitySession], now: datetime, today: date) -> None:
    """The shown teacher runs the next two sessions that are to come."""
    coming = sorted((made for made in offered if made.starts_at > now), key=lambda made: made.starts_at)
    for made in coming[:2]:
        teaching.name_organiser(session, session_id=made.id, person=people.shown[Role.ORGANISER], today=today)
