"""What is no longer due and has not left is taken back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import and_, exists, false, or_, select, update
from sqlalchemy.orm import Session

from dsbs.mail import service as mail
from dsbs.mail.models import Message
from dsbs.mail.rules import MessageState
from dsbs.reminders.dues import Holding, due_column
from dsbs.reminders.models import Reminder
from dsbs.reminders.occasions import Occasion, Occasions
from dsbs.reminders.rules import SchoolTime, State, Window

_WHOLE = {"synchronize_session": False}


def take_back(session: Session, occasions: Occasions, *, now: datetime) -> None:
    """Withdraw what nobody got and is not open any more: the due date moved, or what it was about has ended.

    A mail that is on its way is left to its letter, which finds nothing to say; the next look then finds it here.
    """
    left_behind = select(Reminder.id).outerjoin(Reminder.message).where(_NOBODY_GOT)
    if not session.scalar(select(left_behind.exists())):
        return
    for occasion in occasions.values():
        _take_back(session, occasion, now)


def free_merged(session: Session, rules: Iterable[Holding], school: SchoolTime, *, now: datetime) -> None:
    """Let be due again what was merged into a mail that was taken back, or that was not queued yet.

    Only what is still worth sending by its rule, if that is at work.
    """
    windows = {found.rule.line: Window(found.step, now, None, found.useful_days, school) for found in rules}
    is_useful = [
        and_(Reminder.line == line, Reminder.leaves_at >= window.useful_from) for line, window in windows.items()
    ]
    was_taken_back = exists().where(Message.id == Reminder.message_id, Message.state == MessageState.WITHDRAWN)
    session.execute(
        update(Reminder)
        .where(
            Reminder.state == State.MERGED,
            or_(Reminder.message_id.is_(None), was_taken_back),
            or_(false(), *is_useful),
        )
        .values(state=State.DUE, mailed_on=None, message_id=None),
        execution_options=_WHOLE,
    )


_NOBODY_GOT = or_(
    Reminder.state == State.DUE,
    and_(Reminder.state == State.QUEUED, Message.state.in_([MessageState.QUEUED, MessageState.WITHDRAWN])),
)


def _take_back(session: Session, occasion: Occasion, now: datetime) -> None:
    reported = occasion.open_for(occasion.due)
    is_open = exists().where(
        reported.c.subject_id == Reminder.subject_id,
        reported.c.person_id == Reminder.person_id,
        reported.c.due == due_column(occasion),
    )
    gone = session.execute(
        select(Reminder.id, Message.key, Message.state)
        .outerjoin(Reminder.message)
        .where(Reminder.occasion == occasion.code, _NOBODY_GOT, ~is_open)
    ).all()
    queued = {row.key for row in gone if row.state is MessageState.QUEUED}
    on_their_way = queued - mail.withdraw_all(session, queued, now=now)
    withdrawn = [row.id for row in gone if row.key not in on_their_way]
    if withdrawn:
        session.execute(
            update(Reminder).where(Reminder.id.in_(withdrawn)).values(state=State.WITHDRAWN), execution_options=_WHOLE
        )
