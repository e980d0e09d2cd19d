"""On which days a session comes back, and on which of them a series has none. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from dsbs.core.refusals import N_, Refused


class Rhythm(StrEnum):
    """How often a session comes back, always on its day of the week."""

    WEEK = "week"
    FORTNIGHT = "fortnight"
    MONTH = "month"


RHYTHM_WORDS = {
    Rhythm.WEEK: N_("every week"),
    Rhythm.FORTNIGHT: N_("every second week"),
    Rhythm.MONTH: N_("every month"),
}


#: More sessions than any term has; so many are planned at once at most.
MOST = 60
#: A session stands for a day of its rhythm when it is so many days from it at most: moved, not skipped.
_NEAR = {Rhythm.WEEK: 3, Rhythm.FORTNIGHT: 6, Rhythm.MONTH: 13}


def days_after(first: date, last: date, rhythm: Rhythm, *, since: date) -> Sequence[date]:
    """The days after the first one and after ``since``, up to the last, on which it comes back.

    Every month is on the same weekday of the month, such as the second Thursday; one on the fifth is on the last of
    each month. Refused when there is none, and when there are more than sixty.
    """
    days = _days(first, last, rhythm, since)
    if not days:
        raise Refused(N_("It does not come back until then. Choose a later last day."), field="until")
    if len(days) > MOST:
        raise Refused(
            N_("These are more than %(most)d sessions. Choose an earlier last day."), field="until", most=MOST
        )
    return days


def skipped(days: Iterable[date], rhythm: Rhythm) -> Sequence[date]:
    """The days between the first and the last of these on which the rhythm has one, and none of these stands for it.

    Each gap is counted from the day before it, so that a series which was moved to another weekday goes on from there.
    A gap of more than sixty is a pause, of which nothing is told.
    """
    near = timedelta(days=_NEAR[rhythm])
    gaps = (
        _days(day, following - near - timedelta(days=1), rhythm, day) for day, following in pairwise(sorted(set(days)))
    )
    return [day for gap in gaps if len(gap) <= MOST for day in gap]


def _days(first: date, last: date, rhythm: Rhythm, since: date) -> list[date]:
    step = timedelta(weeks=2 if rhythm is Rhythm.FORTNIGHT else 1)
    begins, ends = max(1, (since - first) // step + 1), (last - first) // step
    # A month takes five weeks at most.
    days = [first + number * step for number in range(begins, min(ends, begins + 5 * MOST + 5) + 1)]
    if rhythm is Rhythm.MONTH:
        place = _place(first)
        return [day for day in days if (_is_last(day) if place == _FIFTH else _place(day) == place)]
    return days


_FIFTH = 5


def _place(day: date) -> int:
    """Which Thursday of its month a Thursday is, from 1."""
    return (day.day - 1) // 7 + 1


def _is_last(day: date) -> bool:
    return (day + timedelta(weeks=1)).month != day.month
