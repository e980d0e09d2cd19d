"""What administrators do with people: add, edit, deactivate."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dsbs.accounts import queries, service
from dsbs.accounts.forms import PersonForm
from dsbs.accounts.views.blueprint import blueprint
from dsbs.core import clock
from dsbs.core.access import Role, requires, viewer
from dsbs.core.db import db, write
from dsbs.core.refusals import Refused
from dsbs.core.template import confirm


@blueprint.route("/people/new", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
def add_person() -> str | Response:
    """Make somebody known to the school; roles follow on her page."""
    form = PersonForm()
    if form.validate_on_submit():
        try:
            with write(by=viewer().actor, why="Added a person", at=clock.now()) as session:
                person = service.add_person(session, language=form.language.data, **_typed(form))
            confirm(_("%(name)s is known now", name=person.name), _("Nobody was told yet. Give a role here."))
            return redirect(url_for("home.person", person_id=person.id))
        except Refused as refused:
            form.refuse(refused)
    return render_template("accounts/person_edit.html", form=form, person=None, stale=False)


@blueprint.route("/people/<int:person_id>/edit", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
def edit_person(person_id: int) -> str | Response:
    """Change what the school keeps about a person; a version saved meanwhile is shown beside what was typed."""
    person = queries.person(db.session(), person_id)
    form, stale = PersonForm(obj=person), False
    if form.validate_on_submit():
        try:
            now = clock.now()
            with write(by=viewer().actor, why="Edited a person", at=now) as session:
                service.edit_person(
                    session,
                    person=person,
                    now=now,
                    seen=form.seen.data,
                    language=form.language.data,
                    **_typed(form),
                )
            confirm(_("Saved"))
            return redirect(url_for("home.person", person_id=person_id))
        except Refused as refused:
            form.refuse(refused)
            stale = form.seen.data != person.fingerprint
    form.seen.data = person.fingerprint
    return render_template("accounts/person_edit.html", form=form, person=person, stale=stale)


@blueprint.post("/people/<int:person_id>/deactivate")
@requires(Role.ADMINISTRATOR)
def deactivate(person_id: int) -> Response:
    """End a person's sign-in at once."""
    person = queries.person(db.session(), person_id)
    now = clock.now()
    with write(by=viewer().actor, why="Deactivated a person", at=now) as session:
        service.deactivate(session, person=person, by=viewer().actor, today=clock.today(), now=now)
    confirm(
        _("%(name)s can no longer sign in", name=person.name),
        _("All devices are signed out. What was done stays in the records."),
        undo=(_("Undo"), url_for("accounts.reactivate", person_id=person_id)),
    )
    return redirect(url_for("home.person", person_id=person_id))


@blueprint.post("/people/<int:person_id>/reactivate")
@requires(Role.ADMINISTRATOR)
def reactivate(person_id: int) -> Response:
    """Let a person sign in again."""
    person = queries.person(db.session(), person_id)
    with write(by=viewer().actor, why="Reactivated a person", at=clock.now()) as session:
        service.reactivate(session, person=person)
    confirm(_("%(name)s can sign in again", name=person.name), _("The roles that still run work again."))
    return redirect(url_for("home.person", person_id=person_id))


def _typed(form: PersonForm) -> dict[str, str]:
    names = ("given_name", "family_name", "mail", "personnel_number", "phone")
    return {name: form[name].data or "" for name in names}
