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
from dsbs.core.language import LANGUAGES
from dsbs.core.refusals import N_
from dsbs.core.template import role_name
from dsbs.history.models import Change
from dsbs.history.queries import changes_of, made_with
from dsbs.programmes.models import Programme

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
    "role": N_("Role"),
    "programme_id": N_("Programme"),
    "since": N_("First day"),
    "until": N_("Last day"),
}


@dataclass(frozen=True)
class ToldChange:
    """One change for a reader: when, by whom, why, and rows of (what, before, after)."""

    at: datetime
    by: str
    why: str
    rows: Sequence[tuple[str, str, str]]


def told_changes(session: Session, person_id: int, programmes: Mapping[int, Programme]) -> list[ToldChange]:
    """The newest changes of a person and her roles, newest first; changes of one moment and cause are told as one."""
    grants = made_with(session, "role_grant", column="person_id", value=person_id)
    told: list[ToldChange] = []
    for change in changes_of(session, "person", person_id, along={"role_grant": grants}):
        rows = _rows(change, programmes)
        if told and (told[-1].at, told[-1].by, told[-1].why) == (change.at, change.by_name, change.why):
            rows = [*rows, *told.pop().rows]
        if rows:
            told.append(ToldChange(change.at, change.by_name, change.why, rows))
    return told


def _rows(change: Change, programmes: Mapping[int, Programme]) -> list[tuple[str, str, str]]:
    rows = []
    for column, name in _NAMES.items():
        if column not in change.values or (change.action, column) == ("insert", "session_key"):
            continue
        before, after = (_said(column, value, programmes) for value in change.values[column])
        rows.append((_(name), before, after))
    return rows


def _said(column: str, value: Any, programmes: Mapping[int, Programme]) -> str:
    """A value as the history keeps it, in words."""
    if value is None:
        return ""
    if column == "programme_id":
        return programmes[value].short_name if value in programmes else ""
    if column == "role":
        return str(role_name(Role(value)))
    if column in ("since", "until"):
        return dates.day(date.fromisoformat(value))
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    return LANGUAGES.get(str(value), str(value)) if column == "language" else str(value)
