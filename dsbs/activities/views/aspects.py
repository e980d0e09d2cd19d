"""In what sessions of a series are alike or differ, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, time
from typing import Any

from flask_babel import gettext as _

from dsbs.activities.rules import Mode
from dsbs.activities.rules.series import Aspect, Values
from dsbs.core import dates
from dsbs.core.language import ngettext
from dsbs.core.refusals import N_

_NAMES = {
    Aspect.LABEL: N_("Name"),
    Aspect.MEETINGS: N_("Meetings"),
    Aspect.DAYS: N_("Day"),
    Aspect.HOURS: N_("Hours"),
    Aspect.PLACES: N_("Place"),
    Aspect.LINK: N_("Online link"),
    Aspect.WORDS: N_("Words for the mails"),
    Aspect.SEATS: N_("Seats"),
    Aspect.KEPT: N_("Kept seats"),
    Aspect.OPENS: N_("Registration opens"),
    Aspect.CLOSES: N_("Registration closes"),
    Aspect.FREE: N_("Free cancellation until"),
}
#: A week that begins on a Monday, to name its days by.
_MONDAY = date(2024, 1, 1)


def name_of(aspect: Aspect) -> str:
    """What an aspect is called."""
    return str(_(_NAMES[aspect]))


def names_of(aspects: Iterable[Aspect]) -> str:
    """What these aspects are called, in one line."""
    return ", ".join(name_of(aspect) for aspect in aspects)


def value_in_words(aspect: Aspect, values: Values, venues: Mapping[int, str]) -> str:
    """How a session stands in an aspect; empty where there is nothing of it. ``venues`` names them by their ids."""
    value: Any = values[aspect]
    said: Mapping[Aspect, Callable[[], str]] = {
        Aspect.MEETINGS: lambda: _meetings(value, venues),
        Aspect.DAYS: lambda: _days(value),
        Aspect.HOURS: lambda: _each(map(_hours, value)),
        Aspect.PLACES: lambda: _each(_place(venue_id, venues) for venue_id in value),
        Aspect.SEATS: lambda: _seats(*value),
        Aspect.KEPT: lambda: str(sum(seats for _programme, seats, _until in value) or ""),
        Aspect.OPENS: lambda: _relative(value),
        Aspect.CLOSES: lambda: _relative(value),
        Aspect.FREE: lambda: _relative(value) or _("as the rules say"),
    }
    return said.get(aspect, lambda: _shortened(value or ""))()


def _each(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))


def _days(value: tuple[int, ...]) -> str:
    day = dates.weekday(date.fromordinal(_MONDAY.toordinal() + value[0]))
    if len(value) == 2:
        return day
    return ngettext("%(num)d meeting from %(day)s on", "%(num)d meetings from %(day)s on", len(value) - 1, day=day)


def _meetings(value: tuple[Any, ...], venues: Mapping[int, str]) -> str:
    weekday, *meetings = value
    days = _days((weekday, *(day for day, _span, _venue in meetings)))
    hours, places = (
        _each(_hours(span) for _day, span, _venue in meetings),
        _each(_place(venue_id, venues) for _day, _span, venue_id in meetings),
    )
    return f"{days}, {hours}, {places}"


def _hours(value: tuple[time, int, time]) -> str:
    start, nights, end = value
    said = f"{start:%H:%M}–{end:%H:%M}"
    return said if not nights else _("%(hours)s the next day", hours=said)


def _place(venue_id: int | None, venues: Mapping[int, str]) -> str:
    return venues.get(venue_id or 0, _("no room"))


def _seats(mode: Mode, capacity: int | None) -> str:
    if mode is Mode.SEAT:
        return ngettext("%(num)d seat", "%(num)d seats", capacity or 0)
    return _("no limit, counted") if mode is Mode.COUNT else _("open, no registration")


def _relative(value: tuple[int, time] | None) -> str:
    if value is None:
        return ""
    days, at = value
    if days >= 0:
        return _("%(time)s on the day", time=f"{at:%H:%M}")
    return ngettext("%(num)d day before, %(time)s", "%(num)d days before, %(time)s", -days, time=f"{at:%H:%M}")


def _shortened(text: Any) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
