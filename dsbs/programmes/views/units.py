"""Faculties, departments, institutes, networks, partners and services."""

from __future__ import annotations

from typing import Any

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
from dsbs.programmes.forms import UnitForm
from dsbs.programmes.models import UnitKind
from dsbs.programmes.rules import Outdated
from dsbs.programmes.views.blueprint import administrators, blueprint, readers
from dsbs.programmes.views.stale import differences
from dsbs.programmes.wording import ONE_UNIT, UNIT_KINDS


@blueprint.get("/units")
@readers
def units() -> str:
    """All units, kind by kind."""
    rows = queries.units(db.session())
    groups = [(kind, _(name), [row for row in rows if row.kind is kind]) for kind, name in UNIT_KINDS.items()]
    return render_template(
        "programmes/units.html",
        groups=[group for group in groups if group[2]],
        waiting=sum(row.waits for row in rows),
        may_edit=viewer().is_administrator,
    )


@blueprint.route("/units/add", methods=["GET", "POST"])
@administrators
def add_unit() -> str | Response:
    """Add a unit."""
    form = _form(UnitForm())
    if form.validate_on_submit():
        try:
            with write(by=viewer().actor, why="Added a unit", at=clock.now()) as session:
                row = service.add_unit(session, kind=form.kind.data, code=form.code.data or "", **_values(form))
        except Refused as refused:
            form.refuse(refused)
        else:
            confirm(_("%(name)s is added", name=row.name), _("Imports know it by the code %(code)s.", code=row.code))
            return redirect(url_for(".units"))
    return render_template("programmes/edit_unit.html", unit=None, kind=None, form=form, meanwhile=[])


@blueprint.route("/units/<int:unit_id>/edit", methods=["GET", "POST"])
@administrators
def edit_unit(unit_id: int) -> str | Response:
    """Change a unit's name or faculty."""
    row = queries.unit_by_id(db.session(), unit_id)
    form = _form(UnitForm(obj=row))
    del form.kind, form.code
    if row.kind is not UnitKind.DEPARTMENT:
        del form.faculty_id, form.faculty_mark
    meanwhile = []
    if form.validate_on_submit():
        try:
            with write(by=viewer().actor, why="Changed a unit", at=clock.now()) as session:
                service.edit_unit(session, unit=row, seen=form.revision.data or 0, **_values(form))
        except Outdated as outdated:
            form.refuse(outdated)
            row = queries.unit_by_id(db.session(), unit_id)
            meanwhile = differences(form, row)
        except Refused as refused:
            form.refuse(refused)
        else:
            confirm(_("Saved"))
            return redirect(url_for(".units"))
    return render_template(
        "programmes/edit_unit.html", unit=row, kind=_(ONE_UNIT[row.kind]), form=form, meanwhile=meanwhile
    )


def _form(form: UnitForm) -> UnitForm:
    faculties = queries.units(db.session(), UnitKind.FACULTY)
    form.faculty_id.choices = [
        SelectChoice("", _("None")),
        *(SelectChoice(str(unit.id), unit.name) for unit in faculties),
    ]
    return form


def _values(form: UnitForm) -> dict[str, Any]:
    has_faculty = "faculty_id" in form and form.faculty_id.data is not None
    return {
        "name": form.name.data,
        "mark": form.mark.data,
        "source": form.source.data,
        "faculty_id": form.faculty_id.data if has_faculty else None,
        "faculty_mark": form.faculty_mark.data if has_faculty else None,
    }
