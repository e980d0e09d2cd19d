"""Showing drafts to researchers: one, or those of a series at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.activities import queries
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import SessionState
from dsbs.activities.service import offering, teaching
from dsbs.activities.service.seating import locked, locked_series
from dsbs.core import clock
from dsbs.core.refusals import N_, Refused
from dsbs.programmes import queries as programmes


def publish_draft(session: Session, *, session_id: int, now: datetime) -> ActivitySession:
    """Publish one draft; free cancellation ends as the registration rules of today say for the day that it has now.

    It is locked before that is worked out, so that who moves it at that time breaks no promise.
    """
    return _publish(session, locked(session, session_id), (), now)


def _publish(session: Session, draft: ActivitySession, besides: Collection[int], now: datetime) -> ActivitySession:
    deadline = programmes.free_cancellation_end(session, draft.starts_at, today=clock.local(now).date())
    return offering.publish_session(
        session, session_id=draft.id, free_cancellation_until=deadline, besides=besides, now=now
    )


def publish_drafts(
    session: Session, *, series_id: int, since: datetime | None = None, now: datetime
) -> Sequence[ActivitySession]:
    """Publish each draft of a series that has not begun, all of them or none; gives them in order of time.

    ``since`` leaves out those that begin before. The series is locked first, then its sessions in the order of their
    ids. Free cancellation ends as the registration rules of today say. Who teaches several of them is told once.
    Refused when there is none.
    """
    locked_series(session, series_id)
    wanted = select(ActivitySession.id).where(
        ActivitySession.series_id == series_id,
        ActivitySession.state == SessionState.DRAFT,
        ActivitySession.starts_at > now,
        ActivitySession.starts_at >= (since or now),
    )
    ids = session.scalars(wanted.order_by(ActivitySession.id)).all()
    drafts = [one for one in (locked(session, id_) for id_ in ids) if one.state is SessionState.DRAFT]
    if not drafts:
        raise Refused(N_("There is no draft to publish any more."))
    drafts.sort(key=lambda one: (one.starts_at, one.id))
    running = queries.who_run(session, ids, today=clock.local(now).date())
    several = {person.id for person, hers in running.items() if len(hers) > 1}
    for draft in drafts:
        _publish(session, draft, several, now)
    for person, hers in running.items():
        if person.id in several:
            teaching.tell_that_she_teaches(session, [one for one in drafts if one.id in hers], person, now)
    return drafts
