"""One at a time: whoever writes the ledger locks its one row of looks first."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from dsbs.core.db import insert_for
from dsbs.reminders.models import ReminderLook

_LOOKS = cast(Table, ReminderLook.__table__)


def lock(session: Session) -> ReminderLook:
    """Wait until nobody else writes the ledger; the row says when the rules were last looked after.

    On SQLite the write scope has the only lock already.
    """
    row = insert_for(session, _LOOKS).values(id=1)
    session.execute(row.on_conflict_do_update(index_elements=["id"], set_={"id": 1}))
    return session.get_one(ReminderLook, 1, populate_existing=True)
