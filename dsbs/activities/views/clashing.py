"""Saying what clashes: to the person herself before she takes a part, and to those who look after the session."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import render_template, request
from flask_babel import gettext as _

from dsbs.activities.clashing import Clashing
from dsbs.activities.offers import Offer
from dsbs.activities.service.seating import ORGANISER
from dsbs.agenda.addresses import page_of
from dsbs.agenda.clashes import Clash
from dsbs.core import dates

#: More than anybody has at one time; an address holds no more.
_MOST_KNOWN = 100


@dataclass(frozen=True, slots=True)
class Told:
    """A clash in words to the person herself: what it is, with its page if it has one, then when and where."""

    before: str
    title: str
    after: str
    url: str | None


def clashes_known() -> frozenset[int]:
    """The ids of the slots that the page showed beside the button that was pressed."""
    sent = request.values.get("knows", "").split("-")[:_MOST_KNOWN]
    return frozenset(int(id_) for id_ in sent if id_.isascii() and id_.isdecimal() and len(id_) < 11)


def as_known(clashes: Iterable[Clash]) -> str | None:
    """These clashes as an address carries them; None when there are none."""
    return "-".join(str(clash.slot_id) for clash in clashes) or None


def told_to_herself(clashes: Iterable[Clash]) -> tuple[Told, ...]:
    """Each clash as she reads it: "You are in Flow cytometry, Tue 1 Dec 2026, 13:00–17:00, Room 2, at that time."."""
    return tuple(_told(clash) for clash in clashes)


def _told(clash: Clash) -> Told:
    when = ", ".join(filter(None, (dates.span(clash.start, clash.end), clash.where)))
    return Told(
        before=_("You teach") if clash.part == ORGANISER else _("You are in"),
        title=clash.title,
        after=_("%(when)s, at that time.", when=when),
        url=page_of(clash),
    )


def ask_about(clashing: Clashing, offer: Offer, *, action: str, anyway: str, back: str) -> str:
    """The page that says what clashes, and sends the same once more if she goes on ``anyway``."""
    return render_template(
        "activities/clash.html",
        offer=offer,
        clashes=told_to_herself(clashing.clashes),
        knows=as_known(clashing.clashes),
        action=action,
        anyway=anyway,
        back=back,
        or_wait="or_wait" in request.form,
    )


def told_to_others(clash: Clash) -> str:
    """A clash as those read it who look after the session: without a name where that is none of their business."""
    return in_words(clash.title if clash.is_open else "", clash.start, clash.end)


def known_in_words(knew_of: Sequence[Mapping[str, str]] | None) -> str:
    """What somebody knew of when she took her part."""
    moment = datetime.fromisoformat
    return "; ".join(in_words(one["title"], moment(one["start"]), moment(one["end"])) for one in knew_of or ())


def in_words(title: str, start: datetime, end: datetime) -> str:
    """What it is and when, as far as others may know."""
    return f"{title or _('something else')}, {dates.span(start, end)}"


def by_person(clashes: Collection[Clash]) -> Mapping[int, str]:
    """What each person has at that time, in words to others, by her id."""
    people = dict.fromkeys(clash.person_id for clash in clashes)
    return {
        person_id: "; ".join(told_to_others(clash) for clash in clashes if clash.person_id == person_id)
        for person_id in people
    }
