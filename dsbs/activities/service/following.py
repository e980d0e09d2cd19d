"""Changing or calling off a session together with those of its series that follow; naming who runs them all.

Every verb locks the series first, then the sessions in the order of their ids. Sessions that have begun or were called
off are never touched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.accounts.models import Person
from dsbs.activities import queries
from dsbs.activities import series as reads
from dsbs.activities.doubts import Doubt, doubts_about
from dsbs.activities.effects import Effect, effects_of, how_it_stood
from dsbs.activities.following import Becoming, Chosen, becomings
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import SessionPlan, SessionState, check_plan
from dsbs.activities.service import offering, teaching
from dsbs.activities.service.offering import Edit
from dsbs.activities.service.seating import locked, locked_series
from dsbs.core import clock
from dsbs.core.refusals import N_, NotFound, Refused, Stale
from dsbs.mail import service as mail


@dataclass(frozen=True, slots=True)
class Done:
    """What was done with one session, and what that does to others; ``doubts`` are what one should look at in it."""

    becoming: Becoming
    effects: Sequence[Effect] = ()
    doubts: Sequence[Doubt] = ()
    told: Collection[int] = field(default=())


def change_following(
    session: Session,
    *,
    session_id: int,
    revision: int,
    plan: SessionPlan,
    chosen: Chosen,
    language: str,
    now: datetime,
) -> Sequence[Done]:
    """Change a session, and with it those that follow, in what this change is; all that can be and are not left out.

    Gives each of them in order of time, the edited one first, also those that are left as they are, with the reason:
    whoever saves must see that nothing of it is new to her, and take all of it back otherwise. Nothing is written
    where the edited one finds its room taken. ``told`` are the ids of those who are told. Refused for the edited
    session as ``offering.edit_sessions`` is.
    """
    edited, followers = _locked_from(session, session_id, now)
    if edited.revision != revision:
        raise Stale(offering.CHANGED_SINCE, revision=edited.revision)
    check_plan(plan)
    each = becomings(session, edited, followers, plan=plan, chosen=chosen, now=now)
    is_written = {one.session_id for one in each if one.is_written and each[0].refusal is None}
    offered = {one.id: one for one in (edited, *followers) if one.id in is_written}
    done = _write(session, offered, [one for one in each if one.session_id in is_written], language, now)
    return [done.get(one.session_id, Done(one)) for one in each]


def _write(
    session: Session, offered: Mapping[int, ActivitySession], each: Sequence[Becoming], language: str, now: datetime
) -> Mapping[int, Done]:
    """Change all of these and tell everybody; what was done with each, by its id."""
    stood = {id_: how_it_stood(session, one, now=now) for id_, one in offered.items()}
    doubts = {one.session_id: doubts_about(session, one.plan, stood=one.stood, language=language) for one in each}
    edits = [Edit(session_id=one.session_id, revision=one.revision, plan=one.plan) for one in each]
    moved = offering.edit_sessions(session, edits, now=now)
    told = reads.concerned(session, [one.id for one in moved], today=clock.local(now).date())
    several = _in_several(told)
    for one in moved:
        offering.tell_of_move(session, offered=one, besides=several, now=now)
    _tell_at_once(session, "series_changed", several, moved, now)
    found = {}
    for becoming in each:
        id_, people = becoming.session_id, told.get(becoming.session_id, ())
        effects = effects_of(session, offered[id_], stood=stood[id_], told=len(people), now=now)
        found[id_] = Done(becoming, effects, doubts[id_], people)
    return found


@dataclass(frozen=True, slots=True)
class CalledOff:
    """How many sessions were called off, how many drafts thrown away, and how many people are told of it."""

    sessions: int
    drafts: int
    people: int


def call_off_following(session: Session, *, session_id: int, reason: str, drafts_too: bool, now: datetime) -> CalledOff:
    """Call a session off, and with it all that follow, as ``offering.cancel_session`` does; all of them or none.

    Drafts that follow are thrown away if ``drafts_too``, and stay otherwise.
    """
    first, followers = _locked_from(session, session_id, now)
    published = [first, *(one for one in followers if one.state is SessionState.PUBLISHED)]
    drafts = [one for one in followers if one.state is SessionState.DRAFT] if drafts_too else []
    told = reads.concerned(session, [one.id for one in published], today=clock.local(now).date())
    several = _in_several(told)
    for one in published:
        offering.cancel_session(session, session_id=one.id, reason=reason, besides=several, now=now)
    _tell_at_once(session, "series_called_off", several, published, now)
    for draft in drafts:
        offering.delete_draft(session, session_id=draft.id)
    return CalledOff(len(published), len(drafts), len(set().union(*told.values())))


@dataclass(frozen=True, slots=True)
class Naming:
    """What becomes of one session when somebody is named to run it and those that follow."""

    offered: ActivitySession
    is_run_already: bool
    is_left_out: bool

    @property
    def is_named(self) -> bool:
        """Whether she is to run it from now on."""
        return not (self.is_run_already or self.is_left_out)


def name_for_following(
    session: Session, *, session_id: int, person: Person, left_out: Collection[int], now: datetime, today: date
) -> Sequence[Naming]:
    """Let somebody run a session and those that follow but for ``left_out``, as ``teaching.name_organiser`` does one.

    What she runs already stays as it is. She is told once of all that are published. Gives each session in order of
    time, the first one first. Refused when nothing is left to name her for.
    """
    first, followers = _locked_from(session, session_id, now)
    ids = [one.id for one in (first, *followers)]
    running = queries.run_by(session, person.id, session_ids=ids, today=today)
    each = [Naming(one, one.id in running, one.id in left_out) for one in (first, *followers)]
    named = [one.offered for one in each if one.is_named]
    if not named:
        raise Refused(N_("%(name)s teaches all of these already."), field="organiser", name=person.name)
    for offered in named:
        teaching.let_run(session, offered, person, today)
    teaching.tell_that_she_teaches(session, [one for one in named if teaching.is_to_come(one, now)], person, now)
    return each


def _in_several(concerned: Mapping[int, Collection[int]]) -> Mapping[int, Collection[int]]:
    """Who has more than one of these sessions in her plans, by her id, with the ids of the sessions."""
    found: dict[int, list[int]] = defaultdict(list)
    for session_id, people in concerned.items():
        for person_id in people:
            found[person_id].append(session_id)
    return {person_id: ids for person_id, ids in found.items() if len(ids) > 1}


def _tell_at_once(
    session: Session,
    what: str,
    several: Mapping[int, Collection[int]],
    offered: Sequence[ActivitySession],
    now: datetime,
) -> None:
    """Queue one letter of this name to each person about all sessions that she has, as they are now."""
    revisions = {one.id: one.revision for one in offered}
    people = session.scalars(select(Person).where(Person.id.in_(several)).order_by(Person.id)).all()
    letters = []
    for person in people:
        ids = sorted(several[person.id])
        letters.append(
            mail.Letter(
                # A session is told once in each revision, and called off once.
                key=f"activities/{what}:{person.id}:{ids[0]}:{revisions[ids[0]]}",
                to=person.recipient,
                template=f"activities/{what}",
                ids={"person_id": person.id, **{f"session_{id_}": revisions[id_] for id_ in ids}},
            )
        )
    mail.queue_all(session, letters, now=now)


def _locked_from(session: Session, session_id: int, now: datetime) -> tuple[ActivitySession, Sequence[ActivitySession]]:
    """This session and those that follow, all locked; which follow is asked again once nobody can change it."""
    series_id = reads.series_id_of(session, session_id)
    if series_id is None:
        raise NotFound
    locked_series(session, series_id)
    ids = {session_id, *_following_ids(session, session_id, now)}
    held: Mapping[int, ActivitySession] = {id_: locked(session, id_) for id_ in sorted(ids)}
    first = held[session_id]
    return first, [held[id_] for id_ in reads.following_ids(session, first, now=now) if id_ in held]


def _following_ids(session: Session, session_id: int, now: datetime) -> Sequence[int]:
    return reads.following_ids(session, session.get_one(ActivitySession, session_id), now=now)
