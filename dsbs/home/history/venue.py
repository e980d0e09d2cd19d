"""What changed in what is known of a venue; what is planned in it stands in the histories of sessions."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from dsbs.agenda.rules import EQUIPMENT_WORDS, Equipment
from dsbs.core.refusals import N_
from dsbs.history.queries import page_of_changes
from dsbs.home.history.telling import Column, Told, number, rows_of_columns, told_page, yes_or_no


def history_of_venue(session: Session, venue_id: int, *, page: int) -> Told:
    """A page of what changed in a venue. Two queries."""
    found = page_of_changes(session, "venue", venue_id, page=page)
    return told_page(found, lambda change: rows_of_columns(change, _COLUMNS))


def _equipment(values: Sequence[str]) -> str:
    return ", ".join(_(EQUIPMENT_WORDS[Equipment(value)]) for value in values)


_COLUMNS = {
    "name": Column(N_("Name")),
    "building": Column(N_("Building")),
    "address": Column(N_("Address")),
    "capacity": Column(N_("Seats"), number),
    "equipment": Column(N_("Equipment"), _equipment),
    "ours": Column(N_("Ours, never double-booked"), yes_or_no),
    "contact": Column(N_("Whom to ask")),
    "notes": Column(N_("Notes"), None),
    "active": Column(N_("In use"), yes_or_no),
}
