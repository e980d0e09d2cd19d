"""What changed in an activity and in who offers it; its sessions have histories of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from dsbs.accounts.queries import names_of
from dsbs.activities.queries import titles_of
from dsbs.activities.rules.conditions import ConditionKind
from dsbs.core.language import KNOWN
from dsbs.core.refusals import N_
from dsbs.history.models import Change
from dsbs.history.queries import made_with, page_of_changes
from dsbs.home.history.telling import (
    Column,
    Row,
    Told,
    coming_or_going,
    made_as,
    named,
    number,
    rows_of_columns,
    told_page,
)
from dsbs.programmes.queries import activity_kind_names, programmes

#: Who could join, before activities had conditions.
_AUDIENCES = {
    "school": N_("Every PhD researcher of the school"),
    "programmes": N_("Only researchers of the programmes that offer it"),
}


def history_of_activity(session: Session, activity_id: int, *, page: int) -> Told:
    """A page of what changed in an activity and in the programmes that offer it. Nine queries."""
    made = made_with(session, "activity_programme", column="activity_id", values=[activity_id])
    asked = made_with(session, "activity_condition", column="activity_id", values=[activity_id])
    invited = made_with(session, "activity_invitation", column="activity_id", values=[activity_id])
    people = names_of(session, {change.values["person_id"][1] for change in invited})
    titles = titles_of(session, {change.values.get("other_activity_id", (0, 0))[1] for change in asked})
    short_names = {programme.id: programme.short_name for programme in programmes(session)}
    columns = _columns(activity_kind_names(session))

    def rows_of(change: Change) -> list[Row]:
        if change.subject == "activity":
            return rows_of_columns(change, columns)
        if change.subject == "activity_condition":
            return _of_condition(change, made_as(change, asked), short_names, titles)
        if change.subject == "activity_invitation":
            person_id = made_as(change, invited).get("person_id")
            is_told = change.action == "update"
            return [] if is_told else [coming_or_going(change, _("Invited"), people.get(person_id or 0, ""))]
        offer = made_as(change, made)
        if offer.get("activity_id") != activity_id:
            return []
        return [coming_or_going(change, _("Offered by"), short_names.get(offer["programme_id"], ""))]

    along = {
        "activity_programme": [change.subject_id for change in made],
        "activity_condition": [change.subject_id for change in asked],
        "activity_invitation": [change.subject_id for change in invited],
    }
    return told_page(page_of_changes(session, "activity", activity_id, along=along, page=page), rows_of)


def _of_condition(
    change: Change, condition: Mapping[str, Any], programmes: Mapping[int, str], titles: Mapping[int, str]
) -> list[Row]:
    """A condition that came, went, or asks for other years."""
    if change.action == "update":
        return rows_of_columns(change, _YEARS)
    match condition.get("kind"):
        case ConditionKind.PROGRAMMES:
            said = programmes.get(condition["programme_id"], "")
        case ConditionKind.ATTENDED:
            said = titles.get(condition["other_activity_id"], "")
        case ConditionKind.YEARS:
            said = f"{condition.get('first_year')}–{condition.get('last_year', '')}"
        case _:
            said = _("Yes")
    return [coming_or_going(change, _label(condition), said)] if condition else []


def _label(condition: Mapping[str, Any]) -> str:
    """What a condition asks, and in which requirement of the activity: those of one number are alternatives."""
    words: str = _(_CONDITIONS[ConditionKind(condition["kind"])])
    if "requirement" not in condition:
        return _("Only %(asked)s", asked=words)
    return _("Requirement %(number)d, %(asked)s", number=condition["requirement"], asked=words)


_YEARS = {"first_year": Column(N_("From year"), number), "last_year": Column(N_("To year"), number)}
_CONDITIONS = {
    ConditionKind.INVITED: N_("who is on the list of invited people"),
    ConditionKind.PROGRAMMES: N_("researchers of"),
    ConditionKind.YEARS: N_("year of the track"),
    ConditionKind.ATTENDED: N_("who attended"),
    ConditionKind.NOT_ATTENDED: N_("who has not attended it yet"),
    ConditionKind.APPROVAL: N_("whom the coordinator approves"),
}


def _columns(kinds: Mapping[str, str]) -> Mapping[str, Column]:
    return {
        "title": Column(N_("Title")),
        "kind": Column(N_("Kind"), named(kinds)),
        "language": Column(N_("Spoken in"), named(KNOWN)),
        "description": Column(N_("Description"), None),
        "hours": Column(N_("Hours"), number),
        "credits": Column(N_("ECTS credits"), number),
        "audience": Column(N_("Who may join"), named(_AUDIENCES)),
    }
