"""The days on which the school does not work."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dsbs.core import clock, dates
from dsbs.core.access import viewer
from dsbs.core.db import db, write
from dsbs.core.refusals import Refused
from dsbs.core.template import confirm
from dsbs.programmes import queries, service
from dsbs.programmes.forms import ClosureForm
from dsbs.programmes.public_holidays import public_holidays
from dsbs.programmes.rules import Outdated
from dsbs.programmes.views.blueprint import administrators, blueprint, readers
from dsbs.programmes.views.stale import differences


@blueprint.get("/closures")
@readers
def closures() -> str:
    """The school's closures, and the public holidays of this year and the next."""
    today = clock.today()
    rows = queries.closures(db.session())
    return render_template(
        "programmes/closures.html",
        coming=[row for row in reversed(rows) if row.last_day >= today],
        past=[row for row in rows if row.last_day < today],
        holidays=[(year, public_holidays(year, dates.language())) for year in (today.year, today.year + 1)],
        may_edit=viewer().is_administrator,
    )


@blueprint.route("/closures/add", methods=["GET", "POST"])
@administrators
def add_closure() -> str | Response:
    """Close the school on some days."""
    form = ClosureForm()
    if form.validate_on_submit():
        try:
            with write(by=viewer().actor, why="Added a closure", at=clock.now()) as session:
                service.add_closure(session, **_values(form))
        except Refused as refused:
            form.refuse(refused)
        else:
            confirm(_("%(name)s is added", name=form.name.data), _("These days no longer count as working days."))
            return redirect(url_for(".closures"))
    return render_template("programmes/edit_closure.html", closure=None, form=form, meanwhile=[])


@blueprint.route("/closures/<int:closure_id>/edit", methods=["GET", "POST"])
@administrators
def edit_closure(closure_id: int) -> str | Response:
    """Change a closure."""
    row = queries.closure_by_id(db.session(), closure_id)
    form = ClosureForm(obj=row)
    meanwhile = []
    if form.validate_on_submit():
        try:
            with write(by=viewer().actor, why="Changed a closure", at=clock.now()) as session:
                service.edit_closure(session, closure=row, seen=form.revision.data or 0, **_values(form))
        except Outdated as outdated:
            form.refuse(outdated)
            row = queries.closure_by_id(db.session(), closure_id)
            meanwhile = differences(form, row)
        except Refused as refused:
            form.refuse(refused)
        else:
            confirm(_("Saved"), _("Working days are counted with it from now on."))
            return redirect(url_for(".closures"))
    return render_template("programmes/edit_closure.html", closure=row, form=form, meanwhile=meanwhile)


@blueprint.post("/closures/<int:closure_id>/remove")
@administrators
def remove_closure(closure_id: int) -> Response:
    """Let the school work on these days after all."""
    row = queries.closure_by_id(db.session(), closure_id)
    name = row.name
    with write(by=viewer().actor, why="Removed a closure", at=clock.now()) as session:
        service.remove_closure(session, closure=row, seen=request.form.get("revision", 0, type=int))
    confirm(_("%(name)s is removed", name=name), _("These days count as working days again."))
    return redirect(url_for(".closures"))


def _values(form: ClosureForm) -> dict[str, Any]:
    return {name: form[name].data for name in ("first_day", "last_day", "name", "mark", "source")}
