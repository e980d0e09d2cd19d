"""The school's signature under a value that was not its own."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.core.db import Actor
from dsbs.core.refusals import N_, Refused
from dsbs.programmes.marked import Marked


def sign_off(session: Session, *, model: type[Marked], stamps: Collection[str], by: Actor, now: datetime) -> int:
    """Sign rows off as they were seen; return how many had waited. Those that did not wait stay as they are.

    ``stamps`` are those of the rows when they were shown. The mark stays: it says where a value came from, the
    signature that the school stands behind it. Refused: nothing chosen; a row that has changed or gone since.
    """
    ids = [int(stamp.partition(".")[0]) for stamp in stamps if stamp.partition(".")[0].isdecimal()]
    if not stamps:
        raise Refused(N_("Choose at least one row to sign off."))
    wanted = select(model).where(model.id.in_(ids)).order_by(model.id)  # type: ignore[attr-defined]
    rows = session.scalars(wanted.with_for_update()).all()
    if {row.stamp for row in rows} != set(stamps):
        raise Refused(N_("Something you chose has changed since you looked. Look again, then sign it off."))
    waiting = [row for row in rows if row.waits]
    for row in waiting:
        row.signed_off_by_id, row.signed_off_at = by.id, now
    session.flush()
    return len(waiting)
