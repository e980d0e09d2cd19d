"""Calendars for calendar programs, which cannot sign in."""

from __future__ import annotations

import hashlib

from flask import Response, request
from flask_babel import gettext as _

from dsbs.agenda import queries
from dsbs.agenda.addresses import page_of
from dsbs.agenda.models import Commitment, CommitmentState, Slot, SlotState
from dsbs.agenda.service.feeds import hash_of
from dsbs.core import clock
from dsbs.core.access import public
from dsbs.core.dates import speaking
from dsbs.core.db import db
from dsbs.core.language import spoken
from dsbs.exchange import ics
from dsbs.programmes import queries as programmes


@public
def personal_feed(key: str) -> Response:
    """A person's own calendar, under the secret address that she made for it."""
    person = queries.person_of_feed(db.session(), hash_of(key))
    rows = queries.commitments_for_feed(db.session(), person.id, now=clock.now())
    with speaking(spoken(person.language)):
        name = _("Doctoral School: %(name)s", name=person.name)
    text = ics.calendar(name, [_event(slot, bound) for slot, bound in rows])
    return _answer(text, cache="private")


@public
def programme_feed(code: str) -> Response:
    """The public calendar of a programme."""
    programme = programmes.programme_by_code(db.session(), code)
    slots = queries.public_slots_for_feed(db.session(), programme.id, now=clock.now())
    text = ics.calendar(programme.name, [_event(slot) for slot in slots])
    return _answer(text, cache="public")


def _event(slot: Slot, bound: Commitment | None = None) -> ics.Event:
    is_cancelled = slot.state is SlotState.CANCELLED
    return ics.Event(
        uid=slot.uid,
        sequence=bound.calendar_sequence if bound else slot.sequence,
        stamp=max(slot.changed_at, bound.changed_at) if bound else slot.changed_at,
        start=slot.start,
        end=slot.end,
        title=slot.title,
        place=slot.where,
        url="" if is_cancelled else page_of(slot, external=True) or "",
        cancelled=is_cancelled,
        tentative=slot.state is SlotState.HELD or (bound is not None and bound.state is CommitmentState.HELD),
    )


def _answer(text: str, *, cache: str) -> Response:
    """The feed, or 304 when the program that asks has it already."""
    answer = Response(text, mimetype="text/calendar")
    answer.set_etag(hashlib.sha256(text.encode()).hexdigest())
    changed = queries.last_change(db.session())
    if changed is not None:
        answer.last_modified = changed
    answer.headers["Cache-Control"] = f"{cache}, max-age={int(ics.REFRESH.total_seconds())}"
    # The address is a secret: no link that a program opens from here may tell it.
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.make_conditional(request)
    return answer
