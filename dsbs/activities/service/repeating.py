"""Planning a term's sessions at once: the same session again, on many days, as a series."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from dsbs.activities.models import ActivitySession, SessionSeries
from dsbs.activities.repeating import outlook
from dsbs.activities.rules.rhythms import MOST, Rhythm
from dsbs.activities.series import series_id_of
from dsbs.activities.service import offering
from dsbs.activities.service.seating import locked, locked_series
from dsbs.core import clock
from dsbs.core.refusals import N_, Refused
from dsbs.programmes import queries as programmes


def repeat_session(
    session: Session, *, session_id: int, days: Collection[date], rhythm: Rhythm, publish: bool, now: datetime
) -> Sequence[ActivitySession]:
    """Plan this session again on each of these days, all of its meetings along with it; all of them or none.

    They are drafts that hold their rooms, or published at once, with free cancellation as the registration rules of
    today say. They belong to its series, which is made where it has none yet. Whoever repeats the same session at the
    same time waits for the lock of its row. Refused without a day, for more than sixty, and when a day is closed, a
    room is taken or the activity has a session at that very time.
    """
    series_id = series_id_of(session, session_id)
    series = None if series_id is None else locked_series(session, series_id)
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
    if series is None and offered.series_id is not None:
        raise Refused(N_("Somebody repeated this session just before you. Look at the days again."), field="days")
    series = _come_back(session, offered, series, rhythm)
    made = [
        offering.plan_session(
            session, activity_id=offered.activity_id, plan=prospect.plan, series_id=series.id, now=now
        )
        for prospect in prospects
    ]
    for one in made if publish else ():
        deadline = programmes.free_cancellation_end(session, one.starts_at, today=clock.local(now).date())
        offering.publish_session(session, session_id=one.id, free_cancellation_until=deadline, now=now)
    return made


def _come_back(
    session: Session, offered: ActivitySession, series: SessionSeries | None, rhythm: Rhythm
) -> SessionSeries:
    """The session's series, which comes back so from now on; a new one where it has none."""
    if series is None:
        series = SessionSeries(activity_id=offered.activity_id, rhythm=rhythm)
        session.add(series)
        session.flush()
        offered.series_id = series.id
    elif series.rhythm is not rhythm:
        series.rhythm = rhythm
    session.flush()
    return series
