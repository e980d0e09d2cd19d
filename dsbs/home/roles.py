"""Giving roles and ending them, on the page of a person. The scope of a role is a programme, so this stands here."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import SelectField
from wtforms.validators import DataRequired, Optional

from dsbs.accounts import queries, service
from dsbs.accounts.models import RoleGrant
from dsbs.core import clock
from dsbs.core.access import Role, requires, viewer
from dsbs.core.db import db, write
from dsbs.core.fields import Choice, DayField
from dsbs.core.forms import Form
from dsbs.core.refusals import NotFound, Refused
from dsbs.core.template import confirm, role_name
from dsbs.home.start import blueprint
from dsbs.programmes.queries import programmes

#: What is given by hand; a teacher is named on the page of her session.
_GIVEN_HERE = tuple(role for role in Role if role is not Role.ORGANISER)


class RoleForm(Form):
    """A role, for whom it works, and on which days."""

    role = SelectField(_l("Role"), validators=[DataRequired(_l("Choose a role."))])
    programme = SelectField(_l("Programme"), validators=[Optional()])
    since = DayField(_l("First day"), validators=[DataRequired(_l("Choose the first day."))])
    until = DayField(_l("Last day"), validators=[Optional()])


class EndRoleForm(Form):
    """The last day of a role."""

    on = DayField(_l("Last day"), validators=[DataRequired(_l("Choose the last day."))])


@blueprint.route("/people/<int:person_id>/roles/new", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
def grant_role(person_id: int) -> str | Response:
    """Give a person a role."""
    person = queries.person(db.session(), person_id)
    form = RoleForm(since=clock.today())
    form.role.choices = [Choice("", _("Choose one")), *(Choice(role.value, role_name(role)) for role in _GIVEN_HERE)]
    form.programme.choices = [Choice("", _("Whole school")), *_programme_choices()]
    if form.validate_on_submit():
        try:
            with write(by=viewer().actor, why="Gave a role", at=clock.now()) as session:
                service.grant(
                    session,
                    person=person,
                    role=Role(form.role.data),
                    programme_id=int(form.programme.data) if form.programme.data else None,
                    since=form.since.data or clock.today(),
                    until=form.until.data,
                )
            confirm(
                _("%(name)s has the role", name=person.name),
                _("It works from its first day on."),
            )
            return redirect(url_for("home.person", person_id=person_id))
        except Refused as refused:
            form.refuse(refused)
    return render_template("home/role_new.html", form=form, person=person)


@blueprint.route("/people/<int:person_id>/roles/<int:grant_id>/end", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
def end_role(person_id: int, grant_id: int) -> str | Response:
    """Choose the last day of a role. Who runs a session ends that on its page, where it leaves her calendar too."""
    grant = _grant_of(person_id, grant_id)
    if grant.session_id is not None:
        return redirect(url_for("activities.people", session_id=grant.session_id))
    form = EndRoleForm(on=grant.until or clock.today())
    if form.validate_on_submit():
        try:
            with write(by=viewer().actor, why="Ended a role", at=clock.now()) as session:
                service.end_grant(session, grant=grant, on=form.on.data or clock.today(), by=viewer().actor)
            confirm(_("The role ends"), _("Nobody was told."))
            return redirect(url_for("home.person", person_id=person_id))
        except Refused as refused:
            form.refuse(refused)
    by_id = {programme.id: programme for programme in programmes(db.session())}
    return render_template(
        "home/role_end.html", form=form, grant=grant, person=grant.person, programme=by_id.get(grant.programme_id or 0)
    )


def _grant_of(person_id: int, grant_id: int) -> RoleGrant:
    grant = queries.grant(db.session(), grant_id)
    if grant.person_id != person_id:
        raise NotFound
    return grant


def _programme_choices() -> list[Choice]:
    return [Choice(str(programme.id), programme.name) for programme in programmes(db.session())]
