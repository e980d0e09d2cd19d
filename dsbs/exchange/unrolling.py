"""When a calendar is busy, with each date of what recurs written out. Pure: bytes in, times out.

Run as a program it does the same for ``busy.py``, within bounds that the system keeps: a stranger's rule may hold the
library for hours. So it imports nothing of the house.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

#: How far ahead is read, and how many times at most: a rule may repeat for ever.
AHEAD = timedelta(days=731)
MOST_TIMES = 500
MOST_EVENTS = 5_000
_MOST_MEMORY = 1024 * 1024 * 1024
_AT_ONCE = timedelta(days=92)
_LONGEST_TITLE = 200
#: What repeats within the day would fill the list before the week is over.
_TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})
_WITHIN_A_DAY = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})

#: From a moment to another, aware UTC, half-open, and what for, as far as the calendar says.
Time = tuple[datetime, datetime, str]


class Reason(StrEnum):
    """Why a calendar is not read."""

    NO_CALENDAR = "no calendar"
    TOO_MANY = "too many"
    TOO_OFTEN = "too often"


class Unreadable(Exception):
    """This calendar is not read, for this one reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def unrolled(data: bytes, *, now: datetime, zone: ZoneInfo) -> Sequence[Time]:
    """The busy times from now on for two years, each date of what recurs, the soonest 500 of them.

    Entries that are cancelled or marked as free do not count. A day without a time is busy from midnight to midnight on
    the clocks of ``zone``; a time without a zone is meant by those of the calendar, else by ``zone`` too. Raises
    ``Unreadable`` when the data is no calendar, has too many entries, or one that repeats within the day.
    """
    calendar = _calendar(data)
    own = _zone_of(calendar, zone)
    try:
        return _soonest(calendar, own, now)
    except Exception as error:  # whatever a library makes of a stranger's file
        raise Unreadable(Reason.NO_CALENDAR) from error


def main(now: str, zone: str, seconds: str) -> None:
    """The answer to what stands on the input, as JSON: the times, or the reason; ended after so many of computing."""
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    try:
        found = unrolled(sys.stdin.buffer.read(), now=datetime.fromisoformat(now), zone=ZoneInfo(zone))
    except Unreadable as unreadable:
        json.dump({"reason": unreadable.reason}, sys.stdout)
    else:
        json.dump({"times": [(start.isoformat(), end.isoformat(), title) for start, end, title in found]}, sys.stdout)


def _calendar(data: bytes) -> icalendar.Calendar:
    try:
        found = icalendar.Calendar.from_ical(data)
    except Exception as error:  # as above
        raise Unreadable(Reason.NO_CALENDAR) from error
    if not isinstance(found, icalendar.Calendar):
        raise Unreadable(Reason.NO_CALENDAR)
    events = found.walk("VEVENT")
    if len(events) > MOST_EVENTS:
        raise Unreadable(Reason.TOO_MANY)
    if any(_repeats_too_often(event) for event in events):
        raise Unreadable(Reason.TOO_OFTEN)
    return found


def _repeats_too_often(event: icalendar.Component) -> bool:
    rules: Any = event.get("rrule", [])
    return any(
        not _TOO_OFTEN.isdisjoint(str(word).upper() for word in rule.get("freq", ()))
        or not _WITHIN_A_DAY.isdisjoint(str(part).upper() for part in rule)
        for rule in (rules if isinstance(rules, list) else [rules])
    )


def _zone_of(calendar: icalendar.Calendar, zone: ZoneInfo) -> ZoneInfo:
    """The zone that the calendar names, taken out of it: whoever works out its dates stumbles over a wrong one."""
    try:
        return ZoneInfo(str(calendar.pop("x-wr-timezone")))
    except (KeyError, ValueError, OSError):
        return zone


def _soonest(calendar: icalendar.Calendar, zone: ZoneInfo, now: datetime) -> Sequence[Time]:
    """The first times, a few months after the other, so that what repeats for ever is never written out in full."""
    asked, found = recurring_ical_events.of(calendar, skip_bad_series=True), set[Time]()
    since = now
    while since < now + AHEAD and len(found) < MOST_TIMES:
        found.update(_busy(asked.between(since, since + _AT_ONCE), zone, now))
        since += _AT_ONCE
    return sorted(found)[:MOST_TIMES]


def _busy(events: Iterable[icalendar.Component], zone: ZoneInfo, now: datetime) -> Iterator[Time]:
    for event in events:
        start = _moment(event.decoded("dtstart"), zone)
        end = _moment(event.decoded("dtend"), zone) if "dtend" in event else start
        if _takes_time(event) and start < end and now < end and start < now + AHEAD:
            yield start, end, str(event.get("summary", ""))[:_LONGEST_TITLE]


def _takes_time(event: icalendar.Component) -> bool:
    status, shown = (str(event.get(name, "")).upper() for name in ("status", "transp"))
    return status != "CANCELLED" and shown != "TRANSPARENT"


def _moment(value: date | datetime, zone: ZoneInfo) -> datetime:
    if not isinstance(value, datetime):
        value = datetime.combine(value, time(), zone)
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)


if __name__ == "__main__":
    main(*sys.argv[1:])
