"""What is left to do in the demonstration school, so that start pages have something to say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from dsbs.activities import queries
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import MeetingPlan, Mode, SessionPlan
from dsbs.activities.service import offering
from dsbs.activities.service.offering import ActivityText
from dsbs.agenda import service as agenda
from dsbs.agenda.models import Venue
from dsbs.core import clock
from dsbs.demonstration.publishing import publish
from dsbs.demonstration.seats import Seats
from dsbs.mail import service as mail
from dsbs.mail.rules import Reason
from dsbs.programmes.queries import closed_calendar, programme_by_code
from dsbs.programmes.rules import add_working_days

ASKED_BEFORE = timedelta(days=12)
PROGRAMME = "CARDIO"


@dataclass(frozen=True)
class Open:
    """A session of Cardio that is not settled: a draft, or one in a room elsewhere, perhaps asked for or moved."""

    title: str
    kind: str
    weeks: int
    hour: int
    capacity: int
    elsewhere: int | None = None
    asked: bool = False
    moved: bool = False
    filling: float = 0


OPEN = (
    Open("Echocardiography for beginners", "phd_course", 2, 13, 12),
    Open("A grant in four pages", "skills_academic", 5, 9, 16),
    Open("Posters and soup, with the clinicians", "seminar_series", 4, 18, 50, elsewhere=1, filling=0.5),
    Open("Bench to bedside, an outing", "seminar_series", 7, 10, 40, elsewhere=1, filling=0.4, moved=True),
    Open("Cardio day", "seminar_series", 6, 9, 140, elsewhere=0, asked=True, filling=0.6),
)


def leave_open(
    session: Session, elsewhere: list[Venue], seats: Seats, filled: ActivitySession, now: datetime, today: date
) -> None:
    """Two drafts, three rooms elsewhere (not asked for, asked for, to rebook), and one mail about ``filled`` lost."""
    for number, wanted in enumerate(OPEN):
        venue = None if wanted.elsewhere is None else elsewhere[wanted.elsewhere]
        made = plan_open(session, wanted, today + timedelta(weeks=wanted.weeks, days=number), venue, now)
        if venue is not None:
            publish(session, made, now)
            seats.fill(session, made, programmes=[PROGRAMME], filling=wanted.filling)
        if wanted.asked:
            slot = made.meetings[0].slot
            agenda.confirm_venue(session, slot=slot, asked_on=today - ASKED_BEFORE, confirmation=None, today=today)
        if wanted.moved:
            _move_what_was_confirmed(session, made, now, today)
    _lose_a_mail(session, filled, now)


def _move_what_was_confirmed(session: Session, made: ActivitySession, now: datetime, today: date) -> None:
    """The room elsewhere had said yes, then the session moved by two hours: the booking must follow."""
    answer = agenda.Confirmation(on=today - ASKED_BEFORE / 2, reference="2291-B", by="The desk")
    slot, later = made.meetings[0].slot, timedelta(hours=2)
    agenda.confirm_venue(session, slot=slot, asked_on=today - ASKED_BEFORE, confirmation=answer, today=today)
    plan = offering.plan_of(made)
    meetings = [replace(meeting, start=meeting.start + later, end=meeting.end + later) for meeting in plan.meetings]
    moved = replace(plan, meetings=meetings)
    offering.edit_session(session, session_id=made.id, revision=made.revision, plan=moved, now=now)


def plan_open(session: Session, wanted: Open, day: date, venue: Venue | None, now: datetime) -> ActivitySession:
    """A draft of Cardio on the first open day from this one on."""
    text = ActivityText(
        title=wanted.title,
        kind=wanted.kind,
        language="en",
        description="",
        hours=Decimal(3),
        credits=None,
        programmes=[programme_by_code(session, PROGRAMME).id],
    )
    open_day = add_working_days(day - timedelta(days=1), 1, closed_calendar(session))
    start = clock.from_school_time(open_day, time(wanted.hour))
    meeting = MeetingPlan(start=start, end=start + timedelta(hours=3), venue_id=venue.id if venue else None)
    plan = SessionPlan(mode=Mode.SEAT, capacity=wanted.capacity, meetings=[meeting])
    activity = offering.add_activity(session, text=text)
    return offering.plan_session(session, activity_id=activity.id, plan=plan, now=now)


def _lose_a_mail(session: Session, filled: ActivitySession, now: datetime) -> None:
    """The confirmation to somebody whose mailbox is gone."""
    registration, sent = queries.active_registrations(session, filled.id)[-1], now - timedelta(hours=5)
    mail.queue(
        session,
        key=f"activities/registered:{registration.id}",
        to=registration.person.recipient,
        template="activities/registered",
        ids={"registration_id": registration.id},
        now=sent,
    )
    for message in mail.claim(session, now=sent, most=1):
        said = "550 5.1.1 Mailbox does not exist"
        claim = message.claim or ""
        mail.record(session, message_id=message.id, claim=claim, reason=Reason.REFUSED, now=sent, note=said)
