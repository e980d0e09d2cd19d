"""The pages that tell what changed, one for each noun that links to its own."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _

from dsbs.activities import access as activity_access
from dsbs.activities import offers, series
from dsbs.activities import queries as activities
from dsbs.agenda import venue_queries as agenda
from dsbs.core.access import STAFF, Role, requires, signed_in, viewer
from dsbs.core.db import db
from dsbs.core.refusals import NotFound
from dsbs.enrolments import access as enrolment_access
from dsbs.enrolments import queries as enrolments
from dsbs.home.history.activity import history_of_activity
from dsbs.home.history.enrolment import history_of_enrolment
from dsbs.home.history.series import history_of_series
from dsbs.home.history.session import history_of_session
from dsbs.home.history.telling import Told
from dsbs.home.history.venue import history_of_venue
from dsbs.home.start import blueprint

#: The page that tells a row's history, by its table, and what its address calls the row's id.
_PAGES = {
    "enrolment": ("home.changes_of_enrolment", "enrolment_id"),
    "activity": ("home.changes_of_activity", "activity_id"),
    "activity_session": ("home.changes_of_session", "session_id"),
    "session_series": ("home.changes_of_series", "series_id"),
    "venue": ("home.changes_of_venue", "venue_id"),
}


def page_of_changes(subject: str, subject_id: int) -> str:
    """The address of the page that tells what changed in this row, for pages of lower features."""
    endpoint, name = _PAGES[subject]
    row: dict[str, Any] = {name: subject_id}
    return url_for(endpoint, **row)


@blueprint.get("/enrolments/<int:enrolment_id>/changes")
@signed_in
def changes_of_enrolment(enrolment_id: int) -> str:
    """What changed in an enrolment."""
    found = enrolments.enrolment(db.session(), enrolment_id)
    if not enrolment_access.may_see_history_of_enrolment(viewer(), enrolments.facts_of(found)):
        raise NotFound
    told = history_of_enrolment(db.session(), enrolment_id, page=_page())
    back = url_for("enrolments.enrolment", enrolment_id=enrolment_id)
    return _drawn(told, found.person.name, _("See the enrolment"), back)


@blueprint.get("/activities/<int:activity_id>/changes")
@requires(*STAFF)
def changes_of_activity(activity_id: int) -> str:
    """What changed in an activity."""
    found = activities.activity_in_full(db.session(), activity_id)
    programmes = {offer.programme_id for offer in found.offered_by}
    if not activity_access.may_manage_activity(viewer(), programmes):
        raise NotFound
    told = history_of_activity(db.session(), activity_id, page=_page())
    return _drawn(told, found.title, _("See the activity"), url_for("activities.activity", activity_id=activity_id))


@blueprint.get("/sessions/<int:session_id>/changes")
@requires(*STAFF, Role.READER)
def changes_of_session(session_id: int) -> str:
    """What changed in a session, with its meetings, the people in it and its organisers."""
    offer = offers.offer(db.session(), session_id)
    owners = activity_access.SessionOwners(offer.id, offer.programmes, offer.state)
    if not activity_access.may_see_history_of_session(viewer(), owners):
        raise NotFound
    told = history_of_session(db.session(), session_id, page=_page())
    return _drawn(told, offer.name, _("See the session"), url_for("activities.session", session_id=session_id))


@blueprint.get("/series/<int:series_id>/changes")
@requires(*STAFF)
def changes_of_series(series_id: int) -> str:
    """What changed in a series and in the plans of its sessions."""
    found = series.series_in_full(db.session(), series_id)
    programmes = {offer.programme_id for offer in found.activity.offered_by}
    if not activity_access.may_manage_activity(viewer(), programmes):
        raise NotFound
    told = history_of_series(db.session(), series_id, page=_page())
    noun = _("Series: %(title)s", title=found.activity.title)
    return _drawn(told, noun, _("See the series"), url_for("activities.series", series_id=series_id))


@blueprint.get("/venues/<int:venue_id>/changes")
@requires(*STAFF)
def changes_of_venue(venue_id: int) -> str:
    """What changed in what is known of a venue."""
    found = agenda.venue(db.session(), venue_id)
    told = history_of_venue(db.session(), venue_id, page=_page())
    return _drawn(told, found.place, _("See the venue"), url_for("agenda.venue", venue_id=venue_id))


def _page() -> int:
    return request.args.get("page", 1, type=int)


def _drawn(told: Told, noun: str, label: str, back: str) -> str:
    return render_template("home/changes.html", told=told, noun=noun, back=(label, back))
