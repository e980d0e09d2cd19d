"""Writing to people in a session or a series: a draft that is looked at, then one mail for each of them.

Every verb locks the row of the session or series first, so that a message is sent once, whoever presses the button how
often.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, literal, select
from sqlalchemy.orm import Session

from dsbs.activities.messages import About, Addressed, Recipients, message, parts_in, recipients
from dsbs.activities.models import SessionMessage, SessionMessageCopy
from dsbs.activities.service.seating import locked, locked_series
from dsbs.core.refusals import N_, Refused, Stale
from dsbs.mail import service as mail
from dsbs.mail.models import Message

TEMPLATE = "activities/session_message"
_NOBODY_IN_SERIES = N_("Nobody of these is in a session to come. Choose others.")


@dataclass(frozen=True, kw_only=True)
class Written:
    """What somebody wrote, and to whom."""

    addressed: Addressed
    subject: str
    text: str


def write_draft(session: Session, *, about: About, by_id: int, written: Written, now: datetime) -> SessionMessage:
    """Keep a message to be looked at before it is sent. Refused when it goes to nobody who can be told."""
    _lock(session, about)
    _recipients(session, about, written.addressed, now)
    draft = SessionMessage(session_id=about.session_id, series_id=about.series_id, by_id=by_id, made_at=now)
    _put_down(draft, written)
    session.add(draft)
    session.flush()
    return draft


def change_draft(
    session: Session, *, about: About, message_id: int, revision: int, by_id: int, written: Written, now: datetime
) -> SessionMessage:
    """Change a message that was not sent yet. Refused like ``write_draft``, and when somebody else changed it since."""
    _lock(session, about)
    draft = _draft(session, about, message_id, revision)
    _recipients(session, about, written.addressed, now)
    draft.by_id = by_id
    draft.revision += 1
    _put_down(draft, written)
    session.flush()
    return draft


def send(session: Session, *, about: About, message_id: int, revision: int, by_id: int, now: datetime) -> Recipients:
    """Queue one mail to each person to whom it goes as things stand now; gives who is told and who is left out.

    Order of effects: the session or series is locked, the message is marked as sent by ``by_id``, the mails are queued
    in one statement, each under the key of message and person. Refused when it was sent already, when it is not what
    was on the screen (``revision``), and when nobody is left to be told.
    """
    _lock(session, about)
    draft = _draft(session, about, message_id, revision)
    found = _recipients(session, about, Addressed.of(draft), now)
    draft.by_id, draft.sent_at = by_id, now
    session.flush()
    letters = [
        mail.Letter(
            key=f"{TEMPLATE}:{draft.id}:{person.id}",
            to=person.recipient,
            template=TEMPLATE,
            ids=ids_of(draft, person.id),
        )
        for person in found.told
    ]
    mail.queue_all(session, letters, now=now)
    _keep_copies(session, draft.id, [letter.key for letter in letters])
    return found


def throw_away(session: Session, *, about: About, message_id: int) -> None:
    """Throw a draft away. Refused once it was sent."""
    _lock(session, about)
    session.delete(_draft(session, about, message_id))
    session.flush()


def ids_of(written: SessionMessage, person_id: int) -> dict[str, int]:
    """What a mail with this message to this person is made from."""
    about = {"session_id": written.session_id, "series_id": written.series_id}
    return {
        "session_message_id": written.id,
        "person_id": person_id,
        **{name: id_ for name, id_ in about.items() if id_},
    }


def _lock(session: Session, about: About) -> None:
    if about.session_id is not None:
        locked(session, about.session_id)
    if about.series_id is not None:
        locked_series(session, about.series_id)


def _recipients(session: Session, about: About, addressed: Addressed, now: datetime) -> Recipients:
    if not addressed.states and not addressed.person_ids:
        raise Refused(N_("Choose who gets it."), field="states")
    found = recipients(parts_in(session, about, now=now), addressed)
    if not found.told:
        nobody = N_("Nobody of these is in the session now. Choose others.")
        raise Refused(nobody if about.series_id is None else _NOBODY_IN_SERIES, field="states")
    return found


def _draft(session: Session, about: About, message_id: int, revision: int | None = None) -> SessionMessage:
    """The message, read under the lock, if it was not sent yet and is the one that was on the screen."""
    found = message(session, message_id, about=about)
    if found.sent_at is not None:
        raise Refused(N_("This message was sent already. To say more, write another one."))
    if revision not in (None, found.revision):
        raise Stale(N_("Somebody changed this message meanwhile. Read it once more first."), revision=found.revision)
    return found


def _put_down(draft: SessionMessage, written: Written) -> None:
    draft.states = sorted(written.addressed.states)
    draft.person_ids = sorted(written.addressed.person_ids)
    draft.subject, draft.text = written.subject, written.text


def _keep_copies(session: Session, message_id: int, keys: Sequence[str]) -> None:
    """Note which mail each person has, in one statement."""
    own = select(literal(message_id), Message.person_id, Message.id).where(Message.key.in_(keys))
    session.execute(insert(SessionMessageCopy).from_select(["session_message_id", "person_id", "message_id"], own))
