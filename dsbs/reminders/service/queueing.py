"""From the ledger to the outbox, in a few statements for hundreds of mails."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import String, cast, literal, select, update
from sqlalchemy.orm import Session, aliased, joinedload

from dsbs.accounts import links
from dsbs.accounts.links import About
from dsbs.core import clock
from dsbs.mail import service as mail
from dsbs.mail.models import Message
from dsbs.reminders.models import Reminder
from dsbs.reminders.occasions import Occasions
from dsbs.reminders.rules import State, may_come_from
from dsbs.reminders.service.locking import lock
from dsbs.reminders.service.weighing import weigh

BATCH = 500
_KEY = "reminder:"
_WHOLE = {"synchronize_session": False}


def queue_due(session: Session, occasions: Occasions, *, now: datetime, ids: Collection[int] | None = None) -> int:
    """Queue the mails of what is due, the oldest first, a batch at most; gives how many. ``ids`` picks some of them.

    The key of a mail is its row in the ledger. A person without an address gets a mail that fails visibly. What was
    noted is weighed once more: somebody may have been reminded by hand since.
    """
    lock(session)
    today = clock.local(now).date()
    weigh(session, today)
    wanted = select(Reminder).where(Reminder.state.in_(may_come_from(State.QUEUED)))
    if ids is not None:
        wanted = wanted.where(Reminder.id.in_(ids))
    found = session.scalars(
        wanted.options(joinedload(Reminder.person), joinedload(Reminder.rule))
        .order_by(Reminder.id)
        .limit(BATCH)
        .execution_options(populate_existing=True)
    ).all()
    if not found:
        return 0
    _make_links(session, found, occasions, now)
    mail.queue_all(session, [_letter(reminder, occasions) for reminder in found], now=now)
    _mark(session, [reminder.id for reminder in found], mailed_on=today)
    return len(found)


def _make_links(session: Session, due: Collection[Reminder], occasions: Occasions, now: datetime) -> None:
    """Give each mail that carries a link of its own one, good until what it announces."""
    for code in {reminder.occasion for reminder in due}:
        own = occasions[code].own_link
        if own is None:
            continue
        bare = {one: one.due_at for one in due if one.occasion == code and not one.link_id and one.due_at}
        wanted = [
            About(person_id=one.person_id, subject=own.subject, subject_id=one.subject_id, until=until)
            for one, until in bare.items()
        ]
        made = links.make_all(session, purpose=own.purpose, wanted=wanted, now=now)
        for reminder, link in zip(bare, made, strict=True):
            reminder.link_id = link.id
    session.flush()


def _letter(reminder: Reminder, occasions: Occasions) -> mail.Letter:
    ids = {"reminder_id": reminder.id}
    if reminder.link_id is not None:
        ids["link"] = reminder.link_id
    return mail.Letter(
        key=f"{_KEY}{reminder.id}",
        to=reminder.person.recipient,
        template=occasions[reminder.occasion].letters[reminder.rule.template],
        ids=ids,
    )


def _mark(session: Session, ids: Collection[int], *, mailed_on: object) -> None:
    """Say in the ledger which mail each has, and which one it was merged into."""
    own = select(Message.id).where(Message.key == literal(_KEY) + cast(Reminder.id, String)).scalar_subquery()
    session.execute(
        update(Reminder).where(Reminder.id.in_(ids)).values(state=State.QUEUED, mailed_on=mailed_on, message_id=own),
        execution_options=_WHOLE,
    )
    lead = aliased(Reminder)
    shared = (
        select(lead.message_id)
        .where(
            lead.person_id == Reminder.person_id,
            lead.event_kind == Reminder.event_kind,
            lead.event_id == Reminder.event_id,
            lead.mailed_on == Reminder.mailed_on,
            lead.state == State.QUEUED,
        )
        .correlate(Reminder)
        .scalar_subquery()
    )
    session.execute(
        update(Reminder).where(Reminder.state == State.MERGED, Reminder.message_id.is_(None)).values(message_id=shared),
        execution_options=_WHOLE,
    )
