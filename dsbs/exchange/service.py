"""Importing: keep a file, write what its preview says, or put it aside."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from dsbs.core.db import Actor
from dsbs.core.refusals import N_, Refused
from dsbs.exchange import refusals, tables
from dsbs.exchange.importing import Importer, Outcome, Preview
from dsbs.exchange.models import KEPT, BatchState, ImportBatch

#: Refused rows name people: they stay for as long as somebody may still mend them, and no longer.
REFUSALS_KEPT = timedelta(days=90)


class PlanChanged(Refused):
    """What the import would do is no longer what was shown."""

    def __init__(self) -> None:
        super().__init__(
            N_("Something has changed since this preview was made, so nothing was written. This is how it stands now.")
        )


def keep_file(session: Session, *, word: str, file_name: str, data: bytes, by: Actor, now: datetime) -> ImportBatch:
    """Keep a file until its import is confirmed."""
    batch = ImportBatch(
        word=word,
        file_name=file_name[-200:],
        checksum=hashlib.sha256(data).hexdigest(),
        data=data,
        by_id=by.id,
        by_name=by.name,
        sent_at=now,
        state=BatchState.WAITING,
    )
    session.add(batch)
    session.flush()
    return batch


def plan(session: Session, *, importer: Importer, batch: ImportBatch, today: date) -> Preview:
    """What this import would do as things stand. Refused when it has ended, or its file is no longer kept."""
    if batch.state is BatchState.APPLIED:
        raise Refused(N_("%(file)s is imported already. Nothing more was written."), file=batch.file_name)
    if batch.state is BatchState.DISCARDED and not batch.has_run_out:
        raise Refused(N_("The import of %(file)s was put aside. Send the file again."), file=batch.file_name)
    if batch.data is None:
        raise Refused(N_("%(file)s was kept for seven days and is gone. Send it again."), file=batch.file_name)
    return importer.plan(session, tables.read(batch.data, batch.file_name), today=today)


def apply(
    session: Session, *, importer: Importer, batch: ImportBatch, shown: str, now: datetime, today: date
) -> Preview:
    """Write all sound rows of a file, or none.

    ``batch`` is locked; ``shown`` is the fingerprint of the preview that the person confirmed. The plan is made again
    on the rows as they are now; raises ``PlanChanged`` when it is another one.
    """
    preview = plan(session, importer=importer, batch=batch, today=today)
    if preview.fingerprint != shown:
        raise PlanChanged
    carry_out(session, importer=importer, batch=batch, preview=preview, now=now, today=today)
    return preview


def carry_out(
    session: Session, *, importer: Importer, batch: ImportBatch, preview: Preview, now: datetime, today: date
) -> None:
    """Write a preview that was planned in this same transaction, and end its import."""
    importer.apply(session, preview, now=now, today=today)
    _end(batch, BatchState.APPLIED, now=now)
    count(batch, preview)
    batch.refusals = refusals.stored(refusals.of_preview(preview)) if batch.refused else None
    session.flush()


def count(batch: ImportBatch, preview: Preview) -> None:
    """Write down how many rows go which way: when the file is read, and again when it is written."""
    counts = preview.counts
    batch.added, batch.changed, batch.refused = (
        counts[outcome] for outcome in (Outcome.ADDED, Outcome.CHANGED, Outcome.REFUSED)
    )


def discard(session: Session, *, batch: ImportBatch, now: datetime) -> ImportBatch:
    """Put a waiting import aside; its file is dropped. One that has ended stays as it is."""
    if batch.state is BatchState.WAITING:
        _end(batch, BatchState.DISCARDED, now=now)
        batch.added = batch.changed = 0
        session.flush()
    return batch


def drop_old_files(session: Session, *, now: datetime) -> None:
    """Put aside what nobody has confirmed within seven days, and drop the rows that were refused long ago."""
    session.execute(
        update(ImportBatch)
        .where(ImportBatch.state == BatchState.WAITING, ImportBatch.sent_at < now - KEPT)
        .values(state=BatchState.DISCARDED, ended_at=now, data=None, added=0, changed=0),
        execution_options={"synchronize_session": False},
    )
    session.execute(
        update(ImportBatch)
        .where(ImportBatch.refusals.is_not(None), ImportBatch.ended_at < now - REFUSALS_KEPT)
        .values(refusals=None),
        execution_options={"synchronize_session": False},
    )


def check_surprises(preview: Preview, *, most: int | None) -> None:
    """Refuse an unattended import that would add and change more rows than expected."""
    if most is not None and len(preview.to_write) > most:
        raise Refused(
            N_("%(count)d rows would be added or changed, more than the %(most)d allowed. Nothing was written."),
            count=len(preview.to_write),
            most=most,
        )


def _end(batch: ImportBatch, state: BatchState, *, now: datetime) -> None:
    batch.state, batch.ended_at, batch.data = state, now, None
