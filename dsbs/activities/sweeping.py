"""What the worker looks after here: offered seats that nobody took in time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from dsbs.activities import standing
from dsbs.activities.service import waiting
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import Busy

log = logging.getLogger(__name__)


def end_lapsed_offers(now: Callable[[], datetime]) -> int:
    """Offer seats that were not taken in time to the next in line; gives how many offers lapsed.

    A session at a time, each in a transaction of its own, so that a kill loses nothing and nobody waits long for a
    lock. Safe to run in any number of processes at once. A session that is busy is left to the next run.
    """
    lapsed = 0
    for session_id in standing.sessions_with_lapsed_offers(db.session(), now=now()):
        try:
            with write(by=SYSTEM, why="The offer lapsed", at=now()) as session:
                lapsed += waiting.lapse(session, session_id=session_id, now=now())
        except Busy:
            log.info("Session %s is busy; its lapsed offers wait for the next run", session_id)
    return lapsed
