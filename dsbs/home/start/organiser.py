"""What a teacher finds: the sessions that she runs, and how many people come."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _

from dsbs.activities import overviews, unticked
from dsbs.activities.overviews import Glance
from dsbs.activities.unticked import Unticked
from dsbs.core.language import ngettext
from dsbs.home.start.parts import Action, Empty, Look, Part, Step, when_and_where
from dsbs.home.start.sessions import how_full, next_time, which_day

_MOST_STEPS = 30
_MOST_UNTICKED = 6


def part(look: Look) -> Part:
    """Meetings to tick and her sessions to come as steps, each with its list of people."""
    left = unticked.meetings_organised(look.session, viewer=look.viewer, now=look.now, most=_MOST_UNTICKED)
    found = overviews.sessions_organised(look.session, viewer=look.viewer, now=look.now, most=_MOST_STEPS)
    return Part(
        empty=Empty(
            title=_("No session of yours is to come"),
            text=_("Sessions that you teach stand here, with who comes. A coordinator names you as their teacher."),
            label=_("See the calendar"),
            url=url_for("agenda.calendar"),
        ),
        steps=[*map(_tick, left), *(_step(glance, look) for glance in found)],
    )


def _tick(meeting: Unticked) -> Step:
    missing = meeting.expected - meeting.noted
    return Step(
        at=meeting.start,
        title=_("Who was there? %(name)s", name=meeting.name),
        text=when_and_where(meeting.start, meeting.end, meeting.venue or (_("online") if meeting.online else "")),
        detail=ngettext("%(num)d person is not ticked yet.", "%(num)d people are not ticked yet.", missing)
        if missing > 0
        else _("Nobody is ticked yet."),
        state=("act", _("To be ticked")),
        url=url_for("activities.session", session_id=meeting.session_id),
        actions=(
            Action(
                _("Tick who was there"),
                url_for("activities.attendance", session_id=meeting.session_id, meeting=meeting.meeting_id),
            ),
        ),
        lost_at=meeting.start,
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
