"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dsbs.accounts import passwords, queries, sessions
from dsbs.accounts.forms import PasswordSignInForm
from dsbs.core import clock
from dsbs.core.access import public
from dsbs.core.db import db
from dsbs.core.refusals import N_, Refused

blueprint = Blueprint("accounts", __name__)

UNKNOWN = N_("This address and password do not belong together. Ask for a sign-in link, or for a new password.")


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> str | Response:
    """Sign in with a password."""
    form = PasswordSignInForm()
    if form.validate_on_submit():
        person = queries.person_by_mail(db.session(), form.mail.data)
        if passwords.matches(form.password.data, person.password_hash if person else None) and person is not None:
            sessions.begin_for(person, today=clock.today())
            return redirect(url_for("home.start"))
        form.refuse(Refused(UNKNOWN))
    return render_template("accounts/sign_in.html", form=form, title=_("Sign in"))


@blueprint.post("/sign-out")
@public
def sign_out() -> Response:
    """Sign out on this device."""
    sessions.end()
    return redirect(url_for("accounts.sign_in"))
