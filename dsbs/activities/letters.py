"""What the mails of this feature say, worked out from the ids on the message as it is delivered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from dsbs.accounts.models import Person
from dsbs.activities import changes, messages, queries
from dsbs.activities.changes import Rearranged
from dsbs.activities.clashing import clashes_of_session
from dsbs.activities.messages import About
from dsbs.activities.models import ActivitySession, Registration, SessionMessage
from dsbs.activities.place_words import kept_for_others_in_words, why_this_place
from dsbs.activities.places import places_of
from dsbs.activities.rules import SEATED, RegistrationState, SessionState
from dsbs.activities.series import series_in_full
from dsbs.activities.standing import facts_of
from dsbs.agenda import queries as agenda
from dsbs.agenda.clashes import Clash
from dsbs.agenda.models import CommitmentState, Slot
from dsbs.core import clock
from dsbs.core.db import db
from dsbs.core.feature import Letter
from dsbs.core.refusals import NotFound
from dsbs.core.seats import ordinal
from dsbs.exchange import ics
from dsbs.history import queries as history
from dsbs.mail import marks
from dsbs.reminders import queries as reminders


def began(*, registration_id: int) -> Mapping[str, object]:
    """To who took a seat: what, when, where, until when it can be given back, and the calendar entry."""
    return _about(queries.registration_in_full(db.session(), registration_id))


def added(*, registration_id: int) -> Mapping[str, object]:
    """To who was added: the same, and who did it."""
    return {**began(registration_id=registration_id), "by": _who_made(registration_id)}


def ended(*, registration_id: int) -> Mapping[str, object]:
    """To whose part ended, by her own will or not: the calendar entry goes too, if she ever had one."""
    registration = queries.registration_in_full(db.session(), registration_id)
    slots = _slots(registration.session)
    _states, parts = agenda.parts(
        db.session(), slot_ids=[slot.id for slot in slots], person_ids=[registration.person_id]
    )
    return _about(registration, cancelled=slots, in_calendar=bool(parts))


def waits(*, registration_id: int) -> Mapping[str, object]:
    """To who waits for a seat or an answer, or does so no longer: nothing of it is in her calendar."""
    return _about(queries.registration_in_full(db.session(), registration_id), in_calendar=False)


def asked(*, registration_id: int) -> Mapping[str, object]:
    """To who asked for a seat: the same, and which seats are kept for others."""
    registration = queries.registration_in_full(db.session(), registration_id)
    room = facts_of(db.session(), registration.session_id, now=clock.now()).room
    own = () if registration.programme_id is None else (registration.programme_id,)
    return {**_about(registration, in_calendar=False), "kept": kept_for_others_in_words(room, own)}


def waits_in_line(*, registration_id: int) -> Mapping[str, object]:
    """To who is on a waiting list: the same, and her place as the mail is written."""
    registration = queries.registration_in_full(db.session(), registration_id)
    return {**_about(registration, in_calendar=False), **_place(registration)}


def _place(registration: Registration) -> Mapping[str, object]:
    """Her place in words and why it is not that of her ticket; nothing to who waits no longer."""
    facts = facts_of(db.session(), registration.session_id, now=clock.now())
    place = places_of(db.session(), registration.session_id, facts).get(registration.id)
    return {"place": ordinal(place.place) if place else "", "why_place": why_this_place(place) if place else ""}


def approved(*, registration_id: int) -> Mapping[str, object]:
    """To who was approved: the seat with its calendar entry, or that she is on the waiting list now.

    Nothing is left to say to whose part has ended since.
    """
    registration = queries.registration_in_full(db.session(), registration_id)
    if registration.ended_at is not None:
        raise NotFound
    is_in = registration.state is RegistrationState.REGISTERED
    return {**_about(registration, in_calendar=is_in), **_place(registration)}


def invited(*, activity_id: int, person_id: int) -> Mapping[str, object]:
    """To who may join what is by invitation: when it is given.

    Nothing is left to say to who is off the list, and when no session is to come any more.
    """
    activity = queries.activity_in_full(db.session(), activity_id)
    sessions = queries.open_sessions_of(db.session(), activity_id, now=clock.now())
    if not sessions or not queries.is_invited(db.session(), activity_id=activity_id, person_id=person_id):
        raise NotFound
    return {"activity": activity, "sessions": sessions, "action": (_("See the session"), _address(sessions[0]))}


def put_on_list(*, registration_id: int) -> Mapping[str, object]:
    """To who was put on a waiting list by hand: the same, and who did it."""
    changes = history.changes_of(db.session(), "registration", registration_id)
    made = next(change for change in changes if change.action == "insert")
    return {**waits_in_line(registration_id=registration_id), "by": None if made.by_id is None else made.by_name}


def seat_offered(*, registration_id: int, link: int) -> Mapping[str, object]:
    """To who is first in line: the seat, until when it is held, and the page on which she answers.

    Nothing is left to say once it is answered, lapsed or withdrawn.
    """
    about = _about_offer(registration_id)
    if about["registration"].state is not RegistrationState.OFFERED:
        raise NotFound
    address = url_for("activities.offered_seat", token=marks.mark(link), _external=True)
    return {**about, "action": (_("Answer the offer"), address)}


def offer_lapsed(*, registration_id: int) -> Mapping[str, object]:
    """To whose offer lapsed: until when the seat was held."""
    return _about_offer(registration_id)


def still_coming(*, reminder_id: int, link: int | None = None) -> Mapping[str, object]:
    """To who has a seat, while giving it back is still free: does she come? The page on which she says no.

    Nothing is left to say to who is out meanwhile, and when free cancellation ends at another moment by now.
    """
    registration, due = _reminded(reminder_id, RegistrationState.REGISTERED)
    free_until = registration.session.free_cancellation_until
    if free_until != due or clock.now() >= due:
        raise NotFound
    about = {**_about(registration, in_calendar=False), "not_after": due}
    words = _("See the session or give the seat back") if about["has_seats"] else _("See the session or say no")
    if link is None:
        return {**about, "action": (words, _address(registration.session))}
    return {**about, "action": (words, url_for("activities.held_seat", token=marks.mark(link), _external=True))}


def session_tomorrow(*, reminder_id: int) -> Mapping[str, object]:
    """To who has a seat, shortly before: when, where, how to join. Not once it has begun or begins at another time."""
    registration, due = _reminded(reminder_id, RegistrationState.REGISTERED)
    if registration.session.starts_at != due or clock.now() >= due:
        raise NotFound
    begins = clock.local(due)
    days_left = (begins.date() - clock.today()).days
    # "Tomorrow" is true until that day begins.
    not_after = datetime.combine(begins, time(), begins.tzinfo) if days_left == 1 else due
    return {**_about(registration, in_calendar=False), "days_left": days_left, "not_after": not_after}


def offer_expiring(*, reminder_id: int, link: int | None = None) -> Mapping[str, object]:
    """To who was offered a seat and has not answered: until when it is held, and the page on which she answers."""
    registration, due = _reminded(reminder_id, RegistrationState.OFFERED)
    if registration.offered_until != due or clock.now() >= due:
        raise NotFound
    about = {**_about(registration, in_calendar=False), "until": due, "not_after": due}
    if link is not None:
        address = url_for("activities.offered_seat", token=marks.mark(link), _external=True)
        about["action"] = (_("Answer the offer"), address)
    return about


def _reminded(reminder_id: int, state: RegistrationState) -> tuple[Registration, datetime]:
    """Whose part a reminder is about, if it stands so, and what was due then. Raises ``NotFound`` otherwise."""
    reminder = reminders.reminder(db.session(), reminder_id)
    registration = queries.registration_in_full(db.session(), reminder.subject_id)
    called_off = registration.session.state is not SessionState.PUBLISHED
    if registration.state is not state or called_off or not registration.person.active or reminder.due_at is None:
        raise NotFound
    return registration, reminder.due_at


def _about_offer(registration_id: int) -> dict[str, Any]:
    registration = queries.registration_in_full(db.session(), registration_id)
    return {**_about(registration, in_calendar=False), "until": registration.offered_until}


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
    about = _about(
        registration,
        cancelled=found.gone,
        stamp=last_change(offered, found.gone),
        in_calendar=registration.state is RegistrationState.REGISTERED,
    )
    return {**about, **_moved(offered, found), "clashes": _fresh_clashes(registration)}


def teaches(*, session_id: int, person_id: int) -> Mapping[str, object]:
    """To who runs a session from now on: what, when, where, and the calendar entry. Not to who no longer does."""
    offered = _run_by(session_id, person_id)
    return _about_teaching(offered, person_id)


def teaching_changed(*, session_id: int, person_id: int, revision: int) -> Mapping[str, object]:
    """To who runs a session of which time or place changed, as ``changed`` to who is in it."""
    offered = _run_by(session_id, person_id)
    found = changes.rearranged_by(db.session(), offered, revision=revision)
    clashes = clashes_of_session(db.session(), session_id, [person_id], now=clock.now())
    return {**_about_teaching(offered, person_id, cancelled=found.gone), **_moved(offered, found), "clashes": clashes}


def teaching_ended(*, session_id: int, person_id: int) -> Mapping[str, object]:
    """To who runs a session no longer: what was still to come leaves her calendar, unless she has a seat in it.

    Nothing is left to say to who runs it again.
    """
    offered = queries.session_in_full(db.session(), session_id)
    if _runs(session_id, person_id):
        raise NotFound
    slots = {slot.id: slot for slot in _slots(offered)}
    _states, parts = agenda.parts(db.session(), slot_ids=slots, person_ids=[person_id])
    released = [slots[part.slot_id] for part in parts.values() if part.state is CommitmentState.RELEASED]
    part = queries.active_registration(db.session(), session_id=session_id, person_id=person_id)
    keeps_a_seat = part is not None and part.state in SEATED
    return {**_about_teaching(offered, person_id, cancelled=released), "keeps_a_seat": keeps_a_seat}


def teaching_called_off(*, session_id: int, person_id: int) -> Mapping[str, object]:
    """To who was to run a session that was called off: it leaves her calendar."""
    offered = queries.session_in_full(db.session(), session_id)
    return _about_teaching(offered, person_id, cancelled=_slots(offered))


def written_to(*, session_message_id: int, person_id: int, **about: int) -> Mapping[str, object]:
    """To who is written to in the page: the words, in whose name, about what; an answer reaches the writer.

    ``about`` names the session or the series; ``mail`` is what the page shows too. Nothing is left to say to who may no
    longer sign in.
    """
    written = messages.message(db.session(), session_message_id, about=About(**about))
    reader = db.session().get(Person, person_id)
    if reader is None or not reader.active:
        raise NotFound
    told = {"written": written, "by": written.by.name, "reply_to": written.by.mail}
    if written.series_id is not None:
        action = (_("See your activities"), url_for("activities.mine", _external=True))
        return {**told, "action": action, "mail": {**told, **_of_series(written, written.series_id, person_id)}}
    offered = queries.session_in_full(db.session(), about["session_id"])
    part = messages.how_she_stands(db.session(), offered.id, person_id)
    mail = {**told, "part": part, "offered": offered, "activity": offered.activity}
    return {**told, "action": (_("See the session"), _address(offered)), "mail": mail}


def _of_series(written: SessionMessage, series_id: int, person_id: int) -> Mapping[str, object]:
    """What she had to come in the series as it was sent: looked at again later, the mail loses nothing that is over."""
    since = written.sent_at or clock.now()
    return {
        "parts": messages.parts_of(db.session(), series_id, person_id, now=since),
        "activity": series_in_full(db.session(), series_id).activity,
    }


LETTERS: Mapping[str, Letter] = {
    "activities/session_message": written_to,
    "activities/registered": began,
    "activities/added": added,
    "activities/session_changed": changed,
    "activities/cancelled": ended,
    "activities/requested": asked,
    "activities/withdrawn": waits,
    "activities/approved": approved,
    "activities/refused": waits,
    "activities/request_expired": waits,
    "activities/invited": invited,
    "activities/waiting": waits_in_line,
    "activities/put_on_list": put_on_list,
    "activities/left": waits,
    "activities/seat_offered": seat_offered,
    "activities/declined": waits,
    "activities/offer_lapsed": offer_lapsed,
    "activities/still_coming": still_coming,
    "activities/session_tomorrow": session_tomorrow,
    "activities/offer_expiring": offer_expiring,
    "activities/removed": ended,
    "activities/session_cancelled": ended,
    "activities/teaching": teaches,
    "activities/teaching_changed": teaching_changed,
    "activities/teaching_ended": teaching_ended,
    "activities/teaching_called_off": teaching_called_off,
}


def calendar_of(
    offered: ActivitySession,
    *,
    stamp: datetime,
    sequence: int = 0,
    cancelled: Collection[Slot] = (),
    description: str | None = None,
) -> str:
    """The meetings as one calendar that is shown to its reader, not one that asks to be answered.

    ``stamp`` is the moment of what it tells; ``sequence`` is added to that of each slot. Slots that are ``cancelled``
    come as such, also those of meetings that were taken away. Without a ``description`` it says how to give back.
    """
    events = events_of(offered, stamp=stamp, sequence=sequence, cancelled=cancelled, description=description)
    return ics.calendar(offered.activity.title, events, method="PUBLISH")


def events_of(
    offered: ActivitySession,
    *,
    stamp: datetime,
    sequence: int = 0,
    cancelled: Collection[Slot] = (),
    description: str | None = None,
) -> list[ics.Event]:
    """The entries of such a calendar, one for each meeting."""
    return [
        ics.Event(
            uid=slot.uid,
            sequence=slot.sequence + sequence,
            stamp=stamp,
            start=slot.start,
            end=slot.end,
            title=slot.title,
            place=slot.where or "",
            description=description or _how_to_give_back(offered),
            url=_address(offered),
            cancelled=slot in cancelled,
        )
        for slot in dict.fromkeys([*_slots(offered), *cancelled])
    ]


def _about(
    registration: Registration,
    *,
    stamp: datetime | None = None,
    cancelled: Collection[Slot] = (),
    in_calendar: bool = True,
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
        "in_calendar": in_calendar,
        "calendar": calendar_of(
            offered,
            stamp=stamp or registration.ended_at or registration.made_at,
            sequence=bound,
            cancelled=cancelled,
        )
        if in_calendar
        else None,
    }


def _about_teaching(
    offered: ActivitySession, person_id: int, *, cancelled: Collection[Slot] = ()
) -> Mapping[str, object]:
    return {
        "offered": offered,
        "activity": offered.activity,
        "action": (_("See the session"), _address(offered)),
        "calendar": calendar_of(
            offered,
            stamp=last_change(offered, cancelled),
            sequence=queries.commitment_sequence(db.session(), offered.id, person_id),
            cancelled=cancelled,
            description=how_to_give_up(),
        ),
    }


def _moved(offered: ActivitySession, found: Rearranged) -> Mapping[str, object]:
    return {
        "was": found.was,
        "now": [(meeting, meeting in found.fresh) for meeting in map(changes.whereabouts, _slots(offered))],
        "link_changed": found.link_changed,
        "first": min((meeting.start for meeting in found.fresh), default=offered.starts_at),
    }


def _fresh_clashes(registration: Registration) -> Sequence[Clash]:
    """What she has at the times of her seat and did not take it in spite of; who waits has no date yet."""
    if registration.state not in SEATED:
        return ()
    known = {(one["start"], one["end"]) for one in registration.knew_of or ()}
    found = clashes_of_session(db.session(), registration.session_id, [registration.person_id], now=clock.now())
    return [clash for clash in found if (clash.start.isoformat(), clash.end.isoformat()) not in known]


def _run_by(session_id: int, person_id: int) -> ActivitySession:
    """The published session that this person runs today. Raises ``NotFound`` when there is none any more."""
    offered = queries.session_in_full(db.session(), session_id)
    if offered.state is not SessionState.PUBLISHED or not _runs(session_id, person_id):
        raise NotFound
    return offered


def _runs(session_id: int, person_id: int) -> bool:
    running = queries.organisers_of(db.session(), session_id=session_id, today=clock.today())
    return person_id in {grant.person_id for grant in running}


def _who_made(registration_id: int) -> str | None:
    """The name of who put a person into a session; None when the program did it by itself."""
    changes = history.changes_of(db.session(), "registration", registration_id)
    # Who waited before was in the list by her own will.
    made = next(change for change in changes if change.values.get("state", ("", ""))[1] == RegistrationState.REGISTERED)
    return None if made.by_id is None else made.by_name


def last_change(offered: ActivitySession, gone: Collection[Slot]) -> datetime:
    """When a meeting of a session changed last, with those that were taken away."""
    return max(slot.changed_at for slot in (*_slots(offered), *gone))


def _slots(offered: ActivitySession) -> list[Slot]:
    return [meeting.slot for meeting in offered.meetings]


def _how_to_give_back(offered: ActivitySession) -> str:
    if offered.capacity is None:
        return _("If you cannot come, say so on the page of the session, not in your calendar.")
    return _("Give the seat back on the page of the session, not in your calendar.")


def how_to_give_up() -> str:
    """What stands in the calendar entry of who runs a session."""
    return _("You teach this session. If you cannot, tell its coordinator.")


def _address(offered: ActivitySession) -> str:
    return url_for("activities.session", session_id=offered.id, _external=True)
