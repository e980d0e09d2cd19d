"""Announcing a session of the demonstration school, with the promise that the school's own rules make."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from dsbs.activities.models import ActivitySession
from dsbs.activities.service import offering
from dsbs.core import clock
from dsbs.programmes.queries import closed_calendar, registration_rules
from dsbs.programmes.rules import add_working_days

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
        free_cancellation_until=_free_until(session, made, now),
        now=announced_at(made, now),
    )


def _free_until(session: Session, made: ActivitySession, now: datetime) -> datetime | None:
    rule = registration_rules(session, clock.local(now).date()).get("free_cancellation")
    if rule is None or rule.number is None:
        return None
    first = clock.local(made.starts_at).date()
    last_free = add_working_days(first, -int(rule.number), closed_calendar(session))
    return clock.from_school_time(last_free, time(23, 59))
