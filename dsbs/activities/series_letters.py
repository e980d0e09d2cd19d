"""What the mails about several sessions of a series say: one mail to each person, whatever her part in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from dsbs.activities import changes, queries
from dsbs.activities.changes import Rearranged, Whereabouts
from dsbs.activities.clashing import clashes_of_session
from dsbs.activities.letters import events_of, how_to_give_up, last_change
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import SEATED, RegistrationState, SessionState
from dsbs.agenda import queries as agenda
from dsbs.agenda.clashes import Clash
from dsbs.core import clock
from dsbs.core.db import db
from dsbs.core.feature import Letter
from dsbs.core.refusals import NotFound
from dsbs.exchange import ics

#: How the ids of a message name a session: ``session_12`` is the session 12, its value the revision that is told.
SESSION = "session_"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One session in such a mail: when and where it is now and was before, and what its reader is in it."""

    offered: ActivitySession
    now: Sequence[Whereabouts]
    was: Sequence[Whereabouts]
    waits: bool
    teaches: bool
    link_changed: bool
    clashes: Sequence[Clash]


def series_changed(*, person_id: int, **revisions: int) -> Mapping[str, object]:
    """To who is in several sessions that changed together, waits for them or runs them: what was and what is.

    ``revisions`` name the sessions as ``SESSION`` says. Nothing is left to say of a session that was called off, that
    she is out of meanwhile, or that is again as it was; nor when that goes for all of them.
    """
    parts, events = [], []
    for offered in _sessions(revisions):
        found = _what_changed(offered, revisions[f"{SESSION}{offered.id}"])
        standing = _standing(offered, person_id)
        if found is None or standing is None:
            continue
        state, teaches = standing
        in_calendar = teaches or state is RegistrationState.REGISTERED
        parts.append(
            Part(
                offered=offered,
                now=[changes.whereabouts(meeting.slot) for meeting in offered.meetings],
                was=found.was,
                waits=not in_calendar,
                teaches=teaches,
                link_changed=found.link_changed,
                clashes=clashes_of_session(db.session(), offered.id, [person_id], now=clock.now())
                if teaches or state in SEATED
                else (),
            )
        )
        if in_calendar:
            sequence = queries.commitment_sequence(db.session(), offered.id, person_id)
            stamp = last_change(offered, found.gone)
            events += events_of(offered, stamp=stamp, sequence=sequence, cancelled=found.gone)
    return _about(parts, events)


def series_called_off(*, person_id: int, **revisions: int) -> Mapping[str, object]:
    """To who was in several sessions that were called off together: which, why, and their entries taken back."""
    parts, events = [], []
    for offered in _sessions(revisions):
        slots = [meeting.slot for meeting in offered.meetings]
        _states, bound = agenda.parts(db.session(), slot_ids=[slot.id for slot in slots], person_ids=[person_id])
        was = [changes.whereabouts(slot) for slot in slots]
        parts.append(
            Part(offered=offered, now=(), was=was, waits=not bound, teaches=False, link_changed=False, clashes=())
        )
        if bound:
            sequence = queries.commitment_sequence(db.session(), offered.id, person_id)
            events += events_of(offered, stamp=last_change(offered, ()), sequence=sequence, cancelled=slots)
    return _about(parts, events)


def series_teaching(*, person_id: int, **revisions: int) -> Mapping[str, object]:
    """To who runs several sessions from now on: which, with an entry for each. Not those that she no longer runs."""
    ids = [int(name.removeprefix(SESSION)) for name in revisions]
    running = queries.run_by(db.session(), person_id, session_ids=ids, today=clock.today())
    parts, events = [], []
    for offered in _sessions(revisions):
        if offered.id not in running or offered.state is not SessionState.PUBLISHED:
            continue
        now = [changes.whereabouts(meeting.slot) for meeting in offered.meetings]
        clashes = clashes_of_session(db.session(), offered.id, [person_id], now=clock.now())
        parts.append(
            Part(offered=offered, now=now, was=(), waits=False, teaches=True, link_changed=False, clashes=clashes)
        )
        sequence = queries.commitment_sequence(db.session(), offered.id, person_id)
        events += events_of(offered, stamp=last_change(offered, ()), sequence=sequence, description=how_to_give_up())
    return _about(parts, events)


LETTERS: Mapping[str, Letter] = {
    "activities/series_changed": series_changed,
    "activities/series_called_off": series_called_off,
    "activities/series_teaching": series_teaching,
}


def _about(parts: Sequence[Part], events: Sequence[ics.Event]) -> Mapping[str, object]:
    if not parts:
        raise NotFound
    activity = parts[0].offered.activity
    return {
        "activity": activity,
        "parts": parts,
        "words": list(
            dict.fromkeys(part.offered.mail_words for part in parts if part.offered.mail_words and not part.waits)
        ),
        "reason": parts[0].offered.cancelled_because,
        "action": (_("See your activities"), url_for("activities.mine", _external=True)),
        "calendar": ics.calendar(activity.title, events, method="PUBLISH") if events else None,
    }


def _sessions(revisions: Mapping[str, int]) -> Sequence[ActivitySession]:
    return queries.sessions_in_full(db.session(), [int(name.removeprefix(SESSION)) for name in revisions])


def _what_changed(offered: ActivitySession, revision: int) -> Rearranged | None:
    if offered.state is not SessionState.PUBLISHED:
        return None
    try:
        return changes.rearranged_by(db.session(), offered, revision=revision)
    except NotFound:
        return None


def _standing(offered: ActivitySession, person_id: int) -> tuple[RegistrationState | None, bool] | None:
    """Her state in a session, and whether she runs it; None when she has no part in it any more."""
    own = queries.active_registration(db.session(), session_id=offered.id, person_id=person_id)
    running = queries.organisers_of(db.session(), session_id=offered.id, today=clock.today())
    teaches = person_id in {grant.person_id for grant in running}
    return (own.state if own else None, teaches) if own or teaches else None
