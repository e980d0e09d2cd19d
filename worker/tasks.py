"""The tasks, by the name that the schedule and the broker know them by. Each is a door: one call, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dsbs.activities import sweeping
from dsbs.agenda import reading
from dsbs.core import clock
from dsbs.exchange import sweeping as files
from dsbs.mail.delivery import run
from dsbs.reminders import sweeping as reminding


def deliver_mails() -> None:
    """Send what is due from the outbox."""
    run(clock.now)


def tend_seats() -> None:
    """End what was not answered in time, and let who waits have the seats that are free by it or no longer kept."""
    sweeping.end_late_requests(clock.now)
    sweeping.merge_kept_seats(clock.now)
    sweeping.end_lapsed_offers(clock.now)


def sweep_reminders() -> None:
    """Remind of what is due by the rules."""
    reminding.tick(clock.now)


def read_calendars() -> None:
    """Read when venues elsewhere are busy, where their calendar is due."""
    reading.read_calendars(clock.now)


def drop_old_files() -> None:
    """Put aside what was sent to be imported and nobody confirmed in time."""
    files.drop_old_files(clock.now)


DOORS: Mapping[str, Callable[..., Any]] = {
    "mail.deliver": deliver_mails,
    "activities.tend_seats": tend_seats,
    "agenda.read_calendars": read_calendars,
    "reminders.sweep": sweep_reminders,
    "exchange.drop_old_files": drop_old_files,
}
