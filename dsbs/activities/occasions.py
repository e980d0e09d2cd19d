"""What comes due about sessions: their beginning, the end of free cancellation, the end of an offer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Integer, case, cast, func, null, select

from dsbs.accounts.models import Person, SignedLink
from dsbs.activities.models import Activity, ActivityProgramme, ActivitySession, Registration
from dsbs.activities.rules import OFFER_LINK, SEAT_LINK, RegistrationState, SessionState
from dsbs.reminders.occasions import Columns, Event, Occasion, OwnLink

SESSION = "activity_session"

#: Whose rules hold: those of the only programme that offers it.
_ONLY_PROGRAMME = (
    select(case((func.count() == 1, func.min(ActivityProgramme.programme_id))))
    .where(ActivityProgramme.activity_id == ActivitySession.activity_id)
    .correlate(ActivitySession)
    .scalar_subquery()
)


def _of_offer(column: Any) -> ColumnElement[Any]:
    """Of the link in the mail with which the seat was offered last."""
    return (
        select(column)
        .where(
            SignedLink.purpose == OFFER_LINK,
            SignedLink.subject == Registration.__tablename__,
            SignedLink.subject_id == Registration.id,
            SignedLink.revoked_at.is_(None),
        )
        .order_by(SignedLink.id.desc())
        .limit(1)
        .correlate(Registration)
        .scalar_subquery()
    )


def _people(due: Any, state: RegistrationState, *, since: Any, link_id: Any = None) -> Columns:
    """Everybody in a published session whose part stands so, with what comes due for them."""
    return (
        select(
            Registration.id.label("subject_id"),
            Registration.session_id.label("event_id"),
            Registration.person_id.label("person_id"),
            due.label("due"),
            _ONLY_PROGRAMME.label("programme_id"),
            since.label("since"),
            (cast(null(), Integer) if link_id is None else link_id).label("link_id"),
        )
        .join(Registration.session)
        .join(Registration.person)
        .where(
            Registration.state == state,
            ActivitySession.state == SessionState.PUBLISHED,
            Person.active,
            due.is_not(None),
        )
    )


_EVENT = Event(
    kind=SESSION,
    endpoint="activities.people",
    argument="session_id",
    names=select(
        ActivitySession.id.label("event_id"),
        case((ActivitySession.label == "", Activity.title), else_=Activity.title + ": " + ActivitySession.label).label(
            "name"
        ),
    ).join(Activity, Activity.id == ActivitySession.activity_id),
    programmes=select(ActivitySession.id.label("event_id"), ActivityProgramme.programme_id).join(
        ActivityProgramme, ActivityProgramme.activity_id == ActivitySession.activity_id
    ),
)


def _of_registered(code: str, due: Any, letter: str, own_link: OwnLink | None = None) -> Occasion:
    """Who gets her seat after the reminder was to leave knows it from the confirmation."""
    return Occasion(
        code=code,
        event=_EVENT,
        due={"registered": _people(due, RegistrationState.REGISTERED, since=Registration.registered_at)},
        conditions=frozenset({"confirmed"}),
        letters={letter: f"activities/{letter}"},
        own_link=own_link,
    )


OCCASIONS = (
    _of_registered(
        "free_cancellation_end",
        ActivitySession.free_cancellation_until,
        "still_coming",
        OwnLink(SEAT_LINK, Registration.__tablename__),
    ),
    _of_registered("session_start", ActivitySession.starts_at, "session_tomorrow"),
    Occasion(
        code="offer_expiring",
        event=_EVENT,
        due={
            "offered": _people(
                Registration.offered_until,
                RegistrationState.OFFERED,
                since=_of_offer(SignedLink.made_at),
                link_id=_of_offer(SignedLink.id),
            )
        },
        conditions=frozenset({"not answered"}),
        letters={"offer_expiring": "activities/offer_expiring"},
    ),
)
