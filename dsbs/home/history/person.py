"""What changed in a person's data and roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from dsbs.core.access import Role
from dsbs.core.language import KNOWN
from dsbs.core.refusals import N_
from dsbs.core.template import role_name
from dsbs.history.models import Change
from dsbs.history.queries import changes_of, made_with
from dsbs.home.history.telling import (
    Column,
    Row,
    ToldChange,
    coming_or_going,
    day,
    made_as,
    named,
    rows_of_columns,
    told,
    values_of,
    yes_or_no,
)
from dsbs.programmes.models import Programme

_COLUMNS = {
    "given_name": Column(N_("Given name")),
    "family_name": Column(N_("Family name")),
    "mail": Column(N_("Mail address")),
    "personnel_number": Column(N_("Personnel number")),
    "language": Column(N_("Language"), named(KNOWN)),
    "phone": Column(N_("Phone")),
    "active": Column(N_("May sign in"), yes_or_no),
    "password_hash": Column(N_("Password"), None),
    "session_key": Column(N_("Devices signed in"), None),
    "feed_key": Column(N_("Calendar feed"), None),
    "wants_confirmations": Column(N_("Confirmations by mail"), yes_or_no),
    "wants_bulletin": Column(N_("News by mail"), yes_or_no),
    "since": Column(N_("First day"), day),
    "until": Column(N_("Last day"), day),
}


def history_of_person(session: Session, person_id: int, programmes: Mapping[int, Programme]) -> list[ToldChange]:
    """The newest changes of a person and her roles."""
    made = made_with(session, "role_grant", column="person_id", values=[person_id])

    def rows_of(change: Change) -> list[Row]:
        grant = made_as(change, made) if change.subject == "role_grant" else {}
        if change.subject == "role_grant" and grant.get("person_id") != person_id:
            return []
        if change.action != "update":
            return [_known_or_role(change, programmes)]
        rows = rows_of_columns(change, _COLUMNS)
        if change.subject != "role_grant":
            return rows
        role = role_name(Role(grant["role"]))
        return [(f"{role}, {what}", before, after) for what, before, after in rows]

    along = {"role_grant": {change.subject_id for change in made}}
    return told(changes_of(session, "person", person_id, along=along), rows_of)


def _known_or_role(change: Change, programmes: Mapping[int, Programme]) -> Row:
    values = values_of(change)
    if change.subject == "role_grant":
        return coming_or_going(change, _("Role"), _said_role(values, programmes))
    return coming_or_going(change, _("Known here"), _said_person(values))


def _said_person(values: Mapping[str, Any]) -> str:
    name = f"{values['given_name']} {values['family_name']}"
    return ", ".join(part for part in (name, values.get("mail"), values.get("personnel_number")) if part)


def _said_role(values: Mapping[str, Any], programmes: Mapping[int, Programme]) -> str:
    scope = programmes.get(values.get("programme_id", 0))
    days = _("since %(day)s", day=day(values["since"]))
    if values.get("until"):
        days += ", " + _("until %(day)s", day=day(values["until"]))
    return ", ".join(part for part in (role_name(Role(values["role"])), scope and scope.short_name, days) if part)
