"""Reads about what is due on tracks: the rules of each, how it runs, and the milestones that are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from dsbs.core.refusals import NotFound
from dsbs.enrolments.models import Enrolment, Milestone, Suspension
from dsbs.enrolments.rules.counting import Course, Pace, Pause
from dsbs.enrolments.rules.milestones import Key, Track
from dsbs.programmes import queries as programmes
from dsbs.programmes.models import Programme
from dsbs.programmes.rules import Scope, number_in, resolve
from dsbs.programmes.tables.milestones import MilestoneRule
from dsbs.programmes.tables.pace import PaceRule

#: So many enrolments are looked at together where all of them are.
_CHUNK = 300


@dataclass(frozen=True)
class Outline:
    """What the dates of one track are reckoned from: the rules for its programme and cohort, and how it runs."""

    rules: Mapping[str, MilestoneRule]
    track: Track


def outlines(session: Session, enrolments: Collection[Enrolment]) -> Mapping[int, Outline]:
    """The outline of each of these enrolments, by its id. Six queries, however many there are.

    The rules are those that hold for who starts on that day (decision 4); they stay when newer ones come.
    """
    ids = [enrolment.id for enrolment in enrolments]
    milestone_rules = session.scalars(select(MilestoneRule).order_by(MilestoneRule.id)).all()
    pace_rules = session.scalars(select(PaceRule)).all()
    scopes = _scopes(session)
    pauses = pauses_of(session, ids)
    standing = _standing(session, ids)
    closed = programmes.closed_calendar(session)
    found = {}
    for enrolment in enrolments:
        scope, start = scopes[enrolment.programme_id], enrolment.start
        pace = resolve(pace_rules, scope, start, start).get(enrolment.track)
        course = Course((Pace(start, _speed(pace)),), tuple(pauses.get(enrolment.id, ())))
        found[enrolment.id] = Outline(
            resolve(milestone_rules, scope, start, start),
            Track(course, closed, standing=standing.get(enrolment.id, {})),
        )
    return found


def outline(session: Session, enrolment: Enrolment) -> Outline:
    """What the dates of this enrolment's track are reckoned from. Six queries."""
    return outlines(session, [enrolment])[enrolment.id]


def in_chunks(session: Session) -> Iterator[Sequence[Enrolment]]:
    """All enrolments with who they are about, some hundred at a time. One query each."""
    wanted = select(Enrolment).options(joinedload(Enrolment.person)).order_by(Enrolment.id).limit(_CHUNK)
    last = 0
    while found := session.scalars(wanted.where(Enrolment.id > last)).all():
        yield found
        last = found[-1].id


def locked_in_chunks(session: Session, enrolment_ids: Sequence[int]) -> Iterator[Sequence[Enrolment]]:
    """These enrolments, some hundred at a time, locked until the write scope ends. One query each."""
    ids = sorted(enrolment_ids)
    for begin in range(0, len(ids), _CHUNK):
        chunk = Enrolment.id.in_(ids[begin : begin + _CHUNK])
        yield session.scalars(select(Enrolment).where(chunk).order_by(Enrolment.id).with_for_update()).all()


def milestones_of(session: Session, enrolment_id: int) -> Sequence[Milestone]:
    """What is due on a track, with its rules, the earliest first; without a date comes last. One query."""
    return session.scalars(
        select(Milestone)
        .where(Milestone.enrolment_id == enrolment_id)
        .options(joinedload(Milestone.rule))
        .order_by(Milestone.due_on.is_(None), Milestone.due_on, Milestone.id)
    ).all()


def milestone(session: Session, milestone_id: int) -> Milestone:
    """One milestone with its rule and enrolment. Raises ``NotFound``."""
    found = session.scalars(
        select(Milestone)
        .where(Milestone.id == milestone_id)
        .options(joinedload(Milestone.rule), joinedload(Milestone.enrolment).selectinload(Enrolment.supervisions))
        .options(joinedload(Milestone.enrolment).joinedload(Enrolment.person))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def suspensions_of(session: Session, enrolment_id: int) -> Sequence[Suspension]:
    """When a track stood still or will, the first one first. One query."""
    return session.scalars(
        select(Suspension).where(Suspension.enrolment_id == enrolment_id).order_by(Suspension.first_day, Suspension.id)
    ).all()


def suspension(session: Session, suspension_id: int) -> Suspension:
    """One suspension. Raises ``NotFound``."""
    found = session.get(Suspension, suspension_id, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def pauses_of(session: Session, enrolment_ids: Collection[int]) -> Mapping[int, Sequence[Pause]]:
    """When the tracks of these enrolments stand still; one that never does has no entry. One query."""
    rows = session.execute(
        select(Suspension.enrolment_id, Suspension.first_day, Suspension.last_day)
        .where(Suspension.enrolment_id.in_(enrolment_ids))
        .order_by(Suspension.first_day, Suspension.id)
    )
    found: dict[int, list[Pause]] = {}
    for enrolment_id, first_day, last_day in rows:
        found.setdefault(enrolment_id, []).append(Pause(first_day, last_day))
    return found


def _standing(session: Session, enrolment_ids: Collection[int]) -> Mapping[int, Mapping[Key, date]]:
    stands = or_(Milestone.met_on.is_not(None), Milestone.handed_in_on.is_not(None), Milestone.is_set)
    on = func.coalesce(Milestone.met_on, Milestone.handed_in_on, Milestone.due_on)
    rows = session.execute(
        select(Milestone.enrolment_id, Milestone.code, Milestone.number, on).where(
            Milestone.enrolment_id.in_(enrolment_ids), stands
        )
    )
    found: dict[int, dict[Key, date]] = {}
    for enrolment_id, code, number, day in rows:
        found.setdefault(enrolment_id, {})[Key(code, number)] = day
    return found


def _scopes(session: Session) -> Mapping[int, Scope]:
    wanted = select(Programme).options(joinedload(Programme.lead_faculty))
    return {row.id: Scope(faculty=row.lead_faculty.code, programme=row.code) for row in session.scalars(wanted)}


def _speed(rule: PaceRule | None) -> Fraction:
    """How many days of the track a day counts: the rule says by how much dates are stretched. 1 without one."""
    factor = number_in(rule.value) if rule is not None else None
    return 1 / Fraction(factor) if factor and factor > 0 else Fraction(1)
