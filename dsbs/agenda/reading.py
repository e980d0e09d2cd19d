"""What the worker reads here: the calendars of venues elsewhere, each an hour after the last time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from dsbs.agenda import service, venue_queries
from dsbs.core import clock
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import N_, Busy, Refused
from dsbs.exchange.busy import busy_times
from dsbs.exchange.fetching import fetch

log = logging.getLogger(__name__)

_WHY = "Read the calendar of a venue"
BROKEN = N_("This calendar could not be read, and it has been written down for the people who mend that.")


def read_calendars(now: Callable[[], datetime], *, get: Callable[[str], bytes] = fetch) -> int:
    """Read every calendar that is due, one after the other; gives how many were read.

    Each is claimed first, then fetched outside of any transaction, then kept, so that nobody waits for a slow server.
    What fails is written down where people look after the venue, and tried again an hour later.
    """
    due = venue_queries.calendars_due(db.session(), now=now())
    return sum(_read(venue_id, now, get) for venue_id in due)


def _read(venue_id: int, now: Callable[[], datetime], get: Callable[[str], bytes]) -> bool:
    try:
        with write(by=SYSTEM, why=_WHY, at=now()) as session:
            url = service.claim_reading(session, venue_id=venue_id, now=now())
        return url is not None and _take_over(venue_id, url, now, get)
    except Busy:
        log.info("Venue %s is busy; its calendar waits for the next run", venue_id)
        return False


def _take_over(venue_id: int, url: str, now: Callable[[], datetime], get: Callable[[str], bytes]) -> bool:
    try:
        times = busy_times(get(url), now=now(), zone=clock.zone())
        with write(by=SYSTEM, why=_WHY, at=now()) as session:
            service.keep_reading(session, venue_id=venue_id, url=url, times=times, now=now())
        return True
    except Busy:
        raise
    except Refused as refused:
        sentence = refused.sentence
    except Exception:  # whatever a stranger's server or file brings about: the other venues are read all the same
        log.exception("The calendar of venue %s broke its reading", venue_id)
        sentence = BROKEN
    with write(by=SYSTEM, why=_WHY, at=now()) as session:
        service.keep_failure(session, venue_id=venue_id, url=url, sentence=sentence)
    return False
