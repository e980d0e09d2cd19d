"""The catalogue under headings: this week, next week, then by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby

from flask_babel import gettext as _

from dsbs.activities.catalogue import Listing
from dsbs.activities.offers import Offer, Place
from dsbs.activities.rules import Reason, RegistrationState
from dsbs.core import clock, dates

#: What a row of the catalogue is drawn from: the meeting that is next, how many come and wait, the viewer's own part.
Drawn = tuple[Offer, Place, int, int, RegistrationState | None, Reason | None]


@dataclass(frozen=True)
class Group:
    """The rows under one heading, with the days that it stands for."""

    name: str
    days: str
    rows: tuple[Drawn, ...]


def grouped(listings: Sequence[Listing], now: datetime, today: date) -> list[Group]:
    """The listings, which come in the order of their next meeting, under their headings."""
    zone, this_week = clock.zone(), _monday_of(today)
    rows = [(_drawn(listing, now), listing) for listing in listings]

    def heading(row: tuple[Drawn, Listing]) -> date:
        return heading_of(row[0][1].start.astimezone(zone).date(), this_week)

    return [
        _group(first, tuple(drawn for drawn, _listing in here), today) for first, here in groupby(rows, key=heading)
    ]


def heading_of(on: date, this_week: date) -> date:
    """The first day of the heading under which a day stands, seen from the Monday of this week.

    This week and the next stand alone; what comes later stands under its month, from the day after next week on.
    """
    monday = _monday_of(on)
    later = this_week + timedelta(days=14)
    return monday if monday < later else max(on.replace(day=1), later)


def _drawn(listing: Listing, now: datetime) -> Drawn:
    offer = listing.offer
    return offer, offer.next_meeting(now), listing.taken, listing.waiting, listing.state, listing.obstacle


def _group(first: date, rows: tuple[Drawn, ...], today: date) -> Group:
    name, days = _words(first, _monday_of(today), dates.language())
    return Group(name, days, rows)


@lru_cache(512)
def _words(first: date, this_week: date, language: str) -> tuple[str, str]:
    weeks = {0: _("This week"), 7: _("Next week")}
    name = weeks.get((first - this_week).days)
    if name:
        return name, _span(first, first + timedelta(days=6))
    last = _first_of_next_month(first) - timedelta(days=1)
    if first.day > 1:
        return _("Later in %(month)s", month=dates.month_name(first)), _span(first, last)
    return dates.month(first), ""


def _span(first: date, last: date) -> str:
    words: str = _("%(first)s to %(last)s", first=dates.day_month(first), last=dates.day_month(last))
    return words


def _first_of_next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
