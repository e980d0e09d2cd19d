"""What the worker looks after here: offers, kept seats and requests of which the time is over."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from dsbs.activities import standing
from dsbs.activities.service import approving, waiting
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import Busy

log = logging.getLogger(__name__)


def end_lapsed_offers(now: Callable[[], datetime]) -> int:
    """Offer seats that were not taken in time to the next in line; gives how many offers lapsed."""
    return _in_each(standing.sessions_with_lapsed_offers, waiting.lapse, "The offer lapsed", now)


def merge_kept_seats(now: Callable[[], datetime]) -> int:
    """Offer seats that are no longer kept for a programme to who waits longest; gives how many are offered."""
    return _in_each(standing.sessions_with_seats_to_merge, waiting.merge, "Kept seats are open to all", now)


def end_late_requests(now: Callable[[], datetime]) -> int:
    """End requests that nobody answered before their session began; gives how many."""
    return _in_each(standing.sessions_with_late_requests, approving.expire, "The session began", now)


def _in_each(
    found: Callable[..., Sequence[int]], act: Callable[..., int], why: str, now: Callable[[], datetime]
) -> int:
    """Act on each session that is found now; gives the sum of what the acts gave.

    A session at a time, each in a transaction of its own, so that a kill loses nothing and nobody waits long for a
    lock. Safe to run in any number of processes at once. A session that is busy is left to the next run.
    """
    done = 0
    for session_id in found(db.session(), now=now()):
        try:
            with write(by=SYSTEM, why=why, at=now()) as session:
                done += act(session, session_id=session_id, now=now())
        except Busy:
            log.info("Session %s is busy (%s); it waits for the next run", session_id, why)
    return done
