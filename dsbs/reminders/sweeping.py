"""What the worker looks after here: who is to be reminded of what, now."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from dsbs.core.db import SYSTEM, db, write
from dsbs.core.feature import features
from dsbs.core.refusals import Busy
from dsbs.reminders import queries, service
from dsbs.reminders.dues import school_time
from dsbs.reminders.occasions import occasions_of
from dsbs.reminders.rules import Cadence

WHY = "Reminded"
HOURLY = timedelta(hours=1)
log = logging.getLogger(__name__)


def tick(now: Callable[[], datetime]) -> int:
    """A tick of the worker: look after the rules in hours, and after the others when nobody has for an hour.

    The database says when that was, so that a worker that is started again and again looks no less often.
    """
    looked = queries.looked_at(db.session(), Cadence.HOURLY)
    # The clock may have been shifted either way since.
    is_time = looked is None or abs(now() - looked) >= HOURLY
    return sum(sweep(now, cadence) or 0 for cadence in Cadence if cadence is Cadence.FREQUENT or is_time)


def sweep(now: Callable[[], datetime], cadence: Cadence) -> int | None:
    """Note what is due by the rules of this cadence, then queue the mails; gives how many were queued.

    None: it did not look, since what counts in days waits for a decent hour, or since the database is busy; then the
    next run does it. The noting is one transaction, each batch of mails another: after a kill between any two the next
    run goes on. Safe to run in any number of processes at once.
    """
    moment, occasions = now(), occasions_of(features())
    if cadence is Cadence.HOURLY and not school_time(db.session()).is_decent(moment):
        return None
    queued = None
    try:
        with write(by=SYSTEM, why=WHY, at=moment) as session:
            service.note(session, occasions, cadence=cadence, now=moment)
        queued = 0
        while True:
            with write(by=SYSTEM, why=WHY, at=moment) as session:
                count = service.queue_due(session, occasions, now=moment)
            if not count:
                return queued
            queued += count
    except Busy:
        log.info("The database is busy; reminders wait for the next run")
        return queued
