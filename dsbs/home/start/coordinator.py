"""What coordinators and leaders find: drafts to publish, rooms elsewhere to settle, how the next two weeks fill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time, timedelta

from flask import url_for
from flask_babel import gettext as _

from dsbs.activities import overviews, unticked
from dsbs.activities.overviews import Glance
from dsbs.agenda.models import Slot, VoidBooking
from dsbs.agenda.venue_queries import bookings_to_settle, slots_to_confirm
from dsbs.core import clock, dates
from dsbs.core.access import Role
from dsbs.core.language import ngettext
from dsbs.home.start.parts import Action, Asked, Empty, Look, Part, Section, Step, when_and_where
from dsbs.home.start.sessions import next_time

FORTNIGHT = timedelta(days=14)
#: A draft that begins sooner than this is published late: researchers plan their weeks.
SOON = timedelta(days=21)
#: With fewer of its seats taken than this share, a session of the next two weeks wants a look.
FEW = 1 / 3
MOST_STEPS = 30
_MOST_SHOWN = 12
_MOST_ASKED = 4
_MOST_UNTICKED = 50


@dataclass(frozen=True)
class Filling:
    """One session of the next two weeks, and what its number of people means: (tone, words) or nothing."""

    glance: Glance
    state: tuple[str, str] | None


def part(look: Look) -> Part:
    """Drafts and rooms as steps, rooms asked for beside them; below, the next two weeks and what nobody ticked."""
    left = unticked.meetings_looked_after(look.session, viewer=look.viewer, now=look.now, most=_MOST_UNTICKED)
    drafts = overviews.drafts_to_publish(look.session, viewer=look.viewer, now=look.now, most=MOST_STEPS)
    rooms = slots_to_confirm(look.session, look.viewer, now=look.now)
    void = bookings_to_settle(look.session, look.viewer, now=look.now)
    return Part(
        empty=Empty(
            title=_("Nothing waits for you"),
            text=_("Requests, drafts to publish and rooms to confirm stand here. Right now there are none."),
            label=_("Plan an activity"),
            url=url_for("activities.plan"),
        ),
        steps=[
            *requests_to_answer(look),
            *(draft_step(glance, look) for glance in drafts),
            *(_booking_to_settle(booking) for booking in void[:MOST_STEPS]),
            *[_room_to_ask_for(slot) for slot in rooms if slot.asked_on is None][:MOST_STEPS],
        ],
        asked=[_room_asked_for(slot) for slot in rooms if slot.asked_on is not None][:_MOST_ASKED],
        sections=[
            Section("home/start_filling.html", {"fillings": _next_weeks(look), "now": look.now}),
            *([Section("home/start_unticked.html", {"unticked": left})] if left else ()),
        ],
    )


def is_coordinator(look: Look) -> bool:
    """Whether the viewer looks after a programme."""
    return look.viewer.has(Role.COORDINATOR, Role.LEADER)


def requests_to_answer(look: Look) -> list[Step]:
    """A step for each session for which people asked for a seat; what is not answered is lost when it begins."""
    found = overviews.requests_to_answer(look.session, viewer=look.viewer, now=look.now, most=MOST_STEPS)
    return [_request_step(glance, asking, look) for glance, asking in found]


def _request_step(glance: Glance, asking: int, look: Look) -> Step:
    return Step(
        at=glance.starts_at,
        title=glance.name,
        text=next_time(glance, look.now),
        detail=_("Approve or refuse each; they are told by mail. What is not answered ends when the session begins."),
        state=("act", ngettext("%(num)d asks for a seat", "%(num)d ask for a seat", asking)),
        actions=(Action(_("See who asks"), url_for("activities.people", session_id=glance.id)),),
        url=url_for("activities.session", session_id=glance.id),
        lost_at=glance.starts_at,
    )


def draft_step(glance: Glance, look: Look) -> Step:
    """A draft as a step: to be looked over and published."""
    page = url_for("activities.session", session_id=glance.id)
    is_soon = glance.starts_at < look.now + SOON
    begins = dates.relative(clock.local(glance.starts_at).date(), look.today)
    return Step(
        at=glance.starts_at,
        title=glance.name,
        text=next_time(glance, look.now),
        detail=_("Only those who plan see it. Look it over, then publish it: two minutes."),
        state=("act", _("Draft, begins %(when)s", when=begins.lower())) if is_soon else ("neutral", _("Draft")),
        actions=(
            Action(_("Look it over"), page),
            Action(_("Change it"), url_for("activities.edit_session", session_id=glance.id)),
        ),
        lost_at=glance.starts_at if is_soon else None,
    )


def _booking_to_settle(booking: VoidBooking) -> Step:
    return Step(
        at=booking.start,
        title=_("Rebook: %(room)s", room=booking.venue.name),
        text=when_and_where(booking.start, booking.end, booking.slot.title),
        detail=_("This time is booked there and not needed any more. Tell them, then write down who cancelled it."),
        state=("act", _("Booked in vain")),
        actions=(Action(_("See what is to rebook"), url_for("agenda.rebook")),),
    )


def _room_to_ask_for(slot: Slot) -> Step:
    page = url_for("agenda.confirmation", slot_id=slot.id)
    return Step(
        at=slot.start,
        title=_("Ask for a room: %(room)s", room=slot.room),
        text=when_and_where(slot.start, slot.end, slot.title),
        detail=_("This room is not ours. Once you have asked, write down when: one minute."),
        state=("act", _("Not asked yet")),
        actions=(Action(_("Write down that you asked"), page),),
    )


def _room_asked_for(slot: Slot) -> Asked:
    return Asked(
        title=slot.room,
        state=("waiting", _("Asked on %(day)s", day=dates.day_month(slot.asked_on)) if slot.asked_on else ""),
        text=when_and_where(slot.start, slot.end, slot.title),
        link=(_("Write the answer down"), url_for("agenda.confirmation", slot_id=slot.id)),
    )


def _next_weeks(look: Look) -> Sequence[Filling]:
    before = clock.from_school_time(look.today + FORTNIGHT + timedelta(days=1), time())
    found = overviews.sessions_planned(look.session, viewer=look.viewer, now=look.now, before=before, most=_MOST_SHOWN)
    return [Filling(glance, _state(glance)) for glance in found]


def _state(glance: Glance) -> tuple[str, str] | None:
    """That few registered; that it is full, its seats say."""
    is_thin = glance.capacity is not None and glance.taken < glance.capacity * FEW
    return ("act", _("Few registered")) if is_thin else None
