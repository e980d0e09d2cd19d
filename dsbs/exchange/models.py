"""The file that somebody sent to be imported, from its preview to its end."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Enum, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from dsbs.core.db import Model

#: How long a file waits to be confirmed.
KEPT = timedelta(days=7)


class BatchState(StrEnum):
    """Where an import stands: waiting to be confirmed, or ended one way or the other."""

    WAITING = "waiting"
    APPLIED = "applied"
    DISCARDED = "discarded"


class ImportBatch(Model):
    """One file for one importer (``word``), and what became of it.

    ``data`` holds the file only while it waits; one that nobody confirms in seven days is put aside. ``checksum`` is
    the file's SHA-256. ``by_id`` is empty for an import from the command line. ``added``, ``changed`` and ``refused``
    count its rows: while it waits as they were when it was read, once it is written as it happened. ``refusals`` are
    the rows that were not written, with their reasons (see ``dsbs.exchange.refusals``), kept for ninety days. Moments
    are UTC.
    """

    __tablename__ = "import_batch"
    __table_args__ = (
        CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="ends_once"),
        CheckConstraint("state = 'waiting' OR data IS NULL", name="keeps_no_file"),
        Index("ix_import_batch_checksum", "checksum"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(String(30))
    file_name: Mapped[str] = mapped_column(String(200))
    checksum: Mapped[str] = mapped_column(String(64))
    data: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    by_name: Mapped[str] = mapped_column(String(200))
    sent_at: Mapped[datetime]
    state: Mapped[BatchState] = mapped_column(
        Enum(BatchState, native_enum=False, length=12, values_callable=lambda kinds: [kind.value for kind in kinds])
    )
    ended_at: Mapped[datetime | None]
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0, server_default="0")
    refusals: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), deferred=True)

    @property
    def has_nothing_to_write(self) -> bool:
        """Whether it waits without a row that would be written."""
        return self.state is BatchState.WAITING and not self.added + self.changed

    @property
    def has_run_out(self) -> bool:
        """Whether it was put aside because nobody confirmed it in time."""
        if self.state is not BatchState.DISCARDED or self.ended_at is None:
            return False
        return self.ended_at - self.sent_at > KEPT
