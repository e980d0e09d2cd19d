"""Seats in words: one sentence that says whether there is room, and where in the queue the reader stands."""

from __future__ import annotations

from functools import lru_cache

from dsbs.core.dates import language
from dsbs.core.language import gettext as _
from dsbs.core.language import ngettext
from dsbs.core.refusals import N_


def seats_sentence(taken: int, capacity: int, waiting: int = 0, place: int | None = None) -> str:
    """ "6 of 30 seats free", "Full, 4 waiting, you are second", "32 of 30, 2 over".

    ``waiting`` counts who is on the list; ``place`` is the reader's own place on it, from 1.
    """
    return _sentence(taken, capacity, waiting, place, language())


_FIRST_TEN = (
    N_("first"),
    N_("second"),
    N_("third"),
    N_("fourth"),
    N_("fifth"),
    N_("sixth"),
    N_("seventh"),
    N_("eighth"),
    N_("ninth"),
    N_("tenth"),
)


def ordinal(place: int) -> str:
    """A place in a queue: "first" to "tenth" as words, then "number 11"."""
    return _(_FIRST_TEN[place - 1]) if place <= len(_FIRST_TEN) else _("number %(place)d", place=place)


@lru_cache(4096)
def _sentence(taken: int, capacity: int, waiting: int, place: int | None, locale: str) -> str:
    parts = [_room(taken, capacity)]
    if waiting:
        parts.append(ngettext("%(num)d waiting", "%(num)d waiting", waiting))
    if place is not None:
        parts.append(_("you are %(place)s", place=ordinal(place)))
    return ", ".join(parts)


def _room(taken: int, capacity: int) -> str:
    if taken > capacity:
        return _("%(taken)d of %(capacity)d, %(over)d over", taken=taken, capacity=capacity, over=taken - capacity)
    if taken == capacity:
        return _("Full")
    return _("%(free)d of %(capacity)d seats free", free=capacity - taken, capacity=capacity)
