"""Reminding at once, because somebody asks for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.core.db import Actor
from dsbs.reminders.dues import Holding, due_column, holding, open_of, school_time
from dsbs.reminders.models import Reminder
from dsbs.reminders.occasions import Occasion, Occasions
from dsbs.reminders.queries import mailed_on
from dsbs.reminders.rules import PassedOver, SchoolTime, State
from dsbs.reminders.service.locking import lock
from dsbs.reminders.service.queueing import queue_due


class _Key(NamedTuple):
    """What a person is reminded of; ``due`` is the day or moment as it stands now."""

    subject_id: int
    person_id: int
    due: date | datetime


class _Step(NamedTuple):
    """One step of somebody's ladder."""

    leaves_at: datetime
    found: Holding
    row: Any


class Chosen(NamedTuple):
    """Who is sent which step of her ladder, and why each of the others is passed over; by the ids of people."""

    steps: Mapping[int, _Step]
    passed_over: Mapping[int, PassedOver]

    @property
    def told(self) -> list[int]:
        """The ids of those who get a mail."""
        return sorted(self.steps)


def remind_now(
    session: Session,
    occasions: Occasions,
    *,
    occasion: str,
    event_id: int,
    person_ids: Collection[int],
    by: Actor,
    now: datetime,
) -> Chosen:
    """Send these people the reminder of an occasion about one event at once; gives who gets a mail, and who none.

    What is sent is the next step of the ladder that each of them has not had, else the last one, and the ledger counts
    it as that step: the sweep does not send it again. Passed over is who is not in it (any more), who has had every
    step, who was sent a mail about this event today already, and a step before what has come meanwhile. Whoever calls
    it has seen that ``by`` may. ``occasions`` is ``occasions_of(features())``; an occasion that nobody reports reminds
    nobody. Works at any hour.
    """
    lock(session)
    chosen = _chosen(session, occasions, occasion, event_id, person_ids, now)
    rows = [_row(step, now, by) for step in chosen.steps.values()]
    session.add_all(rows)
    session.flush()
    queue_due(session, occasions, now=now, ids=[row.id for row in rows])
    return chosen


def who_would_be_reminded(
    session: Session,
    occasions: Occasions,
    *,
    occasion: str,
    event_id: int,
    person_ids: Collection[int],
    now: datetime,
) -> Chosen:
    """Whom ``remind_now`` would send a mail now. Changes nothing; a fixed number of queries."""
    return _chosen(session, occasions, occasion, event_id, person_ids, now)


def _chosen(
    session: Session,
    occasions: Occasions,
    occasion: str,
    event_id: int,
    person_ids: Collection[int],
    now: datetime,
) -> Chosen:
    found = occasions.get(occasion)
    if found is None:
        return Chosen({}, dict.fromkeys(person_ids, PassedOver.NOT_RULED))
    school = school_time(session)
    rules = [one for one in holding(session, occasions, school.day(now)) if one.occasion is found]
    ladders = _ladders(session, rules, event_id, person_ids, school)
    had = _had(session, found, event_id, person_ids)
    mailed = mailed_on(session, (found.event.kind, event_id), school.day(now))
    chosen: dict[int, _Step] = {}
    left = dict.fromkeys(mailed, PassedOver.TODAY)
    for key, steps in ladders.items():
        step = _next_step(steps, had.get(key, frozenset()), now)
        if key.person_id in mailed:
            continue
        if step is None:
            left[key.person_id] = PassedOver.HAD_ALL
        elif _is_over(step, now, school):
            left[key.person_id] = PassedOver.OVER
        else:
            chosen.setdefault(key.person_id, step)
    reasons = {one: left.get(one, PassedOver.NOT_RULED) for one in person_ids if one not in chosen}
    return Chosen(chosen, reasons)


def _ladders(
    session: Session, rules: Iterable[Holding], event_id: int, person_ids: Collection[int], school: SchoolTime
) -> dict[_Key, list[_Step]]:
    ladders: dict[_Key, list[_Step]] = {}
    for found in rules:
        for row in session.execute(open_of(found, ("event_id", [event_id]), ("person_id", list(person_ids)))):
            key = _Key(row.subject_id, row.person_id, row.due)
            ladders.setdefault(key, []).append(_Step(found.step.leaves_at(row.due, school), found, row))
    return {key: sorted(steps, key=lambda step: (step.leaves_at, step.found.rule.id)) for key, steps in ladders.items()}


def _had(
    session: Session, occasion: Occasion, event_id: int, person_ids: Collection[int]
) -> dict[_Key, frozenset[str]]:
    """The rules by which these people were reminded already."""
    rows = session.execute(
        select(Reminder.subject_id, Reminder.person_id, due_column(occasion).label("due"), Reminder.line).where(
            Reminder.occasion == occasion.code,
            Reminder.event_kind == occasion.event.kind,
            Reminder.event_id == event_id,
            Reminder.person_id.in_(person_ids),
            Reminder.state != State.WITHDRAWN,
        )
    )
    had: dict[_Key, frozenset[str]] = {}
    for row in rows:
        key = _Key(row.subject_id, row.person_id, row.due)
        had[key] = had.get(key, frozenset()) | {row.line}
    return had


def _next_step(steps: list[_Step], had: Collection[str], now: datetime) -> _Step | None:
    last = max((number for number, step in enumerate(steps) if step.found.rule.line in had), default=-1)
    left = steps[last + 1 :]
    return next((step for step in left if step.leaves_at > now), left[-1] if left else None)


def _is_over(step: _Step, now: datetime, school: SchoolTime) -> bool:
    if not step.found.step.is_before:
        return False
    due = step.row.due
    return due <= now if isinstance(due, datetime) else due < school.day(now)


def _row(step: _Step, now: datetime, by: Actor) -> Reminder:
    occasion = step.found.occasion
    return Reminder(
        line=step.found.rule.line,
        rule_id=step.found.rule.id,
        occasion=occasion.code,
        subject_id=step.row.subject_id,
        event_kind=occasion.event.kind,
        event_id=step.row.event_id,
        person_id=step.row.person_id,
        due_on=step.row.due if occasion.dated else None,
        due_at=None if occasion.dated else step.row.due,
        leaves_at=step.leaves_at,
        late=False,
        state=State.DUE,
        noted_at=now,
        link_id=step.row.link_id,
        by_name=by.name,
    )
