"""What people have at the time of a session: asked before somebody takes a part in it, told where it is shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from dsbs.activities.changes import ENDPOINT
from dsbs.agenda import clashes as agenda
from dsbs.agenda.clashes import Clash
from dsbs.core.refusals import N_, Refused

#: What somebody knew of, as her registration keeps it.
Knowledge = list[dict[str, str]] | None


class Clashing(Refused):
    """She has something else at that time and was not shown it yet. Nothing is written then."""

    def __init__(self, clashes: Sequence[Clash]) -> None:
        super().__init__(N_("You have something else at that time. Open the session, look at it, then decide."))
        self.clashes = clashes


def clashes_of_session(
    session: Session, session_id: int, person_ids: Collection[int], *, now: datetime
) -> Sequence[Clash]:
    """What these people have at the times of a session, soonest first."""
    return agenda.clashes_with(session, endpoint=ENDPOINT, subject_id=session_id, person_ids=person_ids, now=now)


def clashes_of_person(session: Session, person_id: int, *, now: datetime) -> Mapping[int, Sequence[Clash]]:
    """What else a person has at the times of the sessions in her calendar, by the ids of these."""
    return agenda.clashes_among_own(session, person_id, endpoint=ENDPOINT, now=now)


def clashes_with_sessions(
    session: Session, session_ids: Collection[int], person_id: int, *, now: datetime
) -> Mapping[int, Sequence[Clash]]:
    """What this person has at the times of each of these sessions, by their ids."""
    return agenda.clashes_with_several(session, person_id, endpoint=ENDPOINT, subject_ids=session_ids, now=now)


def check_known(
    session: Session, session_id: int, person_id: int, *, knows: Collection[int], now: datetime
) -> Knowledge:
    """What this person takes a part in a session in spite of, to be kept with it; None where nothing clashes.

    ``knows`` are the ids of the slots that she was shown. Raises ``Clashing`` when there is another one.
    """
    found = clashes_of_session(session, session_id, [person_id], now=now)
    if any(clash.slot_id not in knows for clash in found):
        raise Clashing(found)
    return [_kept(clash) for clash in found] or None


def _kept(clash: Clash) -> dict[str, str]:
    title = clash.title if clash.is_open else ""
    return {"title": title, "start": clash.start.isoformat(), "end": clash.end.isoformat()}
