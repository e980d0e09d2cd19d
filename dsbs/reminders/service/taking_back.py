"""What is no longer due and has not left is taken back."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.orm import Session

from dsbs.mail import service as mail
from dsbs.mail.models import Message
from dsbs.mail.rules import MessageState
from dsbs.reminders.dues import due_column
from dsbs.reminders.models import Reminder
from dsbs.reminders.occasions import Occasion, Occasions
from dsbs.reminders.rules import USEFUL_DAYS, State

_WHOLE = {"synchronize_session": False}


def take_back(session: Session, occasions: Occasions, *, now: datetime) -> None:
    """Withdraw what has not left and is not open any more: the due date moved, or what it was about has ended.

    A mail that is on its way is left to its letter, which finds nothing to say.
    """
    left_behind = select(Reminder.id).outerjoin(Reminder.message).where(_HAS_NOT_LEFT)
    if not session.scalar(select(left_behind.exists())):
        return
    for occasion in occasions.values():
        _take_back(session, occasion, now)


def free_merged(session: Session, *, now: datetime) -> None:
    """Let be due again what was merged into a mail that was taken back, or that was not queued yet."""
    was_taken_back = exists().where(Message.id == Reminder.message_id, Message.state == MessageState.WITHDRAWN)
    session.execute(
        update(Reminder)
        .where(
            Reminder.state == State.MERGED,
            or_(Reminder.message_id.is_(None), was_taken_back),
            Reminder.leaves_at >= now - timedelta(days=USEFUL_DAYS),
        )
        .values(state=State.DUE, mailed_on=None, message_id=None),
        execution_options=_WHOLE,
    )


_HAS_NOT_LEFT = or_(
    Reminder.state == State.DUE,
    and_(Reminder.state == State.QUEUED, Message.state == MessageState.QUEUED),
)


def _take_back(session: Session, occasion: Occasion, now: datetime) -> None:
    reported = occasion.open_for(occasion.due)
    is_open = exists().where(
        reported.c.subject_id == Reminder.subject_id,
        reported.c.person_id == Reminder.person_id,
        reported.c.due == due_column(occasion),
    )
    gone = session.execute(
        select(Reminder.id, Message.key)
        .outerjoin(Reminder.message)
        .where(Reminder.occasion == occasion.code, _HAS_NOT_LEFT, ~is_open)
    ).all()
    withdrawn = [row.id for row in gone if row.key is None or mail.withdraw(session, key=row.key, now=now)]
    if withdrawn:
        session.execute(
            update(Reminder).where(Reminder.id.in_(withdrawn)).values(state=State.WITHDRAWN), execution_options=_WHOLE
        )
