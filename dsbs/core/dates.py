"""Days and times in words, in the reader's language and the school's time zone.

Moments come in as aware UTC and are shown as the school's clocks show them; a naive one raises ``ValueError``. Each
value is worked out once per language and then remembered, since lists print the same days again and again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from flask import g
from flask_babel import force_locale, get_locale, ngettext
from flask_babel import gettext as _

from dsbs.core import clock

_REMEMBERED = 8192
_DAY = "EEE d MMM y"
#: Beyond this many days a distance is told in months.
_DAYS_TOLD = 90


class DateParts(NamedTuple):
    """What a date block prints: a word or the weekday, the number of the day, the month, the year, and ISO 8601."""

    above: str
    number: str
    month: str
    year: str
    iso: str
    is_today: bool


def language() -> str:
    """The code of the language that is being written; English where no application is at hand.

    A page asks some twenty times, so what Flask-Babel chose is remembered on ``g``.
    """
    try:
        known: str | None = getattr(g, "language", None)
    except RuntimeError:
        return "en"
    if known is None:
        locale = get_locale()
        known = g.language = locale.language if locale else "en"
    return known


@contextmanager
def speaking(other: str) -> Iterator[None]:
    """Write in another language than the reader's of this page, for as long as the block lasts."""
    before = g.pop("language", None)
    try:
        with force_locale(other):
            yield
    finally:
        g.language = before


def day(value: date) -> str:
    """A day in full: "Thu 14 Jan 2027"."""
    return _day(value, language())


def long_day(value: date) -> str:
    """A day as a heading says it: "Tuesday 24 November 2026"."""
    return _formatted(value, "EEEE d MMMM y", language())


def day_month(value: date) -> str:
    """A day whose year stands nearby: "Thu 14 Jan"."""
    return _formatted(value, "EEE d MMM", language())


def month(value: date) -> str:
    """The month that a day lies in: "November 2026"."""
    return _formatted(value, "LLLL y", language())


def month_name(value: date) -> str:
    """The month alone, where the year is plain: "December"."""
    return _formatted(value, "LLLL", language())


def weekday(value: date) -> str:
    """The name of a day of the week, as calendars head their columns: "Mon"."""
    return _formatted(value, "EEE", language())


def moment(value: datetime) -> str:
    """A moment: "Thu 14 Jan 2027, 14:00"."""
    return _moment(_aware(value), clock.zone(), language())


def time_of_day(value: datetime) -> str:
    """The time alone, where the day stands nearby: "14:00"."""
    return _time(_aware(value), clock.zone(), language())


def school_day(value: datetime) -> date:
    """The day on which a moment falls at the school."""
    return _aware(value).astimezone(clock.zone()).date()


def times(start: datetime, end: datetime) -> str:
    """From when to when, where the day stands nearby: "14:00-16:00"; across midnight the day of the end is said."""
    return _times(_aware(start), _aware(end), clock.zone(), language())


def span(start: datetime, end: datetime) -> str:
    """From when to when: "Thu 14 Jan 2027, 14:00-16:00"; across midnight both days are said."""
    return "".join(span_parts(start, end))


def span_parts(start: datetime, end: datetime) -> tuple[str, str]:
    """The same in two pieces, the second of which must not be broken over two lines."""
    return _span_parts(_aware(start), _aware(end), clock.zone(), language())


def iso(value: date) -> str:
    """The value for a ``datetime`` attribute: the day, or the moment in UTC."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ") if isinstance(value, datetime) else value.isoformat()


def relative(value: date, today: date) -> str:
    """How far a day is from today: "Today", "Tomorrow", "in 9 days", "83 days ago", "in 10 months"."""
    return _relative(value, today, language())


def date_parts(value: date, today: date) -> DateParts:
    """What a date block prints for this day."""
    return _date_parts(value, today, language())


def hours(amount: Decimal | float) -> str:
    """An amount of hours: "1 hour", "1.5 hours"."""
    return ngettext("%(amount)s hour", "%(amount)s hours", 1 if amount == 1 else 2, amount=number(amount))


def number(value: Decimal | float) -> str:
    """A number with the separators of the language: "1,250.5"."""
    return format_decimal(value, locale=language())


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return value


@lru_cache(_REMEMBERED)
def _formatted(value: date, pattern: str, locale: str) -> str:
    return format_date(value, pattern, locale=locale)


def _day(value: date, locale: str) -> str:
    return _formatted(value, _DAY, locale)


@lru_cache(_REMEMBERED)
def _time(value: datetime, zone: ZoneInfo, locale: str) -> str:
    return format_time(value.astimezone(zone), "H:mm", locale=locale)


@lru_cache(_REMEMBERED)
def _moment(value: datetime, zone: ZoneInfo, locale: str) -> str:
    return f"{_day(value.astimezone(zone).date(), locale)}, {_time(value, zone, locale)}"


@lru_cache(_REMEMBERED)
def _times(start: datetime, end: datetime, zone: ZoneInfo, locale: str) -> str:
    last = end.astimezone(zone).date()
    if last == start.astimezone(zone).date():
        return f"{_time(start, zone, locale)}–{_time(end, zone, locale)}"
    return f"{_time(start, zone, locale)} – {_formatted(last, 'EEE d MMM', locale)}, {_time(end, zone, locale)}"


@lru_cache(_REMEMBERED)
def _span_parts(start: datetime, end: datetime, zone: ZoneInfo, locale: str) -> tuple[str, str]:
    if start.astimezone(zone).date() == end.astimezone(zone).date():
        return f"{_day(start.astimezone(zone).date(), locale)}, ", _times(start, end, zone, locale)
    return f"{_moment(start, zone, locale)} – ", _moment(end, zone, locale)


@lru_cache(_REMEMBERED)
def _relative(value: date, today: date, locale: str) -> str:
    days = (value - today).days
    near = {-1: _("Yesterday"), 0: _("Today"), 1: _("Tomorrow")}
    if days in near:
        return near[days]
    if abs(days) <= _DAYS_TOLD:
        return ngettext("in %(num)s day", "in %(num)s days", days) if days > 0 else _days_ago(-days)
    months = _whole_months(min(value, today), max(value, today))
    if days > 0:
        return ngettext("in %(num)s month", "in %(num)s months", months)
    return ngettext("%(num)s month ago", "%(num)s months ago", months)


def _days_ago(days: int) -> str:
    return ngettext("%(num)s day ago", "%(num)s days ago", days)


def _whole_months(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)


@lru_cache(_REMEMBERED)
def _date_parts(value: date, today: date, locale: str) -> DateParts:
    near = {0: _("Today"), 1: _("Tomorrow")}
    return DateParts(
        above=near.get((value - today).days) or _formatted(value, "EEE", locale),
        number=_formatted(value, "d", locale),
        month=_formatted(value, "MMM", locale),
        year=_formatted(value, "y", locale),
        iso=value.isoformat(),
        is_today=value == today,
    )
