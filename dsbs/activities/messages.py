"""Reads of what was written to people in a session or a series: to whom it goes, what became of each copy."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from dsbs.accounts.models import Person
from dsbs.activities import queries
from dsbs.activities.models import ActivitySession, Meeting, Registration, SessionMessage, SessionMessageCopy
from dsbs.activities.rules import RegistrationState, SessionState
from dsbs.core.refusals import NotFound
from dsbs.mail.models import Message
from dsbs.mail.rules import MessageState

PAGE = 50
_IN_TIME = (ActivitySession.starts_at, ActivitySession.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is written about: one session, or all sessions of a series that are to come. One of the two is given."""

    session_id: int | None = None
    series_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Addressed:
    """To whom a message goes: everybody whose part stands so, and these people."""

    states: frozenset[RegistrationState]
    person_ids: frozenset[int]

    @classmethod
    def of(cls, written: SessionMessage) -> Addressed:
        """To whom this one goes, or went."""
        return cls(states=frozenset(map(RegistrationState, written.states)), person_ids=frozenset(written.person_ids))


class Recipients(NamedTuple):
    """Who gets a message, and who is left out since she may no longer sign in."""

    told: Sequence[Person]
    left_out: Sequence[Person]


def parts_in(session: Session, about: About, *, now: datetime) -> Sequence[Registration]:
    """Everybody's part in what is written about: of a session by seat, of a series by name, then in order of time."""
    if about.session_id is not None:
        return queries.people_of(session, session.get_one(ActivitySession, about.session_id))
    return session.scalars(_in_series(about.series_id, now).order_by(Person.search_key, Person.id, *_IN_TIME)).all()


def parts_of(session: Session, series_id: int, person_id: int, *, now: datetime) -> Sequence[Registration]:
    """What this person has in a series from a moment on, in order of time, with the sessions in full."""
    meetings = contains_eager(Registration.session).selectinload(ActivitySession.meetings).joinedload(Meeting.slot)
    hers = _in_series(series_id, now).options(meetings).where(Registration.person_id == person_id)
    return session.scalars(hers.order_by(*_IN_TIME)).all()


def _in_series(series_id: int | None, now: datetime) -> Select[Registration]:
    """The parts in all sessions of a series that begin after this moment and were not called off."""
    return (
        select(Registration)
        .join(Registration.session)
        .join(Registration.person)
        .options(contains_eager(Registration.session), contains_eager(Registration.person))
        .where(
            ActivitySession.series_id == series_id,
            ActivitySession.state != SessionState.CANCELLED,
            ActivitySession.starts_at > now,
            Registration.ended_at.is_(None),
        )
    )


def recipients(registrations: Iterable[Registration], addressed: Addressed) -> Recipients:
    """Who of those in it (``parts_in``) gets what is addressed so, in their order; who has several parts only once."""
    meant = {
        found.person_id: found.person
        for found in registrations
        if found.state in addressed.states or found.person_id in addressed.person_ids
    }.values()
    return Recipients([one for one in meant if one.active], [one for one in meant if not one.active])


def message(session: Session, message_id: int, *, about: About) -> SessionMessage:
    """One message about this, with who wrote it. Raises ``NotFound``."""
    found = session.scalars(
        select(SessionMessage)
        .where(SessionMessage.id == message_id, _is(about))
        .options(joinedload(SessionMessage.by))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Page:
    """One page of what was written about one thing, the newest first, each with how many of its copies stand where."""

    messages: Sequence[SessionMessage]
    counts: Mapping[int, Counter[MessageState]]
    number: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; one even without any message."""
        return max(1, -(-self.total // PAGE))


def messages_of(session: Session, about: About, *, page: int) -> Page:
    """What was written about this, drafts too. Three queries."""
    total = session.scalar(select(func.count()).select_from(SessionMessage).where(_is(about))) or 0
    number = max(1, min(page, -(-total // PAGE)))
    found = session.scalars(
        select(SessionMessage)
        .where(_is(about))
        .options(joinedload(SessionMessage.by))
        .order_by(SessionMessage.id.desc())
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    ).all()
    return Page(found, counts_of(session, [one.id for one in found]), number, total)


def _is(about: About) -> ColumnElement[bool]:
    return and_(SessionMessage.session_id == about.session_id, SessionMessage.series_id == about.series_id)


def counts_of(session: Session, message_ids: Collection[int]) -> Mapping[int, Counter[MessageState]]:
    """How many copies of each of these messages stand where."""
    counts: dict[int, Counter[MessageState]] = defaultdict(Counter)
    rows = session.execute(
        select(SessionMessageCopy.session_message_id, Message.state, func.count())
        .join(Message, Message.id == SessionMessageCopy.message_id)
        .where(SessionMessageCopy.session_message_id.in_(message_ids))
        .group_by(SessionMessageCopy.session_message_id, Message.state)
    )
    for message_id, state, count in rows:
        counts[message_id][state] = count
    return counts


def copies_of(session: Session, message_id: int) -> Sequence[Row[Person, int, MessageState]]:
    """Who got this message, with the id and the state of the mail, by name."""
    return session.execute(
        select(Person, Message.id, Message.state)
        .join(SessionMessageCopy, SessionMessageCopy.person_id == Person.id)
        .join(Message, Message.id == SessionMessageCopy.message_id)
        .where(SessionMessageCopy.session_message_id == message_id)
        .order_by(Person.search_key, Person.id)
    ).all()


def how_she_stands(session: Session, session_id: int, person_id: int) -> RegistrationState | None:
    """Where the latest part of this person in this session stands."""
    return session.scalar(
        select(Registration.state)
        .where(Registration.session_id == session_id, Registration.person_id == person_id)
        .order_by(Registration.id.desc())
        .limit(1)
    )
