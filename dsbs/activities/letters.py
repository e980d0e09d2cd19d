"""What the mails of this feature say, worked out from the ids on the message as it is delivered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _

from dsbs.activities import queries
from dsbs.activities.models import ActivitySession
from dsbs.core.db import db
from dsbs.core.feature import Letter
from dsbs.exchange import ics


def began(*, registration_id: int) -> Mapping[str, object]:
    """To who took a seat or was added: what, when, where, until when it can be given back, and the calendar entry."""
    return _about(registration_id, cancelled=False)


def ended(*, registration_id: int) -> Mapping[str, object]:
    """To whose part ended, by her own will or not: the calendar entry goes too."""
    return _about(registration_id, cancelled=True)


LETTERS: Mapping[str, Letter] = {
    "activities/registered": began,
    "activities/added": began,
    "activities/cancelled": ended,
    "activities/removed": ended,
    "activities/session_cancelled": ended,
}


def calendar_of(offered: ActivitySession, *, stamp: datetime, sequence: int = 0, cancelled: bool = False) -> str:
    """The meetings as one calendar that is shown to its reader, not one that asks to be answered.

    ``stamp`` is the moment of what it tells; ``sequence`` is added to that of each slot.
    """
    events = [
        ics.Event(
            uid=meeting.slot.uid,
            sequence=meeting.slot.sequence + sequence,
            stamp=stamp,
            start=meeting.slot.start,
            end=meeting.slot.end,
            title=meeting.slot.title,
            place=meeting.slot.where or (offered.online_link or ""),
            description=_("Give the seat back on the page of the session, not in your calendar."),
            url=_address(offered),
            cancelled=cancelled,
        )
        for meeting in offered.meetings
    ]
    return ics.calendar(offered.activity.title, events, method="PUBLISH")


def _about(registration_id: int, *, cancelled: bool) -> Mapping[str, object]:
    session = db.session()
    registration = queries.registration_in_full(session, registration_id)
    offered = registration.session
    bound = queries.commitment_sequence(session, offered.id, registration.person_id)
    return {
        "registration": registration,
        "offered": offered,
        "activity": offered.activity,
        "meetings": [meeting.slot for meeting in offered.meetings],
        "action": (_("See the session"), _address(offered)),
        "calendar": calendar_of(
            offered,
            stamp=registration.ended_at or registration.made_at,
            sequence=bound,
            cancelled=cancelled,
        ),
    }


def _address(offered: ActivitySession) -> str:
    return url_for("activities.session", session_id=offered.id, _external=True)
