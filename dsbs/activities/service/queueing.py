"""Moving somebody in the waiting list, by a coordinator who says why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from dsbs.activities import standing
from dsbs.activities.changes import MOVED
from dsbs.activities.models import Registration
from dsbs.activities.rules import Edge, RegistrationState, dealt_anew
from dsbs.core.refusals import N_, NotFound, Refused
from dsbs.history.recorder import RECORDED_BY, record

_THERE_ALREADY = N_("That is the place already. Choose another one.")


def move(session: Session, *, session_id: int, registration_id: int, before: int | Edge, now: datetime) -> None:
    """Let somebody who waits stand before another registration that waits, or at an end of the list.

    The tickets of all whom it concerns are dealt anew under the session's lock, so that the lowest is still served
    first. Each has the step in her history, with the reason of the write scope; nobody is told by mail, each sees her
    own place. Refused when she or the other waits no longer, and when she stands there already.
    """
    standing.lock(session, session_id, now=now)
    own = select(Registration.state).where(Registration.id == registration_id, Registration.session_id == session_id)
    state = session.scalars(own).one_or_none()
    if state is None:
        raise NotFound
    if state is not RegistrationState.WAITING:
        raise Refused(N_("This person waits no longer, so there is no place to change."))
    line = standing.line(session, session_id)
    if before == registration_id:
        raise Refused(_THERE_ALREADY, field="before")
    if not isinstance(before, Edge) and before not in line:
        raise Refused(N_("Whoever was to come next waits no longer. Choose another place."), field="before")
    dealt = dealt_anew(line, registration_id, before=before)
    if not dealt:
        raise Refused(_THERE_ALREADY, field="before")
    _deal(session, dealt)
    record(
        session,
        [
            {
                "action": MOVED if one == registration_id else "update",
                "subject": Registration.__tablename__,
                "subject_id": one,
                "values": {"ticket": [line[one], ticket]},
            }
            for one, ticket in dealt.items()
        ],
    )


def _deal(session: Session, dealt: Mapping[int, int]) -> None:
    """Give these registrations these tickets, which they hold among them already."""
    changed = update(Registration).where(Registration.id.in_(dealt))
    changed = changed.execution_options(synchronize_session=False, **{RECORDED_BY: "move"})
    # Ticket by ticket one would be held twice for a while; nobody ever holds a negative one.
    session.execute(changed.values(ticket=-Registration.ticket))
    session.execute(changed.values(ticket=case(dict(dealt), value=Registration.id)))
