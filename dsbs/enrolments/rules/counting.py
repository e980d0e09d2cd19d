"""Days of a track: how fast they count, and when so many of them are reached.

A track counts days: one a day at the four-year pace, two thirds at the six-year pace, none while it is suspended.
A day counts when it is over, so a track that starts on 1 October has counted one day on the 2nd. All numbers are
exact fractions. ``docs/decisions/0016-due-dates.md`` says why and holds worked examples.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Pause:
    """Days on which the track stands still, the first and the last included; ``last`` None while nobody knows it."""

    first: date
    last: date | None

    @property
    def resumes(self) -> date | None:
        """The first day that counts again."""
        return None if self.last is None else self.last + _ONE_DAY


@dataclass(frozen=True, order=True)
class Pace:
    """How many days of the track each day counts from ``since`` on; more than 0."""

    since: date
    speed: Fraction


@dataclass(frozen=True)
class Course:
    """How a track runs: its paces, the first of them from its start, and its pauses, which may overlap or touch."""

    paces: tuple[Pace, ...]
    pauses: tuple[Pause, ...] = ()

    @property
    def start(self) -> date:
        """The first day of the track."""
        return self.paces[0].since

    def by_calendar(self) -> Course:
        """The same track for what no pace touches: each day counts one, unless it stands still."""
        return Course((Pace(self.start, Fraction(1)),), self.pauses)

    def without_pauses(self) -> Course:
        """The same track as if it had never stood still."""
        return Course(self.paces)


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or earlier for a negative count; the month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def reached(course: Course, nominal: int, *, since: date | None = None) -> date | None:
    """The first day on which so many days are counted since ``since`` (the start); None after an open pause.

    ``nominal`` is not negative; with 0 it is ``since`` itself.
    """
    begin = since or course.start
    left = Fraction(nominal)
    for first, until, speed in _stretches(course, begin):
        if left <= 0:
            return first
        if speed and (until is None or (until - first).days * speed >= left):
            return first + timedelta(days=-(-left // speed))
        if until is not None:
            left -= (until - first).days * speed
    return None


def counted(course: Course, until: date) -> Fraction:
    """How many days of the track are over on this day; none before its start."""
    return sum(
        (
            (min(end or until, until) - first).days * speed
            for first, end, speed in _stretches(course, course.start)
            if first < until
        ),
        Fraction(0),
    )


def stood_still(course: Course, since: date, until: date) -> int:
    """How many days the track stands still from ``since`` on, before ``until``."""
    return sum(
        (min(end or until, until) - first).days
        for first, end, speed in _stretches(course, since)
        if not speed and first < until
    )


def merged(pauses: Iterable[Pause]) -> Sequence[Pause]:
    """The same days as pauses that neither overlap nor touch, the first one first."""
    found: list[Pause] = []
    for pause in sorted(pauses, key=lambda pause: (pause.first, pause.last or date.max)):
        before = found[-1] if found else None
        if before is None or (before.resumes is not None and before.resumes < pause.first):
            found.append(pause)
        elif before.last is not None and (pause.last is None or pause.last > before.last):
            found[-1] = Pause(before.first, pause.last)
    return found


def _stretches(course: Course, since: date) -> Iterator[tuple[date, date | None, Fraction]]:
    """The days from ``since`` on in stretches of one speed: first day, first day of the next one, speed."""
    borders = sorted(_borders(course, since))
    for first, until in zip(borders, [*borders[1:], None], strict=True):
        yield first, until, _speed(course, first)


def _borders(course: Course, since: date) -> set[date]:
    changes = {pace.since for pace in course.paces} | {pause.first for pause in course.pauses}
    changes |= {pause.resumes for pause in course.pauses if pause.resumes is not None}
    return {since} | {day for day in changes if day > since}


def _speed(course: Course, day: date) -> Fraction:
    if any(pause.first <= day and (pause.last is None or day <= pause.last) for pause in course.pauses):
        return Fraction(0)
    return next((pace.speed for pace in reversed(course.paces) if pace.since <= day), course.paces[0].speed)
