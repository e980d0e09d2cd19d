"""How somebody came to where she is in a session: told step by step from the history, which is played back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.activities.changes import MOVED, reason_in
from dsbs.activities.models import Registration
from dsbs.activities.rules import RegistrationState
from dsbs.history import queries as history
from dsbs.history.models import Change

#: More changes than one session ever sees, with all who are passed when somebody is moved.
_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """One change of somebody's part, or of her place in the line.

    ``state`` is what her part became; None when only her place changed: ``was`` and ``place``, from 1. ``other`` is the
    registration of somebody who was moved or seated and thereby changed it; None when she was moved herself.
    ``came_from`` is the state before, None at the beginning. ``by_id`` and ``by`` are who did it, with no id for
    the program itself; ``reason`` is what was typed, often nothing. ``until`` is when an offer lapses, aware UTC.
    """

    at: datetime
    by_id: int | None
    by: str
    reason: str
    state: RegistrationState | None = None
    came_from: RegistrationState | None = None
    number: int | None = None
    ticket: int | None = None
    place: int | None = None
    was: int | None = None
    other: int | None = None
    until: datetime | None = None


def steps_of(session: Session, session_id: int, person_id: int) -> Sequence[Step]:
    """All steps of a person in a session, oldest first, through all the parts that she had in it. Two queries."""
    parts = session.execute(
        select(Registration.id, Registration.person_id).where(Registration.session_id == session_id)
    ).all()
    told = history.changes_of(
        session, "activity_session", session_id, along={"registration": [part.id for part in parts]}, most=_MOST
    )
    hers = {part.id for part in parts if part.person_id == person_id}
    return list(played_back((change for change in reversed(told) if change.subject == "registration"), hers))


def played_back(changes: Iterable[Change], hers: Collection[int]) -> Iterator[Step]:
    """The steps of these registrations among all changes of a session's registrations, which come oldest first."""
    stand = _Stand(hers)
    for _cause, together in groupby(changes, key=lambda change: (change.at, change.by_id, change.why)):
        was, moved = stand.place(), None
        for change in together:
            came_from = stand.states.get(change.subject_id)
            stand.follow(change)
            moved = change if change.action == MOVED else moved
            if change.subject_id in hers and "state" in change.values:
                yield _own_step(change, came_from, stand)
            elif stand.is_passed_by(change, came_from):
                yield _step(change, other=change.subject_id, was=stand.place(), place=stand.place())
        now = stand.place()
        if moved is not None and now != was:
            other = None if moved.subject_id in hers else moved.subject_id
            yield _step(moved, other=other, was=was, place=now)


class _Stand:
    """How the parts in a session stood at a moment, by the ids of the registrations; ``hers`` are one person's."""

    def __init__(self, hers: Collection[int]) -> None:
        self.hers = hers
        self.states: dict[int, RegistrationState] = {}
        self.tickets: dict[int, int] = {}
        self.numbers: dict[int, int | None] = {}

    def follow(self, change: Change) -> None:
        """Be as it was after this change."""
        own, after = change.subject_id, {name: pair[1] for name, pair in change.values.items()}
        if "state" in after:
            self.states[own] = RegistrationState(after["state"])
        if "ticket" in after:
            self.tickets[own] = after["ticket"]
        if "number" in after:
            self.numbers[own] = after["number"]

    def place(self) -> int | None:
        """Her place in the line, from 1; None when she does not wait."""
        waiting = [one for one, state in self.states.items() if state is RegistrationState.WAITING]
        own = [self.tickets[one] for one in waiting if one in self.hers]
        return sum(self.tickets[one] <= own[0] for one in waiting) if own else None

    def is_passed_by(self, change: Change, came_from: RegistrationState | None) -> bool:
        """Whether she waits while somebody else has a seat by this change without having been offered it in turn."""
        if came_from is RegistrationState.OFFERED or self.states[change.subject_id] is not RegistrationState.REGISTERED:
            return False
        return "state" in change.values and self.place() is not None


def _own_step(change: Change, came_from: RegistrationState | None, stand: _Stand) -> Step:
    until = change.values.get("offered_until", (None, None))[1]
    return _step(
        change,
        state=stand.states[change.subject_id],
        came_from=came_from,
        number=stand.numbers.get(change.subject_id),
        ticket=stand.tickets.get(change.subject_id),
        place=stand.place(),
        until=datetime.fromisoformat(until) if until else None,
    )


def _step(change: Change, **values: Any) -> Step:
    return Step(at=change.at, by_id=change.by_id, by=change.by_name, reason=reason_in(change.why), **values)
