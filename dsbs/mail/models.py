"""The message: queued in the transaction of its cause, claimed before it is sent, rendered once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Enum, ForeignKey, Index, String, Text, UniqueConstraint, column
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dsbs.core.db import Model
from dsbs.mail.rules import OPEN, MessageState, Reason

_STATE = Enum(MessageState, native_enum=False, length=12, values_callable=lambda kinds: [kind.value for kind in kinds])
_REASON = Enum(Reason, native_enum=False, length=12, values_callable=lambda kinds: [kind.value for kind in kinds])
_IS_OPEN = column("state", String).in_(sorted(state.value for state in OPEN))


class Message(Model):
    """One mail to one person.

    ``key`` makes it unique: the same cause never queues twice. ``template`` names the letter
    (``activities/registered``), ``ids`` the rows it speaks of. ``subject``, ``text``, ``html``, ``calendar``,
    ``unsubscribe_url``, ``reply_to`` (whom an answer reaches) and ``not_after`` (until when what it says is true) are
    filled once, when it is first claimed; secrets of signed links are put in only as it leaves, so what is kept here
    opens nothing. ``message_id`` is the left part of
    the mail's Message-ID, the same for all tries. ``tries`` counts those of the present round; sending a failed message
    again starts a new one. ``urgent`` ones leave first: somebody waits for them at the screen. All moments are UTC.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("(state = 'sending') = (claim IS NOT NULL)", name="claimed_while_sending"),
        CheckConstraint("(state IN ('queued', 'sending')) = (ended_at IS NULL)", name="ended_when_over"),
        Index("ix_message_person_id", "person_id", "id"),
        Index("ix_message_open", "try_after", postgresql_where=_IS_OPEN, sqlite_where=_IS_OPEN),
        Index("ix_message_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    recipient_name: Mapped[str] = mapped_column(String(201))
    recipient_address: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(5))
    template: Mapped[str] = mapped_column(String(80))
    ids: Mapped[dict[str, Any]] = mapped_column(JSON)
    urgent: Mapped[bool] = mapped_column(default=False)
    queued_at: Mapped[datetime]
    state: Mapped[MessageState] = mapped_column(_STATE)
    try_after: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    claim: Mapped[str | None] = mapped_column(String(32))
    claimed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    message_id: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str | None] = mapped_column(String(300))
    text: Mapped[str | None] = mapped_column(Text)
    html: Mapped[str | None] = mapped_column(Text)
    calendar: Mapped[str | None] = mapped_column(Text)
    unsubscribe_url: Mapped[str | None] = mapped_column(String(500))
    reply_to: Mapped[str | None] = mapped_column(String(254))
    not_after: Mapped[datetime | None]

    steps: Mapped[list[MessageStep]] = relationship(order_by="MessageStep.id", lazy="raise")


class MessageStep(Model):
    """What happened to a message on its way: each try with its outcome, each time somebody stepped in.

    ``state`` is where it stood afterwards, ``reason`` why it did not leave, ``note`` what the mail server said,
    ``by_name`` who did it, as printed then.
    """

    __tablename__ = "message_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    state: Mapped[MessageState] = mapped_column(_STATE)
    by_name: Mapped[str] = mapped_column(String(200))
    reason: Mapped[Reason | None] = mapped_column(_REASON)
    note: Mapped[str | None] = mapped_column(String(500))


class DeliveryRun(Model):
    """One row: when the worker last looked after the outbox. Old means that the worker or the broker is down."""

    __tablename__ = "delivery_run"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
