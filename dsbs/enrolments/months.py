"""How far an enrolment is, in months of its track, and its years as a drawn strip. Suspensions do not count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache

from flask_babel import gettext as _

from dsbs.core import dates
from dsbs.core import strip as strips
from dsbs.core.strip import Strip, Year, draw
from dsbs.enrolments.models import Enrolment
from dsbs.enrolments.queries import RunningEnrolment
from dsbs.enrolments.rules import Track, months_since
from dsbs.enrolments.rules.counting import Course, Pace, Pause, add_months, stood_still

YEARS: Mapping[Track, int] = {Track.FOUR_YEARS: 4, Track.SIX_YEARS: 6}


@dataclass(frozen=True)
class Progress:
    """Whole months that count since the start, and how many the track has."""

    used: int
    nominal: int

    @property
    def left(self) -> int:
        """How many are left; negative when it takes longer."""
        return self.nominal - self.used


def progress(enrolment: Enrolment | RunningEnrolment, pauses: Sequence[Pause], today: date) -> Progress:
    """How far an enrolment with these suspensions is today; one that has not begun has used none."""
    course = Course((Pace(enrolment.start, Fraction(1)),), tuple(pauses))
    counted_day = today - timedelta(days=stood_still(course, enrolment.start, today))
    return Progress(months_since(enrolment.start, counted_day), 12 * YEARS[enrolment.track])


def nominal_end(enrolment: Enrolment | RunningEnrolment) -> date:
    """The day on which the years of the track are over, were there no suspension."""
    return add_months(enrolment.start, 12 * YEARS[enrolment.track])


def years(enrolment: Enrolment | RunningEnrolment) -> list[Year]:
    """The years of the track, each with what it is called."""
    return [_year(enrolment.start, number) for number in range(1, YEARS[enrolment.track] + 1)]


def strip(enrolment: RunningEnrolment, today: date) -> Strip:
    """The years of the track with its suspensions, and today in them."""
    return _strip(enrolment, today, dates.language())


@lru_cache(1024)
def _strip(enrolment: RunningEnrolment, today: date, language: str) -> Strip:
    """The same, drawn once a day for each enrolment and language."""
    last = nominal_end(enrolment) - timedelta(days=1)
    pauses = [strips.Pause(pause.first, pause.last or last, _("Suspension")) for pause in enrolment.pauses]
    return draw(first=enrolment.start, last=last, today=today, years=years(enrolment), marks=(), pauses=pauses)


def _year(start: date, number: int) -> Year:
    first = add_months(start, 12 * (number - 1))
    years = f"{first.year}–{(first.year + 1) % 100:02}"
    return Year(
        first,
        _("Year %(number)d, %(years)s", number=number, years=years),
        _("Year %(number)d", number=number),
    )
