"""Binding people to slots, by the feature that causes it and in the same verb."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.agenda import queries
from dsbs.agenda.models import Commitment, CommitmentState, Slot, SlotState
from dsbs.agenda.service.changes import mark, moment
from dsbs.core.refusals import N_, Refused


def bind_person(session: Session, *, slot: Slot, person_id: int, part: str, firm: bool = True) -> Commitment:
    """Put a slot into a person's calendar as this part; who was released is bound anew.

    Nothing happens when she is bound so already. Her other slots at that time are no obstacle: clashes are the
    caller's to warn of (``queries.clashes_of``). Refused when the slot was cancelled.
    """
    if slot.state is SlotState.CANCELLED:
        raise Refused(N_("This was cancelled already."))
    state = CommitmentState.FIRM if firm else CommitmentState.HELD
    found = queries.commitment(session, slot_id=slot.id, person_id=person_id)
    if found is None:
        found = Commitment(slot_id=slot.id, person_id=person_id, part=part, state=state, changed_at=moment(session))
        session.add(found)
    elif (found.part, found.state) != (part, state):
        found.part, found.state = part, state
        mark(session, found)
    session.flush()
    return found


def release_person(session: Session, *, slot: Slot, person_id: int) -> Commitment | None:
    """Take a slot out of a person's calendar; None when it was not in it."""
    found = queries.commitment(session, slot_id=slot.id, person_id=person_id)
    if found is None or found.state is CommitmentState.RELEASED:
        return None
    found.state = CommitmentState.RELEASED
    mark(session, found)
    session.flush()
    return found


def bind_people(session: Session, *, slot: Slot, person_ids: Collection[int], part: str) -> None:
    """Put a slot into many calendars at once, firm; as ``bind_person`` for each, in two statements for all."""
    if slot.state is SlotState.CANCELLED:
        raise Refused(N_("This was cancelled already."))
    known = {
        found.person_id: found
        for found in session.scalars(
            select(Commitment).where(Commitment.slot_id == slot.id, Commitment.person_id.in_(person_ids))
        )
    }
    for found in known.values():
        if (found.part, found.state) != (part, CommitmentState.FIRM):
            found.part, found.state = part, CommitmentState.FIRM
            mark(session, found)
    session.add_all(
        Commitment(
            slot_id=slot.id, person_id=person_id, part=part, state=CommitmentState.FIRM, changed_at=moment(session)
        )
        for person_id in person_ids
        if person_id not in known
    )
    session.flush()
