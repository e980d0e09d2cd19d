"""What the history of a session says must have been told by mail, beside what was: each step once, nothing else."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.activities.models import Registration
from dsbs.activities.rules import RegistrationState
from dsbs.history.models import Change
from dsbs.mail.models import Message

#: Why tests write what a coordinator does by hand.
BY_HAND = "Added by hand"
_WHEN_BY_HAND = {RegistrationState.WAITING: "put_on_list", RegistrationState.REGISTERED: "added"}
#: The letter that tells of a step to this state, where it is not called so itself.
_LETTERS = {
    RegistrationState.OFFERED: "seat_offered",
    RegistrationState.LAPSED: "offer_lapsed",
    RegistrationState.EXPIRED: "request_expired",
    RegistrationState.CALLED_OFF: "session_cancelled",
}

#: How often each letter about a registration was queued.
Told = Counter[tuple[int, str]]


def mails_of(session: Session, session_id: int) -> Told:
    """The letters about the registrations of a session."""
    parts = set(session.scalars(select(Registration.id).where(Registration.session_id == session_id)))
    about = [(mail.ids.get("registration_id"), mail.template) for mail in session.scalars(select(Message))]
    return Counter((part, template.partition("/")[2]) for part, template in about if part in parts)


def asked_for(session: Session, session_id: int) -> Told:
    """The letters for which its history has a cause."""
    parts = select(Registration.id).where(Registration.session_id == session_id)
    steps = session.scalars(select(Change).where(Change.subject == "registration", Change.subject_id.in_(parts)))
    return Counter((step.subject_id, _letter(step)) for step in steps if "state" in step.values)


def _letter(step: Change) -> str:
    before, state = step.values["state"][0], RegistrationState(step.values["state"][1])
    if step.why == BY_HAND:
        return _WHEN_BY_HAND[state]
    if before == RegistrationState.REQUESTED and state in (RegistrationState.WAITING, RegistrationState.REGISTERED):
        return "approved"
    return _LETTERS.get(state, state.value)
