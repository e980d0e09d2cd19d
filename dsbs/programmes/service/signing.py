"""The school's signature under a value that was not its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from dsbs.core.db import Actor
from dsbs.core.refusals import N_, Refused
from dsbs.programmes.marked import Marked


def sign_off(session: Session, *, rows: Sequence[Marked], by: Actor, now: datetime) -> int:
    """Sign these rows off as they stand; return how many had waited. Those that did not wait stay as they are.

    The mark stays too: it says where a value came from, the signature that the school stands behind it. Refused:
    nothing chosen.
    """
    if not rows:
        raise Refused(N_("Choose at least one rule to sign off."))
    waiting = [row for row in rows if row.waits]
    for row in waiting:
        row.signed_off_by_id, row.signed_off_at = by.id, now
    session.flush()
    return len(waiting)
