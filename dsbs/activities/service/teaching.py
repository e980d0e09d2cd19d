"""Who runs a session: the role that opens it and its people to her, its meetings in her calendar, her letters."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from dsbs.accounts import service as accounts
from dsbs.accounts.models import Person, RoleGrant
from dsbs.activities import queries, standing
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import SEATED, RegistrationState, SessionState
from dsbs.activities.service.seating import ORGANISER, PART, locked
from dsbs.agenda import service as agenda
from dsbs.agenda.service.changes import moment
from dsbs.core import clock
from dsbs.core.access import Role
from dsbs.core.refusals import N_, NotFound, Refused
from dsbs.mail import service as mail


def name_organiser(session: Session, *, session_id: int, person: Person, today: date) -> RoleGrant:
    """Let somebody run a session from today on: she sees it and its people, and her calendar has its meetings.

    She is told, of a draft once it is published. Refused when the session was cancelled, and when she runs it already.
    """
    offered = locked(session, session_id)
    given = let_run(session, offered, person, today)
    now = moment(session)
    if is_to_come(offered, now):
        tell_that_she_teaches(session, [offered], person, now)
    return given


def let_run(session: Session, offered: ActivitySession, person: Person, today: date) -> RoleGrant:
    """The same for a session that the caller has locked, without telling her."""
    if offered.state is SessionState.CANCELLED:
        raise Refused(N_("This session was cancelled, so nobody has to run it."), field="organiser")
    given = accounts.grant(session, person=person, role=Role.ORGANISER, since=today, session_id=offered.id)
    slot_ids = [meeting.slot_id for meeting in offered.meetings]
    agenda.bind_people(session, slot_ids=slot_ids, person_ids=[person.id], part=ORGANISER)
    return given


def end_organiser(session: Session, *, session_id: int, grant_id: int, now: datetime, today: date) -> str:
    """End somebody's part in running a session at once; what is still to come leaves her calendar. Gives her name.

    Who also has a seat in it keeps that, in her calendar too (held while it is only offered). She is told, unless she
    was never told that she runs it, or nothing of it is to come. Raises ``NotFound`` when she does not run it today.
    """
    offered = locked(session, session_id)
    running = queries.organisers_of(session, session_id=session_id, today=today)
    grant = next((grant for grant in running if grant.id == grant_id), None)
    if grant is None:
        raise NotFound
    person, person_id = grant.person, grant.person_id
    unsent = _key(offered, "teaching", person_id, queries.commitment_sequence(session, session_id, person_id))
    seat = standing.states(session, session_id).get(person_id)
    accounts.end_grant(session, grant=grant, on=today - timedelta(days=1))
    if seat in SEATED:
        slot_ids = [meeting.slot_id for meeting in offered.meetings]
        is_hers = seat is RegistrationState.REGISTERED
        agenda.bind_people(session, slot_ids=slot_ids, person_ids=[person_id], part=PART, firm=is_hers)
    else:
        to_come = [meeting.slot_id for meeting in offered.meetings if meeting.slot.end > now]
        agenda.release_people(session, slot_ids=to_come, person_ids=[person_id])
    if is_to_come(offered, now) and not mail.withdraw(session, key=unsent, now=now):
        sequence = queries.commitment_sequence(session, session_id, person_id)
        _tell(session, offered, person, "teaching_ended", sequence, now)
    return person.name


def tell_who_teaches(
    session: Session, *, offered: ActivitySession, besides: Collection[int] = (), now: datetime
) -> None:
    """Tell everybody who runs a session that was just published that she does, but for those ``besides``."""
    for person in _running(session, offered, now):
        if person.id not in besides:
            tell_that_she_teaches(session, [offered], person, now)


def tell_of_move(session: Session, *, offered: ActivitySession, besides: Collection[int], now: datetime) -> int:
    """Tell everybody who runs a session that its time or place changed, once for each revision. Gives how many.

    ``besides`` are the ids of those who are told already, since they have a seat in it.
    """
    told = [person for person in _running(session, offered, now) if person.id not in besides]
    for person in told:
        _tell(session, offered, person, "teaching_changed", offered.revision, now, revision=offered.revision)
    return len(told)


def tell_of_calling_off(session: Session, *, offered: ActivitySession, besides: Collection[int], now: datetime) -> int:
    """Tell everybody who runs a session that it was called off, but for those ``besides``. Gives how many."""
    told = [person for person in _running(session, offered, now) if person.id not in besides]
    for person in told:
        _tell(session, offered, person, "teaching_called_off", offered.revision, now)
    return len(told)


def _running(session: Session, offered: ActivitySession, now: datetime) -> list[Person]:
    today = clock.local(now).date()
    return [grant.person for grant in queries.organisers_of(session, session_id=offered.id, today=today)]


def is_to_come(offered: ActivitySession, now: datetime) -> bool:
    """Whether who runs it is to be told of it: it is published and not over."""
    return offered.state is SessionState.PUBLISHED and now < offered.ends_at


def tell_that_she_teaches(session: Session, offered: Sequence[ActivitySession], person: Person, now: datetime) -> None:
    """Queue one letter about these sessions, which she runs from now on; of several it is one about all of them."""
    if not offered:
        return
    # Who runs a session may change and change back, and each time she is told.
    first, times = offered[0], queries.commitment_sequence(session, offered[0].id, person.id)
    if len(offered) == 1:
        _tell(session, first, person, "teaching", times, now)
        return
    mail.queue(
        session,
        key=_key(first, "series_teaching", person.id, times),
        to=person.recipient,
        template="activities/series_teaching",
        ids={"person_id": person.id, **{f"session_{one.id}": one.revision for one in offered}},
        now=now,
    )


def _tell(
    session: Session, offered: ActivitySession, person: Person, what: str, number: int, now: datetime, **more: int
) -> None:
    mail.queue(
        session,
        key=_key(offered, what, person.id, number),
        to=person.recipient,
        template=f"activities/{what}",
        ids={"session_id": offered.id, "person_id": person.id, **more},
        now=now,
    )


def _key(offered: ActivitySession, what: str, person_id: int, number: int) -> str:
    """The key of one letter; ``number`` tells one occasion of it from the next, since who runs a session may change."""
    return f"activities/{what}:{offered.id}:{person_id}:{number}"
