"""The ledger: who was reminded of what by which rule, and what became of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Enum, ForeignKey, Index, String, column
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dsbs.accounts.models import Person
from dsbs.core.db import Model
from dsbs.mail.models import Message
from dsbs.programmes.tables.reminders import ReminderRule
from dsbs.reminders.rules import State


def _is(state: State) -> Any:
    return column("state", String) == state.value


_STANDS = column("state", String) != State.WITHDRAWN.value


class Reminder(Model):
    """One reminder of one person by one rule; a row of the ledger is its own history.

    Its key is the rule (``line``: code and scope), the occasion, its subject, the person and the due date as it was
    (``due_at``, or ``due_on`` where only the day counts): it is noted once, whatever becomes of it, unless it was
    withdrawn. ``event_kind`` and ``event_id`` are what it is about: a person gets one mail a day about one event.
    ``leaves_at`` is when it was to leave by its rule, ``noted_at`` when it was found due. ``mailed_on`` is the school's
    day on which its mail was queued, or the mail that it was merged into. ``by_name`` is who sent it by hand, as
    printed then. Moments are UTC.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        CheckConstraint("(due_at IS NULL) <> (due_on IS NULL)", name="due_once"),
        CheckConstraint("state <> 'queued' OR (message_id IS NOT NULL AND mailed_on IS NOT NULL)", name="queued_mail"),
        Index(
            "uq_reminder_due_at",
            "occasion",
            "subject_id",
            "person_id",
            "line",
            "due_at",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
        Index(
            "uq_reminder_due_on",
            "occasion",
            "subject_id",
            "person_id",
            "line",
            "due_on",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
        Index(
            "uq_reminder_one_mail_a_day",
            "person_id",
            "event_kind",
            "event_id",
            "mailed_on",
            unique=True,
            sqlite_where=_is(State.QUEUED),
            postgresql_where=_is(State.QUEUED),
        ),
        Index("ix_reminder_due", "id", sqlite_where=_is(State.DUE), postgresql_where=_is(State.DUE)),
        Index("ix_reminder_event", "event_kind", "event_id"),
        Index("ix_reminder_message_id", "message_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    line: Mapped[str] = mapped_column(String(120))
    rule_id: Mapped[int] = mapped_column(ForeignKey("reminder_rule.id"))
    occasion: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    event_kind: Mapped[str] = mapped_column(String(40))
    event_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    due_at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    leaves_at: Mapped[datetime]
    late: Mapped[bool]
    state: Mapped[State] = mapped_column(
        Enum(State, native_enum=False, length=10, values_callable=lambda states: [state.value for state in states])
    )
    noted_at: Mapped[datetime]
    mailed_on: Mapped[date | None]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    link_id: Mapped[int | None] = mapped_column(ForeignKey("signed_link.id", ondelete="SET NULL"))
    by_name: Mapped[str | None] = mapped_column(String(201))

    rule: Mapped[ReminderRule] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise")
    message: Mapped[Message | None] = relationship(lazy="raise")


class ReminderLook(Model):
    """One row: when the rules were last looked after, those of each cadence. Whoever writes the ledger locks it."""

    __tablename__ = "reminder_look"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hourly_at: Mapped[datetime | None]
    frequent_at: Mapped[datetime | None]
