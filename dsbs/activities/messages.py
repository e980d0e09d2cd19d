"""Reads of what was written to people in a session: to whom it goes, what became of each copy."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, joinedload

from dsbs.accounts.models import Person
from dsbs.activities.models import Registration, SessionMessage, SessionMessageCopy
from dsbs.activities.rules import RegistrationState
from dsbs.core.refusals import NotFound
from dsbs.mail.models import Message
from dsbs.mail.rules import MessageState

PAGE = 50


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


def recipients(registrations: Iterable[Registration], addressed: Addressed) -> Recipients:
    """Who of those in a session (``queries.people_of``) gets what is addressed so, in their order."""
    meant = [
        found.person
        for found in registrations
        if found.state in addressed.states or found.person_id in addressed.person_ids
    ]
    return Recipients([one for one in meant if one.active], [one for one in meant if not one.active])


def message(session: Session, message_id: int, *, session_id: int) -> SessionMessage:
    """One message of this session, with who wrote it. Raises ``NotFound``."""
    found = session.scalars(
        select(SessionMessage)
        .where(SessionMessage.id == message_id, SessionMessage.session_id == session_id)
        .options(joinedload(SessionMessage.by))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Page:
    """One page of a session's messages, the newest first, each with how many of its copies stand where."""

    messages: Sequence[SessionMessage]
    counts: Mapping[int, Counter[MessageState]]
    number: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; one even without any message."""
        return max(1, -(-self.total // PAGE))


def messages_of(session: Session, session_id: int, *, page: int) -> Page:
    """The messages of a session, drafts too. Three queries."""
    of_session = SessionMessage.session_id == session_id
    total = session.scalar(select(func.count()).select_from(SessionMessage).where(of_session)) or 0
    number = max(1, min(page, -(-total // PAGE)))
    found = session.scalars(
        select(SessionMessage)
        .where(of_session)
        .options(joinedload(SessionMessage.by))
        .order_by(SessionMessage.id.desc())
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    ).all()
    return Page(found, counts_of(session, [one.id for one in found]), number, total)


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
