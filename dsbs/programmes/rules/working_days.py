"""Counting in working days. Weekends never are; ``closed`` holds the other days on which the school does not work.

``closed`` must know every day that the count runs over; one that works them out when asked has no edges (see
``dsbs.programmes.queries.closed_calendar``).
"""

from __future__ import annotations

from collections.abc import Container
from datetime import date, timedelta

_ONE_DAY = timedelta(days=1)
_SATURDAY = 5


def is_working_day(day: date, closed: Container[date]) -> bool:
    """Whether the school works on this day."""
    return day.weekday() < _SATURDAY and day not in closed


def add_working_days(day: date, count: int, closed: Container[date]) -> date:
    """The ``count``-th working day after ``day``, or before it for a negative count.

    ``day`` itself is never counted and need not be a working day; with a count of 0 it is the answer.
    """
    step = _ONE_DAY if count > 0 else -_ONE_DAY
    left = abs(count)
    while left:
        day += step
        left -= is_working_day(day, closed)
    return day


def working_days_between(first: date, last: date, closed: Container[date]) -> int:
    """How many working days one moves from ``first`` to arrive at ``last``; negative when ``last`` is earlier.

    The day one starts from is not counted, the day of arrival is, so that this undoes ``add_working_days``.
    """
    step = 1 if first <= last else -1
    days = (first + timedelta(days=n) for n in range(step, (last - first).days + step, step))
    return step * sum(is_working_day(day, closed) for day in days)
