"""What happens by itself, and how often. Every entry asks the database "what is due and not yet done"."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def _every(interval: timedelta, task: str) -> dict[str, Any]:
    return {
        "task": task,
        "schedule": interval,
        # Each comes at once when the beat starts: one that is started again and again would never get to the rare ones.
        "last_run_at": _LONG_AGO,
        # A tick that no worker has taken by the time of the next one is dropped: after an outage they do not pile up.
        "options": {"expires": interval.total_seconds()},
    }


SCHEDULE: dict[str, dict[str, Any]] = {
    # Somebody may be waiting at the screen for her sign-in link.
    "deliver mails": _every(timedelta(seconds=5), "mail.deliver"),
    # Who is next in line has that much less time to answer.
    "tend seats": _every(timedelta(minutes=1), "activities.tend_seats"),
    # Whoever typed an address waits for its first reading; each calendar is then asked for once an hour.
    "read calendars": _every(timedelta(minutes=5), "agenda.read_calendars"),
    # Rules in hours; it looks after those in days once an hour.
    "remind": _every(timedelta(minutes=5), "reminders.sweep"),
    # Files wait for days: an hour more or less is nothing to who sent them.
    "drop old files": _every(timedelta(hours=1), "exchange.drop_old_files"),
}
