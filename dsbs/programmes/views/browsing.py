"""The programmes as everybody sees them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from flask import current_app, render_template

from dsbs.core import clock
from dsbs.core.access import current_viewer, public
from dsbs.core.db import db
from dsbs.programmes import queries
from dsbs.programmes.views.blueprint import address_if_there, blueprint

#: Where the feature that knows what is on puts its answer: a function of a programme's id, which gives the next few
#: things with title, start, end, where and url, as far as the viewer may see them.
COMING_OF_PROGRAMME = "dsbs.coming_of_programme"


@blueprint.get("/programmes")
@public
def programmes() -> str:
    """All programmes with those who look after them."""
    found = queries.programmes(db.session())
    people = queries.people_of_programmes(db.session(), [row.id for row in found], clock.today())
    viewer = current_viewer()
    return render_template(
        "programmes/list.html",
        programmes=found,
        people=people,
        may_edit=viewer is not None and viewer.is_administrator,
    )


@blueprint.get("/programmes/<code>")
@public
def programme(code: str) -> str:
    """One programme: what it is, who leads it, what it offers."""
    row = queries.programme_by_code(db.session(), code)
    people = queries.people_of_programmes(db.session(), [row.id], clock.today())[row.id]
    viewer = current_viewer()
    coming_of = cast("Callable[[int], Sequence[object]] | None", current_app.extensions.get(COMING_OF_PROGRAMME))
    return render_template(
        "programmes/detail.html",
        programme=row,
        people=people,
        coming=coming_of(row.id) if coming_of else None,
        may_edit=viewer is not None and viewer.is_administrator,
        feed=address_if_there("agenda.programme_feed", code=row.code, _external=True),
        activities=address_if_there("activities.catalogue", programme=row.id),
    )
