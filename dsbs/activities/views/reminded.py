"""Which reminders of a session went and which come, for the page of its people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from dsbs.activities.occasions import OCCASIONS, SESSION
from dsbs.core import dates
from dsbs.core.db import db
from dsbs.reminders import queries, words


class Told(NamedTuple):
    """So many people were or will be told by one rule, as its sentence says."""

    when: str
    sentence: str
    people: int
    is_coming: bool


def reminders_of(session_id: int, *, now: datetime) -> Sequence[Told]:
    """What was sent about a session, then what will leave in the next thirty days. A fixed number of queries."""
    event = (SESSION, session_id)
    occasions = {occasion.code: occasion for occasion in OCCASIONS}
    sent = [
        Told(dates.day(mailed_on), words.sentence(rule), people, is_coming=False)
        for mailed_on, rule, people in queries.sent_about(db.session(), event)
    ]
    coming = [
        Told(dates.moment(one.leaves_at), words.sentence(one.rule), one.people, is_coming=True)
        for one in queries.coming_about(db.session(), occasions, event, now=now)
    ]
    return [*sent, *coming]
