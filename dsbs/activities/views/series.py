"""The page of a series: its sessions in order of time, what they have in common, and what can be done with them."""

from __future__ import annotations

from datetime import datetime

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dsbs.activities import access
from dsbs.activities import series as reads
from dsbs.activities.models import ActivitySession, SessionSeries
from dsbs.activities.rules import SessionState
from dsbs.activities.rules.rhythms import RHYTHM_WORDS
from dsbs.activities.service import publishing
from dsbs.activities.views.aspects import name_of, names_of, value_in_words
from dsbs.activities.views.looking_up import programmes_of
from dsbs.agenda import venue_queries
from dsbs.core import clock, dates
from dsbs.core.access import STAFF, requires, viewer
from dsbs.core.db import db, write
from dsbs.core.language import ngettext
from dsbs.core.refusals import NotFound
from dsbs.core.template import confirm


@requires(*STAFF)
def series(series_id: int) -> str:
    """All sessions of a series, with the days that have none and why."""
    now = clock.now()
    found = reads.overview(db.session(), series_to_manage(db.session(), series_id), language=dates.language())
    venues = {venue.id: venue.place for venue in venue_queries.venues(db.session())}
    said = [(name_of(aspect), value_in_words(aspect, found.common, venues)) for aspect in found.common]
    standing = [row for row in found.rows if row.offered.state is not SessionState.CANCELLED]
    drafts = [row for row in standing if row.is_to_come(now) and row.offered.state is SessionState.DRAFT]
    return render_template(
        "activities/series.html",
        found=found,
        rhythm=str(_(RHYTHM_WORDS[found.series.rhythm])),
        common=[(name, words) for name, words in said if words],
        drafts=len(drafts),
        # From the first draft on are all of them, which has a button of its own.
        publish_from={row.offered.id for row in drafts[1:]},
        last=standing[-1].offered if standing else None,
        names_of=names_of,
        now=now,
    )


@requires(*STAFF)
def publish_series(series_id: int) -> Response:
    """Show the drafts of a series to researchers: all, or those from one session on."""
    now = clock.now()
    with write(by=viewer().actor, why="Published drafts of a series", at=now) as session:
        series_to_manage(session, series_id)
        since = _since(session, series_id)
        published = len(publishing.publish_drafts(session, series_id=series_id, since=since, now=now))
    confirm(
        ngettext("%(num)d draft is published", "%(num)d drafts are published", published),
        _("Researchers see them in the catalogue now."),
    )
    return redirect(url_for("activities.series", series_id=series_id))


def _since(session: Session, series_id: int) -> datetime | None:
    """When the session begins that ``since`` names; None where it names none. Raises ``NotFound`` for another's."""
    session_id = request.form.get("since", type=int)
    if session_id is None:
        return None
    first = session.get(ActivitySession, session_id)
    if first is None or first.series_id != series_id:
        raise NotFound
    return first.starts_at


def series_to_manage(session: Session, series_id: int) -> SessionSeries:
    """The series, if the viewer may change its activity. Raises ``NotFound`` otherwise."""
    found = reads.series_in_full(session, series_id)
    if not access.may_manage_activity(viewer(), programmes_of(found.activity)):
        raise NotFound
    return found
