"""How far an enrolment is, in months of its track, and its years as a drawn strip. Leaves are not counted yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from flask_babel import gettext as _

from dsbs.core import dates
from dsbs.core.strip import Strip, Year, draw
from dsbs.enrolments.models import Enrolment
from dsbs.enrolments.queries import RunningEnrolment
from dsbs.enrolments.rules import Track, months_since

YEARS: Mapping[Track, int] = {Track.FOUR_YEARS: 4, Track.SIX_YEARS: 6}


@dataclass(frozen=True)
class Progress:
    """Whole months since the start, and how many the track has."""

    used: int
    nominal: int

    @property
    def left(self) -> int:
        """How many are left; negative when it takes longer."""
        return self.nominal - self.used


def progress(enrolment: Enrolment | RunningEnrolment, today: date) -> Progress:
    """How far an enrolment is today; one that has not begun has used none."""
    return Progress(months_since(enrolment.start, today), 12 * YEARS[enrolment.track])


def strip(enrolment: Enrolment | RunningEnrolment, today: date) -> Strip:
    """The years of the track, with today in them."""
    return _strip(enrolment.start, YEARS[enrolment.track], today, dates.language())


@lru_cache(1024)
def _strip(start: date, count: int, today: date, language: str) -> Strip:
    """The strip of so many years, drawn once a day for each start and language."""
    return draw(
        first=start,
        last=_years_later(start, count) - timedelta(days=1),
        today=today,
        years=[_year(start, number) for number in range(1, count + 1)],
        marks=(),
    )


def _year(start: date, number: int) -> Year:
    first = _years_later(start, number - 1)
    years = f"{first.year}–{(first.year + 1) % 100:02}"
    return Year(
        first,
        _("Year %(number)d, %(years)s", number=number, years=years),
        _("Year %(number)d", number=number),
    )


def _years_later(day: date, years: int) -> date:
    """The same day so many years later; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
