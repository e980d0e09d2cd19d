"""Reminding people in a session at once, because somebody who runs it asks for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from dsbs.accounts.models import Person
from dsbs.activities import queries
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import RegistrationState
from dsbs.activities.service.seating import locked
from dsbs.core.db import Actor
from dsbs.reminders import service
from dsbs.reminders.occasions import Occasions
from dsbs.reminders.rules import PassedOver
from dsbs.reminders.service import Chosen

#: Of what who stands so is reminded.
OCCASION_OF = {RegistrationState.REGISTERED: "session_start", RegistrationState.OFFERED: "offer_expiring"}


class Reminded(NamedTuple):
    """Who is reminded, by how she stands; who may no longer sign in; who is passed over for which other reason."""

    told: Mapping[RegistrationState, Sequence[Person]]
    inactive: Sequence[Person]
    passed_over: Mapping[PassedOver, Sequence[Person]]


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
    chosen = {
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
    return _parted(asked, chosen)


def who_would_be(
    session: Session, occasions: Occasions, *, offered: ActivitySession, person_ids: Collection[int], now: datetime
) -> Reminded:
    """What ``remind`` would do now. Changes nothing."""
    asked = _asked(session, offered, person_ids)
    chosen = {
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
    return _parted(asked, chosen)


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
    asked: Mapping[RegistrationState, Sequence[Person]], chosen: Mapping[RegistrationState, Chosen]
) -> Reminded:
    left = [
        (person, chosen[state].passed_over[person.id])
        for state, people in asked.items()
        for person in people
        if person.id in chosen[state].passed_over
    ]
    return Reminded(
        told={
            state: [person for person in people if person.id in chosen[state].steps] for state, people in asked.items()
        },
        inactive=[person for person, _why in left if not person.active],
        passed_over={why: [person for person, reason in left if person.active and reason is why] for why in PassedOver},
    )
