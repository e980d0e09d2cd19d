"""What may be done for people for whom a session has too few seats, in words: they wait, or it has more seats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from dsbs.activities import standing
from dsbs.activities.doubts import TooSmall, doubts_about
from dsbs.activities.models import ActivitySession
from dsbs.activities.service.making_room import MOST_SEATS
from dsbs.activities.service.offering import plan_of
from dsbs.core import clock, dates


@dataclass(frozen=True)
class Beyond:
    """The seats that would be enough, and how many are free as it is.

    ``too_small`` are the rooms that hold fewer people than that. Nobody ``may_wait`` once registration is closed or the
    session has begun.
    """

    enough: int
    free: int
    too_small: Sequence[TooSmall]
    may_raise: bool
    may_wait: bool


def beyond(session: Session, offered: ActivitySession, enough: int) -> Beyond:
    """What to offer to whoever adds people for whom only so many seats would be enough."""
    plan = replace(plan_of(offered), capacity=enough)
    now = clock.now()
    facts = standing.facts_of(session, offered.id, now=now)
    doubts = doubts_about(session, plan, stood=None, language=dates.language())
    return Beyond(
        enough=enough,
        free=facts.free,
        too_small=[doubt for doubt in doubts if isinstance(doubt, TooSmall)],
        may_raise=enough <= MOST_SEATS,
        may_wait=now < facts.offers_end,
    )
