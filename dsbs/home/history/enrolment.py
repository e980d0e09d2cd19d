"""What changed in an enrolment, in who supervises it, and on its track."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from dsbs.accounts.queries import names_of
from dsbs.core.refusals import N_
from dsbs.enrolments.rules import Part
from dsbs.enrolments.track_queries import milestones_of
from dsbs.enrolments.words import PARTS, TRACKS
from dsbs.history.models import Change
from dsbs.history.queries import made as made_rows
from dsbs.history.queries import made_with, page_of_changes
from dsbs.home.history.telling import (
    Column,
    Row,
    Told,
    coming_or_going,
    day,
    made_as,
    named,
    number,
    rows_of_columns,
    told_page,
    yes_or_no,
)
from dsbs.programmes.queries import programmes, units

_SUSPENSION = {
    "first_day": Column(N_("Suspension: first day"), day),
    "last_day": Column(N_("Suspension: last day"), day),
}
_MILESTONE = {
    "due_on": Column(N_("due"), day),
    "handed_in_on": Column(N_("handed in"), day),
    "met_on": Column(N_("done"), day),
    "is_set": Column(N_("date by hand"), yes_or_no),
}


def history_of_enrolment(session: Session, enrolment_id: int, *, page: int) -> Told:
    """A page of what changed in an enrolment, its supervisions and suspensions, and its milestones. Nine queries."""
    rows = _Rows(session, enrolment_id)
    along = {subject: {change.subject_id for change in made} for subject, made in rows.made.items()}
    return told_page(page_of_changes(session, "enrolment", enrolment_id, along=along, page=page), rows.of)


class _Rows:
    """Tells each change in rows. Seven queries.

    Milestones are told by what became of them: that the rules brought them is no news. Why a track stands still is
    said nowhere.
    """

    def __init__(self, session: Session, enrolment_id: int) -> None:
        self._enrolment_id = enrolment_id
        self._milestones = {row.id: row.rule.name for row in milestones_of(session, enrolment_id)}
        self.made = {
            "supervision": made_with(session, "supervision", column="enrolment_id", values=[enrolment_id]),
            "suspension": made_with(session, "suspension", column="enrolment_id", values=[enrolment_id]),
            "milestone": made_rows(session, "milestone", self._milestones.keys()),
        }
        self._names = names_of(session, {change.values["person_id"][1] for change in self.made["supervision"]})
        self._columns = _columns(
            {programme.id: programme.name for programme in programmes(session)},
            {unit.id: unit.name for unit in units(session)},
        )

    def of(self, change: Change) -> list[Row]:
        """What one change did; nothing where another row had its id before."""
        if change.subject == "enrolment":
            return rows_of_columns(change, self._columns)
        row = made_as(change, self.made[change.subject])
        if row.get("enrolment_id") != self._enrolment_id:
            return []
        if change.subject == "suspension":
            return rows_of_columns(change, _SUSPENSION)
        if change.subject == "milestone":
            return _of_milestone(change, self._milestones[change.subject_id])
        return [coming_or_going(change, _(PARTS[Part(row["part"])]), self._names[row["person_id"]])]


def _of_milestone(change: Change, name: str) -> list[Row]:
    if change.action == "insert":
        return []
    return [(f"{name}: {what}", before, after) for what, before, after in rows_of_columns(change, _MILESTONE)]


def _columns(programme_names: Mapping[int, str], unit_names: Mapping[int, str]) -> Mapping[str, Column]:
    return {
        "programme_id": Column(N_("Programme"), named(programme_names)),
        "department_id": Column(N_("Department"), named(unit_names)),
        "start": Column(N_("Start"), day),
        "track": Column(N_("Track"), named(TRACKS)),
        "employment_percentage": Column(N_("Employment"), _percentage),
        "until": Column(N_("Last day"), day),
        "funding_end": Column(N_("Funded until"), day),
        "joint_partner": Column(N_("Joint PhD with")),
        "project_title": Column(N_("Project title")),
    }


def _percentage(value: str) -> str:
    said: str = _("%(number)s%%", number=number(value))
    return said
