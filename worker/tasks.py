"""The tasks, by the name that the schedule and the broker know them by. Each is a door: one call, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dsbs.activities import sweeping
from dsbs.agenda import reading
from dsbs.core import clock
from dsbs.mail.delivery import run
from dsbs.reminders import sweeping as reminding


def deliver_mails() -> None:
    """Send what is due from the outbox."""
    run(clock.now)


def end_lapsed_offers() -> None:
    """Offer seats that were not taken in time to the next in line."""
    sweeping.end_lapsed_offers(clock.now)


def sweep_reminders() -> None:
    """Remind of what is due by the rules."""
    reminding.tick(clock.now)


def read_calendars() -> None:
    """Read when venues elsewhere are busy, where their calendar is due."""
    reading.read_calendars(clock.now)


DOORS: Mapping[str, Callable[..., Any]] = {
    "mail.deliver": deliver_mails,
    "activities.end_lapsed_offers": end_lapsed_offers,
    "agenda.read_calendars": read_calendars,
    "reminders.sweep": sweep_reminders,
}
