"""The message: queued in the transaction of its cause, claimed before it is sent, rendered once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Enum, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dsbs.core.db import Model


class MessageState(StrEnum):
    """Where a message stands; the moves between them are in ``rules.MOVES``."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    MISSED = "missed"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class Message(Model):
    """One mail to one person.

    ``key`` makes it unique: the same cause never queues twice. ``template`` names the letter (``activities/registered``),
    ``ids`` the rows it speaks of. ``subject``, ``text``, ``html`` and ``calendar`` are filled once, when it is first
    claimed; secrets of signed links are put in only as it leaves, so what is kept here opens nothing. ``message_id`` is
    the mail's Message-ID, the same for all tries. All moments are UTC.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_message_person_id", "person_id", "id"),
        Index("ix_message_waiting", "try_after", postgresql_where="state IN ('queued', 'sending')"),
        Index("ix_message_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    recipient_name: Mapped[str] = mapped_column(String(200))
    recipient_address: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(5))
    template: Mapped[str] = mapped_column(String(80))
    ids: Mapped[dict[str, Any]] = mapped_column(JSON)
    queued_at: Mapped[datetime]
    state: Mapped[MessageState] = mapped_column(
        Enum(MessageState, native_enum=False, length=12, values_callable=lambda kinds: [kind.value for kind in kinds])
    )
    try_after: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    claim: Mapped[str | None] = mapped_column(String(32))
    claimed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    message_id: Mapped[str] = mapped_column(String(120))
    subject: Mapped[str | None] = mapped_column(String(300))
    text: Mapped[str | None] = mapped_column(Text)
    html: Mapped[str | None] = mapped_column(Text)
    calendar: Mapped[str | None] = mapped_column(Text)
    last_error: Mapped[str | None] = mapped_column(String(500))
