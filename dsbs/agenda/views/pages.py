"""What the pages of the agenda share: who looks, and an entry as it is drawn."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

from babel.dates import format_date
from flask import current_app, request
from flask_babel import gettext as _

from dsbs.agenda.addresses import page_of
from dsbs.agenda.calendar import Reach, reach
from dsbs.agenda.models import SlotState
from dsbs.agenda.queries import Entry
from dsbs.core import clock, dates
from dsbs.core.access import viewer
from dsbs.core.db import db
from dsbs.programmes.labels import ProgrammeLabel

#: Where the feature that knows in which programme people are puts its answer: a function of the session, ids of
#: people and today, which gives the programme of each.
PROGRAMMES_OF = "dsbs.programme_ids_of"


@dataclass(frozen=True)
class Drawn:
    """An entry on one day, in words, as lists and the calendar macros draw it."""

    title: str
    kind: str
    time: str
    where: str
    room: str
    programmes: Sequence[ProgrammeLabel]
    url: str | None
    is_seen: bool
    is_mine: bool
    is_cancelled: bool
    held: bool

    @property
    def place(self) -> str:
        """Where it is, for a narrow column: without the building."""
        return self.room

    @property
    def colour(self) -> str | None:
        """The colour of its first programme."""
        return self.programmes[0].colour if self.programmes else None

    @property
    def programme(self) -> str | None:
        """The short name of its first programme, and how many there are beside it."""
        if not self.programmes:
            return None
        others = len(self.programmes) - 1
        return f"{self.programmes[0].short_name} +{others}" if others else self.programmes[0].short_name


def programmes_of_viewer() -> Collection[int]:
    """The programmes that the viewer belongs to as a researcher."""
    ask = current_app.extensions.get(PROGRAMMES_OF)
    if ask is None:
        return ()
    found = cast(Mapping[int, int], ask(db.session(), [viewer().id], clock.today()))
    return found.values()


def drawn(entry: Entry, day: date) -> Drawn:
    """An entry as it lies on one day."""
    return Drawn(
        title=entry.title if entry.title is not None else _("Taken"),
        kind=entry.kind,
        time=_time_on(entry, day),
        where=entry.where,
        room=entry.room,
        programmes=entry.programmes,
        url=page_of(entry),
        is_seen=entry.title is not None,
        is_mine=entry.part is not None,
        is_cancelled=entry.state is SlotState.CANCELLED,
        held=entry.state is SlotState.HELD,
    )


def in_grid(entry: Drawn, *, say_mine: bool) -> Drawn:
    """The same for a month or a week, where words stand in for the pills of a list; holds say so themselves."""
    title, time = entry.title, entry.time
    if entry.is_cancelled:
        title = _("Cancelled: %(title)s", title=title)
    if say_mine and entry.is_mine:
        time = _("%(time)s, yours", time=time)
    return replace(entry, title=title, time=time)


def _time_on(entry: Entry, day: date) -> str:
    """The times of an entry as one day sees them."""
    words: str
    match reach(entry.span, day, clock.zone()):
        case Reach.FROM:
            words = _("from %(time)s", time=dates.time_of_day(entry.start))
        case Reach.UNTIL:
            words = _("until %(time)s", time=dates.time_of_day(entry.end))
        case Reach.ALL_DAY:
            words = _("all day")
        case _:
            words = dates.times(entry.start, entry.end)
    return words


def days_in_words(first: date, last: date) -> str:
    """From a day to another: "23–29 Nov 2026", "24 Nov – 21 Dec 2026"."""
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{_written(last, 'd MMM y')}"
    return f"{_written(first, 'd MMM' if first.year == last.year else 'd MMM y')} – {_written(last, 'd MMM y')}"


def _written(day: date, pattern: str) -> str:
    return format_date(day, pattern, locale=dates.language())


def day_asked_for() -> date:
    """The day that the address asks for; today when it names none that a calendar can show."""
    try:
        asked = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return clock.today()
    return asked if 2000 <= asked.year < 2100 else clock.today()
