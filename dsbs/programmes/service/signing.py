"""The school's signature under a value that was not its own."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.core.db import Actor
from dsbs.core.refusals import N_, Refused
from dsbs.programmes.marked import Marked

#: A row's id, no larger than databases hold, and perhaps its revision.
_STAMP = re.compile(r"([0-9]{1,9})(?:\.[0-9]+)?")


def sign_off(session: Session, *, model: type[Marked], stamps: Collection[str], by: Actor, now: datetime) -> int:
    """Sign rows off as they were seen; return how many had waited. Those that did not wait stay as they are.

    ``stamps`` are those of the rows when they were shown. The mark stays: it says where a value came from, the
    signature that the school stands behind it. Refused: nothing chosen; a row that has changed or gone since.
    """
    ids = [int(found[1]) for stamp in stamps if (found := _STAMP.fullmatch(stamp))]
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
