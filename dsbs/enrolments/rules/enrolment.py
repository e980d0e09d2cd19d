"""What holds for an enrolment, on plain values."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from dsbs.core.refusals import N_, Refused

#: No enrolment is entered that begins later than this many years from today: such a date is a slip of the hand.
YEARS_AHEAD = 2
#: Nor one that began before the school kept records.
EARLIEST = date(1970, 1, 1)


class Track(StrEnum):
    """How fast the track runs: in four years, or in six."""

    FOUR_YEARS = "track_4"
    SIX_YEARS = "track_6"


def months_since(start: date, today: date) -> int:
    """The whole months that an enrolment has run; none before it begins. Leaves are not counted yet."""
    return max((today.year - start.year) * 12 + today.month - start.month - (today.day < start.day), 0)


def year_of_track(start: date, today: date) -> int:
    """Which year of her track somebody is in, from 1; who is admitted and has not begun is in the first."""
    return months_since(start, today) // 12 + 1


class Part(StrEnum):
    """As what somebody supervises."""

    MAIN = "main"
    CO = "co"


class CommitteePart(StrEnum):
    """As what a person sits in a supervisory committee."""

    CHAIR = "chair"
    MEMBER = "member"


@dataclass(frozen=True)
class Period:
    """The days of one enrolment, both included; it runs on while ``until`` is None."""

    start: date
    until: date | None

    def overlaps(self, other: Period) -> bool:
        """Whether both hold on at least one day."""
        return (self.until is None or other.start <= self.until) and (other.until is None or self.start <= other.until)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that an enrolment says, people and units by id. See ``models.Enrolment`` for what each means."""

    programme_id: int
    department_id: int
    start: date
    track: Track
    employment_percentage: Decimal
    supervisor_id: int
    co_supervisor_ids: tuple[int, ...] = ()
    until: date | None = None
    funding_end: date | None = None
    joint_partner: str = ""
    project_title: str = ""

    @property
    def period(self) -> Period:
        """From its first day to its last."""
        return Period(self.start, self.until)


@dataclass(frozen=True, kw_only=True)
class Around:
    """What an enrolment is judged against: whose it is, her other enrolments, and who holds which role."""

    person_id: int
    others: tuple[Period, ...]
    is_researcher: bool
    supervisor_ids: Collection[int]


def check(facts: Facts, around: Around, *, today: date) -> None:
    """Refuse an enrolment that cannot be, for the first reason found."""
    for refused in refusals(facts, around, today=today):
        raise refused


def refusals(facts: Facts, around: Around, *, today: date) -> Iterable[Refused]:
    """Everything that speaks against an enrolment; each refusal names its field."""
    yield from _of_person(facts, around)
    yield from of_start(facts.start, today=today)
    yield from of_percentage(facts.employment_percentage)
    yield from _of_order(facts)
    yield from _of_supervisors(facts, around)


def of_start(start: date, *, today: date) -> Iterable[Refused]:
    """A first day that nobody can mean."""
    latest = date(today.year + YEARS_AHEAD, 12, 31)
    if not EARLIEST <= start <= latest:
        yield Refused(
            N_("An enrolment begins between %(first)s and %(last)s."), field="start", first=EARLIEST, last=latest
        )


def of_percentage(percentage: Decimal) -> Iterable[Refused]:
    """An employment that is none, more than full, or finer than hundredths."""
    if not 0 < percentage <= 100 or percentage != round(percentage, 2):
        yield Refused(
            N_("Employment is more than 0 and at most 100 percent, with at most two decimals."),
            field="employment_percentage",
        )


def of_end(until: date, *, start: date) -> Iterable[Refused]:
    """A last day before the first."""
    if until < start:
        yield Refused(N_("The enrolment would end before it begins (%(start)s)."), field="until", start=start)


def of_funding_end(funding_end: date, *, start: date) -> Iterable[Refused]:
    """Funding that ends before the enrolment begins."""
    if funding_end < start:
        yield Refused(
            N_("The funding would end before the enrolment begins (%(start)s)."), field="funding_end", start=start
        )


def _of_order(facts: Facts) -> Iterable[Refused]:
    if facts.until is not None:
        yield from of_end(facts.until, start=facts.start)
    if facts.funding_end is not None:
        yield from of_funding_end(facts.funding_end, start=facts.start)


def _of_person(facts: Facts, around: Around) -> Iterable[Refused]:
    if not around.is_researcher:
        yield Refused(N_("This person is not a researcher. Give that role first."), field="person")
    for other in around.others:
        if facts.period.overlaps(other):
            sentence = (
                N_("This person is enrolled already, since %(start)s. End that enrolment first.")
                if other.until is None
                else N_("This person was enrolled from %(start)s to %(until)s; two enrolments never overlap.")
            )
            yield Refused(sentence, field="start", start=other.start, until=other.until)


def _of_supervisors(facts: Facts, around: Around) -> Iterable[Refused]:
    main, co = facts.supervisor_id, facts.co_supervisor_ids
    if main not in around.supervisor_ids:
        yield Refused(N_("The person named here does not hold the role of supervisor."), field="supervisor")
    if not set(co) <= set(around.supervisor_ids):
        yield Refused(N_("Somebody named here does not hold the role of supervisor."), field="co_supervisors")
    if around.person_id in (main, *co):
        yield Refused(N_("A researcher does not supervise herself."), field="supervisor")
    if len({main, *co}) < 1 + len(co):
        yield Refused(N_("The same person is named twice among the supervisors."), field="co_supervisors")
