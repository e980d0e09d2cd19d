"""The history of a person in words: each change as what, before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from dsbs.core import dates
from dsbs.core.access import Role
from dsbs.core.language import KNOWN
from dsbs.core.refusals import N_
from dsbs.core.template import role_name
from dsbs.history.models import Change
from dsbs.history.queries import changes_of, made_with
from dsbs.programmes.models import Programme

#: What, before, after: of a value whose content stays private, both are the same mark.
Row = tuple[str, str, str]

#: The columns that are told, in words. What is left out (ids, keys that follow from others) says nothing to anybody.
_NAMES = {
    "given_name": N_("Given name"),
    "family_name": N_("Family name"),
    "mail": N_("Mail address"),
    "personnel_number": N_("Personnel number"),
    "language": N_("Language"),
    "phone": N_("Phone"),
    "active": N_("May sign in"),
    "password_hash": N_("Password"),
    "session_key": N_("Devices signed in"),
    "feed_key": N_("Calendar feed"),
    "wants_confirmations": N_("Confirmations by mail"),
    "wants_bulletin": N_("News by mail"),
    "since": N_("First day"),
    "until": N_("Last day"),
}


@dataclass(frozen=True)
class ToldChange:
    """What happened at one moment for one reason: when, by whom, why, and what it changed."""

    at: datetime
    by: str
    why: str
    rows: Sequence[Row]


def told_changes(session: Session, person_id: int, programmes: Mapping[int, Programme]) -> list[ToldChange]:
    """The newest changes of a person and her roles, newest first; changes of one moment and cause are told as one."""
    grants = made_with(session, "role_grant", column="person_id", value=person_id)
    changes = changes_of(session, "person", person_id, along={"role_grant": grants})
    given = {c.subject_id: c.values["role"][1] for c in changes if c.subject == "role_grant" and c.action == "insert"}
    told: list[ToldChange] = []
    for change in changes:
        rows = _rows(change, programmes)
        if change.action == "update" and change.subject == "role_grant" and change.subject_id in given:
            role = role_name(Role(given[change.subject_id]))
            rows = [(f"{role}, {what}", before, after) for what, before, after in rows]
        if told and (told[-1].at, told[-1].by, told[-1].why) == (change.at, change.by_name, change.why):
            rows = [*rows, *told.pop().rows]
        if rows:
            told.append(ToldChange(change.at, change.by_name, change.why, rows))
    return told


def _rows(change: Change, programmes: Mapping[int, Programme]) -> list[Row]:
    if change.action == "update":
        pairs = ((column, name, *change.values[column]) for column, name in _NAMES.items() if column in change.values)
        return [(_(name), _said(column, before), _said(column, after)) for column, name, before, after in pairs]
    made = change.action == "insert"
    values = {column: pair[1 if made else 0] for column, pair in change.values.items()}
    told = _said_role(values, programmes) if change.subject == "role_grant" else _said_person(values)
    what = _("Role") if change.subject == "role_grant" else _("Known here")
    return [(what, "", told) if made else (what, told, "")]


def _said_person(values: Mapping[str, Any]) -> str:
    name = f"{values['given_name']} {values['family_name']}"
    return ", ".join(part for part in (name, values.get("mail"), values.get("personnel_number")) if part)


def _said_role(values: Mapping[str, Any], programmes: Mapping[int, Programme]) -> str:
    scope = programmes.get(values.get("programme_id", 0))
    days = _("since %(day)s", day=_said("since", values["since"]))
    if values.get("until"):
        days += ", " + _("until %(day)s", day=_said("until", values["until"]))
    return ", ".join(part for part in (role_name(Role(values["role"])), scope and scope.short_name, days) if part)


def _said(column: str, value: Any) -> str:
    """A value as the history keeps it, in words."""
    if value is None:
        return ""
    if column in ("since", "until"):
        return dates.day(date.fromisoformat(value))
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    return KNOWN.get(str(value), str(value)) if column == "language" else str(value)
