"""What the mails of this feature say, worked out from the ids on the message as it is delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from flask import url_for
from flask_babel import gettext as _

from dsbs.core import dates
from dsbs.core.db import db
from dsbs.core.feature import Letter
from dsbs.enrolments import queries, track_queries
from dsbs.enrolments.models import Milestone


def suspension(*, enrolment_id: int, person_id: int, first_day: int, last_day: int) -> Mapping[str, object]:
    """To the researcher, or to who supervises or coordinates her: the days, and what is due now on the track.

    The days are ordinals of the calendar, 0 for a last day that nobody knows. Raises ``NotFound`` when the enrolment is
    gone.
    """
    enrolment = queries.enrolment(db.session(), enrolment_id)
    milestones = track_queries.milestones_of(db.session(), enrolment_id)
    return {
        "enrolment": enrolment,
        "hers": enrolment.person_id == person_id,
        "days": _days(first_day, last_day),
        "due": _due(milestones, date.fromordinal(first_day)),
        "waits": any(row.due_on is None and row.rule.kind == "target" for row in milestones),
        "page": url_for("enrolments.enrolment", enrolment_id=enrolment_id, _external=True),
    }


def _due(milestones: Sequence[Milestone], since: date) -> list[tuple[str, str]]:
    """What is open and due from this day on, until the last target of the track."""
    dated = [(row, row.due_on) for row in milestones if row.due_on is not None]
    last = max((day for row, day in dated if row.rule.kind == "target"), default=date.max)
    return [(row.rule.name, dates.day(day)) for row, day in dated if row.met_on is None and since <= day <= last]


def _days(first_day: int, last_day: int) -> str:
    first = dates.day(date.fromordinal(first_day))
    if not last_day:
        return _("from %(first)s, its end is not known yet", first=first)
    return _("%(first)s to %(last)s", first=first, last=dates.day(date.fromordinal(last_day)))


LETTERS: Mapping[str, Letter] = {"enrolments/suspended": suspension, "enrolments/suspension_removed": suspension}
