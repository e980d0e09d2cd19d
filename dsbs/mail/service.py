"""What can be done with a message. None of it speaks to a mail server; ``delivery`` does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import uuid4

from sqlalchemy import Table, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from dsbs.core.db import SYSTEM, insert_for, is_sqlite, write_scope
from dsbs.core.direct import DirectInsert
from dsbs.core.refusals import N_, Refused
from dsbs.mail import queries, rules
from dsbs.mail.models import DeliveryRun, Message, MessageStep
from dsbs.mail.outgoing import Rendered
from dsbs.mail.recipients import Recipient
from dsbs.mail.rules import MessageState, Reason

_NOTE = 500
_OUTBOX = cast(Table, Message.__table__)
#: Queues a message unless its key is taken; built once for each engine (SQLite: true).
_QUEUE = {
    is_sqlite: insert(_OUTBOX).on_conflict_do_nothing(index_elements=["key"]).returning(_OUTBOX.c.id)
    for is_sqlite, insert in ((True, sqlite.insert), (False, postgresql.insert))
}
_COLUMNS = (
    "key",
    "person_id",
    "recipient_name",
    "recipient_address",
    "language",
    "template",
    "ids",
    "urgent",
    "queued_at",
    "state",
    "try_after",
    "tries",
    "message_id",
)
_QUEUE_ONE = {is_sqlite: DirectInsert(statement, _COLUMNS) for is_sqlite, statement in _QUEUE.items()}


def queue(
    session: Session,
    *,
    key: str,
    to: Recipient,
    template: str,
    ids: Mapping[str, int],
    now: datetime,
    urgent: bool = False,
) -> bool:
    """Queue a message in the transaction of its cause; False when this key is queued already, by whomever.

    ``urgent`` is for mails that somebody waits for at the screen, such as a sign-in link; they leave before all others.
    """
    return _queue_one(session, _row(Letter(key=key, to=to, template=template, ids=ids), now, urgent=urgent))


def _queue_one(session: Session, row: Mapping[str, object]) -> bool:
    # Two processes may queue the same key at once: the second waits for the first, then finds it taken.
    return _QUEUE_ONE[is_sqlite(session)].add(session, row) is not None


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A message to be queued, as ``queue`` takes it."""

    key: str
    to: Recipient
    template: str
    ids: Mapping[str, int]


def queue_all(session: Session, letters: Sequence[Letter], *, now: datetime) -> None:
    """Queue many messages in few statements; those whose key is queued already are passed over."""
    rows = [_row(letter, now, urgent=False) for letter in letters]
    if len(rows) == 1:
        _queue_one(session, rows[0])
    elif rows:
        session.execute(_QUEUE[is_sqlite(session)], rows)


def _row(letter: Letter, now: datetime, *, urgent: bool) -> dict[str, object]:
    return {
        "key": letter.key,
        "person_id": letter.to.person_id,
        "recipient_name": letter.to.name,
        "recipient_address": letter.to.address,
        "language": letter.to.language,
        "template": letter.template,
        "ids": dict(letter.ids),
        "urgent": urgent,
        "queued_at": now,
        "state": MessageState.QUEUED,
        "try_after": now,
        "tries": 0,
        "message_id": uuid4().hex,
    }


def withdraw(session: Session, *, key: str, now: datetime) -> bool:
    """Take back a message that has not left yet; False when there is none, or when it is on its way already."""
    message = session.scalars(
        select(Message).where(Message.key == key, Message.state == MessageState.QUEUED).with_for_update()
    ).one_or_none()
    if message is None:
        return False
    _move(session, message, MessageState.WITHDRAWN, now=now)
    return True


def withdraw_all(session: Session, keys: Collection[str], *, now: datetime) -> set[str]:
    """Take back those of these messages that have not left yet, in three statements; gives their keys."""
    if not keys:
        return set()
    wanted = select(Message.id, Message.key).where(Message.key.in_(keys), Message.state == MessageState.QUEUED)
    found = session.execute(wanted.order_by(Message.id).with_for_update()).all()
    if not found:
        return set()
    withdrawn = MessageState.WITHDRAWN
    session.execute(
        update(Message).where(Message.id.in_([row.id for row in found])).values(state=withdrawn, ended_at=now),
        execution_options={"synchronize_session": False},
    )
    by_name = _by_name(session)
    steps = [{"message_id": row.id, "at": now, "state": withdrawn, "by_name": by_name} for row in found]
    session.execute(insert(MessageStep), steps)
    return {row.key for row in found}


def send_again(session: Session, *, message: Message, now: datetime, to: Recipient | None = None) -> Message:
    """Give a failed message a fresh round of tries, at once; what was tried before stays visible.

    ``to`` is the recipient as she is known now: her address may have been the mistake. Refuses a message that has not
    failed.
    """
    session.refresh(message, with_for_update=True)
    if message.state is not MessageState.FAILED:
        raise Refused(N_("Only a message that was not delivered can be sent again. This one has moved on meanwhile."))
    if to is not None:
        message.recipient_name, message.recipient_address = to.name, to.address
    message.tries = 0
    message.try_after = now
    _move(session, message, MessageState.QUEUED, now=now)
    return message


def claim(session: Session, *, now: datetime, most: int) -> Sequence[Message]:
    """Claim what is due for this process, urgent ones first.

    Two processes never claim the same message. One that was claimed ten minutes ago and not recorded since is claimed
    again: its process was killed. Each claim counts as a try, so that a message which kills its process does not live
    for ever.
    """
    due = (
        select(Message.id)
        .where(queries.is_due(now))
        .order_by(*queries.IN_TURN)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    token = uuid4().hex
    session.execute(
        update(Message)
        .where(Message.id.in_(select(due.c.id)))
        .values(state=MessageState.SENDING, claim=token, claimed_at=now, tries=Message.tries + 1)
        .execution_options(synchronize_session=False)
    )
    statement = select(Message).where(Message.claim == token).order_by(*queries.IN_TURN)
    return session.scalars(statement.execution_options(populate_existing=True)).all()


def keep_rendered(session: Session, *, message_id: int, claim: str, rendered: Rendered) -> bool:
    """Keep what the message says, before it is sent; False when the claim has gone to somebody else."""
    message = _held(session, message_id, claim)
    if message is None:
        return False
    message.subject = rendered.subject
    message.text = rendered.text
    message.html = rendered.html
    message.calendar = rendered.calendar
    message.unsubscribe_url = rendered.unsubscribe_url
    message.reply_to = rendered.reply_to
    message.not_after = rendered.not_after
    session.flush()
    return True


def record(
    session: Session, *, message_id: int, claim: str, reason: Reason | None, now: datetime, note: str | None = None
) -> MessageState | None:
    """Record how a try ended: sent (no reason), put off to a later try, failed or withdrawn.

    None, and nothing is changed, when the claim has gone to somebody else.
    """
    message = _held(session, message_id, claim)
    if message is None:
        return None
    state, again = rules.after_try(reason, tries=message.tries, now=now)
    message.try_after = again or message.try_after
    _move(session, message, state, now=now, reason=reason, note=note)
    return state


def note_run(session: Session, *, now: datetime) -> None:
    """Keep when the worker last looked after the outbox."""
    statement = insert_for(session, DeliveryRun).values(id=1, at=now)
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"at": now}))


def _held(session: Session, message_id: int, claim: str) -> Message | None:
    return session.scalars(
        select(Message)
        .where(Message.id == message_id, Message.claim == claim)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _move(
    session: Session,
    message: Message,
    state: MessageState,
    *,
    now: datetime,
    reason: Reason | None = None,
    note: str | None = None,
) -> None:
    if not rules.may_move(message.state, state):
        raise ValueError(f"A message does not go from {message.state} to {state}")
    message.state = state
    message.claim = None
    message.ended_at = None if state in rules.OPEN else now
    said = (note or "")[:_NOTE] or None
    by_name = _by_name(session)
    session.add(MessageStep(message_id=message.id, at=now, state=state, by_name=by_name, reason=reason, note=said))
    session.flush()


def _by_name(session: Session) -> str:
    scope = write_scope(session)
    return scope.by.name if scope else SYSTEM.name
