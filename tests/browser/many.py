"""Three hundred rows for every list, with the longest and strangest words that fit. A feature adds its function."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from itertools import cycle

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from dsbs.accounts import service
from dsbs.accounts.models import Person
from dsbs.activities.models import Activity, ActivitySession, Meeting, Registration, SessionMessage, SessionMessageCopy
from dsbs.activities.occasions import SESSION
from dsbs.activities.rules import Mode, RegistrationState, SessionState
from dsbs.agenda.models import Slot, Venue
from dsbs.agenda.rules import SlotState, Visibility
from dsbs.core import clock
from dsbs.exchange.models import BatchState, ImportBatch
from dsbs.mail.models import Message, MessageStep
from dsbs.mail.rules import MessageState
from dsbs.programmes.models import Closure
from dsbs.programmes.rules import Mark
from dsbs.programmes.tables.reminders import ReminderRule
from dsbs.reminders.models import Reminder
from dsbs.reminders.rules import State

ROWS = 300
#: Words that have broken layouts: very long, without a place to break, right to left, four bytes a letter.
STRANGE = (
    "Wolfeschlegelsteinhausenbergerdorff-Vandenbroucke-Schwarzenegger",
    "محمد بن عبد الله الأنصاري",
    "𠮷野家 👩🏽‍🔬",
    "Methoden " * 18,
    "O’Brien & <Sons>",
    "Nguyễn Thị Ngọc Ánh",
)


def people(session: Session, viewer: Person) -> None:
    """People, every fifth under a strange name."""
    strange = cycle(STRANGE)
    for number in range(ROWS):
        name = next(strange)[:100].strip() if number % 5 == 0 else f"Peeters {number}"
        service.add_person(session, given_name="Ada", family_name=name, mail=f"ada.{number}@school.example")


def venues(session: Session, viewer: Person) -> None:
    """Venues, ours and elsewhere."""
    for number, name in zip(range(ROWS), cycle(STRANGE), strict=False):
        name = f"{number} {name}"[:100]
        session.add(Venue(name=name, building=name, capacity=number + 1, ours=number % 2 == 0, changed_at=clock.now()))


def venue_elsewhere(session: Session, viewer: Person) -> None:
    """A slot in a venue that is not ours, which waits for that venue's answer."""
    start = clock.now() + timedelta(days=30)
    elsewhere = session.scalars(select(Venue.id).where(Venue.ours.is_(False))).first()
    slot = Slot(kind="Lecture", title=STRANGE[0], start=start, end=start + timedelta(hours=2), changed_at=clock.now())
    slot.venue_id, slot.venue_ours, slot.state, slot.visibility = elsewhere, False, SlotState.HELD, Visibility.SCHOOL
    session.add(slot)


def closures(session: Session, viewer: Person) -> None:
    """A day off every week from tomorrow on."""
    for week, name in zip(range(ROWS), cycle(STRANGE), strict=False):
        day = clock.today() + timedelta(days=1 + 7 * week)
        session.add(Closure(first_day=day, last_day=day, name=name, mark=Mark.ASSUMED))


def imports(session: Session, viewer: Person) -> None:
    """Files sent and thrown away."""
    for number, name in zip(range(ROWS), cycle(STRANGE), strict=False):
        batch = ImportBatch(word="people", file_name=f"{number} {name}.csv", checksum=f"{number:064}", by_name="Ada")
        batch.state, batch.sent_at, batch.ended_at = BatchState.DISCARDED, clock.now(), clock.now()
        session.add(batch)


def messages(session: Session, viewer: Person) -> None:
    """Messages to who looks, each with a strange subject."""
    for number, subject in zip(range(ROWS), cycle(STRANGE), strict=False):
        state = MessageState.SENT if number % 3 else MessageState.FAILED
        session.add(
            Message(
                key=f"many:{number}",
                person_id=viewer.id,
                recipient_name=viewer.name,
                recipient_address=viewer.mail,
                language="en",
                template="accounts/sign_in",
                ids={},
                queued_at=clock.now(),
                try_after=clock.now(),
                ended_at=clock.now(),
                state=state,
                steps=[MessageStep(at=clock.now(), state=state, by_name="dsbs", note=subject)],
                message_id=f"{number:032}",
                subject=subject,
                text=subject,
                html=f"<p>{number}</p>",
            )
        )


def sessions(session: Session, viewer: Person) -> None:
    """Sessions from tomorrow on, three a day, in all of which who looks has a seat; everybody is in the first."""
    for number, title in zip(range(ROWS), cycle(STRANGE), strict=False):
        day = clock.today() + timedelta(days=1 + number // 3)
        start = datetime.combine(day, time(8 + number % 3), UTC)
        offered = _session(session, title=f"{title} {number}"[:200], start=start)
        offered.capacity = ROWS if number == 0 else 30
        session.flush()
        everybody = session.scalars(select(Person).where(Person.id != viewer.id).limit(ROWS - 1)) if number == 0 else ()
        for seat, person in enumerate([viewer, *everybody], 1):
            session.add(_seat(offered, person, seat))


def session_messages(session: Session, viewer: Person) -> None:
    """Messages about the session that was written about first, the first of them with a copy for each mail."""
    first = session.scalars(select(SessionMessage).order_by(SessionMessage.id)).first()
    assert first is not None
    for number, subject in zip(range(ROWS), cycle(STRANGE), strict=False):
        written = SessionMessage(session_id=first.session_id, by_id=viewer.id, subject=subject, text=subject)
        written.states, written.person_ids, written.made_at = ["registered"], [], clock.now()
        written.sent_at = clock.now() if number % 10 else None
        session.add(written)
    session.flush()
    people = session.scalars(select(Person.id).where(~_copies(first.id)).order_by(Person.id).limit(ROWS))
    mails = session.scalars(select(Message.id).where(Message.key.startswith("many:")).order_by(Message.id))
    for person_id, mail_id in zip(people.all(), mails.all(), strict=False):
        session.add(SessionMessageCopy(session_message_id=first.id, person_id=person_id, message_id=mail_id))


def _copies(message_id: int) -> ColumnElement[bool]:
    """Whether a person has a copy of this message."""
    copies = select(SessionMessageCopy.person_id).where(SessionMessageCopy.session_message_id == message_id)
    return Person.id.in_(copies)


def lecture_that_was(session: Session, viewer: Person) -> None:
    """A lecture long ago with three hundred people, nobody of whom is ticked yet."""
    offered = _session(session, title=f"The first of all {STRANGE[0]}"[:200], start=clock.now() - timedelta(days=900))
    offered.capacity = ROWS
    session.flush()
    for seat, person in enumerate(session.scalars(select(Person).limit(ROWS)), 1):
        session.add(_seat(offered, person, seat))


def _session(session: Session, *, title: str, start: datetime) -> ActivitySession:
    end = start + timedelta(hours=1)
    activity = Activity(title=title, kind="phd_course", language="en", description=title)
    slot = Slot(kind="Course", title=title, start=start, end=end, place=title, changed_at=clock.now())
    slot.state, slot.firm_at, slot.visibility = SlotState.FIRM, clock.now(), Visibility.SCHOOL
    offered = ActivitySession(activity=activity, mode=Mode.SEAT, capacity=1, starts_at=start, ends_at=end)
    offered.state, offered.label = SessionState.PUBLISHED, title[:100]
    offered.meetings = [Meeting(slot=slot, position=1)]
    session.add(offered)
    return offered


def _seat(offered: ActivitySession, person: Person, number: int) -> Registration:
    taken = Registration(session_id=offered.id, person_id=person.id, number=number, made_at=clock.now())
    taken.state = RegistrationState.REGISTERED
    return taken


def reminders(session: Session, viewer: Person) -> None:
    """A reminder of each of her sessions, which came to nothing in every way there is."""
    rule = session.scalars(select(ReminderRule).where(ReminderRule.occasion == "session_start")).one()
    ends = cycle((State.MISSED, State.SUPERSEDED, State.MERGED, State.WITHDRAWN))
    wanted = select(Registration.id, Registration.session_id).where(Registration.person_id == viewer.id).limit(ROWS)
    for registration_id, session_id in session.execute(wanted).all():
        session.add(
            Reminder(
                line=rule.line,
                rule_id=rule.id,
                occasion=rule.occasion,
                subject_id=registration_id,
                event_kind=SESSION,
                event_id=session_id,
                person_id=viewer.id,
                due_at=clock.now(),
                leaves_at=clock.now() - timedelta(days=registration_id % 3),
                late=registration_id % 3 > 0,
                state=next(ends),
                noted_at=clock.now(),
            )
        )


FILLS: tuple[Callable[[Session, Person], None], ...] = (
    people,
    venues,
    venue_elsewhere,
    closures,
    imports,
    messages,
    sessions,
    lecture_that_was,
    reminders,
    session_messages,
)
