"""Reads of the ledger and of what is coming, named as answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select, true, union_all
from sqlalchemy.orm import Session, defer, joinedload
from sqlalchemy.sql.selectable import Subquery

from dsbs.accounts.models import Person
from dsbs.accounts.rules import folded
from dsbs.core.access import Viewer
from dsbs.core.refusals import NotFound
from dsbs.mail.models import Message
from dsbs.mail.rules import OPEN, MessageState
from dsbs.programmes.tables.reminders import ReminderRule
from dsbs.reminders import access
from dsbs.reminders.dues import Holding, holding, is_noted, leaving, school_time
from dsbs.reminders.models import Reminder, ReminderLook
from dsbs.reminders.occasions import Event, Occasions
from dsbs.reminders.rules import Cadence, SchoolTime, Shown, State, shown_as, spells

PAGE = 50
#: So far ahead is told what is coming.
AHEAD = timedelta(days=30)

EventKey = tuple[str, int]


def reminder(session: Session, reminder_id: int) -> Reminder:
    """One row of the ledger, for its letter. Raises ``NotFound``."""
    found = session.get(Reminder, reminder_id)
    if found is None:
        raise NotFound
    return found


def looked_at(session: Session, cadence: Cadence) -> datetime | None:
    """When the rules of this cadence were last looked after; None when they never were."""
    column = ReminderLook.frequent_at if cadence is Cadence.FREQUENT else ReminderLook.hourly_at
    return session.scalar(select(column))


def mailed_on(session: Session, event: EventKey, day: date) -> frozenset[int]:
    """The ids of those who were sent a reminder of this event on this day of the school."""
    return frozenset(
        session.scalars(
            select(Reminder.person_id).where(
                Reminder.event_kind == event[0],
                Reminder.event_id == event[1],
                Reminder.mailed_on == day,
                Reminder.state == State.QUEUED,
            )
        )
    )


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What the ledger is narrowed to; empty means all. ``search`` looks at people and at what they are reminded of."""

    shown: tuple[Shown, ...] = ()
    lines: tuple[str, ...] = ()
    search: str = ""
    event: EventKey | None = None


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of the ledger, newest first: ``number`` counts from 1, ``total`` is of all pages.

    ``names`` says what each event is called.
    """

    reminders: Sequence[Reminder]
    names: Mapping[EventKey, str]
    number: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; one even when nothing is found."""
        return max(1, -(-self.total // PAGE))


def ledger(session: Session, viewer: Viewer, occasions: Occasions, wanted: Filter, *, page: int) -> Page:
    """The reminders that this viewer may see, one page of them. A fixed number of queries for each kind of event."""
    events = events_of(occasions)
    conditions = [_seen_by(viewer, events), *_conditions(wanted, events)]
    counted = select(func.count()).select_from(Reminder).join(Reminder.person).outerjoin(Reminder.message)
    total = session.scalar(counted.where(*conditions)) or 0
    number = max(1, min(page, -(-total // PAGE)))
    without = [defer(getattr(Message, name)) for name in ("text", "html", "calendar")]
    found = session.scalars(
        select(Reminder)
        .join(Reminder.person)
        .outerjoin(Reminder.message)
        .where(*conditions)
        .options(joinedload(Reminder.person), joinedload(Reminder.rule), joinedload(Reminder.message).options(*without))
        .order_by(Reminder.id.desc())
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    ).all()
    names = _names(session, events, {(row.event_kind, row.event_id) for row in found})
    return Page(reminders=found, names=names, number=number, total=total)


def rules_used(session: Session) -> Sequence[ReminderRule]:
    """The rules by which somebody was reminded, each as its latest version says it."""
    used = select(Reminder.line).distinct()
    rows = session.scalars(
        select(ReminderRule).where(ReminderRule.line.in_(used)).order_by(ReminderRule.version, ReminderRule.id)
    )
    return sorted({row.line: row for row in rows}.values(), key=lambda row: row.id)


class Coming(NamedTuple):
    """So many people will be reminded of one event by one rule at a moment (aware UTC)."""

    leaves_at: datetime
    rule: ReminderRule
    event: EventKey
    people: int


@dataclass(frozen=True, kw_only=True)
class ComingPage:
    """One page of what is coming, the soonest first; ``people`` counts the mails of all pages."""

    rows: Sequence[Coming]
    names: Mapping[EventKey, str]
    number: int
    total: int
    people: int

    @property
    def pages(self) -> int:
        """How many pages there are; one even when nothing comes."""
        return max(1, -(-self.total // PAGE))


def coming(session: Session, viewer: Viewer, occasions: Occasions, *, now: datetime, page: int = 1) -> ComingPage:
    """What will leave in the next thirty days if nothing changes: what the sweep would find, only counted."""
    school = school_time(session)
    holds = holding(session, occasions, school.day(now))
    forecast = _forecast(session, holds, school, now, programmes=access.programmes_seen(viewer))
    if forecast is None:
        return ComingPage(rows=(), names={}, number=1, total=0, people=0)
    all_of_it = forecast.subquery("forecast")
    total, people = session.execute(
        select(func.count(), func.coalesce(func.sum(all_of_it.c.people), 0)).select_from(all_of_it)
    ).one()
    number = max(1, min(page, -(-total // PAGE)))
    ordered = select(all_of_it).order_by(all_of_it.c.leaves_at, all_of_it.c.event_id, all_of_it.c.rule_id)
    rows = session.execute(ordered.limit(PAGE).offset((number - 1) * PAGE)).all()
    found = _told(rows, holds)
    names = _names(session, events_of(occasions), {one.event for one in found})
    return ComingPage(rows=found, names=names, number=number, total=total, people=people)


def coming_about(session: Session, occasions: Occasions, event: EventKey, *, now: datetime) -> Sequence[Coming]:
    """The same about one event, whoever looks at it: for its own page, which knows who may."""
    school = school_time(session)
    holds = holding(session, occasions, school.day(now))
    forecast = _forecast(session, holds, school, now, event=event)
    if forecast is None:
        return ()
    return sorted(_told(session.execute(forecast).all(), holds), key=lambda one: one.leaves_at)


def sent_about(session: Session, event: EventKey) -> Sequence[tuple[date, ReminderRule, int]]:
    """How many people were sent a reminder of this event on which day by which rule, the earliest first."""
    rows = session.execute(
        select(Reminder.mailed_on, Reminder.rule_id, func.count())
        .join(Reminder.message)
        .where(
            Reminder.event_kind == event[0],
            Reminder.event_id == event[1],
            Reminder.state == State.QUEUED,
            Message.state.in_([*OPEN, MessageState.SENT]),
        )
        .group_by(Reminder.mailed_on, Reminder.rule_id)
        .order_by(Reminder.mailed_on, Reminder.rule_id)
    ).all()
    rules = {
        rule.id: rule
        for rule in session.scalars(select(ReminderRule).where(ReminderRule.id.in_({row.rule_id for row in rows})))
    }
    return [(mailed_on, rules[rule_id], people) for mailed_on, rule_id, people in rows if mailed_on is not None]


def events_of(occasions: Occasions) -> Mapping[str, Event]:
    """The kinds of events that these occasions are about."""
    return {occasion.event.kind: occasion.event for occasion in occasions.values()}


def _forecast(
    session: Session,
    holds: Iterable[Holding],
    school: SchoolTime,
    now: datetime,
    *,
    programmes: Collection[int] | None = None,
    event: EventKey | None = None,
) -> Select[*tuple[Any, ...]] | None:
    """What will leave by these rules, counted by moment and event; of these programmes or this event alone, if given.

    None when no rule can remind of anything.
    """
    parts = []
    for found in holds:
        leaves = _leaving_soon(session, found, school, now)
        if leaves is not None and (event is None or found.occasion.event.kind == event[0]):
            is_wanted = _is_of(leaves.c.event_id, found.occasion.event, programmes)
            if event is not None:
                is_wanted = and_(is_wanted, leaves.c.event_id == event[1])
            parts.append(_counted(found, leaves).where(~is_noted(found, leaves), is_wanted))
    return select(union_all(*parts).subquery("parts")) if parts else None


def _leaving_soon(session: Session, found: Holding, school: SchoolTime, now: datetime) -> Subquery | None:
    until = now + AHEAD
    if found.step.cadence is Cadence.FREQUENT:
        return leaving(session, found, first=now, last=until, spells=())
    first = now if school.is_closed(now) else school.begin(school.day(now))
    steps = tuple(spells(found.step, school.day(first), school.day(until), school))
    return leaving(session, found, first=first, last=until, spells=steps) if steps else None


def _counted(found: Holding, leaves: Subquery) -> Select[*tuple[Any, ...]]:
    return select(
        leaves.c.leaves_at,
        literal(found.rule.id).label("rule_id"),
        literal(found.occasion.event.kind).label("event_kind"),
        leaves.c.event_id,
        func.count(leaves.c.person_id.distinct()).label("people"),
    ).group_by(leaves.c.leaves_at, leaves.c.event_id)


def _told(rows: Iterable[Any], holds: Iterable[Holding]) -> list[Coming]:
    rules = {found.rule.id: found.rule for found in holds}
    return [Coming(row.leaves_at, rules[row.rule_id], (row.event_kind, row.event_id), row.people) for row in rows]


def _seen_by(viewer: Viewer, events: Mapping[str, Event]) -> ColumnElement[bool]:
    programmes = access.programmes_seen(viewer)
    if programmes is None:
        return true()
    kinds = [
        and_(Reminder.event_kind == event.kind, _is_of(Reminder.event_id, event, programmes))
        for event in events.values()
    ]
    return or_(false(), *kinds)


def _is_of(event_id: Any, event: Event, programmes: Collection[int] | None) -> ColumnElement[bool]:
    """Whether an event belongs to one of these programmes; None is whatever it belongs to."""
    if programmes is None:
        return true()
    belonging = event.programmes.subquery()
    return event_id.in_(select(belonging.c.event_id).where(belonging.c.programme_id.in_(programmes)))


def _conditions(wanted: Filter, events: Mapping[str, Event]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.shown:
        conditions.append(or_(*(_is_shown_as(shown) for shown in wanted.shown)))
    if wanted.lines:
        conditions.append(Reminder.line.in_(wanted.lines))
    if wanted.event is not None:
        conditions += [Reminder.event_kind == wanted.event[0], Reminder.event_id == wanted.event[1]]
    if wanted.search:
        named = [_is_called(event, wanted.search) for event in events.values()]
        conditions.append(or_(Person.search_key.contains(folded(wanted.search), autoescape=True), *named))
    return conditions


def _is_called(event: Event, words: str) -> ColumnElement[bool]:
    names = event.names.subquery()
    called = select(names.c.event_id).where(names.c.name.icontains(words, autoescape=True))
    return and_(Reminder.event_kind == event.kind, Reminder.event_id.in_(called))


def _is_shown_as(shown: Shown) -> ColumnElement[bool]:
    """The pairs of states that are shown in this word."""
    mails: tuple[MessageState | None, ...] = (None, *MessageState)
    pairs = [
        and_(Reminder.state == state, Message.state.is_(None) if mail is None else Message.state == mail)
        for state in State
        for mail in mails
        if shown_as(state, mail) is shown
    ]
    return or_(*pairs)


def _names(session: Session, events: Mapping[str, Event], wanted: Collection[EventKey]) -> dict[EventKey, str]:
    names: dict[EventKey, str] = {}
    for event in events.values():
        ids = [event_id for kind, event_id in wanted if kind == event.kind]
        if ids:
            called = event.names.subquery()
            rows = session.execute(select(called).where(called.c.event_id.in_(ids)))
            names |= {(event.kind, row.event_id): row.name for row in rows}
    return names
