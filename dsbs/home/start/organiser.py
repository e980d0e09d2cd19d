"""What a teacher finds: the sessions that she runs, and how many people come."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _

from dsbs.activities import overviews
from dsbs.activities.overviews import Glance
from dsbs.home.start.parts import Action, Empty, Look, Part, Step
from dsbs.home.start.sessions import how_full, next_time, which_day

_MOST_STEPS = 30


def part(look: Look) -> Part:
    """Her sessions to come as steps, each with its list of people."""
    found = overviews.sessions_organised(look.session, viewer=look.viewer, now=look.now, most=_MOST_STEPS)
    return Part(
        empty=Empty(
            title=_("No session of yours is to come"),
            text=_("Sessions that you teach stand here, with who comes. A coordinator names you as their teacher."),
            label=_("See the calendar"),
            url=url_for("agenda.calendar"),
        ),
        steps=[_step(glance, look) for glance in found],
    )


def _step(glance: Glance, look: Look) -> Step:
    people = url_for("activities.people", session_id=glance.id)
    return Step(
        at=glance.next_meeting(look.now).start,
        title=glance.name,
        text=next_time(glance, look.now),
        detail=" ".join(words for words in (_("You teach."), which_day(glance, look.now), how_full(glance)) if words),
        url=url_for("activities.session", session_id=glance.id),
        actions=(Action(_("See who comes"), people),),
    )
