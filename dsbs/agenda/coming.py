"""What a programme has on next, for its own page, which stands below the agenda."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dsbs.agenda import queries
from dsbs.agenda.addresses import page_of
from dsbs.agenda.rules import Visibility
from dsbs.core import clock
from dsbs.core.access import current_viewer
from dsbs.core.db import db

_MOST = 5


@dataclass(frozen=True)
class Coming:
    """One thing to come to: what, when, where, and its page if it has one."""

    title: str
    start: datetime
    end: datetime
    where: str
    url: str | None


def coming_of_programme(programme_id: int) -> Sequence[Coming]:
    """The next few things of a programme, soonest first: the public ones, and those of the school for who is in it."""
    seen = {Visibility.PUBLIC} if current_viewer() is None else {Visibility.PUBLIC, Visibility.SCHOOL}
    slots = queries.coming_of_programme(db.session(), programme_id, seen=seen, now=clock.now(), most=_MOST)
    return [Coming(slot.title, slot.start, slot.end, slot.where, page_of(slot)) for slot in slots]
