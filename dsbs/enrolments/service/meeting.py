"""Saying that a milestone was met, and setting its date by hand."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from dsbs.core.refusals import N_, Refused
from dsbs.enrolments.models import Enrolment, Milestone
from dsbs.enrolments.service.dating import redate


def change_milestone(
    session: Session,
    *,
    milestone: Milestone,
    enrolment: Enrolment,
    revision: int,
    met_on: date | None,
    set_to: date | None,
    today: date,
) -> None:
    """Say when a milestone was met, and the day to which its date is set by hand; None for neither.

    What hangs on it moves along. The caller has locked the enrolment. Refused when it has changed since ``revision``
    was read, when it would have been met on a day to come, or before the track began.
    """
    if milestone.revision != revision:
        raise Refused(N_("Somebody else has changed this milestone meanwhile. What it says now stands below."))
    if met_on is not None and met_on > today:
        raise Refused(N_("It is not met before that day comes."), field="met_on")
    if met_on is not None and met_on < enrolment.start:
        raise Refused(N_("The enrolment begins on %(start)s."), field="met_on", start=enrolment.start)
    if set_to is not None and set_to < enrolment.start:
        raise Refused(N_("The enrolment begins on %(start)s."), field="set_to", start=enrolment.start)
    milestone.met_on = met_on
    milestone.is_set = set_to is not None
    if set_to is not None:
        milestone.due_on = set_to
    redate(session, [enrolment])
