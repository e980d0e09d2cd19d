"""Finding a session and looking at it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby

from flask import Response, render_template, request

from dsbs.activities import access, catalogue as listing, queries
from dsbs.activities.letters import calendar_of
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import obstacle, refusal
from dsbs.activities.views.looking_up import candidate_of, owners_of
from dsbs.core import clock
from dsbs.core.access import STAFF, signed_in, viewer
from dsbs.core.db import db
from dsbs.core.errors import sentence_of
from dsbs.core.refusals import NotFound
from dsbs.programmes import queries as programmes


@signed_in
def catalogue() -> str:
    """The sessions to come, by week, with the filters beside them."""
    now, today = clock.now(), clock.today()
    wanted, show = _wanted(today), request.args.get("show", listing.PAGE, type=int)
    found = listing.coming(
        db.session(),
        viewer_id=viewer().id,
        candidate=candidate_of(db.session(), viewer(), today),
        wanted=wanted,
        now=now,
        show=min(max(show, 1), 1000),
    )
    return render_template(
        "activities/list.html",
        found=found,
        weeks=_by_week(found.listings, now),
        wanted=wanted,
        period=request.args.get("period", ""),
        words=request.args.get("q", ""),
        programmes=programmes.programmes(db.session()),
        kinds={kind.code: kind.name for kind in programmes.activity_kinds(db.session())},
        now=now,
        next_page=listing.PAGE + show,
        why_not=lambda row: sentence_of(refusal(row.obstacle, row.facts)),
        may_plan=viewer().has(*STAFF),
    )


@signed_in
def session(session_id: int) -> str:
    """One session: facts first, then what one can do, then what it is about."""
    now, today = clock.now(), clock.today()
    offered = _visible(session_id)
    facts = queries.facts_of(db.session(), offered)
    candidate = candidate_of(db.session(), viewer(), today)
    why_not = obstacle(facts, candidate, now)
    return render_template(
        "activities/detail.html",
        offered=offered,
        activity=offered.activity,
        facts=facts,
        registration=queries.active_registration(db.session(), session_id=session_id, person_id=viewer().id),
        obstacle=why_not,
        why_not=sentence_of(refusal(why_not, facts)) if why_not else None,
        kind=_kind_name(offered.activity.kind),
        may_manage=access.may_manage_activity(viewer(), owners_of(offered).programmes),
        may_see_people=access.may_see_people(viewer(), owners_of(offered)),
        now=now,
    )


@signed_in
def session_calendar(session_id: int) -> Response:
    """The meetings of a session as a calendar file."""
    offered = _visible(session_id)
    body = calendar_of(offered, stamp=max(meeting.slot.changed_at for meeting in offered.meetings))
    return Response(
        body,
        mimetype="text/calendar",
        headers={"Content-Disposition": f"attachment; filename=session-{offered.id}.ics"},
    )


def _visible(session_id: int) -> ActivitySession:
    offered = queries.session_in_full(db.session(), session_id)
    if not access.may_see_session(viewer(), owners_of(offered)):
        raise NotFound
    return offered


def _kind_name(code: str) -> str:
    return next((kind.name for kind in programmes.activity_kinds(db.session()) if kind.code == code), code)


def _wanted(today: date) -> listing.Wanted:
    """What the address asks for; what it asks for wrongly is left out, since a link may be old."""
    args = request.args
    first, last = _period(args.get("period", ""), today)
    return listing.Wanted(
        words=tuple(args.get("q", "").replace("\0", "").split()[:8]),
        first=first,
        last=last,
        programmes=frozenset(args.getlist("programme", type=int)),
        kinds=frozenset(args.getlist("kind")),
        languages=frozenset(args.getlist("language")),
        free_only="free" in args,
        joinable_only="joinable" in args,
        mine_only="mine" in args,
    )


def _period(name: str, today: date) -> tuple[datetime | None, datetime | None]:
    monday = today - timedelta(days=today.weekday())
    ends = {
        "week": monday + timedelta(days=7),
        "month": (today.replace(day=1) + timedelta(days=32)).replace(day=1),
        "year": today.replace(year=today.year + 1, month=1, day=1),
    }
    if name == "later":
        return clock.from_school_time(ends["year"], time()), None
    return None, clock.from_school_time(ends[name], time()) if name in ends else None


def _by_week(listings: Sequence[listing.Listing], now: datetime) -> list[tuple[date, list[listing.Listing]]]:
    """The listings by the Monday of the week in which their next meeting is."""

    def monday(row: listing.Listing) -> date:
        day = clock.local(max(row.facts.starts_at, now)).date()
        return day - timedelta(days=day.weekday())

    return [(week, list(rows)) for week, rows in groupby(listings, key=monday)]
