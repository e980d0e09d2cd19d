"""What somebody attended and is invited to. Asked only where a condition of an activity depends on it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from dsbs.activities.models import Invitation
from dsbs.activities.records import attended_by
from dsbs.activities.rules.conditions import Record, needs_record
from dsbs.activities.rules.requirements import Requirement, conditions_in


def record_if_asked(session: Session, person_id: int, requirements: Iterable[Requirement]) -> Record | None:
    """What she attended and is invited to, if one of these requirements depends on it. One query, or none."""
    if not needs_record(conditions_in(requirements)):
        return None
    attended = attended_by([person_id]).add_columns(literal(True))
    invited = select(Invitation.person_id, Invitation.activity_id, literal(False))
    rows = session.execute(attended.union_all(invited.where(Invitation.person_id == person_id))).all()
    return Record(
        attended=frozenset(activity_id for _person, activity_id, was_there in rows if was_there),
        invited=frozenset(activity_id for _person, activity_id, was_there in rows if not was_there),
    )
