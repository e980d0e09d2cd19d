"""Enrolling a researcher, correcting an enrolment, ending it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dsbs.accounts.models import Person
from dsbs.core import clock
from dsbs.core.access import Role, requires, viewer
from dsbs.core.db import db, write
from dsbs.core.fields import Choice
from dsbs.core.refusals import N_, Refused
from dsbs.core.template import confirm
from dsbs.enrolments import queries, service
from dsbs.enrolments.forms import EndForm, EnrolmentForm, NewEnrolmentForm
from dsbs.enrolments.rules import Facts
from dsbs.enrolments.views.blueprint import blueprint
from dsbs.enrolments.words import PARTS, TRACKS
from dsbs.exchange.cells import listed
from dsbs.programmes import queries as programmes
from dsbs.programmes.models import UnitKind

Asked = TypeVar("Asked", bound=EnrolmentForm)


@blueprint.route("/researchers/enrol", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
def enrol() -> str | Response:
    """Enrol somebody who is known as a researcher."""
    form = _offer(NewEnrolmentForm(person=request.args.get("person", "")))
    if form.validate_on_submit():
        try:
            with write(by=viewer().actor, why="Enrolled a researcher", at=clock.now()) as session:
                person = _person(session, form.person.data or "", "person")
                made = service.enrol(session, person_id=person.id, facts=_facts(session, form), today=clock.today())
                enrolment_id, name = made.id, person.name
        except Refused as refused:
            form.refuse(refused)
        else:
            confirm(_("%(name)s is enrolled", name=name), _("The programme's coordinators see it from now on."))
            return redirect(url_for("enrolments.enrolment", enrolment_id=enrolment_id))
    return render_template("enrolments/edit.html", form=form, enrolment=None, supervisors=_supervisors())


@blueprint.route("/enrolments/<int:enrolment_id>/edit", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
def edit(enrolment_id: int) -> str | Response:
    """Correct what an enrolment says."""
    form = _offer(EnrolmentForm())
    if form.validate_on_submit():
        try:
            with write(by=viewer().actor, why="Corrected an enrolment", at=clock.now()) as session:
                service.edit_enrolment(
                    session,
                    enrolment=queries.enrolment_to_edit(session, enrolment_id),
                    revision=form.revision.data or 0,
                    facts=_facts(session, form),
                    today=clock.today(),
                )
        except Refused as refused:
            form.refuse(refused)
        else:
            confirm(_("The enrolment is corrected"))
            return redirect(url_for("enrolments.enrolment", enrolment_id=enrolment_id))
    found = queries.enrolment(db.session(), enrolment_id)
    changed = form.is_submitted() and form.revision.data != found.revision
    if not form.is_submitted():
        form.show(found)
    form.revision.raw_data, form.revision.data = None, found.revision
    return render_template(
        "enrolments/edit.html",
        form=form,
        enrolment=found,
        changed=changed,
        supervisors=_supervisors(),
        tracks=TRACKS,
        parts=PARTS,
    )


@blueprint.route("/enrolments/<int:enrolment_id>/end", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
def end(enrolment_id: int) -> str | Response:
    """End an enrolment with a day that is its last."""
    form = EndForm()
    if form.validate_on_submit():
        try:
            with write(by=viewer().actor, why="Ended an enrolment", at=clock.now()) as session:
                locked = queries.enrolment_to_edit(session, enrolment_id)
                service.end_enrolment(session, enrolment=locked, until=form.until.data or clock.today())
        except Refused as refused:
            form.refuse(refused)
        else:
            confirm(_("The enrolment has its last day"), _("All of it stays on record."))
            return redirect(url_for("enrolments.enrolment", enrolment_id=enrolment_id))
    found = queries.enrolment(db.session(), enrolment_id)
    if not form.is_submitted():
        form.until.data = found.until or clock.today()
    return render_template("enrolments/end.html", form=form, enrolment=found)


def _offer(form: Asked) -> Asked:
    none_yet = Choice("", _("Choose one"))
    form.programme.choices = [
        none_yet,
        *(Choice(found.id, found.name) for found in programmes.programmes(db.session())),
    ]
    form.department.choices = [
        none_yet,
        *(Choice(unit.id, unit.name) for unit in programmes.units(db.session(), UnitKind.DEPARTMENT)),
    ]
    return form


def _supervisors() -> Mapping[str, str]:
    """What may be typed into the fields of supervisors, with the name that belongs to it."""
    found = queries.supervisors(db.session(), clock.today())
    return {called: person.sorted_name for person in found if (called := person.mail or person.personnel_number)}


def _facts(session: Session, form: EnrolmentForm) -> Facts:
    supervisor = _person(session, form.supervisor.data or "", "supervisor")
    co_supervisors = [_person(session, name, "co_supervisors") for name in listed(form.co_supervisors.data or "")]
    return Facts(
        **form.values(), supervisor_id=supervisor.id, co_supervisor_ids=tuple(person.id for person in co_supervisors)
    )


def _person(session: Session, words: str, field: str) -> Person:
    found = queries.person_called(session, words)
    if found is None:
        raise Refused(N_("Nobody is known by “%(cell)s”."), field=field, cell=words)
    return found
