"""How start pages say where and when a session is, and how full."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from dsbs.activities.offers import Offer
from dsbs.activities.overviews import Glance
from dsbs.activities.rules import Mode
from dsbs.core.language import ngettext
from dsbs.core.seats import seats_sentence
from dsbs.home.start.parts import when_and_where


def next_time(glance: Glance | Offer, now: datetime) -> str:
    """The meeting that is on or comes next: when and where."""
    meeting = glance.next_meeting(now)
    where = meeting.venue or (_("online") if glance.online else _("place to be announced"))
    return when_and_where(meeting.start, meeting.end, where)


def which_day(glance: Glance | Offer, now: datetime) -> str:
    """Which of several meetings comes next; nothing for a session that meets once."""
    if len(glance.meetings) < 2:
        return ""
    number = glance.meetings.index(glance.next_meeting(now)) + 1
    words: str = _("Day %(number)d of %(count)d.", number=number, count=len(glance.meetings))
    return words


def how_full(glance: Glance) -> str:
    """How many people come, in a sentence."""
    words: str
    if glance.mode is Mode.OPEN:
        words = _("No seat needed: whoever comes checks in at the door.")
    elif glance.capacity is None:
        words = ngettext("%(num)d person comes.", "%(num)d people come.", glance.taken)
    else:
        words = f"{seats_sentence(glance.taken, glance.capacity)}."
    return words
