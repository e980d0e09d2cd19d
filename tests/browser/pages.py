"""Every page of the program, one line each: who looks, what its address holds, in which states it makes sense.

``tests/browser/test_pages.py`` looks at each of them and fails for a page that has no line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from dsbs.accounts import links, rules
from dsbs.accounts.models import Person, RoleGrant, SignedLink
from dsbs.activities import standing
from dsbs.activities.messages import About, Addressed
from dsbs.activities.models import (
    Activity,
    ActivityCondition,
    ActivitySession,
    Invitation,
    Registration,
    SeatReservation,
    SessionMessage,
    SessionSeries,
)
from dsbs.activities.rules import OFFER_LINK, SEAT_LINK, RegistrationState, SessionState
from dsbs.activities.rules.conditions import ConditionKind
from dsbs.activities.service import waiting, writing
from dsbs.activities.service.writing import Written
from dsbs.agenda.models import Slot, Venue, VenueReading, VoidBooking
from dsbs.core import clock
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, write
from dsbs.demonstration import meanwhile
from dsbs.enrolments.models import Enrolment, Milestone, Suspension
from dsbs.exchange.service import keep_file
from dsbs.mail.models import Message
from dsbs.programmes.models import Closure, Unit
from dsbs.programmes.tables import TABLES
from dsbs.programmes.tables.milestones import MilestoneRule
from tests.browser.states import DEMONSTRATION, EMPTY, MANY

#: How a page's address gets its values: fixed, or found in the state's database for who looks (None: nobody).
Value = str | int | Callable[[Session, Person | None], Any]

ALL_STATES = (EMPTY, DEMONSTRATION, MANY)
#: For a page about one row: without rows there is no such page.
WITH_ROWS = (DEMONSTRATION, MANY)
#: For a page that is the same whatever the database holds, such as an empty form.
ONCE = (EMPTY,)
#: For a page about something that happens rarely, which the demonstration does not show.
RARE = (MANY,)


@dataclass(frozen=True)
class Page:
    """One page as one person sees it. Without ``seen_by`` nobody is signed in. ``status`` is what it answers.

    ``values`` fill the address; those that it has no place for go behind its question mark. ``path`` stands for a page
    that has no endpoint of its own. A page that answers what was sent is reached from the one there, by typing
    ``types`` into the fields of these names, then pressing the first button called ``press``.
    """

    endpoint: str
    seen_by: Role | None = None
    states: tuple[str, ...] = ALL_STATES
    values: Mapping[str, Value] = field(default_factory=dict)
    status: int = 200
    path: str | None = None
    types: Mapping[str, str] = field(default_factory=dict)
    press: str | None = None

    @property
    def name(self) -> str:
        """What the test and its pictures are called."""
        words = [value for value in self.values.values() if isinstance(value, str)]
        return "-".join([self.endpoint, self.seen_by or "visitor", *words, *([self.press] if self.press else [])])


def first(column: InstrumentedAttribute[Any], *where: ColumnElement[bool], by: Any = None) -> Value:
    """The column's value in the first row that fits, in the order of ``by`` or of the column itself."""
    wanted = select(column).where(*where).order_by(column if by is None else by)
    return lambda session, _: session.scalars(wanted).first()


def own(column: InstrumentedAttribute[Any], person_id: InstrumentedAttribute[Any]) -> Value:
    """The column's value in the first row that belongs to who looks."""

    def value(session: Session, who: Person | None) -> Any:
        assert who is not None
        return session.scalars(select(column).where(person_id == who.id).order_by(column)).first()

    return value


def new_link(purpose: str) -> Value:
    """The token of a link just made for an administrator."""

    def value(session: Session, who: Person | None) -> str:
        person = session.scalars(select(Person).join(RoleGrant).where(RoleGrant.role == ADMINISTRATOR)).first()
        assert person is not None
        with write(by=SYSTEM, why="Made a link", at=clock.now()):
            link = links.make(session, purpose=purpose, person=person, now=clock.now(), lifetime=timedelta(hours=1))
        return links.token_of(link)

    return value


def new_offer(session: Session, who: Person | None) -> str:
    """The token of the link in the mail to somebody who is offered a seat just now."""
    taken = session.scalars(
        select(Registration)
        .join(Registration.session)
        .where(Registration.number.is_not(None), ActivitySession.starts_at > clock.now() + timedelta(days=8))
        .order_by(Registration.id.desc())
    ).first()
    assert taken is not None
    with write(by=SYSTEM, why="Offered a seat", at=clock.now()):
        last = session.scalar(select(func.max(Registration.ticket)).where(Registration.session_id == taken.session_id))
        taken.state, taken.ticket = RegistrationState.OFFERED, (last or 0) + 1
        taken.offered_until = clock.now() + timedelta(days=2)
        link = links.make(
            session,
            purpose=OFFER_LINK,
            person=session.get_one(Person, taken.person_id),
            now=clock.now(),
            lifetime=timedelta(days=2),
            subject_id=taken.id,
        )
    return links.token_of(link)


def new_seat_link(session: Session, who: Person | None) -> str:
    """The token of the link in the mail that asks somebody with a seat whether she still comes."""
    taken = session.scalars(
        select(Registration)
        .join(Registration.session)
        .where(_REGISTERED, ActivitySession.starts_at > clock.now() + timedelta(days=8))
        .order_by(Registration.id)
    ).first()
    assert taken is not None
    with write(by=SYSTEM, why="Asked", at=clock.now()):
        person, lifetime = session.get_one(Person, taken.person_id), timedelta(days=2)
        link = links.make(
            session,
            purpose=SEAT_LINK,
            person=person,
            now=clock.now(),
            lifetime=lifetime,
            subject_id=taken.id,
        )
    return links.token_of(link)


def clashing_offer(session: Session, who: Person | None) -> str:
    """The token of the link about a seat that is offered to who looks, at the time of another that she has."""
    assert who is not None
    wanted = select(ActivitySession.id).join(Activity).where(Activity.title == meanwhile.TITLE)
    session_id = session.scalars(wanted).one()
    with write(by=SYSTEM, why="Offered a seat", at=clock.now()):
        ticket = standing.next_ticket(session, session_id)
        waiting.line_up(session, session_id=session_id, people={who.id: None}, ticket=ticket, now=clock.now())
        waiting.serve(session, session_id=session_id, now=clock.now())
    offered = select(SignedLink).where(SignedLink.purpose == OFFER_LINK, SignedLink.person_id == who.id)
    return links.token_of(session.scalars(offered).one())


def new_file(session: Session, who: Person | None) -> int:
    """A file of people as the personnel system writes it, waiting for its import to be confirmed."""
    data = b"Personeelsnummer;Naam;Voornaam;E-mail;Rol\nu1;Peeters;Ada;ada@school.example;\nu2;;;no address;\n"
    with write(by=SYSTEM, why="Sent a file", at=clock.now()):
        kept = keep_file(session, word="people", file_name="people.csv", data=data, by=SYSTEM, now=clock.now())
    return kept.id


def new_to_series(session: Session, who: Person | None) -> int:
    """A message to everybody of a series that is not sent yet."""
    assert who is not None
    addressed = Addressed(states=frozenset({RegistrationState.REGISTERED}), person_ids=frozenset())
    series_id = session.scalars(select(SessionSeries.id).order_by(SessionSeries.id)).first()
    with write(by=SYSTEM, why="Wrote a message", at=clock.now()):
        made = writing.write_draft(
            session,
            about=About(series_id=series_id),
            by_id=who.id,
            written=Written(addressed=addressed, subject="Another room", text="Come to room 5."),
            now=clock.now(),
        )
    return made.id


def in_a_year(session: Session, who: Person | None) -> str:
    """A day a year after all that there is."""
    last = session.scalars(select(func.max(ActivitySession.starts_at))).one()
    return str(last.date() + timedelta(days=365))


VISITOR = None
RESEARCHER, SUPERVISOR, COORDINATOR = Role.RESEARCHER, Role.SUPERVISOR, Role.COORDINATOR
LEADER, READER, ADMINISTRATOR = Role.LEADER, Role.READER, Role.ADMINISTRATOR

_RULE = {"word": "milestones", "row_id": first(MilestoneRule.id)}
_REGISTERED = Registration.state == RegistrationState.REGISTERED
_ASKED = {
    "session_id": first(Registration.session_id, Registration.state == RegistrationState.REQUESTED, by=Registration.id)
}
_TAKEN = {"session_id": first(Registration.session_id, _REGISTERED, by=Registration.id)}
_WAITS = Registration.state == RegistrationState.WAITING
_LINE = {"session_id": first(Registration.session_id, _WAITS, by=Registration.id)}
_IN_LINE = first(Registration.id, _WAITS)
_BEGUN = {"session_id": first(ActivitySession.id, by=ActivitySession.ends_at)}
_WRITTEN = {"session_id": first(SessionMessage.session_id, by=SessionMessage.id)}
_SENT = SessionMessage.sent_at.is_not(None)
_IS_OF_SERIES = SessionMessage.series_id.is_not(None)
_TO_SERIES = {"series_id": first(SessionMessage.series_id, _IS_OF_SERIES, by=SessionMessage.id)}
_OF_SERIES = {"session_id": first(ActivitySession.id, ActivitySession.series_id.is_not(None)), "scope": "following"}
_TO_COME = {"session_id": first(ActivitySession.id, by=ActivitySession.starts_at.desc())}

PAGES = (
    # core
    Page("not_found", VISITOR, ONCE, path="/no-such-page", status=404),
    Page("not_found", RESEARCHER, ONCE, path="/no-such-page", status=404),
    Page("not_allowed", RESEARCHER, ONCE, path="/people", status=403),
    # exchange
    Page("exchange.imports", ADMINISTRATOR),
    Page("exchange.send", ADMINISTRATOR, ONCE, {"word": "people"}),
    Page("exchange.send", ADMINISTRATOR, ONCE, {"word": "enrolments"}),
    Page("exchange.preview", ADMINISTRATOR, values={"batch_id": new_file}),
    # mail
    Page("mail.own_messages", RESEARCHER),
    Page("mail.register", ADMINISTRATOR),
    Page("mail.message", RESEARCHER, RARE, {"message_id": own(Message.id, Message.person_id)}),
    Page("mail.message", ADMINISTRATOR, RARE, {"message_id": first(Message.id)}),
    Page("mail.mailbox", VISITOR),
    Page("mail.mailbox_message", VISITOR, RARE, {"message_id": first(Message.id, Message.text.is_not(None))}),
    # accounts
    Page("accounts.sign_in", VISITOR, ONCE),
    Page("accounts.sign_in_by_password", VISITOR, ONCE),
    Page("accounts.sign_in_link", VISITOR, ONCE, {"token": new_link(rules.SIGN_IN)}),
    Page("accounts.link_sent", VISITOR, ONCE),
    Page("accounts.forgotten_password", VISITOR, ONCE),
    Page("accounts.password_link", VISITOR, ONCE, {"token": new_link(rules.NEW_PASSWORD)}),
    Page("accounts.password_link_sent", VISITOR, ONCE),
    Page("accounts.own_data", RESEARCHER, ONCE),
    Page("accounts.own_password", RESEARCHER, (EMPTY, DEMONSTRATION)),
    Page("accounts.remove_password", RESEARCHER, (DEMONSTRATION,)),
    Page("accounts.add_person", ADMINISTRATOR, ONCE),
    Page("accounts.edit_person", ADMINISTRATOR, values={"person_id": first(Person.id)}),
    # programmes
    Page("programmes.programmes", VISITOR),
    Page("programmes.programme", VISITOR, values={"code": "CARDIO"}),
    Page("programmes.edit_programme", ADMINISTRATOR, values={"code": "CARDIO"}),
    Page("programmes.closures", ADMINISTRATOR),
    Page("programmes.add_closure", ADMINISTRATOR, ONCE),
    Page("programmes.edit_closure", ADMINISTRATOR, RARE, {"closure_id": first(Closure.id)}),
    Page("programmes.units", ADMINISTRATOR),
    Page("programmes.add_unit", ADMINISTRATOR, ONCE),
    Page("programmes.edit_unit", ADMINISTRATOR, ONCE, {"unit_id": first(Unit.id)}),
    Page("programmes.rules", ADMINISTRATOR),
    *(Page("programmes.rule_table", ADMINISTRATOR, ONCE, {"word": table.word}) for table in TABLES),
    *(Page("programmes.add_rule", ADMINISTRATOR, ONCE, {"word": table.word}) for table in TABLES),
    Page("programmes.rule", READER, ONCE, _RULE),
    Page("programmes.edit_rule", ADMINISTRATOR, ONCE, _RULE),
    Page("programmes.end_rule", ADMINISTRATOR, ONCE, _RULE),
    # reminders
    *(Page("reminders.sent", role) for role in (COORDINATOR, ADMINISTRATOR)),
    Page("reminders.coming", ADMINISTRATOR),
    Page("reminders.rules", ADMINISTRATOR, ONCE),
    # agenda
    *(Page("agenda.calendar", RESEARCHER, values={"view": view}) for view in ("month", "week", "list")),
    Page("agenda.phone", RESEARCHER, ONCE),
    Page("agenda.venues", COORDINATOR),
    Page("agenda.rebook", COORDINATOR),
    Page("agenda.settle_booking", COORDINATOR, (DEMONSTRATION,), {"booking_id": first(VoidBooking.id)}),
    Page("agenda.new_venue", COORDINATOR, ONCE),
    Page("agenda.venue", COORDINATOR, WITH_ROWS, {"venue_id": first(Venue.id)}),
    Page("agenda.venue", COORDINATOR, (DEMONSTRATION,), {"venue_id": first(VenueReading.venue_id)}),
    Page("agenda.edit_venue", COORDINATOR, WITH_ROWS, {"venue_id": first(Venue.id)}),
    Page("agenda.confirmation", ADMINISTRATOR, RARE, {"slot_id": first(Slot.id, Slot.venue_ours.is_(False))}),
    # enrolments
    *(Page("enrolments.researchers", role) for role in (SUPERVISOR, COORDINATOR, ADMINISTRATOR)),
    Page("enrolments.my_track", RESEARCHER),
    Page("enrolments.enrolment", RESEARCHER, WITH_ROWS, {"enrolment_id": own(Enrolment.id, Enrolment.person_id)}),
    Page("enrolments.enrolment", ADMINISTRATOR, WITH_ROWS, {"enrolment_id": first(Enrolment.id)}),
    Page("enrolments.enrol", ADMINISTRATOR, ONCE),
    Page("enrolments.edit", ADMINISTRATOR, WITH_ROWS, {"enrolment_id": first(Enrolment.id)}),
    Page("enrolments.end", ADMINISTRATOR, WITH_ROWS, {"enrolment_id": first(Enrolment.id)}),
    Page("enrolments.suspend", ADMINISTRATOR, (DEMONSTRATION,), {"enrolment_id": first(Enrolment.id)}),
    Page("enrolments.change_suspension", ADMINISTRATOR, (DEMONSTRATION,), {"suspension_id": first(Suspension.id)}),
    Page(
        "enrolments.change_suspension",
        ADMINISTRATOR,
        (DEMONSTRATION,),
        {"suspension_id": first(Suspension.id)},
        press="See what moves",
    ),
    Page("enrolments.change_milestone", COORDINATOR, (DEMONSTRATION,), {"milestone_id": first(Milestone.id)}),
    # activities
    Page("activities.catalogue", RESEARCHER),
    Page("activities.session", RESEARCHER, WITH_ROWS, _TAKEN),
    Page("activities.session", COORDINATOR, WITH_ROWS, _TAKEN),
    Page("activities.mine", RESEARCHER),
    Page("activities.offered_seat", VISITOR, (DEMONSTRATION,), {"token": new_offer}),
    Page("activities.offered_seat", RESEARCHER, (DEMONSTRATION,), {"token": clashing_offer}, press="Take the seat"),
    Page("activities.held_seat", VISITOR, (DEMONSTRATION,), {"token": new_seat_link}),
    *(Page("activities.plan", role) for role in (COORDINATOR, ADMINISTRATOR)),
    Page("activities.new_activity", COORDINATOR, ONCE),
    Page("activities.new_activity", COORDINATOR, ONCE, press="Ask for something"),
    Page("activities.activity", ADMINISTRATOR, WITH_ROWS, {"activity_id": first(Activity.id)}),
    Page("activities.edit_activity", ADMINISTRATOR, WITH_ROWS, {"activity_id": first(Activity.id)}),
    Page(
        "activities.edit_activity",
        ADMINISTRATOR,
        (DEMONSTRATION,),
        {"activity_id": first(ActivityCondition.activity_id, ActivityCondition.kind == ConditionKind.YEARS)},
        press="Or something else",
    ),
    Page("activities.invitations", ADMINISTRATOR, WITH_ROWS, {"activity_id": first(Activity.id)}),
    Page("activities.invitations", COORDINATOR, (DEMONSTRATION,), {"activity_id": first(Invitation.activity_id)}),
    Page("activities.session", RESEARCHER, (DEMONSTRATION,), {**_ASKED, "of": "asked"}),
    Page(
        "activities.session",
        RESEARCHER,
        (DEMONSTRATION,),
        {"session_id": first(SeatReservation.session_id), "of": "kept"},
    ),
    Page("activities.people", COORDINATOR, (DEMONSTRATION,), _ASKED),
    Page(
        "activities.refuse",
        COORDINATOR,
        (DEMONSTRATION,),
        {**_ASKED, "registration_id": first(Registration.id, Registration.state == RegistrationState.REQUESTED)},
    ),
    Page("activities.new_session", ADMINISTRATOR, WITH_ROWS, {"activity_id": first(Activity.id)}),
    Page("activities.edit_session", ADMINISTRATOR, WITH_ROWS, _TAKEN),
    Page(
        "activities.edit_session",
        ADMINISTRATOR,
        (DEMONSTRATION,),
        {"session_id": first(Registration.session_id, Registration.knew_of.is_not(None))},
        types={"meetings-0-start": "08:00"},
        press="Save",
    ),
    Page("activities.repeat", ADMINISTRATOR, (DEMONSTRATION,), _TAKEN),
    Page("activities.repeat", ADMINISTRATOR, (MANY,), {**_TO_COME, "rhythm": "week", "until": in_a_year}),
    Page("activities.series", COORDINATOR, (DEMONSTRATION,), {"series_id": first(SessionSeries.id)}),
    Page(
        "activities.edit_session",
        COORDINATOR,
        (DEMONSTRATION,),
        _OF_SERIES,
        types={"meetings-0-start": "12:00", "capacity": "60"},
        press="Save",
    ),
    Page(
        "activities.people",
        COORDINATOR,
        (DEMONSTRATION,),
        _OF_SERIES,
        types={"teacher-organiser": "britt.bauwens@school.example"},
        press="Name as teacher",
    ),
    Page("activities.call_off", COORDINATOR, (DEMONSTRATION,), _OF_SERIES),
    Page("activities.call_off", ADMINISTRATOR, WITH_ROWS, _TAKEN),
    Page(
        "activities.delete_draft",
        ADMINISTRATOR,
        (DEMONSTRATION,),
        {"session_id": first(ActivitySession.id, ActivitySession.state == SessionState.DRAFT)},
    ),
    Page("activities.people", ADMINISTRATOR, WITH_ROWS, _TAKEN),
    Page("activities.messages", ADMINISTRATOR, WITH_ROWS, _WRITTEN),
    Page("activities.write_message", ADMINISTRATOR, WITH_ROWS, _WRITTEN),
    Page("activities.message", ADMINISTRATOR, WITH_ROWS, {**_WRITTEN, "message_id": first(SessionMessage.id, _SENT)}),
    *(
        Page(endpoint, ADMINISTRATOR, (DEMONSTRATION,), {**_WRITTEN, "message_id": first(SessionMessage.id, ~_SENT)})
        for endpoint in ("activities.message", "activities.edit_message")
    ),
    Page("activities.messages_of_series", COORDINATOR, (DEMONSTRATION,), _TO_SERIES),
    Page("activities.write_message_of_series", COORDINATOR, (DEMONSTRATION,), _TO_SERIES),
    *(
        Page(f"activities.{page}_of_series", COORDINATOR, (DEMONSTRATION,), {**_TO_SERIES, "message_id": message_id})
        for page, message_id in (("message", first(SessionMessage.id, _IS_OF_SERIES)), ("edit_message", new_to_series))
    ),
    Page("activities.remind", ADMINISTRATOR, WITH_ROWS, _WRITTEN),
    Page("activities.attendance", ADMINISTRATOR, WITH_ROWS, _BEGUN),
    Page("activities.attendance", READER, (DEMONSTRATION,), _BEGUN),
    Page("activities.attendance", ADMINISTRATOR, (DEMONSTRATION,), _TO_COME),
    Page(
        "activities.remove_person",
        ADMINISTRATOR,
        WITH_ROWS,
        {**_TAKEN, "registration_id": first(Registration.id, _REGISTERED)},
    ),
    *(
        Page(f"activities.{endpoint}", ADMINISTRATOR, WITH_ROWS, {**_LINE, "registration_id": _IN_LINE})
        for endpoint in ("give_seat", "move_person", "steps_of")
    ),
    Page(
        "activities.end_organiser",
        ADMINISTRATOR,
        (DEMONSTRATION,),
        {
            "session_id": first(RoleGrant.session_id, RoleGrant.session_id.is_not(None), by=RoleGrant.id),
            "grant_id": first(RoleGrant.id, RoleGrant.session_id.is_not(None)),
        },
    ),
    # home
    *(Page("home.start", role) for role in (RESEARCHER, SUPERVISOR, COORDINATOR, LEADER, READER, ADMINISTRATOR)),
    Page("home.me", RESEARCHER),
    Page("home.people", ADMINISTRATOR),
    Page("home.texts", VISITOR, ONCE),
    Page("home.texts", RESEARCHER, ONCE),
    Page("home.search", RESEARCHER, values={"q": "the"}),
    Page("home.search", ADMINISTRATOR, values={"q": "a"}),
    Page("styleguide.show", VISITOR, ONCE),
    Page("home.start", Role.ORGANISER, (DEMONSTRATION,)),
    Page("home.person", ADMINISTRATOR, values={"person_id": first(Person.id)}),
    Page("home.changes_of_enrolment", ADMINISTRATOR, WITH_ROWS, {"enrolment_id": first(Enrolment.id)}),
    Page("home.changes_of_activity", ADMINISTRATOR, WITH_ROWS, {"activity_id": first(Activity.id)}),
    Page("home.changes_of_series", COORDINATOR, (DEMONSTRATION,), {"series_id": first(SessionSeries.id)}),
    Page("home.changes_of_session", READER, WITH_ROWS, _TAKEN),
    Page("home.changes_of_venue", COORDINATOR, WITH_ROWS, {"venue_id": first(Venue.id)}),
    Page("home.grant_role", ADMINISTRATOR, ONCE, {"person_id": first(Person.id)}),
    Page(
        "home.end_role",
        ADMINISTRATOR,
        ONCE,
        {"person_id": first(RoleGrant.person_id, by=RoleGrant.id), "grant_id": first(RoleGrant.id)},
    ),
)

#: What answers GET and is no page: files, feeds, redirects, parts of a page.
NO_PAGES = {
    "activities.message_html": "the letter inside activities.message",
    "activities.message_html_of_series": "the letter inside activities.message_of_series",
    "activities.people_csv": "a file",
    "activities.session_calendar": "a calendar file",
    "agenda.personal_feed": "a calendar file",
    "exchange.refused_csv": "a file",
    "agenda.programme_feed": "a calendar file",
    "mail.mailbox_html": "the letter inside mail.mailbox_message",
    "mail.message_html": "the letter inside mail.message",
}
