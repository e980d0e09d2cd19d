"""The list of those who may join an activity that is by invitation, and the mail that tells them so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.accounts.models import Person
from dsbs.activities import queries
from dsbs.activities.models import Activity, Invitation
from dsbs.core.refusals import N_, NotFound, Refused
from dsbs.mail import service as mail


def invite(session: Session, *, activity_id: int, people: Sequence[Person]) -> list[Person]:
    """Put these people on the list, without a word to them yet; gives those who were not on it already."""
    _lock(session, activity_id)
    there = {invitation.person_id for invitation in queries.invitations_of(session, activity_id)}
    new = [person for person in people if person.id not in there]
    session.add_all(Invitation(activity_id=activity_id, person_id=person.id) for person in new)
    session.flush()
    return new


def uninvite(session: Session, *, activity_id: int, invitation_id: int) -> Person:
    """Take somebody off the list; a seat that she has already stays hers. Raises ``NotFound`` for another list's."""
    invitation = session.get(Invitation, invitation_id)
    if invitation is None or invitation.activity_id != activity_id:
        raise NotFound
    person = invitation.person
    session.delete(invitation)
    session.flush()
    return person


def tell_invited(session: Session, *, activity_id: int, now: datetime) -> int:
    """Queue the invitation to everybody on the list who was not told; gives to how many. Nobody gets it twice.

    Refused while there is no session to come in which they could take a seat.
    """
    _lock(session, activity_id)
    if not queries.open_sessions_of(session, activity_id, now=now):
        raise Refused(N_("No session is to come yet. Publish one first, so that the mail can say when."))
    untold = [invitation for invitation in queries.invitations_of(session, activity_id) if invitation.told_at is None]
    for invitation in untold:
        invitation.told_at = now
    letters = [
        mail.Letter(
            key=f"activities/invited:{activity_id}:{invitation.person_id}",
            to=invitation.person.recipient,
            template="activities/invited",
            ids={"activity_id": activity_id, "person_id": invitation.person_id},
        )
        for invitation in untold
    ]
    mail.queue_all(session, letters, now=now)
    return len(letters)


def _lock(session: Session, activity_id: int) -> None:
    """Lock the activity until the write scope ends, so that two who add the same people do it one after the other."""
    if session.scalar(select(Activity.id).where(Activity.id == activity_id).with_for_update()) is None:
        raise NotFound
