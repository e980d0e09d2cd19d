"""Time that runs only while the school works: on its working days, between two times of day.

An offered seat lapses by this clock. It stands still at night, on weekends and on closed days.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from dsbs.programmes.rules.working_days import is_working_day

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OpenHours:
    """From when to when the clock runs on a working day, as the clocks of ``zone`` show it.

    ``closed`` holds the days on which it does not run, weekends aside (see ``working_days``).
    """

    opens: time
    closes: time
    closed: Container[date]
    zone: tzinfo

    def after(self, start: datetime, amount: timedelta) -> datetime:
        """The moment, in UTC, at which the clock has run for ``amount`` since ``start``.

        An amount that ends just as the clock stops ends there, not on the next morning.
        """
        left = amount
        for first, last in self._stretches(start):
            if left <= last - first:
                return first + left
            left -= last - first
        raise AssertionError("The days never end.")

    def _stretches(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The stretches in which the clock runs from a moment on, without end."""
        day, moment = start.astimezone(self.zone).date(), start.astimezone(UTC)
        while True:
            first, last = max(self._on(day, self.opens), moment), self._on(day, self.closes)
            if is_working_day(day, self.closed) and first < last:
                yield first, last
            day += _ONE_DAY

    def _on(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)
