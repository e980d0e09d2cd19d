"""Binding people to slots, by the feature that causes it and in the same verb."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.orm import Session

from dsbs.agenda import queries
from dsbs.agenda.models import Commitment, CommitmentState, Slot, SlotState
from dsbs.agenda.service.changes import mark, moment
from dsbs.core.refusals import N_, Refused


def bind_person(session: Session, *, slot: Slot, person_id: int, part: str, firm: bool = True) -> Commitment:
    """Put a slot into a person's calendar as this part; see ``bind_people``."""
    (bound,) = bind_people(session, slot=slot, person_ids=[person_id], part=part, firm=firm)
    return bound


def bind_people(
    session: Session, *, slot: Slot, person_ids: Collection[int], part: str, firm: bool = True
) -> list[Commitment]:
    """Put a slot into the calendars of these people as this part; who was released is bound anew.

    Nothing happens to those who are bound so already. Other slots at that time are no obstacle: clashes are the
    caller's to warn of (``queries.clashes_of``). Refused when the slot was cancelled.
    """
    if slot.state is SlotState.CANCELLED:
        raise Refused(N_("This was cancelled already."))
    state = CommitmentState.FIRM if firm else CommitmentState.HELD
    known = queries.commitments(session, slot_id=slot.id, person_ids=person_ids)
    for found in known.values():
        if (found.part, found.state) != (part, state):
            found.part, found.state = part, state
            mark(session, found)
    fresh = [
        Commitment(slot_id=slot.id, person_id=person_id, part=part, state=state, changed_at=moment(session))
        for person_id in sorted(set(person_ids) - known.keys())
    ]
    session.add_all(fresh)
    session.flush()
    return [*known.values(), *fresh]


def release_person(session: Session, *, slot: Slot, person_id: int) -> Commitment | None:
    """Take a slot out of a person's calendar; None when it was not in it."""
    found = queries.commitments(session, slot_id=slot.id, person_ids=[person_id]).get(person_id)
    if found is None or found.state is CommitmentState.RELEASED:
        return None
    found.state = CommitmentState.RELEASED
    mark(session, found)
    session.flush()
    return found
