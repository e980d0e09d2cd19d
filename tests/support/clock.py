"""The clock of a test: it stands still until it is moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import time_machine

#: The day on which the drawings of the pages play: Tue 24 Nov 2026, 10:00 in Brussels.
START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class Clock:
    """What time it is for everything in this process, threads included; servers outside keep the real time."""

    def __init__(self, travel: time_machine.Traveller) -> None:
        self._travel = travel

    @property
    def now(self) -> datetime:
        """The moment at which the clock stands, aware UTC."""
        return datetime.now(UTC)

    def move_to(self, moment: datetime) -> None:
        """Set the clock; the moment must say its zone."""
        if moment.tzinfo is None:
            raise ValueError(f"{moment!r} has no time zone")
        self._travel.move_to(moment)

    def advance(self, by: timedelta) -> None:
        """Let this much time pass at once."""
        self._travel.shift(by)
