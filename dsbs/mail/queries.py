"""Reads about messages, named as answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select, true
from sqlalchemy.orm import Session, defer, selectinload

from dsbs.core.access import Viewer
from dsbs.core.refusals import NotFound
from dsbs.mail import access, rules
from dsbs.mail.models import DeliveryRun, Message
from dsbs.mail.rules import MessageState

PAGE = 50

#: The order in which messages leave.
IN_TURN = (Message.urgent.desc(), Message.try_after, Message.id)

_WITHOUT_CONTENT = (defer(Message.text), defer(Message.html), defer(Message.calendar))


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What a register of messages is narrowed to; empty means all. ``search`` looks at name, address and subject."""

    states: tuple[MessageState, ...] = ()
    templates: tuple[str, ...] = ()
    person_id: int | None = None
    search: str = ""


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of a register, newest first: ``number`` counts from 1, ``total`` is of all pages.

    After the last page comes the last one again.
    """

    messages: Sequence[Message]
    number: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; one even when nothing is found."""
        return max(1, -(-self.total // PAGE))


def is_due(now: datetime) -> ColumnElement[bool]:
    """The condition of what a delivery may claim at this moment."""
    # The states are written into the statement, not bound to it, so that the database sees that the index of open
    # messages answers it.
    is_open = Message.state.in_(bindparam("open", sorted(rules.OPEN), expanding=True, literal_execute=True))
    waits = and_(Message.state == MessageState.QUEUED, Message.try_after <= now)
    was_cut_off = and_(Message.state == MessageState.SENDING, Message.claimed_at <= rules.claimed_before(now))
    return and_(is_open, or_(waits, was_cut_off))


def anything_due(session: Session, now: datetime) -> bool:
    """Whether a delivery would find something to claim."""
    return bool(session.scalar(select(exists().where(is_due(now)))))


def last_run(session: Session) -> datetime | None:
    """When the worker last looked after the outbox; None when it never has."""
    return session.scalar(select(DeliveryRun.at))


def counts_by_state(session: Session) -> Mapping[MessageState, int]:
    """How many messages stand where; states without any are not named."""
    return dict(session.execute(select(Message.state, func.count()).group_by(Message.state)).all())


def templates_used(session: Session) -> Sequence[str]:
    """The letters that messages were written from, by name."""
    return session.scalars(select(Message.template).distinct().order_by(Message.template)).all()


def register(session: Session, viewer: Viewer, wanted: Filter, *, page: int) -> Page:
    """The messages that this viewer may see in the school's register, one page of them."""
    return _page(session, [_visible_to(viewer), *_conditions(wanted)], page)


def sent_to(session: Session, viewer: Viewer, *, page: int) -> Page:
    """Every message to the viewer herself, one page of them."""
    return _page(session, [Message.person_id == viewer.id], page)


def message_in_full(session: Session, viewer: Viewer, message_id: int) -> Message:
    """One message with its steps. Raises ``NotFound`` when it does not exist or is not for this viewer."""
    message = session.scalars(
        select(Message).where(Message.id == message_id).options(selectinload(Message.steps))
    ).one_or_none()
    if message is None or not access.may_read(viewer, message.person_id):
        raise NotFound
    return message


def latest(session: Session, *, most: int) -> Sequence[Message]:
    """The latest messages to anybody, for the open mailbox of a demonstration."""
    return session.scalars(select(Message).order_by(Message.id.desc()).limit(most).options(*_WITHOUT_CONTENT)).all()


def message(session: Session, message_id: int) -> Message:
    """One message, whoever asks. Raises ``NotFound``."""
    found = session.get(Message, message_id)
    if found is None:
        raise NotFound
    return found


def _page(session: Session, conditions: Sequence[ColumnElement[bool]], page: int) -> Page:
    found = select(Message).where(*conditions)
    total = session.scalar(select(func.count()).select_from(Message).where(*conditions)) or 0
    number = max(1, min(page, -(-total // PAGE)))
    statement = found.order_by(Message.id.desc()).limit(PAGE).offset((number - 1) * PAGE).options(*_WITHOUT_CONTENT)
    return Page(messages=session.scalars(statement).all(), number=number, total=total)


def _visible_to(viewer: Viewer) -> ColumnElement[bool]:
    return true() if viewer.is_administrator else Message.person_id == viewer.id


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.states:
        conditions.append(Message.state.in_(wanted.states))
    if wanted.templates:
        conditions.append(Message.template.in_(wanted.templates))
    if wanted.person_id is not None:
        conditions.append(Message.person_id == wanted.person_id)
    if wanted.search:
        places = (Message.recipient_name, Message.recipient_address, Message.subject)
        conditions.append(or_(*(place.icontains(wanted.search, autoescape=True) for place in places)))
    return conditions
