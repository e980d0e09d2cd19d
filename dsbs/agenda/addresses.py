"""Where the page of a slot is: a higher feature's, known to the agenda by the name of its endpoint only."""

from __future__ import annotations

from flask import current_app, url_for

from dsbs.agenda.clashes import Clash
from dsbs.agenda.models import Slot
from dsbs.agenda.queries import Entry


def page_of(slot: Slot | Entry | Clash, *, external: bool = False) -> str | None:
    """The address of a slot's own page: the one value in its address is the id of what the slot is for."""
    if slot.endpoint is None or slot.endpoint not in current_app.view_functions:
        return None
    rule = next(current_app.url_map.iter_rules(slot.endpoint))
    values = dict.fromkeys(rule.arguments, slot.subject_id)
    return url_for(slot.endpoint, _external=external, **values)
