"""Reads about imports, named as answers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from dsbs.core.db import is_sqlite
from dsbs.core.refusals import NotFound
from dsbs.exchange.models import BatchState, ImportBatch


def batch(session: Session, batch_id: int) -> ImportBatch:
    """This import with its file and the rows that it refused. Raises ``NotFound``."""
    found = session.scalars(
        select(ImportBatch)
        .where(ImportBatch.id == batch_id)
        .options(undefer(ImportBatch.data), undefer(ImportBatch.refusals))
    )
    return _found(found.one_or_none())


def locked_batch(session: Session, batch_id: int) -> ImportBatch:
    """The same, locked until the write scope ends: of two who confirm at once, the second waits for the first."""
    statement = select(ImportBatch).where(ImportBatch.id == batch_id).options(undefer(ImportBatch.data))
    found = session.scalars(statement if is_sqlite(session) else statement.with_for_update())
    return _found(found.one_or_none())


def recent_batches(session: Session, *, limit: int = 20) -> Sequence[ImportBatch]:
    """The latest imports of any kind, newest first, without their files."""
    return session.scalars(select(ImportBatch).order_by(ImportBatch.id.desc()).limit(limit)).all()


def applied_before(session: Session, batch: ImportBatch) -> ImportBatch | None:
    """The last import of this very file that was written, if any."""
    return session.scalars(
        select(ImportBatch)
        .where(
            ImportBatch.checksum == batch.checksum,
            ImportBatch.word == batch.word,
            ImportBatch.state == BatchState.APPLIED,
            ImportBatch.id != batch.id,
        )
        .order_by(ImportBatch.id.desc())
        .limit(1)
    ).one_or_none()


def _found(batch: ImportBatch | None) -> ImportBatch:
    if batch is None:
        raise NotFound
    return batch
