"""Why a place in a waiting list is not simply the order in which people came: one sentence, for her and for others."""

from __future__ import annotations

from collections.abc import Collection

from flask_babel import gettext as _

from dsbs.activities.rules.places import Keeping, Place, kept_for_others
from dsbs.activities.rules.pools import Room
from dsbs.core import dates
from dsbs.core.errors import part_of_sentence
from dsbs.core.language import ngettext
from dsbs.core.refusals import Either


def why_this_place(place: Place) -> str:
    """Which seats are kept for whom, and what that does to this place; nothing where none are."""
    if place.kept is None:
        return ""
    said, passed = _which(place.kept), place.by_ticket - place.place
    if place.given_back is not None:
        return _("%(said)s: for such a seat the place is %(place)d.", said=said, place=place.given_back)
    if passed > 0:
        return ngettext(
            "%(said)s: that is why %(num)d person who waits longer comes later.",
            "%(said)s: that is why %(num)d people who wait longer come later.",
            passed,
            said=said,
        )
    if passed < 0:
        return ngettext(
            "%(said)s: that is why %(num)d person who came later comes first.",
            "%(said)s: that is why %(num)d people who came later come first.",
            -passed,
            said=said,
        )
    return f"{said}."


def which_are_kept(kept: Keeping) -> str:
    """Which seats are kept for whom, to who looks at the whole line."""
    return f"{_which(kept)}."


def kept_for_others_in_words(room: Room, programmes: Collection[int]) -> str:
    """That seats are kept for others, to who has no place in the line, or is told of several lines; else nothing."""
    kept = kept_for_others(room, programmes)
    if kept is None:
        return ""
    if kept.next:
        return f"{_which(kept)}."
    names, until = part_of_sentence(Either(kept.programmes)), dates.moment(kept.until)
    return _("Free seats are kept for %(names)s until %(until)s.", names=names, until=until)


def _which(kept: Keeping) -> str:
    names, until = part_of_sentence(Either(kept.programmes)), dates.moment(kept.until)
    if not kept.next:
        return _(
            "A seat that a researcher of %(names)s gives back is kept for that programme until %(until)s",
            names=names,
            until=until,
        )
    return ngettext(
        "The next seat that comes free is kept for %(names)s until %(until)s",
        "The next %(num)d seats that come free are kept for %(names)s until %(until)s",
        kept.next,
        names=names,
        until=until,
    )
