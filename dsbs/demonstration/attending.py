"""Who was there in the demonstration school: ticked through, but for what was given these last weeks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

from sqlalchemy.orm import Session

from dsbs.activities import records
from dsbs.activities.attending import Presence
from dsbs.activities.models import ActivitySession, Meeting
from dsbs.activities.rules import Mode
from dsbs.activities.service import ticking
from dsbs.activities.service.ticking import Tick

#: Nobody has come to tick what was given since then.
_LATELY = timedelta(days=18)
#: Of a hundred people who registered.
_PRESENT, _EXCUSED = 87, 5


def tick_what_was(
    session: Session, random: Random, made: Iterable[ActivitySession], *, always: int, now: datetime
) -> None:
    """Tick everybody at each meeting when it ended; ``always`` is the id of who never misses one."""
    for offered in made:
        if offered.mode is not Mode.OPEN:
            for meeting in offered.meetings:
                if meeting.slot.end < now - _LATELY:
                    _tick(session, random, offered, meeting, always)


def _tick(session: Session, random: Random, offered: ActivitySession, meeting: Meeting, always: int) -> None:
    people = sorted(records.people_expected(session, offered.id))
    ticks = {person_id: Tick(None, Presence.PRESENT if person_id == always else _drawn(random)) for person_id in people}
    ticking.tick(session, meeting_id=meeting.id, ticks=ticks, by_id=None, reason="", now=meeting.slot.end)


def _drawn(random: Random) -> Presence:
    drawn = random.randrange(100)
    if drawn < _PRESENT:
        return Presence.PRESENT
    return Presence.EXCUSED if drawn < _PRESENT + _EXCUSED else Presence.ABSENT
