"""What becomes of the sessions of a series that follow one when its change goes on to them; nothing is written here."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

from sqlalchemy.orm import Session

from dsbs.activities.models import ActivitySession
from dsbs.activities.repeating import Rooms, rooms_in, what_stands_in
from dsbs.activities.rules import SessionPlan, SessionState, check_plan
from dsbs.activities.rules.series import Aspect, Values, carried_over, changed_aspects, values_of, wanted_for
from dsbs.activities.service.offering import plan_of, with_its_deadline
from dsbs.agenda.service.rooms import taken_by
from dsbs.core import clock
from dsbs.core.refusals import N_, Refused
from dsbs.programmes import queries as programmes


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What a coordinator decided about single followers, by their ids.

    ``left_out`` stay as they are. ``also`` are the aspects in which one differed before, and is to follow all the same.
    """

    left_out: Collection[int] = ()
    also: Collection[tuple[int, Aspect]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Becoming:
    """What becomes of one session: how it stood, what it is planned to be, in which aspects it changes.

    ``differs`` are the aspects of the change in which it stood otherwise than the edited one; only those among
    ``aspects`` change. ``was`` is how it stood in each, ``then`` how the edited one will. ``refusal`` is why it cannot.
    """

    session_id: int
    revision: int
    state: SessionState
    slot_ids: frozenset[int]
    stood: SessionPlan
    plan: SessionPlan
    aspects: frozenset[Aspect]
    was: Values
    then: Values
    differs: Sequence[Aspect] = ()
    is_left_out: bool = False
    refusal: Refused | None = None

    @property
    def is_written(self) -> bool:
        """Whether it is changed: something differs, nothing stands in the way, and it is not left out."""
        return not self.is_left_out and self.refusal is None and self.plan != self.stood


def becomings(
    session: Session,
    edited: ActivitySession,
    followers: Sequence[ActivitySession],
    *,
    plan: SessionPlan,
    chosen: Chosen,
    now: datetime,
) -> Sequence[Becoming]:
    """The edited session first, then each that follows. A value goes on only where this edit changed it.

    What cannot be is told with the session and not raised; the caller has checked the plan of the edited one itself.
    """
    before, zone, today = plan_of(edited), clock.zone(), clock.local(now).date()
    edit = _Edit(before, plan, _values(session, edited, before, today), changed_aspects(before, plan, zone), zone)
    first = _becoming(
        edited, before, with_its_deadline(session, edited, plan, today=today), edit.changed, edit.was, edit
    )
    others = [_follower(session, one, edit, chosen, now) for one in followers]
    return _in_rooms(session, [first, *others], now)


@dataclass(frozen=True, slots=True)
class _Edit:
    """What an edit does to the session in which it is made: the plans, how it stood, in which aspects it changes."""

    before: SessionPlan
    after: SessionPlan
    was: Values
    changed: frozenset[Aspect]
    zone: tzinfo


def _follower(session: Session, offered: ActivitySession, edit: _Edit, chosen: Chosen, now: datetime) -> Becoming:
    stood, today = plan_of(offered), clock.local(now).date()
    was = _values(session, offered, stood, today)
    wanted = wanted_for(stood, edit.before, edit.changed)
    differs = [aspect for aspect in Aspect if aspect in wanted and was[aspect] != edit.was[aspect]]
    aspects = wanted - {aspect for aspect in differs if (offered.id, aspect) not in chosen.also}
    plan = carried_over(stood, before=edit.before, after=edit.after, aspects=aspects, zone=edit.zone)
    if aspects:
        plan = with_its_deadline(session, offered, plan, today=today)
    return replace(
        _becoming(offered, stood, plan, aspects, was, edit),
        differs=differs,
        refusal=_refusal(plan, now),
        is_left_out=offered.id in chosen.left_out,
    )


def _values(session: Session, offered: ActivitySession, plan: SessionPlan, today: date) -> Values:
    usual = programmes.free_cancellation_end(session, offered.starts_at, today=today)
    return values_of(plan, clock.zone(), usual_free=usual)


def _becoming(
    offered: ActivitySession,
    stood: SessionPlan,
    plan: SessionPlan,
    aspects: frozenset[Aspect],
    was: Values,
    edit: _Edit,
) -> Becoming:
    return Becoming(
        session_id=offered.id,
        revision=offered.revision,
        state=offered.state,
        slot_ids=frozenset(meeting.slot_id for meeting in offered.meetings),
        stood=stood,
        plan=plan,
        aspects=aspects,
        was=was,
        then=values_of(edit.after, edit.zone),
    )


def _refusal(plan: SessionPlan, now: datetime) -> Refused | None:
    if min(meeting.start for meeting in plan.meetings) <= now:
        return Refused(N_("It would begin in the past."))
    try:
        check_plan(plan)
    except Refused as refused:
        return refused
    return None


def _in_rooms(session: Session, each: Sequence[Becoming], now: datetime) -> Sequence[Becoming]:
    """The same, with a refusal for each that finds its room taken by what does not move along."""
    rooms = rooms_in(session, [one.plan for one in each], now)
    while True:
        moving = [one for one in each if one.is_written]
        taken = dict(_taken(moving, rooms, {slot_id for one in moving for slot_id in one.slot_ids}))
        if not taken:
            return each
        each = [replace(one, refusal=taken.get(one.session_id, one.refusal)) for one in each]


def _taken(moving: Sequence[Becoming], rooms: Rooms, leaving: Collection[int]) -> Iterator[tuple[int, Refused]]:
    for one in moving:
        found = what_stands_in(one.plan, rooms, besides=leaving)
        if found is not None:
            yield one.session_id, taken_by(*found)
