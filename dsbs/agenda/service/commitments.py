"""Binding people to slots, by the feature that causes it and in the same verb."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.orm import Session

from dsbs.agenda import queries
from dsbs.agenda.models import Commitment, CommitmentState, SlotState
from dsbs.agenda.service.changes import mark, moment
from dsbs.core.refusals import N_, Refused
from dsbs.history.recorder import insert_all


def bind_people(
    session: Session, *, slot_ids: Collection[int], person_ids: Collection[int], part: str, firm: bool = True
) -> None:
    """Put these slots into the calendars of these people as this part; who was released is bound anew.

    Nothing happens to those who are bound so already. Other slots at that time are no obstacle: clashes are the
    caller's to warn of (``clashes.clashes_with``). Refused when one of the slots was cancelled. As many statements for
    one person as for a hundred.
    """
    slots, known = queries.parts(session, slot_ids=slot_ids, person_ids=person_ids)
    if SlotState.CANCELLED in slots.values():
        raise Refused(N_("This was cancelled already."))
    state = CommitmentState.FIRM if firm else CommitmentState.HELD
    for found in known.values():
        if (found.part, found.state) != (part, state):
            found.part, found.state = part, state
            mark(session, found)
    fresh = {"part": part, "state": state, "sequence": 0, "changed_at": moment(session)}
    rows = [
        {"slot_id": slot_id, "person_id": person_id, **fresh}
        for slot_id in slots
        for person_id in sorted(set(person_ids))
        if (slot_id, person_id) not in known
    ]
    insert_all(session, Commitment, rows)
    session.flush()


def release_people(session: Session, *, slot_ids: Collection[int], person_ids: Collection[int]) -> None:
    """Take these slots out of the calendars of these people; nothing happens to those who are not bound to them.

    As many statements for one person as for a hundred.
    """
    _, known = queries.parts(session, slot_ids=slot_ids, person_ids=person_ids)
    for found in known.values():
        if found.state is not CommitmentState.RELEASED:
            found.state = CommitmentState.RELEASED
            mark(session, found)
    session.flush()
