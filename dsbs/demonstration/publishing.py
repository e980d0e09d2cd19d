"""Announcing a session of the demonstration school, with the promise that the school's own rules make."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from dsbs.activities.models import ActivitySession
from dsbs.activities.service import offering
from dsbs.core import clock
from dsbs.programmes.queries import free_cancellation_end

#: How long before they begin sessions are announced. Those far ahead were announced lately.
_AHEAD, _LATELY = timedelta(weeks=8), timedelta(days=3)


def announced_at(made: ActivitySession, now: datetime) -> datetime:
    """When the session was published: past ones were once to come."""
    return min(now - _LATELY, made.starts_at - _AHEAD)


def publish(session: Session, made: ActivitySession, now: datetime) -> None:
    """Show a session to researchers. Cancelling it is free for as long as the registration rules say."""
    offering.publish_session(
        session,
        session_id=made.id,
        free_cancellation_until=free_cancellation_end(session, made.starts_at, today=clock.local(now).date()),
        now=announced_at(made, now),
    )
