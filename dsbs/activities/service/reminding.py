"""Reminding people in a session at once, because somebody who runs it asks for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from dsbs.accounts.models import Person
from dsbs.activities import queries
from dsbs.activities.models import ActivitySession
from dsbs.activities.occasions import SESSION
from dsbs.activities.rules import RegistrationState
from dsbs.activities.service.seating import locked
from dsbs.core import clock
from dsbs.core.db import Actor
from dsbs.reminders import queries as reminders
from dsbs.reminders import service
from dsbs.reminders.occasions import Occasions

#: Of what who stands so is reminded.
OCCASION_OF = {RegistrationState.REGISTERED: "session_start", RegistrationState.OFFERED: "offer_expiring"}


class Reminded(NamedTuple):
    """Who is reminded, by how she stands; who was already today; who is passed over for all other reasons."""

    told: Mapping[RegistrationState, Sequence[Person]]
    today: Sequence[Person]
    passed_over: Sequence[Person]


def remind(
    session: Session,
    occasions: Occasions,
    *,
    session_id: int,
    person_ids: Collection[int],
    by: Actor,
    now: datetime,
) -> Reminded:
    """Remind these people, or everybody when none is named: of the session, or of the end of the offer of a seat.

    The ledger counts each as the reminder of a rule (``reminders.service.remind_now``, which says who is passed over).
    """
    offered = locked(session, session_id)
    asked = _asked(session, offered, person_ids)
    told = {
        state: service.remind_now(
            session,
            occasions,
            occasion=OCCASION_OF[state],
            event_id=session_id,
            person_ids=[person.id for person in people],
            by=by,
            now=now,
        )
        for state, people in asked.items()
    }
    return _parted(session, session_id, asked, told, now)


def who_would_be(
    session: Session, occasions: Occasions, *, offered: ActivitySession, person_ids: Collection[int], now: datetime
) -> Reminded:
    """What ``remind`` would do now. Changes nothing."""
    asked = _asked(session, offered, person_ids)
    told = {
        state: service.who_would_be_reminded(
            session,
            occasions,
            occasion=OCCASION_OF[state],
            event_id=offered.id,
            person_ids=[person.id for person in people],
            now=now,
        )
        for state, people in asked.items()
    }
    return _parted(session, offered.id, asked, told, now)


def _asked(
    session: Session, offered: ActivitySession, person_ids: Collection[int]
) -> Mapping[RegistrationState, Sequence[Person]]:
    inside = queries.people_of(session, offered)
    wanted = set(person_ids) or {found.person_id for found in inside}
    return {
        state: [found.person for found in inside if found.state is state and found.person_id in wanted]
        for state in OCCASION_OF
    }


def _parted(
    session: Session,
    session_id: int,
    asked: Mapping[RegistrationState, Sequence[Person]],
    told: Mapping[RegistrationState, Collection[int]],
    now: datetime,
) -> Reminded:
    mailed = reminders.mailed_on(session, (SESSION, session_id), clock.local(now).date())
    left = [person for state, people in asked.items() for person in people if person.id not in told[state]]
    return Reminded(
        told={state: [person for person in people if person.id in told[state]] for state, people in asked.items()},
        today=[person for person in left if person.id in mailed],
        passed_over=[person for person in left if person.id not in mailed],
    )
