"""Two programmes with the same things in each: what is asked for in the matrix is asked for in both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.accounts import links, rules
from dsbs.accounts import service as accounts
from dsbs.accounts.models import Person, RoleGrant
from dsbs.activities import queries
from dsbs.activities.messages import About, Addressed
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import OFFER_LINK, SEAT_LINK, RegistrationState
from dsbs.activities.rules.rhythms import Rhythm
from dsbs.activities.service import inviting, registering, repeating, waiting, writing
from dsbs.activities.service.writing import Written
from dsbs.agenda import service as agenda
from dsbs.agenda.models import Slot, VoidBooking
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, write
from dsbs.enrolments.models import Enrolment, Milestone, Suspension
from dsbs.enrolments.rules import SuspensionKind
from dsbs.exchange.service import keep_file
from dsbs.mail.models import Message, MessageState
from dsbs.programmes.models import Closure, Unit
from dsbs.programmes.rules import Mark
from dsbs.programmes.tables.milestones import MilestoneRule
from tests.support.cast import Cast

#: Everybody who asks, by a name of the cast. ``nobody`` is not signed in, ``omar`` holds no role.
ACTORS = ("nobody", "omar", "britt", "nicole", "tess", "roger", "vera", "dirk", "leen")

Values = Mapping[str, object]


@dataclass(frozen=True)
class Stage:
    """Who asks (ids by name) and what there is: the values of an address, for one's own side and for the other."""

    people: Mapping[str, int]
    own: Values
    other: Values


def build(now: datetime) -> Stage:
    """Set the stage in the database of the current application. ``own`` is CARDIO's and Britt's."""
    cast = Cast(now)
    nicole, leon = cast.supervisor(), cast.person("Leon Colman", Role.SUPERVISOR)
    people = {
        "omar": cast.person("Omar Nobody"),
        "britt": cast.researcher("Britt Bauwens", "CARDIO", supervisor=nicole),
        "hugo": cast.researcher("Hugo Coppens", "NEURO", supervisor=leon),
        "nicole": nicole,
        "tess": cast.person("Tess Molendijks"),
        "roger": cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"),
        "vanessa": cast.person("Vanessa Raes", Role.COORDINATOR, programme="NEURO"),
        "vera": cast.person("Vera Linde", Role.LEADER, programme="CARDIO"),
        "dirk": cast.person("Dirk Reader", Role.READER),
        "leen": cast.person("Leen Desmet", Role.ADMINISTRATOR),
    }
    own = _side(cast, "CARDIO", people["britt"], organiser=people["tess"])
    other = _side(cast, "NEURO", people["hugo"], organiser=people["vanessa"])
    return Stage({name: person.id for name, person in people.items()}, own, other)


def _side(cast: Cast, code: str, researcher: Person, *, organiser: Person) -> Values:
    """One of each thing that an address can name, belonging to this programme and this researcher."""
    room, hall = cast.venue(f"Room of {code}"), cast.venue(f"Hall for {code}", ours=False)
    course = cast.course(title=f"Course of {code}", programmes=[code], venue=room)
    lecture = cast.course(title=f"Lecture of {code}", programmes=[code], venue=hall, starts_in=timedelta(days=30))
    outing = cast.course(title=f"Outing of {code}", programmes=[code], venue=hall, starts_in=timedelta(days=35))
    draft = cast.course(title=f"Draft of {code}", programmes=[code], published=False, starts_in=timedelta(days=40))
    with write(by=SYSTEM, why="Set the stage", at=cast.now) as session:
        return {
            "code": code,
            "venue_id": room.id,
            "session_id": course.id,
            "activity_id": course.activity_id,
            "draft_id": draft.id,
            **_series(session, cast, lecture.id, researcher, organiser),
            "booking_id": _void_booking(session, cast, outing.id),
            "slot_id": session.scalars(select(Slot.id).where(Slot.subject_id == lecture.id)).one(),
            **_taking_part(session, cast, course, researcher, organiser),
            **_of_researcher(session, cast, researcher),
            **_of_school(session, cast, code),
        }


def _series(session: Session, cast: Cast, session_id: int, researcher: Person, organiser: Person) -> Values:
    """The lecture comes back two weeks later, as a draft; the researcher is in it, and a message is not sent yet."""
    day = cast.today + timedelta(days=44)
    made = repeating.repeat_session(
        session, session_id=session_id, days={day}, rhythm=Rhythm.FORTNIGHT, publish=False, now=cast.now
    )
    series_id = made[0].series_id
    registering.take_seats(session, session_id=session_id, people=[session.merge(researcher)], now=cast.now)
    draft_id = _draft_message(session, About(series_id=series_id), organiser, cast.now)
    return {"series_id": series_id, "series_message_id": draft_id}


def _void_booking(session: Session, cast: Cast, session_id: int) -> int:
    """A booking elsewhere that is not needed any more: its meeting was called off."""
    slot = session.scalars(select(Slot).where(Slot.subject_id == session_id)).one()
    agenda.confirm_venue(session, slot=slot, asked_on=cast.today, confirmation=None, today=cast.today)
    agenda.cancel_slots(session, slots=[slot])
    return session.scalars(select(VoidBooking.id).where(VoidBooking.slot_id == slot.id)).one()


def _taking_part(
    session: Session, cast: Cast, course: ActivitySession, researcher: Person, organiser: Person
) -> Values:
    """The researcher's seat in a course, and the organiser's role in it."""
    person = session.merge(researcher)
    asked = waiting.line_up(
        session,
        session_id=course.id,
        people={organiser.id: None},
        ticket=1,
        now=cast.now,
        state=RegistrationState.REQUESTED,
    )
    inviting.invite(session, activity_id=course.activity_id, people=[person])
    registration_id = registering.take_seats(session, session_id=course.id, people=[person], now=cast.now)[0]
    running = accounts.grant(session, person=organiser, role=Role.ORGANISER, since=cast.today, session_id=course.id)
    return {
        "registration_id": registration_id,
        "request_id": asked[0],
        "invitation_id": queries.invitations_of(session, course.activity_id)[0].id,
        "organiser_grant_id": running.id,
        "draft_message_id": _draft_message(session, About(session_id=course.id), organiser, cast.now),
        "offer_token": _token(session, OFFER_LINK, person, cast.now, registration_id),
        "seat_token": _token(session, SEAT_LINK, person, cast.now, registration_id),
    }


def _draft_message(session: Session, about: About, by: Person, now: datetime) -> int:
    """A message to who is registered, not sent yet."""
    addressed = Addressed(states=frozenset({RegistrationState.REGISTERED}), person_ids=frozenset())
    written = Written(addressed=addressed, subject="Hello", text="Hello")
    return writing.write_draft(session, about=about, by_id=by.id, written=written, now=now).id


def _of_researcher(session: Session, cast: Cast, researcher: Person) -> Values:
    """What belongs to one person: her enrolment with what is due on it, her role, her links and a message to her."""
    message = _message(researcher, cast.now)
    enrolment_id = session.scalars(select(Enrolment.id).where(Enrolment.person_id == researcher.id)).one()
    leave = Suspension(
        enrolment_id=enrolment_id, first_day=cast.today, last_day=cast.today, kind=SuspensionKind.PARENTAL
    )
    session.add_all([message, leave])
    session.flush()
    return {
        "person_id": researcher.id,
        "enrolment_id": enrolment_id,
        "suspension_id": leave.id,
        "milestone_id": session.scalars(select(Milestone.id).where(Milestone.enrolment_id == enrolment_id)).first(),
        "role_grant_id": session.scalars(select(RoleGrant.id).where(RoleGrant.person_id == researcher.id)).one(),
        "message_id": message.id,
        "key": agenda.open_feed(session, person=session.get_one(Person, researcher.id)),
        "sign_in_token": _token(session, rules.SIGN_IN, researcher, cast.now),
        "password_token": _token(session, rules.NEW_PASSWORD, researcher, cast.now),
    }


def _token(session: Session, purpose: str, person: Person, now: datetime, subject_id: int | None = None) -> str:
    lifetime = timedelta(hours=1)
    return links.token_of(
        links.make(session, purpose=purpose, person=person, now=now, lifetime=lifetime, subject_id=subject_id)
    )


def _of_school(session: Session, cast: Cast, code: str) -> Values:
    """What belongs to no person and no programme: a closure, a file that waits to be imported, a unit, a rule."""
    closure = Closure(first_day=cast.today, last_day=cast.today, name=f"Closed for {code}", mark=Mark.ASSUMED)
    session.add(closure)
    batch = keep_file(session, word="people", file_name="p.csv", data=b"Naam;E-mail\n", by=SYSTEM, now=cast.now)
    session.flush()
    return {
        "closure_id": closure.id,
        "batch_id": batch.id,
        "unit_id": session.scalars(select(Unit.id).order_by(Unit.id)).first(),
        "row_id": session.scalars(select(MilestoneRule.id).order_by(MilestoneRule.id)).first(),
        "word": "milestones",
    }


def _message(to: Person, now: datetime) -> Message:
    return Message(
        key=f"stage:{to.id}",
        person_id=to.id,
        recipient_name=to.name,
        recipient_address=to.mail or "",
        language="en",
        template="accounts/sign_in",
        ids={},
        queued_at=now,
        try_after=now,
        ended_at=now,
        state=MessageState.FAILED,
        message_id=f"stage{to.id}",
        subject="Hello",
        text="Hello",
        html="<p>Hello</p>",
    )
