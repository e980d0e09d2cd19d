"""What the mails of this feature say, worked out from the ids on the message as it is delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _

from dsbs.activities import changes, queries
from dsbs.activities.models import ActivitySession, Registration
from dsbs.activities.rules import SessionState
from dsbs.agenda.models import Slot
from dsbs.core import clock
from dsbs.core.db import db
from dsbs.core.feature import Letter
from dsbs.core.refusals import NotFound
from dsbs.exchange import ics


def began(*, registration_id: int) -> Mapping[str, object]:
    """To who took a seat or was added: what, when, where, until when it can be given back, and the calendar entry."""
    return _about(queries.registration_in_full(db.session(), registration_id))


def ended(*, registration_id: int) -> Mapping[str, object]:
    """To whose part ended, by her own will or not: the calendar entry goes too."""
    return _about(queries.registration_in_full(db.session(), registration_id), cancelled=True)


def changed(*, registration_id: int, revision: int) -> Mapping[str, object]:
    """To who is in a session of which time or place changed: what was and what is, and the calendar entries.

    Meetings that were taken away leave her calendar. Nothing is left to say to who is out meanwhile, when the session
    was called off, and when all is again as it was.
    """
    registration = queries.registration_in_full(db.session(), registration_id)
    offered = registration.session
    if registration.ended_at is not None or offered.state is not SessionState.PUBLISHED:
        raise NotFound
    found = changes.rearranged_by(db.session(), offered, revision=revision)
    about = _about(registration, gone=found.gone, stamp=max(slot.changed_at for slot in _slots(offered, found.gone)))
    return {
        **about,
        "was": found.was,
        "now": [(meeting, meeting in found.fresh) for meeting in map(changes.whereabouts, _slots(offered))],
        "link_changed": found.link_changed,
        "first": min((meeting.start for meeting in found.fresh), default=offered.starts_at),
    }


LETTERS: Mapping[str, Letter] = {
    "activities/registered": began,
    "activities/added": began,
    "activities/session_changed": changed,
    "activities/cancelled": ended,
    "activities/removed": ended,
    "activities/session_cancelled": ended,
}


def calendar_of(
    offered: ActivitySession,
    *,
    stamp: datetime,
    sequence: int = 0,
    cancelled: bool = False,
    gone: Sequence[Slot] = (),
) -> str:
    """The meetings as one calendar that is shown to its reader, not one that asks to be answered.

    ``stamp`` is the moment of what it tells; ``sequence`` is added to that of each slot. Meetings that are ``gone``
    come as cancelled.
    """
    events = [
        ics.Event(
            uid=slot.uid,
            sequence=slot.sequence + sequence,
            stamp=stamp,
            start=slot.start,
            end=slot.end,
            title=slot.title,
            place=slot.where or (offered.online_link or ""),
            description=_how_to_give_back(offered),
            url=_address(offered),
            cancelled=cancelled or slot in gone,
        )
        for slot in _slots(offered, gone)
    ]
    return ics.calendar(offered.activity.title, events, method="PUBLISH")


def _about(
    registration: Registration,
    *,
    stamp: datetime | None = None,
    cancelled: bool = False,
    gone: Sequence[Slot] = (),
) -> Mapping[str, object]:
    offered = registration.session
    bound = queries.commitment_sequence(db.session(), offered.id, registration.person_id)
    free_until = offered.free_cancellation_until
    return {
        "registration": registration,
        "offered": offered,
        "activity": offered.activity,
        "has_seats": offered.capacity is not None,
        "free_until": free_until if free_until and clock.now() < free_until else None,
        "free_is_over": free_until is not None and clock.now() >= free_until,
        "action": (_("See the session"), _address(offered)),
        "calendar": calendar_of(
            offered,
            stamp=stamp or registration.ended_at or registration.made_at,
            sequence=bound,
            cancelled=cancelled,
            gone=gone,
        ),
    }


def _slots(offered: ActivitySession, gone: Sequence[Slot] = ()) -> list[Slot]:
    return [*(meeting.slot for meeting in offered.meetings), *gone]


def _how_to_give_back(offered: ActivitySession) -> str:
    if offered.capacity is None:
        return _("If you cannot come, say so on the page of the session, not in your calendar.")
    return _("Give the seat back on the page of the session, not in your calendar.")


def _address(offered: ActivitySession) -> str:
    return url_for("activities.session", session_id=offered.id, _external=True)
