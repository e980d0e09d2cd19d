"""What the pages of the agenda share: who looks, where a slot's own page is, and an entry as it is drawn."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from flask import current_app, request, url_for
from flask_babel import gettext as _

from dsbs.agenda.calendar import Reach, reach
from dsbs.agenda.models import Slot, SlotState
from dsbs.agenda.queries import Entry
from dsbs.core import clock, dates
from dsbs.core.access import viewer
from dsbs.core.db import db

#: Where the feature that knows in which programme people are puts its answer: a function of the session, ids of
#: people and today, which gives the programme of each.
PROGRAMMES_OF = "dsbs.programme_ids_of"


@dataclass(frozen=True)
class Drawn:
    """An entry as the calendar macros draw it."""

    title: str
    time: str
    place: str
    url: str | None
    colour: str | None
    held: bool


def programmes_of_viewer() -> Collection[int]:
    """The programmes that the viewer belongs to as a researcher."""
    ask = current_app.extensions.get(PROGRAMMES_OF)
    if ask is None:
        return ()
    found = cast(Mapping[int, int], ask(db.session(), [viewer().id], clock.today()))
    return found.values()


def page_of(slot: Slot | Entry, *, external: bool = False) -> str | None:
    """The address of a slot's own page: the one value in its address is the id of what the slot is for."""
    if slot.endpoint is None or slot.endpoint not in current_app.view_functions:
        return None
    rule = next(current_app.url_map.iter_rules(slot.endpoint))
    values = dict.fromkeys(rule.arguments, slot.subject_id)
    return url_for(slot.endpoint, _external=external, **values)  # type: ignore[arg-type]


def drawn(entry: Entry, day: date, *, say_mine: bool) -> Drawn:
    """An entry as it lies on one day."""
    time = time_on(entry, day)
    return Drawn(
        title=title_of(entry),
        time=_("%(time)s, yours", time=time) if say_mine and entry.part else time,
        place=" · ".join(filter(None, [entry.where, *(programme.short_name for programme in entry.programmes)])),
        url=page_of(entry),
        colour=entry.programmes[0].colour if entry.programmes else None,
        held=entry.state is not SlotState.FIRM,
    )


def title_of(entry: Entry) -> str:
    """What the viewer may know of an entry, with its state in words."""
    if entry.title is None:
        return _("Taken")
    if entry.state is SlotState.CANCELLED:
        return _("Cancelled: %(title)s", title=entry.title)
    return _("Planned: %(title)s", title=entry.title) if entry.state is SlotState.HELD else entry.title


def time_on(entry: Entry, day: date) -> str:
    """The times of an entry as one day sees them."""
    match reach(entry.span, day, clock.zone()):
        case Reach.FROM:
            return _("from %(time)s", time=dates.time_of_day(entry.start))
        case Reach.UNTIL:
            return _("until %(time)s", time=dates.time_of_day(entry.end))
        case Reach.ALL_DAY:
            return _("all day")
        case _:
            return dates.times(entry.start, entry.end)


def day_asked_for() -> date:
    """The day that the address asks for; today when it names none that a calendar can show."""
    try:
        asked = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return clock.today()
    return asked if 2000 <= asked.year < 2100 else clock.today()
