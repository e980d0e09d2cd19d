"""Which meeting of a session becomes which when its plan changes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

#: The beginning and the end of a meeting.
Times = tuple[datetime, datetime]


def paired(before: Sequence[Times], after: Sequence[Times]) -> list[int | None]:
    """Which meeting each one of a new plan is: its place among those ``before``, from 0; None for one that is added.

    Both are in order of time. A meeting at the same time is the same one, whatever goes or comes around it; those that
    are left over become each other in their order. Meetings of which the place is not given are taken away.
    """
    there = {times: place for place, times in enumerate(before)}
    stays = [there.pop(times, None) for times in after]
    left_over = iter(sorted(set(range(len(before))).difference(stays)))
    return [next(left_over, None) if place is None else place for place in stays]
