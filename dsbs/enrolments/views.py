"""Researchers in lists, one enrolment, and a researcher's own track."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast, get_args

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dsbs.accounts.models import Person
from dsbs.accounts.queries import whom_to_ask
from dsbs.core import clock
from dsbs.core.access import Role, requires, signed_in, viewer
from dsbs.core.db import db, write
from dsbs.core.fields import Choice
from dsbs.core.refusals import N_, NotFound, Refused
from dsbs.core.template import confirm, url_with
from dsbs.enrolments import access, months, queries, service
from dsbs.enrolments.forms import EndForm, EnrolmentForm, NewEnrolmentForm
from dsbs.enrolments.models import Enrolment
from dsbs.enrolments.queries import Wanted
from dsbs.enrolments.rules import Facts
from dsbs.enrolments.words import PARTS, TRACKS, YEARS
from dsbs.exchange.cells import listed
from dsbs.history.addresses import page_of_changes
from dsbs.programmes import queries as programmes
from dsbs.programmes.models import UnitKind

Asked = TypeVar("Asked", bound=EnrolmentForm)

blueprint = Blueprint("enrolments", __name__)


@blueprint.get("/researchers")
@requires(*access.LOOKERS)
def researchers() -> str:
    """The researchers that the viewer looks after, with the filters beside them."""
    wanted, today = _wanted(), clock.today()
    found = queries.researchers(
        db.session(), viewer(), today=today, wanted=wanted, order=_order(), page=request.args.get("page", 1, type=int)
    )
    offered = programmes.programmes(db.session())
    chosen = [programme for programme in offered if programme.id in wanted.programme_ids]
    return render_template(
        "enrolments/list.html",
        found=found,
        wanted=wanted,
        sort=_order(),
        programmes=[programme for programme in offered if found.in_programmes.get(programme.id) or programme in chosen],
        chips=_chips(wanted, chosen),
        may_edit=access.may_edit_enrolments(viewer()),
        tracks=YEARS,
        of_school=access.sees_all(viewer()),
        is_empty=not (found.total or request.args) and not queries.anybody(db.session(), viewer()),
    )


@blueprint.get("/enrolments/<int:enrolment_id>")
@signed_in
def enrolment(enrolment_id: int) -> str:
    """One enrolment: who, where, with whom, since when."""
    found = queries.enrolment(db.session(), enrolment_id)
    facts = queries.facts_of(found)
    if not access.may_see_enrolment(viewer(), facts):
        raise NotFound
    sees_history = access.may_see_history_of_enrolment(viewer(), facts)
    return render_template(
        "enrolments/detail.html",
        enrolment=found,
        others=[other for other in _visible_of(found.person_id) if other is not found],
        may_edit=access.may_edit_enrolments(viewer()),
        changes_page=page_of_changes("enrolment", enrolment_id) if sees_history else None,
        tracks=TRACKS,
        parts=PARTS,
    )


@blueprint.get("/my-track")
@requires(Role.RESEARCHER)
def my_track() -> str:
    """What the school has on record about the viewer's own track."""
    session, today = db.session(), clock.today()
    found = queries.enrolments_of(session, viewer().id)
    running = [enrolment for enrolment in found if enrolment.until is None or enrolment.until >= today]
    return render_template(
        "enrolments/my_track.html",
        enrolments=found,
        years={of.id: (months.progress(of, today), months.strip(of, today)) for of in running if of.start <= today},
        tracks=TRACKS,
        parts=PARTS,
        corrects=next(iter(whom_to_ask(session, today)), None),
        coordinates=programmes.coordinator_to_ask(session, running[0].programme_id, today) if running else None,
    )


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


def _visible_of(person_id: int) -> Sequence[Enrolment]:
    found = queries.enrolments_of(db.session(), person_id)
    return [enrolment for enrolment in found if access.may_see_enrolment(viewer(), queries.facts_of(enrolment))]


def _wanted() -> Wanted:
    state = request.args.get("state", "running")
    return Wanted(
        search=request.args.get("q", "").strip()[:100],
        programme_ids=frozenset(request.args.getlist("programme", type=int)),
        state=cast(queries.State, state if state in get_args(queries.State) else "running"),
    )


def _order() -> queries.Order:
    sort = request.args.get("sort", "name")
    return cast(queries.Order, sort if sort in get_args(queries.Order) else "name")


def _chips(wanted: Wanted, chosen: Sequence[Any]) -> Sequence[tuple[str, str]]:
    """What narrows the list, each with the address without it."""
    chips = [(wanted.search, url_with(q=None, page=None))] if wanted.search else []
    for programme in chosen:
        others = [other.id for other in chosen if other is not programme]
        chips.append((programme.short_name, url_with(programme=others or None, page=None)))
    states = {"ended": _("Ended"), "all": _("Running and ended")}
    if wanted.state in states:
        chips.append((states[wanted.state], url_with(state=None, page=None)))
    return chips


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
