"""The calendar as a month, a week or a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby

from flask import render_template, request

from dsbs.agenda import queries
from dsbs.agenda.calendar import Leaf, View, by_day, leaf, monday_of
from dsbs.agenda.queries import Entry, Only
from dsbs.agenda.rules import days_as_span
from dsbs.agenda.views.pages import day_asked_for, drawn, page_of, programmes_of_viewer, time_on, title_of
from dsbs.core import clock
from dsbs.core.access import STAFF, Role, signed_in, viewer
from dsbs.core.db import db
from dsbs.programmes import queries as programmes


@signed_in
def calendar() -> str:
    """What is on, on one leaf: the viewer's own, or all that she may see, narrowed to programmes or a venue."""
    shown, only = leaf(_view(), day_asked_for()), _only()
    entries = queries.slots_between(
        db.session(),
        viewer(),
        span=days_as_span(shown.first, shown.last, clock.zone()),
        now=clock.now(),
        only=only,
        programme_ids=programmes_of_viewer(),
    )
    days = by_day(entries, shown.first, shown.last, clock.zone())
    return render_template(
        "agenda/calendar.html",
        leaf=shown,
        only=only,
        entries={day: [drawn(entry, day, say_mine=not only.mine) for entry in here] for day, here in days.items()},
        is_empty=not any(shown.view is not View.MONTH or day.month == shown.on.month for day in days),
        weeks=_listed(days),
        week_days=_week_days(shown, days),
        programmes=programmes.programmes(db.session()),
        venues=queries.venues(db.session()),
        title_of=title_of,
        time_on=time_on,
        page_of=page_of,
    )


def _view() -> View:
    asked = request.args.get("view", "")
    return View(asked) if asked in list(View) else View.MONTH


def _only() -> Only:
    return Only(
        mine=_whose() == "mine",
        programme_ids=frozenset(request.args.getlist("programme", type=int)),
        venue_id=request.args.get("venue", type=int),
    )


def _whose() -> str:
    """Whose entries are asked for. Who plans for others, or watches the whole, begins with all of them."""
    asked = request.args.get("show", "")
    if asked in {"mine", "all"}:
        return asked
    return "all" if viewer().has(*STAFF, Role.READER) else "mine"


def _listed(days: Mapping[date, Sequence[Entry]]) -> Sequence[tuple[date, Sequence[tuple[date, Sequence[Entry]]]]]:
    """The days with entries, by the Monday of their week."""
    return [(monday, list(group)) for monday, group in groupby(days.items(), key=lambda item: monday_of(item[0]))]


def _week_days(shown: Leaf, days: Mapping[date, Sequence[Entry]]) -> Sequence[date]:
    """The days of a week leaf; its weekend only when something is on then, or today is one of its days."""
    weekend = shown.days[5:7]
    is_used = any(day in days or day == clock.today() for day in weekend)
    return shown.days[:7] if is_used else shown.days[:5]
