"""What is due on a track, and when: from the rule rows of a programme to one date for each milestone.

A date is a sum that can be shown: where it is counted from, the offset of the rule, what the pace adds, what each pause
adds. Decision 16 says where each part comes from.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count, takewhile
from typing import NamedTuple, Protocol

from dsbs.enrolments.rules.counting import Course, Pause, add_months, merged, reached
from dsbs.programmes.rules import Repeat, add_working_days, is_working_day, repeat_in

#: No milestone comes more often than this on one track.
_MOST = 40
_ONE_DAY = timedelta(days=1)


class MilestoneRuleLike(Protocol):
    """What reckoning needs to know of a milestone's rule; see ``programmes.tables.milestones.MilestoneRule``."""

    @property
    def code(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def anchor(self) -> str: ...
    @property
    def offset(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def pace(self) -> str: ...
    @property
    def repeat(self) -> str: ...


class Key(NamedTuple):
    """Which milestone of a track: its code, and the how manieth of those that come again, from 1."""

    code: str
    number: int = 1


@dataclass(frozen=True)
class Stay:
    """One pause in the sum of a date: so many days are added, which gives this date; None while nobody knows."""

    pause: Pause
    days: int | None
    then: date | None


@dataclass(frozen=True)
class Reckoning:
    """A due date as a sum: counted from ``anchor``, by the calendar ``nominal``, at the pace ``paced``, then pauses."""

    anchor: date
    nominal: date
    paced: date
    stays: tuple[Stay, ...] = ()

    @property
    def due(self) -> date | None:
        """The date; None after a pause whose end nobody knows."""
        return self.stays[-1].then if self.stays else self.paced


@dataclass(frozen=True)
class Track:
    """All that the dates of one track are reckoned from.

    ``standing`` holds what is not reckoned any more: the day on which a milestone was met, else the day set by hand.
    ``closed`` are the days on which the school does not work, weekends aside.
    """

    course: Course
    closed: Container[date]
    admitted: date | None = None
    standing: Mapping[Key, date] = field(default_factory=dict)


def reckonings(rules: Iterable[MilestoneRuleLike], track: Track) -> dict[Key, Reckoning | None]:
    """Every milestone of a track with its date as a sum; None where it is counted from what has not happened.

    A milestone that comes again does so before the one that its rule names, or before the last target of the track.
    Those that stand are reckoned as well: their sum says what the date would be.
    """
    return dict(_Reckoner({rule.code: rule for rule in rules}, track).all())


@dataclass
class _Reckoner:
    """Reckons each milestone once, those that it is counted from before it."""

    rules: Mapping[str, MilestoneRuleLike]
    track: Track
    found: dict[Key, Reckoning | None] = field(default_factory=dict)
    under_way: set[Key] = field(default_factory=set)

    def all(self) -> Iterator[tuple[Key, Reckoning | None]]:
        """Each milestone in the order of its rules, those that come again one after the other."""
        for rule in self.rules.values():
            for key in self._keys(rule):
                yield key, self._of(key)

    def _keys(self, rule: MilestoneRuleLike) -> Sequence[Key]:
        repeat = repeat_in(rule.repeat)
        if repeat is None:
            return [Key(rule.code)]
        end = self._end(repeat)
        keys = (Key(rule.code, number) for number in count(1))
        return list(takewhile(lambda key: key.number <= _MOST and self._comes(key, end), keys))

    def _comes(self, key: Key, end: date) -> bool:
        day = self._day(key)
        return day is not None and day < end

    def _end(self, repeat: Repeat) -> date:
        """The day before which it comes again; where that is not known, the first day that nobody can see beyond."""
        last = [code for code in self.rules if code in _ends_named(repeat.until)]
        targets = last or [rule.code for rule in self.rules.values() if rule.kind == "target"]
        days = [self._day(Key(code)) for code in targets]
        if days and None not in days:
            return max(day for day in days if day is not None)
        open_ones = [pause.first for pause in self.track.course.pauses if pause.last is None]
        return min(open_ones, default=add_months(self.track.course.start, 48))

    def _day(self, key: Key) -> date | None:
        """The day from which others are counted: when it was met, else the day set by hand, else its due date."""
        if key in self.track.standing:
            return self.track.standing[key]
        reckoning = self._of(key)
        return None if reckoning is None else reckoning.due

    def _of(self, key: Key) -> Reckoning | None:
        if key not in self.found:
            if key in self.under_way:
                return None  # counted from itself in a circle: never
            self.under_way.add(key)
            self.found[key] = self._reckoned(key)
        return self.found[key]

    def _reckoned(self, key: Key) -> Reckoning | None:
        rule = self.rules[key.code]
        anchor = self._anchor(rule)
        if anchor is None:
            return None
        if rule.anchor == "fixed_day":
            day = _fixed_day(rule.offset, anchor, key.number)
            return Reckoning(anchor, day, day)
        repeat = repeat_in(rule.repeat)
        amount = int(rule.offset) + (key.number - 1) * (repeat.months if repeat else 0)
        course = self.track.course if rule.pace == "scales" else self.track.course.by_calendar()
        return reckon(anchor, amount, rule.unit, course, self.track.closed)

    def _anchor(self, rule: MilestoneRuleLike) -> date | None:
        if rule.anchor in ("start", "fixed_day"):
            return self.track.course.start
        if rule.anchor == "admission":
            return self.track.admitted
        return self._day(Key(rule.anchor)) if rule.anchor in self.rules else None


def reckon(anchor: date, amount: int, unit: str, course: Course, closed: Container[date]) -> Reckoning:
    """The day so many units after another one, or before it: what lies before is by the calendar alone.

    Counted from another day than the start, pace and pauses touch what comes after that day only.
    """
    nominal = _moved(anchor, amount, unit, closed)
    if nominal <= anchor:
        return Reckoning(anchor, nominal, nominal)
    days = (nominal - anchor).days

    def on(pauses: Sequence[Pause]) -> date | None:
        found = reached(Course(course.paces, tuple(pauses)), days, since=anchor)
        return _next_working_day(found, closed) if found and unit == "working_days" else found

    paced = on(()) or nominal
    return Reckoning(anchor, nominal, paced, tuple(_stays(merged(course.pauses), paced, on)))


def _stays(pauses: Sequence[Pause], paced: date, on: _On) -> Iterator[Stay]:
    """What each pause adds to a date, in their order; those that change nothing are left out."""
    before = paced
    for number in range(1, len(pauses) + 1):
        then = on(pauses[:number])
        if then is None:
            yield Stay(pauses[number - 1], None, None)
            return
        if then != before:
            yield Stay(pauses[number - 1], (then - before).days, then)
        before = then


class _On(Protocol):
    """The date with these pauses and no others."""

    def __call__(self, pauses: Sequence[Pause], /) -> date | None: ...


def _moved(day: date, amount: int, unit: str, closed: Container[date]) -> date:
    if unit == "working_days":
        return add_working_days(day, amount, closed)
    if unit in ("months", "years"):
        return add_months(day, amount * (12 if unit == "years" else 1))
    return day + timedelta(days=amount * (7 if unit == "weeks" else 1))


def _next_working_day(day: date, closed: Container[date]) -> date:
    while not is_working_day(day, closed):
        day += _ONE_DAY
    return day


def _fixed_day(text: str, since: date, number: int) -> date:
    """The how manieth such day on or after another one; 29 February is the 28th where there is none."""
    month, day = (int(part) for part in text.split("-"))
    first = min(year for year in (since.year, since.year + 1) if _in_year(year, month, day) >= since)
    return _in_year(first + number - 1, month, day)


def _in_year(year: int, month: int, day: int) -> date:
    # Counted from a year that has 29 February, the day clamps itself.
    return add_months(date(2000, month, day), (year - 2000) * 12)


def _ends_named(word: str) -> tuple[str, ...]:
    """The codes that the end of a repetition may mean: "defence" is short for the public one."""
    return (word, f"public_{word}") if word else ()
