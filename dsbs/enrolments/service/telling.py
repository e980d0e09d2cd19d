"""Telling those concerned that a track stands still: the days and what is due then, never the reason."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from dsbs.accounts.models import Person
from dsbs.core import clock
from dsbs.enrolments.models import Enrolment
from dsbs.enrolments.rules.counting import Pause
from dsbs.mail import service as mail
from dsbs.programmes import queries as programmes


def tell_of_suspension(session: Session, enrolment: Enrolment, days: Pause, *, template: str, now: datetime) -> None:
    """Queue a mail to the researcher, her supervisors and the coordinators of her programme, one each.

    ``template`` says what became of these days: ``suspended`` or ``suspension_removed``. The days travel with the
    message, so that it says what was done even when it leaves late.
    """
    told = {"enrolment_id": enrolment.id, "first_day": days.first.toordinal(), "last_day": _ordinal(days.last)}
    letters = [
        mail.Letter(
            key=f"enrolments/{template}:{enrolment.id}:{days.first}:{days.last}:{now:%Y%m%d%H%M%S%f}:{person.id}",
            to=person.recipient,
            template=f"enrolments/{template}",
            ids={**told, "person_id": person.id},
        )
        for person in _concerned(session, enrolment, clock.local(now).date())
    ]
    mail.queue_all(session, letters, now=now)


def _concerned(session: Session, enrolment: Enrolment, today: date) -> list[Person]:
    people = programmes.people_of_programmes(session, [enrolment.programme_id], today)[enrolment.programme_id]
    found = {person.id: person for person in (enrolment.person, *enrolment.supervisors, *people.coordinators)}
    return [person for person in found.values() if person.active]


def _ordinal(day: date | None) -> int:
    return 0 if day is None else day.toordinal()
