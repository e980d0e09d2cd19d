"""What changed in an activity and in who offers it; its sessions have histories of their own."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from dsbs.activities.rules import Audience
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

_AUDIENCES = {
    Audience.SCHOOL: N_("Every PhD researcher of the school"),
    Audience.PROGRAMMES: N_("Only researchers of the programmes that offer it"),
}


def history_of_activity(session: Session, activity_id: int, *, page: int) -> Told:
    """A page of what changed in an activity and in the programmes that offer it. Five queries."""
    made = made_with(session, "activity_programme", column="activity_id", value=activity_id)
    short_names = {programme.id: programme.short_name for programme in programmes(session)}
    columns = _columns(activity_kind_names(session))

    def rows_of(change: Change) -> list[Row]:
        if change.subject == "activity":
            return rows_of_columns(change, columns)
        offer = made_as(change, made)
        if offer.get("activity_id") != activity_id:
            return []
        return [coming_or_going(change, _("Offered by"), short_names.get(offer["programme_id"], ""))]

    along = {"activity_programme": [change.subject_id for change in made]}
    return told_page(page_of_changes(session, "activity", activity_id, along=along, page=page), rows_of)


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
