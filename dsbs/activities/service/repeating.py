"""Planning a term's sessions at once: the same session again, on many days."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from dsbs.activities.models import ActivitySession
from dsbs.activities.repeating import MOST, outlook
from dsbs.activities.service import offering
from dsbs.activities.service.seating import locked
from dsbs.core import clock
from dsbs.core.refusals import N_, Refused
from dsbs.programmes import queries as programmes


def repeat_session(
    session: Session, *, session_id: int, days: Collection[date], publish: bool, now: datetime
) -> Sequence[ActivitySession]:
    """Plan this session again on each of these days, all of its meetings along with it; all of them or none.

    They are drafts that hold their rooms, or published at once, with free cancellation as the registration rules of
    today say. Whoever repeats the same session at the same time waits for the lock of its row. Refused without a day,
    for more than sixty, and when a day is closed, a room is taken or the activity has a session at that very time.
    """
    offered = locked(session, session_id)
    if not days:
        raise Refused(N_("Choose at least one day."), field="days")
    if len(days) > MOST:
        raise Refused(N_("These are more than %(most)d sessions. Choose fewer days."), field="days", most=MOST)
    # Nobody reads here what closed days are called.
    prospects = outlook(session, offered, sorted(days), now=now, language="en")
    for prospect in prospects:
        if not prospect.is_free:
            raise Refused(
                N_("%(day)s is not free any more, so nothing was planned. Look at the days again."),
                field="days",
                day=prospect.day,
            )
    made = [
        offering.plan_session(session, activity_id=offered.activity_id, plan=prospect.plan, now=now)
        for prospect in prospects
    ]
    for one in made if publish else ():
        deadline = programmes.free_cancellation_end(session, one.starts_at, today=clock.local(now).date())
        offering.publish_session(session, session_id=one.id, free_cancellation_until=deadline, now=now)
    return made
