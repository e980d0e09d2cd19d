"""When a reminder leaves, whether that is late, and when it is too late: plain values, no clock.

A step of a ladder counts from what comes due. Steps in days leave at a decent hour of the school's day; steps in hours
leave when they are due.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple

from dsbs.mail.rules import OPEN, MessageState
from dsbs.programmes.rules import add_working_days, is_working_day

#: Between these times of the school's day reminders that count in days leave.
OPENS, CLOSES = time(8), time(20)
#: For so many days a reminder that was held up is still worth sending, where its rule says nothing else.
USEFUL_DAYS = 3
#: After a longer silence what lies before it is not even noted as missed.
LONGEST_SILENCE = timedelta(days=366)
#: A reminder that counts in hours is late after this.
_IN_TIME = timedelta(hours=1)
_ONE_DAY = timedelta(days=1)


class Unit(StrEnum):
    """In what the offset of a step counts."""

    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    WORKING_DAYS = "working_days"


class Cadence(StrEnum):
    """How often a rule is looked after: those that count in hours every five minutes, the others every hour."""

    HOURLY = "hourly"
    FREQUENT = "frequent"


class State(StrEnum):
    """Where a reminder stands; from ``queued`` on its message says whether it left."""

    DUE = "due"
    QUEUED = "queued"
    MERGED = "merged"
    SUPERSEDED = "superseded"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"


#: From which state a reminder may go where. What was merged into a mail that is withdrawn is due again.
MOVES: Mapping[State, frozenset[State]] = {
    State.DUE: frozenset({State.QUEUED, State.MERGED, State.SUPERSEDED, State.WITHDRAWN}),
    State.QUEUED: frozenset({State.WITHDRAWN}),
    State.MERGED: frozenset({State.DUE, State.WITHDRAWN}),
    State.SUPERSEDED: frozenset(),
    State.MISSED: frozenset(),
    State.WITHDRAWN: frozenset(),
}


def may_come_from(state: State) -> list[State]:
    """The states from which a reminder may go to this one."""
    return [before for before in State if state in MOVES[before]]


@dataclass(frozen=True, slots=True)
class SchoolTime:
    """The days and hours of the school. ``closed`` holds the days without work, weekends aside."""

    closed: Container[date]
    zone: tzinfo

    def day(self, moment: datetime) -> date:
        """The day on which an aware moment falls."""
        return moment.astimezone(self.zone).date()

    def begin(self, day: date) -> datetime:
        """The first moment of a day, in UTC."""
        return self._at(day, time(0))

    def opening(self, day: date) -> datetime:
        """The moment of a day from which reminders leave, in UTC."""
        return self._at(day, OPENS)

    def is_decent(self, moment: datetime) -> bool:
        """Whether this is an hour at which a reminder that counts in days may leave."""
        return OPENS <= moment.astimezone(self.zone).time() < CLOSES

    def is_closed(self, moment: datetime) -> bool:
        """Whether nothing that counts in days leaves any more on the day of this moment."""
        return moment.astimezone(self.zone).time() >= CLOSES

    def _at(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)


class Spell(NamedTuple):
    """What comes due from ``first`` (included) to ``last`` (not included) is reminded of at ``leaves_at``."""

    first: date
    last: date
    leaves_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a ladder: so many units after what comes due, before it when negative."""

    offset: int
    unit: Unit

    @property
    def cadence(self) -> Cadence:
        """How often it is looked after."""
        return Cadence.FREQUENT if self.unit is Unit.HOURS else Cadence.HOURLY

    @property
    def is_before(self) -> bool:
        """Whether it leaves before what comes due, and is of no use afterwards."""
        return self.offset < 0

    @property
    def hours(self) -> timedelta:
        """The offset of a step in hours."""
        return timedelta(hours=self.offset)

    def leaves_on(self, due: date, closed: Container[date]) -> date:
        """The day on which a step in days leaves for what comes due on this day."""
        if self.unit is Unit.WORKING_DAYS:
            return add_working_days(due, self.offset, closed)
        return due + self._days

    def leaves_at(self, due: date | datetime, school: SchoolTime) -> datetime:
        """The moment at which it leaves, in UTC."""
        if self.unit is Unit.HOURS:
            return (due if isinstance(due, datetime) else school.begin(due)) + self.hours
        day = school.day(due) if isinstance(due, datetime) else due
        return school.opening(self.leaves_on(day, school.closed))

    def due_days(self, leaves: date, closed: Container[date]) -> tuple[date, date]:
        """The days, first included and last not, of which a step in days reminds on this day; none: both the same."""
        if self.unit is not Unit.WORKING_DAYS:
            return leaves - self._days, leaves - self._days + _ONE_DAY
        if self.offset == 0:
            return leaves, leaves + _ONE_DAY
        if not is_working_day(leaves, closed):
            return leaves, leaves
        if self.is_before:
            # A day without work belongs to the working day that follows it.
            return (
                add_working_days(leaves, -self.offset - 1, closed) + _ONE_DAY,
                add_working_days(leaves, -self.offset, closed) + _ONE_DAY,
            )
        return add_working_days(leaves, -self.offset, closed), add_working_days(leaves, 1 - self.offset, closed)

    @property
    def _days(self) -> timedelta:
        return timedelta(weeks=self.offset) if self.unit is Unit.WEEKS else timedelta(days=self.offset)


@dataclass(frozen=True, slots=True)
class Window:
    """What one look at a rule takes in: all that was to leave since the look before, and what is late and still useful.

    ``before`` is the moment of the look before, None for the first one ever. Moments are aware UTC.
    """

    step: Step
    now: datetime
    before: datetime | None
    useful_days: int
    school: SchoolTime

    @property
    def useful_from(self) -> datetime:
        """What was to leave earlier is no longer worth sending."""
        if self.step.cadence is Cadence.FREQUENT:
            return self.now - timedelta(days=self.useful_days)
        return self.school.begin(self.school.day(self.now) - timedelta(days=self.useful_days))

    @property
    def in_time_from(self) -> datetime:
        """What was to leave earlier is late: on an earlier day, or over an hour ago for a step in hours."""
        if self.step.cadence is Cadence.FREQUENT:
            return self.now - _IN_TIME
        return self.school.begin(self.school.day(self.now))

    @property
    def noted_from(self) -> datetime:
        """What was to leave earlier was looked at before; it is noted only while it is still useful."""
        before = self.now if self.before is None else self.before
        return max(before, self.now - LONGEST_SILENCE)

    def spells(self) -> Iterator[Spell]:
        """What comes due in which days leaves when, for a step in days: the earliest first."""
        day, last = self.school.day(min(self.noted_from, self.useful_from)), self.school.day(self.now)
        yield from spells(self.step, day, last, self.school)


def spells(step: Step, first: date, last: date, school: SchoolTime) -> Iterator[Spell]:
    """The spells of a step in days that leave from the first day to the last, both included."""
    for number in range((last - first).days + 1):
        leaves = first + timedelta(days=number)
        due_from, due_until = step.due_days(leaves, school.closed)
        if due_from < due_until:
            yield Spell(due_from, due_until, school.opening(leaves))


class Unused(StrEnum):
    """Why a rule does nothing yet; the first that holds is the one that is told."""

    OCCASION = "occasion"
    UNIT = "unit"
    AUDIENCE = "audience"
    CONDITION = "condition"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Reported:
    """What is known of an occasion: to whom it can be told, on which condition, by which letters; days or moments."""

    audiences: Collection[str]
    conditions: Collection[str]
    letters: Collection[str]
    dated: bool


def why_unused(
    reported: Reported | None, *, unit: str, audience: Collection[str], condition: str, letter: str
) -> Unused | None:
    """Why a rule does nothing yet, or None when it is at work; an occasion that nobody reports is None."""
    if reported is None:
        return Unused.OCCASION
    if unit not in list(Unit) or (reported.dated and unit == Unit.HOURS):
        return Unused.UNIT
    if not set(audience) & set(reported.audiences):
        return Unused.AUDIENCE
    if condition not in reported.conditions:
        return Unused.CONDITION
    return None if letter in reported.letters else Unused.LETTER


class PassedOver(StrEnum):
    """Why somebody is not reminded by hand."""

    TODAY = "today"  # a mail about the event was queued today
    HAD_ALL = "had_all"  # she has had every step
    OVER = "over"  # what it announces has come
    NOT_RULED = "not_ruled"  # no rule is at work for her


class Shown(StrEnum):
    """What a reader of the ledger wants to know of a reminder: its own state and that of its mail in one word."""

    WAITING = "waiting"
    SENT = "sent"
    NOT_DELIVERED = "not_delivered"
    MERGED = "merged"
    SUPERSEDED = "superseded"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"


def shown_as(state: State, mail: MessageState | None) -> Shown:
    """In which word a reminder is shown whose mail, if it has one, stands there."""
    if state is State.DUE or (state is State.QUEUED and mail in OPEN):
        return Shown.WAITING
    if state is State.QUEUED:
        ended = {
            MessageState.SENT: Shown.SENT,
            MessageState.FAILED: Shown.NOT_DELIVERED,
            MessageState.MISSED: Shown.MISSED,
        }
        return Shown.WITHDRAWN if mail is None else ended.get(mail, Shown.WITHDRAWN)
    return Shown(state.value)
