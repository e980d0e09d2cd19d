"""When somebody else's calendar is busy, read from an iCalendar file. Pure: bytes in, times out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from dsbs.core.refusals import N_, Refused

#: How far ahead is read, and how many times at most: a rule may repeat for ever.
AHEAD = timedelta(days=731)
MOST_TIMES = 500
MOST_EVENTS = 5_000
MOST_BYTES = 2 * 1024 * 1024
_AT_ONCE = timedelta(days=92)
_LONGEST_TITLE = 200
#: What repeats within the day would fill the list before the week is over.
_TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})
_WITHIN_A_DAY = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})

NO_CALENDAR = N_("This is no iCalendar file. Send one that ends in .ics, as calendar programs export it.")
TOO_MANY = N_("This calendar has more than 5,000 entries. Export it without the past.")
TOO_OFTEN = N_("An entry of this calendar repeats within the day. Take it out, then send the calendar again.")
TOO_LARGE = N_("The file is larger than 2 MB. Export it without the past.")


@dataclass(frozen=True, slots=True, order=True)
class Busy:
    """From a moment to another, aware UTC, half-open, and what for, as far as the calendar says."""

    start: datetime
    end: datetime
    title: str


def busy_times(data: bytes, *, now: datetime, zone: ZoneInfo) -> Sequence[Busy]:
    """The busy times from today on for two years, each date of what recurs, the soonest 500 of them.

    Entries that are cancelled or marked as free do not count. A day without a time is busy from midnight to midnight on
    the clocks of ``zone``; a time without a zone is meant by those of the calendar, else by ``zone`` too. Refused when
    the file is no calendar, too large, or has something that repeats within the day.
    """
    if len(data) > MOST_BYTES:
        raise Refused(TOO_LARGE)
    calendar = _calendar(data)
    own = _zone_of(calendar, zone)
    try:
        return _soonest(calendar, own, now)
    except Exception as error:  # whatever a library makes of a stranger's file
        raise Refused(NO_CALENDAR) from error


def _calendar(data: bytes) -> icalendar.Calendar:
    try:
        found = icalendar.Calendar.from_ical(data)
    except Exception as error:  # as above
        raise Refused(NO_CALENDAR) from error
    if not isinstance(found, icalendar.Calendar):
        raise Refused(NO_CALENDAR)
    events = found.walk("VEVENT")
    if len(events) > MOST_EVENTS:
        raise Refused(TOO_MANY)
    if any(_repeats_too_often(event) for event in events):
        raise Refused(TOO_OFTEN)
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


def _soonest(calendar: icalendar.Calendar, zone: ZoneInfo, now: datetime) -> Sequence[Busy]:
    """The first times, a few months after the other, so that what repeats for ever is never written out in full."""
    asked, found = recurring_ical_events.of(calendar, skip_bad_series=True), set[Busy]()
    since = now
    while since < now + AHEAD and len(found) < MOST_TIMES:
        found.update(_busy(asked.between(since, since + _AT_ONCE), zone, now))
        since += _AT_ONCE
    return sorted(found)[:MOST_TIMES]


def _busy(events: Iterable[icalendar.Component], zone: ZoneInfo, now: datetime) -> Iterator[Busy]:
    for event in events:
        start = _moment(event.decoded("dtstart"), zone)
        end = _moment(event.decoded("dtend"), zone) if "dtend" in event else start
        if _takes_time(event) and start < end and now < end and start < now + AHEAD:
            yield Busy(start, end, str(event.get("summary", ""))[:_LONGEST_TITLE])


def _takes_time(event: icalendar.Component) -> bool:
    status, shown = (str(event.get(name, "")).upper() for name in ("status", "transp"))
    return status != "CANCELLED" and shown != "TRANSPARENT"


def _moment(value: date | datetime, zone: ZoneInfo) -> datetime:
    if not isinstance(value, datetime):
        value = datetime.combine(value, time(), zone)
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
