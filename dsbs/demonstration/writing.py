"""What was written: words in all mails of one course, a message sent and one that was not; one to a whole series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from dsbs.activities.messages import About, Addressed
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import RegistrationState
from dsbs.activities.service import offering, writing
from dsbs.activities.service.writing import Written
from dsbs.core.access import Role
from dsbs.demonstration.people import People

#: The course that the shown organiser teaches.
_COURSE = "Statistics with R"
_WORDS = "Bring your laptop, with **R** and **RStudio** installed."
_SENT = Written(
    addressed=Addressed(states=frozenset({RegistrationState.REGISTERED}), person_ids=frozenset()),
    subject="What to read before the first meeting",
    text="Two short chapters are enough:\n\n- Data frames\n- Plots in layers\n\nData of your own are welcome.",
)
_NOT_SENT = replace(
    _SENT, subject="The data that we used", text="The files of the last meeting are in the usual place."
)


_TO_SERIES = Written(
    addressed=Addressed(
        states=frozenset({RegistrationState.REGISTERED, RegistrationState.WAITING}), person_ids=frozenset()
    ),
    subject="Send your pages the day before",
    text="Two pages are enough, by noon on Monday. Who has none comes to read.",
)


def write_to_series(session: Session, people: People, series_id: int, now: datetime) -> None:
    """To everybody of all its coming sessions, from who coordinates it."""
    by_id, about = people.shown[Role.COORDINATOR].id, About(series_id=series_id)
    draft = writing.write_draft(session, about=about, by_id=by_id, written=_TO_SERIES, now=now)
    writing.send(session, about=about, message_id=draft.id, revision=1, by_id=by_id, now=now)


def write_to_people(session: Session, people: People, offered: Sequence[ActivitySession], now: datetime) -> None:
    """Her next course that people registered for, as its organiser prepares it."""
    course = min(
        (made for made in offered if made.activity.title == _COURSE and made.starts_at > now),
        key=lambda made: made.starts_at,
    )
    plan = replace(offering.plan_of(course), mail_words=_WORDS)
    offering.edit_session(session, session_id=course.id, revision=course.revision, plan=plan, now=now)
    by_id, about = people.shown[Role.ORGANISER].id, About(session_id=course.id)
    for written in (_SENT, _NOT_SENT):
        draft = writing.write_draft(session, about=about, by_id=by_id, written=written, now=now)
        if written is _SENT:
            writing.send(session, about=about, message_id=draft.id, revision=1, by_id=by_id, now=now)
