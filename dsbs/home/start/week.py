"""The viewer's own week, as a strip of days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _

from dsbs.agenda import queries
from dsbs.agenda.addresses import page_of
from dsbs.agenda.calendar import by_day, monday_of
from dsbs.agenda.queries import Entry
from dsbs.agenda.rules import days_as_span
from dsbs.core import clock, dates
from dsbs.home.start.parts import Look


@dataclass(frozen=True)
class InWeek:
    """One entry as the calendar macros draw it."""

    title: str
    time: str
    place: str
    url: str | None
    colour: str | None
    programme: str | None
    held: bool


@dataclass(frozen=True)
class Week:
    """The days from Monday to Friday, Saturday and Sunday when something is on or it is one of them, with entries."""

    days: Sequence[date]
    entries: Mapping[date, Sequence[InWeek]]


def week_of(look: Look) -> Week:
    """What the viewer is bound to this week."""
    monday = monday_of(look.today)
    sunday = monday + timedelta(days=6)
    span = days_as_span(monday, sunday, clock.zone())
    found = queries.own_slots_between(look.session, look.viewer.id, span=span, now=look.now)
    entries = by_day(found, monday, sunday, clock.zone())
    days = [monday + timedelta(days=number) for number in range(7)]
    is_long = any(day in entries or day == look.today for day in days[5:])
    return Week(
        days if is_long else days[:5],
        {day: [_in_week(entry) for entry in here] for day, here in entries.items()},
    )


def _in_week(entry: Entry) -> InWeek:
    title = entry.title or ""
    first = entry.programmes[0] if entry.programmes else None
    return InWeek(
        title=_("Cancelled: %(title)s", title=title) if entry.is_cancelled else title,
        time=dates.times(entry.start, entry.end),
        place=entry.room,
        url=page_of(entry),
        colour=first.colour if first else None,
        programme=first.short_name if first else None,
        held=entry.state.value == "held",
    )
