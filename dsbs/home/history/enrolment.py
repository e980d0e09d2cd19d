"""What changed in an enrolment and in who supervises it."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from dsbs.accounts.queries import names_of
from dsbs.core.refusals import N_
from dsbs.enrolments.rules import Part
from dsbs.enrolments.words import PARTS, TRACKS
from dsbs.history.models import Change
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
)
from dsbs.programmes.queries import programmes, units


def history_of_enrolment(session: Session, enrolment_id: int, *, page: int) -> Told:
    """A page of what changed in an enrolment and its supervisions. Six queries."""
    made = made_with(session, "supervision", column="enrolment_id", values=[enrolment_id])
    names = names_of(session, {change.values["person_id"][1] for change in made})
    columns = _columns(
        {programme.id: programme.name for programme in programmes(session)},
        {unit.id: unit.name for unit in units(session)},
    )

    def rows_of(change: Change) -> list[Row]:
        if change.subject == "enrolment":
            return rows_of_columns(change, columns)
        supervision = made_as(change, made)
        if supervision.get("enrolment_id") != enrolment_id:
            return []
        return [coming_or_going(change, _(PARTS[Part(supervision["part"])]), names[supervision["person_id"]])]

    along = {"supervision": {change.subject_id for change in made}}
    return told_page(page_of_changes(session, "enrolment", enrolment_id, along=along, page=page), rows_of)


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
