"""Noting in the ledger what is due: one statement a rule and occasion, then what becomes of it.

All in one transaction, so that whatever stands as due was weighed against all that is due with it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, Date, Table, case, literal, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import Subquery

from dsbs.core import clock
from dsbs.core.db import insert_for
from dsbs.reminders.dues import Holding, holding, leaving, school_time
from dsbs.reminders.models import Reminder
from dsbs.reminders.occasions import Occasions
from dsbs.reminders.rules import Cadence, State, Window
from dsbs.reminders.service.locking import lock
from dsbs.reminders.service.taking_back import free_merged, take_back
from dsbs.reminders.service.weighing import weigh

_LEDGER = cast(Table, Reminder.__table__)


def note(session: Session, occasions: Occasions, *, cadence: Cadence, now: datetime) -> int:
    """Note what is due by the rules of this cadence and is not in the ledger yet; gives how many rows that were.

    Order of effects: the ledger is locked; what is no longer due is taken back; each rule adds what is due, at once as
    missed where it is too late for it; a step whose later one is due too is superseded; of several for one person
    about one event on one day the mail of one is sent, and the others are merged into it. Safe to repeat.
    """
    look, school = lock(session), school_time(session)
    before = look.frequent_at if cadence is Cadence.FREQUENT else look.hourly_at
    rules = holding(session, occasions, school.day(now))
    free_merged(session, rules, school, now=now)
    take_back(session, occasions, now=now)
    noted = 0
    for found in rules:
        if found.step.cadence is cadence:
            noted += _note_one(session, found, Window(found.step, now, before, found.useful_days, school))
    weigh(session, school.day(now))
    if cadence is Cadence.FREQUENT:
        look.frequent_at = now
    else:
        look.hourly_at = now
    session.flush()
    return noted


def _note_one(session: Session, found: Holding, window: Window) -> int:
    spells = tuple(window.spells()) if found.step.cadence is Cadence.HOURLY else ()
    if found.step.cadence is Cadence.HOURLY and not spells:
        return 0
    first = min(window.noted_from, window.useful_from)
    leaves = leaving(session, found, first=first, last=window.now, spells=spells)
    is_missed = or_(leaves.c.leaves_at < window.useful_from, *_is_over(found, leaves, window.now))
    values: dict[str, Any] = {
        "line": literal(found.rule.line),
        "rule_id": literal(found.rule.id),
        "occasion": literal(found.occasion.code),
        "subject_id": leaves.c.subject_id,
        "event_kind": literal(found.occasion.event.kind),
        "event_id": leaves.c.event_id,
        "person_id": leaves.c.person_id,
        "due_on" if found.occasion.dated else "due_at": leaves.c.due,
        "link_id": leaves.c.link_id,
        "leaves_at": leaves.c.leaves_at,
        "late": leaves.c.leaves_at < window.in_time_from,
        "state": case((is_missed, _state(State.MISSED)), else_=_state(State.DUE)),
        "noted_at": literal(window.now),
    }
    # What was to leave before the last look and is of no use any more was noted then, or was not there yet.
    is_news = or_(leaves.c.leaves_at > window.noted_from, ~is_missed)
    due = select(*(value.label(name) for name, value in values.items())).where(is_news)
    statement = insert_for(session, _LEDGER).from_select(list(values), due).on_conflict_do_nothing()
    return max(cast("CursorResult[Any]", session.execute(statement)).rowcount, 0)


def _is_over(found: Holding, leaves: Subquery, now: datetime) -> list[Any]:
    """A step before what comes due is of no use once that has come."""
    if not found.step.is_before:
        return []
    return [leaves.c.due < literal(clock.local(now).date(), Date) if found.occasion.dated else leaves.c.due <= now]


def _state(state: State) -> Any:
    return literal(state, _LEDGER.c.state.type)
