"""Researchers in lists, one enrolment, and a researcher's own track."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple, cast, get_args

from flask import render_template, request
from flask_babel import gettext as _

from dsbs.accounts.queries import whom_to_ask
from dsbs.core import clock
from dsbs.core.access import Role, requires, signed_in, viewer
from dsbs.core.db import db
from dsbs.core.refusals import NotFound
from dsbs.core.template import url_with
from dsbs.enrolments import access, queries, track_queries
from dsbs.enrolments.models import Enrolment, Suspension
from dsbs.enrolments.queries import Wanted
from dsbs.enrolments.track_lines import Looking, days_of, length_of, suspension_title
from dsbs.enrolments.track_picture import Picture, picture
from dsbs.enrolments.views.blueprint import blueprint
from dsbs.enrolments.words import PARTS, STATES, TRACKS, YEARS
from dsbs.history.addresses import page_of_changes
from dsbs.programmes import queries as programmes


class ToldSuspension(NamedTuple):
    """A suspension in words."""

    id: int
    title: str
    days: str
    length: str


class Track(NamedTuple):
    """What the page of a track shows: the picture, and its suspensions."""

    picture: Picture
    suspensions: Sequence[ToldSuspension]


@blueprint.get("/researchers")
@requires(*access.LOOKERS)
def researchers() -> str:
    """The researchers that the viewer looks after, with the filters beside them."""
    wanted, today = _wanted(), clock.today()
    found = queries.researchers(
        db.session(), viewer(), today=today, wanted=wanted, order=_order(), page=request.args.get("page", 1, type=int)
    )
    offered = programmes.programmes(db.session())
    chosen = [programme for programme in offered if programme.id in wanted.programme_ids]
    return render_template(
        "enrolments/list.html",
        found=found,
        wanted=wanted,
        sort=_order(),
        programmes=[programme for programme in offered if found.in_programmes.get(programme.id) or programme in chosen],
        chips=_chips(wanted, chosen),
        may_edit=access.may_edit_enrolments(viewer()),
        tracks=YEARS,
        of_school=access.sees_all(viewer()),
        is_empty=not (found.total or request.args) and not queries.anybody(db.session(), viewer()),
    )


@blueprint.get("/enrolments/<int:enrolment_id>")
@signed_in
def enrolment(enrolment_id: int) -> str:
    """One enrolment: who, where, with whom, since when."""
    found = queries.enrolment(db.session(), enrolment_id)
    facts = queries.facts_of(found)
    if not access.may_see_enrolment(viewer(), facts):
        raise NotFound
    sees_history = access.may_see_history_of_enrolment(viewer(), facts)
    return render_template(
        "enrolments/detail.html",
        enrolment=found,
        track=_track(found, clock.today()) if found.start <= clock.today() else None,
        may_change=access.may_change_milestones(viewer(), facts),
        others=[other for other in _visible_of(found.person_id) if other is not found],
        may_edit=access.may_edit_enrolments(viewer()),
        changes_page=page_of_changes("enrolment", enrolment_id) if sees_history else None,
        tracks=TRACKS,
        parts=PARTS,
        states=STATES,
    )


@blueprint.get("/my-track")
@requires(Role.RESEARCHER)
def my_track() -> str:
    """What the school has on record about the viewer's own track."""
    session, today = db.session(), clock.today()
    found = queries.enrolments_of(session, viewer().id)
    running = [enrolment for enrolment in found if enrolment.until is None or enrolment.until >= today]
    return render_template(
        "enrolments/my_track.html",
        enrolments=found,
        pictures={of.id: _track(of, today) for of in running if of.start <= today},
        tracks=TRACKS,
        parts=PARTS,
        states=STATES,
        corrects=next(iter(whom_to_ask(session, today)), None),
        coordinates=programmes.coordinator_to_ask(session, running[0].programme_id, today) if running else None,
    )


def _track(enrolment: Enrolment, today: date) -> Track:
    """What is due on this track, as the viewer may read it. Eight queries."""
    session, hers = db.session(), enrolment.person_id == viewer().id
    looking = Looking(today, hers=hers, reasons=hers or viewer().is_administrator)
    suspensions = track_queries.suspensions_of(session, enrolment.id)
    drawn = picture(
        enrolment,
        track_queries.milestones_of(session, enrolment.id),
        suspensions,
        track_queries.outline(session, enrolment),
        looking,
    )
    return Track(drawn, [_told(row, reasons=looking.reasons) for row in suspensions])


def _told(row: Suspension, *, reasons: bool) -> ToldSuspension:
    return ToldSuspension(row.id, suspension_title(row, reasons=reasons), days_of(row), length_of(row))


def _visible_of(person_id: int) -> Sequence[Enrolment]:
    found = queries.enrolments_of(db.session(), person_id)
    return [enrolment for enrolment in found if access.may_see_enrolment(viewer(), queries.facts_of(enrolment))]


def _wanted() -> Wanted:
    state = request.args.get("state", "running")
    return Wanted(
        search=request.args.get("q", "").strip()[:100],
        programme_ids=frozenset(request.args.getlist("programme", type=int)),
        state=cast(queries.State, state if state in get_args(queries.State) else "running"),
    )


def _order() -> queries.Order:
    sort = request.args.get("sort", "name")
    return cast(queries.Order, sort if sort in get_args(queries.Order) else "name")


def _chips(wanted: Wanted, chosen: Sequence[Any]) -> Sequence[tuple[str, str]]:
    """What narrows the list, each with the address without it."""
    chips = [(wanted.search, url_with(q=None, page=None))] if wanted.search else []
    for programme in chosen:
        others = [other.id for other in chosen if other is not programme]
        chips.append((programme.short_name, url_with(programme=others or None, page=None)))
    states = {"ended": _("Ended"), "all": _("Running and ended")}
    if wanted.state in states:
        chips.append((states[wanted.state], url_with(state=None, page=None)))
    return chips
