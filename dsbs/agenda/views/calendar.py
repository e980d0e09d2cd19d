"""The calendar as a month, a week or a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from flask import render_template, request
from flask_babel import gettext as _

from dsbs.agenda import queries, venue_queries
from dsbs.agenda.calendar import Leaf, View, by_day, leaf, monday_of
from dsbs.agenda.queries import Only
from dsbs.agenda.rules import days_as_span
from dsbs.agenda.views.pages import Drawn, day_asked_for, days_in_words, drawn, in_grid, programmes_of_viewer
from dsbs.core import clock, dates
from dsbs.core.access import STAFF, Role, signed_in, viewer
from dsbs.core.db import db
from dsbs.core.template import Link, url_with
from dsbs.programmes import queries as programmes


@dataclass(frozen=True)
class Week:
    """A week of a list: what it is called if it is near, from when to when, its days that have entries, and those on
    which the school is closed.
    """

    name: str | None
    range: str
    days: Sequence[tuple[date, Sequence[Drawn]]]
    closed: Sequence[tuple[date, str]]


@signed_in
def calendar() -> str:
    """What is on, on one leaf: the viewer's own, or all that she may see, narrowed to programmes or a venue."""
    shown, only = leaf(_view(), day_asked_for()), _only()
    days = _days(shown, only)
    closed = programmes.names_of_closed_days(db.session(), shown.first, shown.last, language=dates.language())
    return render_template(
        "agenda/calendar.html",
        leaf=shown,
        only=only,
        title=_title(shown),
        whose=_whose(only),
        views=_views(shown),
        entries={day: [in_grid(entry, say_mine=not only.mine) for entry in here] for day, here in days.items()},
        closed=closed,
        weeks=_weeks(days, closed),
        week_days=_week_days(shown, days),
        is_empty=not any(shown.view is not View.MONTH or day.month == shown.on.month for day in days),
        is_narrowed=bool(only.programme_ids or only.venue_id),
        programmes=programmes.programmes(db.session()),
        venues=venue_queries.venues(db.session()),
    )


def _days(shown: Leaf, only: Only) -> Mapping[date, Sequence[Drawn]]:
    entries = queries.slots_between(
        db.session(),
        viewer(),
        span=days_as_span(shown.first, shown.last, clock.zone()),
        now=clock.now(),
        only=only,
        programme_ids=programmes_of_viewer(),
    )
    days = by_day(entries, shown.first, shown.last, clock.zone())
    return {day: [drawn(entry, day) for entry in here] for day, here in days.items()}


def _view() -> View:
    asked = request.args.get("view", "")
    return View(asked) if asked in list(View) else View.MONTH


def _only() -> Only:
    return Only(
        mine=_is_mine(),
        programme_ids=frozenset(request.args.getlist("programme", type=_id)),
        venue_id=request.args.get("venue", type=_id),
    )


def _id(written: str) -> int:
    """An id as an address holds it; what no row can have raises ``ValueError`` and counts as not given."""
    number = int(written)
    if not 0 < number < 2**31:
        raise ValueError(written)
    return number


def _is_mine() -> bool:
    """Whether the viewer's own entries are asked for. Who plans for others, or watches, begins with everything."""
    asked = request.args.get("show", "")
    if asked in {"mine", "all"}:
        return asked == "mine"
    return not viewer().has(*STAFF, Role.READER)


def _title(shown: Leaf) -> str:
    if shown.view is View.MONTH:
        return dates.month(shown.on)
    return days_in_words(shown.first, shown.last)


def _whose(only: Only) -> Sequence[Link]:
    return [
        Link(_("Mine"), url_with(show="mine"), "person", current=only.mine),
        Link(_("Everything"), url_with(show="all"), "people", current=not only.mine),
    ]


def _views(shown: Leaf) -> Sequence[Link]:
    """The other ways to draw the calendar, at the same day."""
    words = {View.MONTH: (_("Month"), "calendar"), View.WEEK: (_("Week"), "table"), View.LIST: (_("List"), "list")}
    return [
        Link(label, url_with(view=view.value), icon, current=view is shown.view)
        for view, (label, icon) in words.items()
    ]


def _weeks(days: Mapping[date, Sequence[Drawn]], closed: Mapping[date, str]) -> Sequence[Week]:
    this = monday_of(clock.today())
    names = {this: _("This week"), this + timedelta(days=7): _("Next week")}
    return [
        _week(names.get(monday), monday, list(group), closed)
        for monday, group in groupby(days.items(), key=lambda item: monday_of(item[0]))
    ]


def _week(
    name: str | None, monday: date, days: Sequence[tuple[date, Sequence[Drawn]]], closed: Mapping[date, str]
) -> Week:
    last = max(monday + timedelta(days=4), days[-1][0])
    here = [(day, called) for day, called in sorted(closed.items()) if monday <= day <= last]
    return Week(name, days_in_words(monday, last), days, here)


def _week_days(shown: Leaf, days: Mapping[date, Sequence[Drawn]]) -> Sequence[date]:
    """The days of a week leaf; its weekend only when something is on then, or today is one of its days."""
    weekend = shown.days[5:7]
    is_used = any(day in days or day == clock.today() for day in weekend)
    return shown.days[:7] if is_used else shown.days[:5]
