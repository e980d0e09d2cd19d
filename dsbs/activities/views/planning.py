"""The form of a session on its way: filled from a copy, its meetings moved, asked about once more, then saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from dsbs.activities import access, offers
from dsbs.activities.changes import ENDPOINT
from dsbs.activities.doubts import Doubt, TakenByOthers, TooSmall, doubts_about
from dsbs.activities.effects import Effect
from dsbs.activities.forms import MOST_MEETINGS, SessionForm
from dsbs.activities.models import Activity, ActivitySession
from dsbs.activities.rules import SessionPlan, moved_by
from dsbs.activities.service.offering import plan_of
from dsbs.activities.views.effects import effects_in_words
from dsbs.activities.views.looking_up import session_to_manage
from dsbs.agenda import venue_queries as agenda
from dsbs.agenda.models import Venue
from dsbs.agenda.service import RoomTaken
from dsbs.core import clock, dates
from dsbs.core.access import viewer
from dsbs.core.db import db
from dsbs.core.refusals import NotFound, Refused

#: Buttons that work on the form itself and save nothing.
_ON_THE_FORM = {"add_meeting", "move_all"}
#: What the questions themselves add to what was typed.
_NOT_TYPED = {"csrf_token", "step", "seen", "with", "also"}


class Unsure(Exception):
    """The plan can be saved, but its planner should know something first. Nothing is written then."""

    def __init__(self, doubts: Sequence[Doubt], effects: Sequence[Effect]) -> None:
        super().__init__(doubts, effects)
        self.doubts, self.effects = doubts, effects


def session_form(prefilled: Callable[[], SessionForm]) -> SessionForm:
    """The form as sent; on a first visit as ``prefilled`` gives it. Its buttons may add a row for a meeting."""
    form = SessionForm() if request.method == "POST" else prefilled()
    if "add_meeting" in request.form and len(form.meetings) < MOST_MEETINGS:
        form.meetings.append_entry()
    # A venue that is used no longer stays with the meetings that it has.
    chosen = {entry.form.venue.data for entry in form.meetings}
    form.offer_programmes([(label.id, label.short_name) for label in offers.labels(db.session()).programmes])
    form.offer_venues(
        [(venue.id, _with_seats(venue)) for venue in agenda.venues(db.session()) if venue.active or venue.id in chosen]
    )
    return form


def is_sent(form: SessionForm) -> bool:
    """Whether the form is to be saved and well shaped. ``step`` says what a POST wants: edit or save."""
    if request.method != "POST":
        return False
    try:
        moved = form.follow_first_day(clock.today())
    except Refused as refused:
        form.refuse(refused)
        return False
    if moved:
        flash(_("All meetings moved along. Look at their days, then save."), "good")
    if moved or request.form.get("step") == "edit" or not _ON_THE_FORM.isdisjoint(request.form):
        return False
    return form.validate()


def check_sure(
    session: Session, plan: SessionPlan, *, stood: SessionPlan | None = None, effects: Sequence[Effect] = ()
) -> None:
    """Raise ``Unsure`` about what is newly doubtful in a plan, and about what it does to others (``effects``).

    Not when its planner was asked and goes on, unless it does something by now that she was not told. Asked last in
    the write scope: a plan that is refused anyway is told as such at once.
    """
    was_asked, seen = request.form.get("step") == "save", request.form.get("seen", "").split()
    doubts = [] if was_asked else doubts_about(session, plan, stood=stood, language=dates.language())
    if doubts or any(effect.token not in seen for effect in effects):
        raise Unsure(doubts, effects)


def ask_first(unsure: Unsure, activity: Activity, *, consequence: str, anyway: str) -> str:
    """The page that tells what is doubtful, and sends all that was typed again if one goes on ``anyway``."""
    return render_template(
        "activities/ask_first.html",
        activity=activity,
        sentences=[*map(doubt_in_words, unsure.doubts), *effects_in_words(unsure.effects)],
        seen=" ".join(effect.token for effect in unsure.effects),
        consequence=consequence,
        anyway=anyway,
        typed=typed(),
    )


def typed() -> list[tuple[str, str]]:
    """What was typed into the form, to be sent once more by the question about it."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in _NOT_TYPED]


def in_the_way(refused: Refused) -> tuple[str, str] | None:
    """What stands in the room that was wanted, with the address of its page, where the viewer may see it."""
    if not isinstance(refused, RoomTaken) or refused.endpoint != ENDPOINT or refused.subject_id is None:
        return None
    there = offers.offer(db.session(), refused.subject_id)
    if not access.may_see_session(viewer(), access.SessionOwners(there.id, there.programmes, there.state)):
        return None
    when = dates.span(refused.span.start, refused.span.end)
    return f"{there.name}, {when}", url_for("activities.session", session_id=there.id)


def copied_session(activity_id: int) -> ActivitySession | None:
    """The session of this activity that ``copy`` names, if it does. Raises ``NotFound`` for one of another."""
    source_id = request.args.get("copy", type=int)
    if source_id is None:
        return None
    source = session_to_manage(db.session(), viewer(), source_id)
    if source.activity_id != activity_id:
        raise NotFound
    return source


def form_of_copy(source: ActivitySession | None) -> SessionForm:
    """A form that plans the same at a date to come; an empty one without a source."""
    form = SessionForm(formdata=None)
    if source is not None:
        form.fill(_a_week_on(plan_of(source)), None)
        form.ask_first_day()
    return form


def _a_week_on(plan: SessionPlan) -> SessionPlan:
    """The same plan, at the same times of the school's clocks, beginning the week after its last meeting.

    Of one that is over it begins within a week from today, on the same day of the week.
    """
    first, last = (clock.local(meeting.start).date() for meeting in (plan.meetings[0], plan.meetings[-1]))
    days = ((max(last, clock.today()) - first).days // 7 + 1) * 7
    return moved_by(plan, timedelta(days=days), clock.zone())


def _with_seats(venue: Venue) -> str:
    """The venue with how many it holds, where that is known: ``Aula 1 (60)``."""
    return venue.place if venue.capacity is None else f"{venue.place} ({venue.capacity})"


def doubt_in_words(doubt: Doubt) -> str:
    """What should be looked at once more, as a sentence."""
    if isinstance(doubt, TooSmall):
        return _(
            "You give %(seats)d seats, and %(venue)s holds %(holds)d people.",
            seats=doubt.seats,
            venue=doubt.venue,
            holds=doubt.holds,
        )
    if isinstance(doubt, TakenByOthers):
        when = dates.span(doubt.start, doubt.end)
        said = _("%(when)s (%(title)s)", when=when, title=doubt.title) if doubt.title else when
        return _("%(venue)s is busy then, by its own calendar: %(what)s.", venue=doubt.venue, what=said)
    if doubt.name is None:
        return _("%(day)s falls on a weekend.", day=dates.day(doubt.day))
    return _("%(day)s falls on a closed day: %(name)s.", day=dates.day(doubt.day), name=doubt.name)
