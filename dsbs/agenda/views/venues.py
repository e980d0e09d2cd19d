"""Venues: the list, one with its week and its free times, adding and changing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import PurePath
from urllib.parse import urlsplit

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dsbs.agenda import queries, service, venue_queries
from dsbs.agenda.calendar import Leaf, View, by_day, leaf
from dsbs.agenda.forms import CalendarFileForm, VenueForm
from dsbs.agenda.models import SlotState, Venue
from dsbs.agenda.queries import Entry, Only
from dsbs.agenda.rules import EQUIPMENT_WORDS, Equipment, Span, days_as_span, free_times, working_hours
from dsbs.agenda.views.pages import Drawn, day_asked_for, days_in_words, drawn, programmes_of_viewer
from dsbs.core import clock
from dsbs.core.access import STAFF, requires, viewer
from dsbs.core.db import db, write
from dsbs.core.language import ngettext
from dsbs.core.refusals import N_, Refused
from dsbs.exchange.busy import busy_times
from dsbs.history.addresses import page_of_changes

#: What is shown of the time to come.
COMING = timedelta(days=180)

_STALE = N_("Somebody changed this venue while you were writing. What you typed is kept: compare, then save again.")


@dataclass(frozen=True)
class Day:
    """A day in a room: what is on, and when it is free in the hours in which rooms are looked for."""

    on: date
    entries: Sequence[Drawn]
    free: Sequence[Span]


@requires(*STAFF)
def venues() -> str:
    """All venues, and what still waits for an answer from elsewhere."""
    return render_template(
        "agenda/venues.html",
        venues=venue_queries.venues(db.session()),
        waiting=venue_queries.slots_to_confirm(db.session(), viewer(), now=clock.now()),
        void=venue_queries.bookings_to_settle(db.session(), viewer(), now=clock.now()),
        equipment_words=_equipment_words,
    )


@requires(*STAFF)
def venue(venue_id: int) -> str:
    """One venue: what is known of it, a week with its free times, and what is to come."""
    found, week = venue_queries.venue(db.session(), venue_id), leaf(View.WEEK, day_asked_for())
    coming = by_day(_coming(found), clock.today(), clock.today() + COMING, clock.zone())
    return render_template(
        "agenda/venue.html",
        venue=found,
        equipment=_equipment_words(found),
        week=week,
        week_title=days_in_words(week.first, week.last),
        days=_days(found, week),
        coming=[(day, drawn(entry, day)) for day, here in coming.items() for entry in here],
        calendar_host=urlsplit(found.calendar_url).hostname if found.calendar_url else None,
        form=CalendarFileForm(formdata=None),
        changes_page=page_of_changes("venue", found.id),
        **_elsewhere(found),
    )


def _elsewhere(found: Venue) -> dict[str, object]:
    """What must be asked of others, given back to them and read from them; nothing where the venue is ours."""
    if found.ours:
        return {"waiting": [], "void": [], "reading": None}
    session, now = db.session(), clock.now()
    return {
        "waiting": venue_queries.slots_elsewhere_in(session, viewer(), found.id, now=now),
        "void": venue_queries.bookings_to_settle(session, viewer(), now=now, venue_id=found.id),
        "reading": venue_queries.reading_of(session, found.id),
    }


@requires(*STAFF)
def send_calendar(venue_id: int) -> Response:
    """Take over the busy times of a venue elsewhere from a file."""
    venue_queries.venue(db.session(), venue_id)
    form = CalendarFileForm()
    if not form.validate_on_submit():
        raise Refused(N_("Choose a file that ends in .ics."))
    sent = form.calendar.data
    times = busy_times(sent.read(), now=clock.now(), zone=clock.zone())
    with write(by=viewer().actor, why="Sent the calendar of a venue", at=clock.now()) as session:
        found = venue_queries.venue(session, venue_id)
        service.take_file(session, venue=found, name=PurePath(sent.filename).name, times=times, now=clock.now())
    flash(ngettext("%(num)d busy time is known now.", "%(num)d busy times are known now.", len(times)), "good")
    return redirect(url_for("agenda.venue", venue_id=venue_id))


@requires(*STAFF)
def new_venue() -> str | Response:
    """Add a venue."""
    form = VenueForm.of(None)
    if form.validate_on_submit():
        try:
            with write(by=viewer().actor, why="Added a venue", at=clock.now()) as session:
                added = service.add_venue(session, facts=form.facts)
            flash(_("%(venue)s is in the list.", venue=added.name), "good")
            return redirect(url_for("agenda.venue", venue_id=added.id))
        except Refused as refused:
            form.refuse(refused)
    return render_template("agenda/edit_venue.html", form=form, venue=None)


@requires(*STAFF)
def edit_venue(venue_id: int) -> str | Response:
    """Change what is known of a venue."""
    found = venue_queries.venue(db.session(), venue_id)
    form = VenueForm.of(found)
    if form.validate_on_submit():
        try:
            with write(by=viewer().actor, why="Changed a venue", at=clock.now()) as session:
                found = venue_queries.venue(session, venue_id)
                _check_fresh(found, form)
                service.edit_venue(session, venue=found, facts=form.facts)
            flash(_("Saved."), "good")
            return redirect(url_for("agenda.venue", venue_id=venue_id))
        except Refused as refused:
            form.refuse(refused)
            there = venue_queries.venue(db.session(), venue_id)
            form.seen.raw_data, form.seen.data = None, there.changed_at.isoformat()
    return render_template("agenda/edit_venue.html", form=form, venue=found)


@requires(*STAFF)
def set_active(venue_id: int) -> Response:
    """Use a venue no longer, or again."""
    active = request.form.get("active") == "yes"
    with write(
        by=viewer().actor, why="Uses a venue again" if active else "Uses a venue no longer", at=clock.now()
    ) as s:
        verb = service.activate_venue if active else service.deactivate_venue
        verb(s, venue=venue_queries.venue(s, venue_id))
    said = _("It can be planned in again.") if active else _("Nothing new can be planned here. What is planned stays.")
    flash(said, "good")
    return redirect(url_for("agenda.venue", venue_id=venue_id))


def _check_fresh(venue: Venue, form: VenueForm) -> None:
    if form.seen.data != venue.changed_at.isoformat():
        raise Refused(_STALE)


def _days(venue: Venue, week: Leaf) -> Sequence[Day]:
    entries = [entry for entry in _entries(venue, week.first, week.last) if not entry.is_cancelled]
    entries += [] if venue.ours else _busy(venue, days_as_span(week.first, week.last, clock.zone()))
    entries.sort(key=lambda entry: entry.span)
    days = by_day(entries, week.first, week.last, clock.zone())
    taken = [entry.span for entry in entries]
    return [
        Day(
            day,
            [drawn(entry, day) for entry in days.get(day, ())],
            free_times(taken, working_hours(day, clock.zone())),
        )
        for day in week.days
    ]


def _busy(venue: Venue, span: Span) -> list[Entry]:
    """What others have there, drawn beside our own."""
    return [
        Entry(
            -found.id,
            found.start,
            found.end,
            SlotState.FIRM,
            title=_("Busy elsewhere: %(title)s", title=found.title) if found.title else _("Busy elsewhere"),
            where=venue.place,
            room=venue.name,
        )
        for found in venue_queries.busy_between(db.session(), venue.id, span)
    ]


def _coming(venue: Venue) -> Sequence[Entry]:
    now = clock.now()
    return [entry for entry in _entries(venue, clock.today(), clock.today() + COMING) if entry.end > now]


def _entries(venue: Venue, first: date, last: date) -> Sequence[Entry]:
    return queries.slots_between(
        db.session(),
        viewer(),
        span=days_as_span(first, last, clock.zone()),
        now=clock.now(),
        only=Only(venue_id=venue.id),
        programme_ids=programmes_of_viewer(),
    )


def _equipment_words(venue: Venue) -> list[str]:
    return [_(EQUIPMENT_WORDS[kind]) for kind in Equipment if kind in venue.offers]
