"""Of all that is due for one person, what is told: the latest step of a ladder, and one mail a day about one event."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from dsbs.reminders.models import Reminder
from dsbs.reminders.rules import State, may_come_from

_WHOLE = {"synchronize_session": False}


def weigh(session: Session, today: date) -> None:
    """Supersede and merge what is due against all that is due with it or was told already; two statements.

    ``today`` is the school's day. The caller holds the lock of the ledger; what is due afterwards can be queued.
    """
    _supersede(session)
    _merge(session, today)


def _supersede(session: Session) -> None:
    """A later step of the ladder is due too, or was sent already: only that one is told."""
    later = aliased(Reminder)
    is_later = exists().where(
        later.occasion == Reminder.occasion,
        later.subject_id == Reminder.subject_id,
        later.person_id == Reminder.person_id,
        later.due_at.is_not_distinct_from(Reminder.due_at),
        later.due_on.is_not_distinct_from(Reminder.due_on),
        later.leaves_at > Reminder.leaves_at,
        later.state.not_in([State.WITHDRAWN, State.MISSED]),
    )
    session.execute(
        update(Reminder).where(_may_become(State.SUPERSEDED), is_later).values(state=State.SUPERSEDED),
        execution_options=_WHOLE,
    )


def _merge(session: Session, today: date) -> None:
    """One person, one event, one day: the mail of the latest step, of those the one that is due first."""
    place = func.row_number().over(
        partition_by=(Reminder.person_id, Reminder.event_kind, Reminder.event_id),
        order_by=(Reminder.leaves_at.desc(), Reminder.due_at, Reminder.due_on, Reminder.id),
    )
    ranked = select(Reminder.id, place.label("place")).where(Reminder.state == State.DUE).subquery()
    went = aliased(Reminder)
    went_today = exists().where(
        went.person_id == Reminder.person_id,
        went.event_kind == Reminder.event_kind,
        went.event_id == Reminder.event_id,
        went.mailed_on == today,
        went.state == State.QUEUED,
    )
    is_second = Reminder.id.in_(select(ranked.c.id).where(ranked.c.place > 1))
    session.execute(
        update(Reminder)
        .where(and_(Reminder.state == State.DUE, or_(is_second, went_today)))
        .values(state=State.MERGED, mailed_on=today),
        execution_options=_WHOLE,
    )


def _may_become(state: State) -> Any:
    return Reminder.state.in_(may_come_from(state))
