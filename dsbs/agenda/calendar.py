"""How a calendar is laid out: the days of a month, a week or a list, and what lies on each of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from dsbs.agenda.rules import Span, days_touched

#: How far a list reaches.
LIST_DAYS = 28


class View(StrEnum):
    """How the calendar is drawn."""

    MONTH = "month"
    WEEK = "week"
    LIST = "list"


class Reach(StrEnum):
    """How much of one day something takes."""

    WITHIN = "within"
    FROM = "from"
    UNTIL = "until"
    ALL_DAY = "all_day"


class Timed(Protocol):
    """Whatever has a time."""

    @property
    def span(self) -> Span:
        """When it is."""
        ...


Entry = TypeVar("Entry", bound=Timed)


@dataclass(frozen=True)
class Leaf:
    """One leaf of the calendar: its first and last day, and a day on the leaf before it and after it.

    ``on`` is the day by which it was opened; a month leaf shows whole weeks, so it begins and ends in other months.
    """

    view: View
    on: date
    first: date
    last: date
    before: date
    after: date

    @property
    def days(self) -> Sequence[date]:
        """All its days."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def weeks(self) -> Sequence[Sequence[date]]:
        """Its days from Monday to Sunday; a list has no weeks of seven days."""
        days = self.days
        return [days[start : start + 7] for start in range(0, len(days), 7)]


def leaf(view: View, on: date) -> Leaf:
    """The leaf on which a day lies. Weeks start on Monday; a list starts on the day itself."""
    if view is View.MONTH:
        return _month(on)
    if view is View.WEEK:
        first, length = monday_of(on), 7
    else:
        first, length = on, LIST_DAYS
    step = timedelta(days=length)
    return Leaf(view, on, first, first + step - timedelta(days=1), first - step, first + step)


def monday_of(day: date) -> date:
    """The Monday of the week that a day lies in."""
    return day - timedelta(days=day.weekday())


def by_day(entries: Iterable[Entry], first: date, last: date, zone: ZoneInfo) -> Mapping[date, Sequence[Entry]]:
    """The entries on each day that has any; what crosses midnight lies on both days."""
    days: dict[date, list[Entry]] = {}
    for entry in entries:
        for day in days_touched(entry.span, zone):
            if first <= day <= last:
                days.setdefault(day, []).append(entry)
    return dict(sorted(days.items()))


def reach(span: Span, day: date, zone: ZoneInfo) -> Reach:
    """How much of a day that it touches a span takes."""
    days = days_touched(span, zone)
    begins, ends = day == days[0], day == days[-1]
    if begins and ends:
        return Reach.WITHIN
    if begins:
        return Reach.FROM
    return Reach.UNTIL if ends else Reach.ALL_DAY


def _month(on: date) -> Leaf:
    first_of_month = on.replace(day=1)
    first_of_next = (first_of_month + timedelta(days=31)).replace(day=1)
    last = first_of_next - timedelta(days=1)
    return Leaf(
        View.MONTH,
        on,
        first=monday_of(first_of_month),
        last=monday_of(last) + timedelta(days=6),
        before=(first_of_month - timedelta(days=1)).replace(day=1),
        after=first_of_next,
    )
