"""Changing what the school says about a programme."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from dsbs.core import clock
from dsbs.core.access import viewer
from dsbs.core.db import db, write
from dsbs.core.refusals import Refused
from dsbs.core.template import confirm
from dsbs.programmes import queries, service
from dsbs.programmes.forms import ProgrammeForm
from dsbs.programmes.models import Programme, UnitKind
from dsbs.programmes.palette import colour_name
from dsbs.programmes.rules import Outdated
from dsbs.programmes.views.blueprint import administrators, blueprint
from dsbs.programmes.views.stale import differences


@blueprint.route("/programmes/<code>/edit", methods=["GET", "POST"])
@administrators
def edit_programme(code: str) -> str | Response:
    """Change names, description, colour and lead faculty."""
    row = queries.programme_by_code(db.session(), code)
    form = _form(row)
    meanwhile = []
    if form.validate_on_submit():
        try:
            _save(row, form)
        except Outdated as outdated:
            form.refuse(outdated)
            row = queries.programme_by_code(db.session(), code)
            meanwhile = differences(form, row)
        except Refused as refused:
            form.refuse(refused)
        else:
            confirm(_("Saved"), _("The programme's page shows it from now on."))
            return redirect(url_for(".programme", code=row.code))
    others = [other for other in queries.programmes(db.session()) if other.id != row.id]
    used = [(other.colour, colour_name(other.colour), other.short_name) for other in others]
    return render_template("programmes/edit.html", programme=row, form=form, meanwhile=meanwhile, used=used)


def _form(row: Programme) -> ProgrammeForm:
    form = ProgrammeForm(obj=row)
    form.lead_faculty_id.choices = [
        SelectChoice(str(unit.id), unit.name) for unit in queries.units(db.session(), UnitKind.FACULTY)
    ]
    return form


def _save(row: Programme, form: ProgrammeForm) -> None:
    with write(by=viewer().actor, why="Changed a programme", at=clock.now()) as session:
        service.edit_programme(
            session,
            programme=row,
            seen=form.revision.data or 0,
            **{name: value for name, value in form.data.items() if name not in ("revision", "csrf_token")},
        )
