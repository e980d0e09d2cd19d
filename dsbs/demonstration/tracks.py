"""How the tracks of the demonstration school went: who stood still and when, what was met, and what is overdue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import chain, cycle
from random import Random
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.accounts.models import Person
from dsbs.demonstration.enrolling import shown_start
from dsbs.enrolments import service
from dsbs.enrolments.models import Enrolment, Milestone, Suspension
from dsbs.enrolments.rules import SuspensionKind
from dsbs.enrolments.rules.counting import add_months
from dsbs.programmes.models import Programme


class _Leave(NamedTuple):
    """Why a track stands still, from so many days after today (negative: before), for so many days or nobody knows."""

    kind: SuspensionKind
    since: int
    days: int | None


_NOBODY_KNOWS = _Leave(SuspensionKind.ILLNESS, -20, None)
_LEAVES = (
    _Leave(SuspensionKind.PARENTAL, -300, 92),
    _Leave(SuspensionKind.PREGNANCY, -45, 105),
    _Leave(SuspensionKind.ILLNESS, -160, 47),
    _Leave(SuspensionKind.PARENTAL, 40, 122),
    _Leave(SuspensionKind.OTHER, -480, 184),
    _Leave(SuspensionKind.PREGNANCY, -390, 105),
    _Leave(SuspensionKind.OTHER, -10, 61),
)
#: So many of a hundred stand still once, of those who have been here for so long.
_STAND_STILL, _HERE_FOR = 5, timedelta(days=500)

#: The shown researcher was away from 5 January to 6 April of her second year; she is late with one thing since.
_SHOWN_AWAY, _SHOWN_LATE = (16, timedelta(days=3), timedelta(days=91)), "midterm"
#: What people are late with, for how long at most.
_LATE_WITH = {"charter", "training_plan", "first_report", "integrity", "annual", "midterm", "final_progress"}
_LATE = timedelta(days=200)
#: How many things are overdue for a researcher each of the programmes; of the first one, for whoever looks at it.
_OVERDUE_HERE, _OVERDUE = (1, 2), ((1,), (), (2,), (1,))
#: Of a hundred milestones so many were met late, by so many days at most; the others before their day.
_MET_LATE, _DAYS_LATE, _DAYS_EARLY = 12, 21, 14


def work_with_the_program(offered: Iterable[Programme], today: date) -> None:
    """Let all programmes work with the program since 1 September of the academic year before last.

    The shown researcher began on the day after.
    """
    for programme in offered:
        programme.live_from = shown_start(today) - timedelta(days=1)


def run_tracks(session: Session, random: Random, shown: Person, *, today: date) -> None:
    """Suspend some, reckon what is due on all tracks, and say what was met."""
    enrolments = session.scalars(select(Enrolment).order_by(Enrolment.id)).all()
    her = next(enrolment for enrolment in enrolments if enrolment.person_id == shown.id)
    _suspend(session, her, [enrolment for enrolment in enrolments if enrolment is not her], today)
    service.redate(session, enrolments)
    _give_more_time(session, random, {enrolment.id: enrolment for enrolment in enrolments}, today)
    passed = _passed(session, today)
    late = {milestone.id for milestone in passed[her.id] if milestone.code == _SHOWN_LATE}
    late |= _late(random, [enrolment for enrolment in enrolments if enrolment is not her], passed, today)
    for enrolment in enrolments:
        for milestone in passed.get(enrolment.id, ()):
            if milestone.id not in late:
                milestone.met_on = _met_on(random, milestone, enrolment, today)
    service.redate(session, [enrolment for enrolment in enrolments if _is_submitted(passed.get(enrolment.id, ()))])


def _suspend(session: Session, her: Enrolment, others: Sequence[Enrolment], today: date) -> None:
    months, days, length = _SHOWN_AWAY
    first = add_months(her.start, months) + days
    session.add(Suspension(enrolment_id=her.id, first_day=first, last_day=first + length, kind=SuspensionKind.PARENTAL))
    possible = [enrolment for enrolment in others if enrolment.start + _HERE_FOR < today]
    wanted = len(others) * _STAND_STILL // 100
    chosen = possible[:: len(possible) // wanted][:wanted]
    for enrolment, leave in zip(chosen, chain([_NOBODY_KNOWS], cycle(_LEAVES)), strict=False):
        first = today + timedelta(days=leave.since)
        last = first + timedelta(days=leave.days - 1) if leave.days else None
        session.add(Suspension(enrolment_id=enrolment.id, first_day=first, last_day=last, kind=leave.kind))


def _give_more_time(session: Session, random: Random, by_id: Mapping[int, Enrolment], today: date) -> None:
    """Who should have defended her thesis by now and is still here has new dates, set by hand."""
    wanted = select(Milestone).where(Milestone.code.in_(["thesis_submission", "public_defence"]))
    targets = {(row.enrolment_id, row.code): row for row in session.scalars(wanted.order_by(Milestone.id))}
    longer = []
    for (enrolment_id, code), defence in targets.items():
        if code == "public_defence" and defence.due_on is not None and defence.due_on <= today:
            submission = targets[enrolment_id, "thesis_submission"]
            submission.is_set = defence.is_set = True
            submission.due_on = today + timedelta(days=random.randrange(20, 150))
            defence.due_on = add_months(submission.due_on, 4)
            longer.append(by_id[enrolment_id])
    service.redate(session, longer)


def _passed(session: Session, today: date) -> Mapping[int, Sequence[Milestone]]:
    """What was due before today, by the id of its enrolment, the latest first."""
    found: dict[int, list[Milestone]] = {}
    for milestone in session.scalars(
        select(Milestone).where(Milestone.due_on < today).order_by(Milestone.due_on.desc(), Milestone.id)
    ):
        found.setdefault(milestone.enrolment_id, []).append(milestone)
    return found


def _late(
    random: Random, enrolments: Sequence[Enrolment], passed: Mapping[int, Sequence[Milestone]], today: date
) -> set[int]:
    """The ids of what some researchers of most programmes have not met yet: one or two things each."""
    recent = {
        enrolment_id: [one for one in rows if one.code in _LATE_WITH and (one.due_on or today) > today - _LATE]
        for enrolment_id, rows in passed.items()
    }
    by_programme: dict[int, list[int]] = {}
    for enrolment in enrolments:
        by_programme.setdefault(enrolment.programme_id, []).append(enrolment.id)
    found = set()
    for number, ids in enumerate(by_programme.values()):
        for count in _OVERDUE_HERE if number == 0 else _OVERDUE[number % len(_OVERDUE)]:
            possible = [one for one in ids if len(recent.get(one, ())) >= count]
            if possible:
                chosen = random.choice(possible)
                ids.remove(chosen)
                found |= {milestone.id for milestone in recent[chosen][:count]}
    return found


def _met_on(random: Random, milestone: Milestone, enrolment: Enrolment, today: date) -> date:
    """Some days before it was due, or after it; never before the track began or on a day to come."""
    due = milestone.due_on or today
    is_late = random.randrange(100) < _MET_LATE
    days = random.randint(1, _DAYS_LATE) if is_late else -random.randint(1, _DAYS_EARLY)
    return max(enrolment.start, min(due + timedelta(days=days), today))


def _is_submitted(passed: Iterable[Milestone]) -> bool:
    return any(milestone.code == "thesis_submission" for milestone in passed)
