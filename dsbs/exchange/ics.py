"""Calendars as other programs read them: iCalendar (RFC 5545), for feeds and for mails."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

import icalendar

TZID = "Europe/Brussels"
PRODUCT = "-//Doctoral School of Biomedical Sciences//dsbs//EN"
#: How long a calendar program may wait before it asks a feed again.
REFRESH = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class Event:
    """One entry of a calendar.

    ``uid`` stays the same for as long as the event lives; ``sequence`` rises with each move and with its cancellation,
    or calendar programs keep what they had. ``stamp`` is the moment of its last change (not of the request: a feed
    that has not changed must be the same text). ``start`` (included) and ``end`` (not included) are aware moments and
    are written in the school's time zone. ``tentative`` is what is held but not yet firm.
    """

    uid: str
    sequence: int
    stamp: datetime
    start: datetime
    end: datetime
    title: str
    place: str = ""
    description: str = ""
    url: str = ""
    cancelled: bool = False
    tentative: bool = False


def calendar(name: str, events: Iterable[Event], method: Literal["PUBLISH"] | None = None) -> str:
    """A whole VCALENDAR. A mail carries ``method="PUBLISH"``; a feed carries none.

    The same events give the same text. Lines are folded at 75 octets and end in CR LF, as the standard asks.
    """
    head = icalendar.Calendar()
    head.add("version", "2.0")
    head.add("prodid", PRODUCT)
    head.add("calscale", "GREGORIAN")
    if method:
        head.add("method", method)
    head.add("x-wr-calname", icalendar.vText(name))
    head.add("x-wr-timezone", TZID)
    head.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    head.add("x-published-ttl", icalendar.vDuration(REFRESH))
    opening, _, closing = head.to_ical().decode().partition("END:VCALENDAR")
    return "".join([opening, _time_zone(), *map(_entry, events), "END:VCALENDAR", closing])


def _entry(event: Event) -> str:
    entry = icalendar.Event()
    entry.add("uid", event.uid)
    entry.add("sequence", event.sequence)
    entry.add("dtstamp", event.stamp)
    entry.add("dtstart", _written(event.start))
    entry.add("dtend", _written(event.end))
    entry.add("summary", event.title)
    entry.add("status", _status(event))
    for name, value in (("location", event.place), ("description", event.description), ("url", event.url)):
        if value:
            entry.add(name, value)
    return str(entry.to_ical(), "utf-8")


def _written(moment: datetime) -> datetime:
    """In school time, but the second of two equal readings in October in UTC: nobody could tell it from the first."""
    local = moment.astimezone(ZoneInfo(TZID))
    return moment.astimezone(UTC) if local.fold else local


def _status(event: Event) -> str:
    if event.cancelled:
        return "CANCELLED"
    return "TENTATIVE" if event.tentative else "CONFIRMED"


@cache
def _time_zone() -> str:
    """The school's VTIMEZONE, by the rule that holds in the European Union since 1996.

    Written by hand: the one that the library works out starts its summer times an hour late.
    """
    zone = icalendar.Timezone()
    zone.add("tzid", TZID)
    zone.add_component(_half_year(icalendar.TimezoneDaylight(), "CEST", month=3, at=2, offsets=(1, 2)))
    zone.add_component(_half_year(icalendar.TimezoneStandard(), "CET", month=10, at=3, offsets=(2, 1)))
    return str(zone.to_ical(), "utf-8")


def _half_year(
    half: icalendar.Component, name: str, *, month: int, at: int, offsets: tuple[int, int]
) -> icalendar.Component:
    first = datetime(1996, month, 31 if month == 3 else 27, at)  # noqa: DTZ001 - a VTIMEZONE counts in bare local time
    half.add("dtstart", first)
    half.add("tzname", name)
    half.add("tzoffsetfrom", timedelta(hours=offsets[0]))
    half.add("tzoffsetto", timedelta(hours=offsets[1]))
    half.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1su"})
    return half
