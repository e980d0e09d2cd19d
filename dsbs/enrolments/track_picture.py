"""A track as its pages show it: the years as a drawn strip, the same as a list, what is over, the days used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dsbs.core.strip import Mark, Pause, Strip, draw
from dsbs.enrolments import months
from dsbs.enrolments.models import Enrolment, Milestone, Suspension
from dsbs.enrolments.rules.counting import add_months, counted
from dsbs.enrolments.rules.milestones import reckonings
from dsbs.enrolments.rules.states import MilestoneState
from dsbs.enrolments.track_lines import Line, Looking, Teller, days_of, length_of, suspension_title
from dsbs.enrolments.track_queries import Outline

_OVER = (MilestoneState.MET, MilestoneState.BEFORE)
_WORRIES = (MilestoneState.OVERDUE, MilestoneState.PASSED, MilestoneState.DUE)
#: What lies behind the last target is of no interest before it is so many months away.
_NEAR_MONTHS = 12


@dataclass(frozen=True)
class Picture:
    """The whole track. ``used`` and ``nominal`` are days of the track: counted until today, and those that it has."""

    strip: Strip
    open: Sequence[Line]
    over: Sequence[Line]
    used: int
    nominal: int


def picture(
    enrolment: Enrolment,
    milestones: Sequence[Milestone],
    suspensions: Sequence[Suspension],
    outline: Outline,
    looking: Looking,
) -> Picture:
    """The track of this enrolment, with its programme loaded, as this reader sees it today."""
    found = reckonings(outline.rules.values(), outline.track)
    teller = Teller(enrolment, {row.key: row for row in milestones}, suspensions, looking)
    last_target = _last_target(milestones)
    lines = [teller.line(row, found.get(row.key)) for row in milestones]
    lines = [line for line in lines if not _is_far(line, last_target, looking.today)]
    open_ones = sorted((line for line in lines if line.state not in _OVER), key=_by_urgency)
    over = [line for line in lines if line.state in _OVER]
    return Picture(
        strip=_strip(enrolment, lines, suspensions, looking),
        open=open_ones,
        over=sorted(over, key=lambda line: line.day or date.max, reverse=True),
        used=int(counted(outline.track.course, looking.today)),
        nominal=(months.nominal_end(enrolment) - enrolment.start).days,
    )


def _last_target(milestones: Sequence[Milestone]) -> date | None:
    days = (row.stands_on or row.due_on for row in milestones if row.rule.kind == "target")
    return max((day for day in days if day is not None), default=None)


def _is_far(line: Line, last_target: date | None, today: date) -> bool:
    if line.day is None or last_target is None or line.state is not MilestoneState.LATER:
        return False
    return line.day > max(last_target, add_months(today, _NEAR_MONTHS))


def _by_urgency(line: Line) -> tuple[bool, date]:
    """What is overdue first, then as the dates come; what has none last."""
    return line.state is not MilestoneState.OVERDUE, line.day or date.max


def _strip(enrolment: Enrolment, lines: Sequence[Line], suspensions: Sequence[Suspension], looking: Looking) -> Strip:
    """The drawing, from the first day to the last thing on the track, or to its nominal end where that is later."""
    dated = [(line, line.day) for line in lines if line.day is not None and line.state is not MilestoneState.BEFORE]
    nominal_end = months.nominal_end(enrolment)
    last = max([nominal_end, *(day for _line, day in dated)])
    return draw(
        first=enrolment.start,
        last=last,
        today=looking.today,
        years=months.years(enrolment),
        marks=[_mark(line, day) for line, day in dated],
        pauses=[_pause(row, last, reasons=looking.reasons) for row in suspensions],
        nominal_end=nominal_end if last > nominal_end else None,
    )


def _mark(line: Line, day: date) -> Mark:
    is_above = line.state in _WORRIES or line.state is MilestoneState.TARGET
    is_named = line.state is not MilestoneState.MET
    return Mark(day, line.tone, line.name, line.told, side="above" if is_above else "below", named=is_named)


def _pause(row: Suspension, last: date, *, reasons: bool) -> Pause:
    note = ", ".join(filter(None, (days_of(row), length_of(row))))
    return Pause(row.first_day, row.last_day or last, suspension_title(row, reasons=reasons), note)
