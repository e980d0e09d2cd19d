"""What a person changes about herself."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dsbs.accounts import queries, service, sessions
from dsbs.accounts.forms import OwnDataForm
from dsbs.accounts.views.blueprint import blueprint
from dsbs.core import clock
from dsbs.core.access import signed_in, viewer
from dsbs.core.dates import speaking
from dsbs.core.db import db, write
from dsbs.core.language import LANGUAGES, spoken
from dsbs.core.template import confirm


@blueprint.route("/me/data", methods=["GET", "POST"])
@signed_in
def own_data() -> str | Response:
    """Change one's phone, language and mail wishes."""
    person = queries.person(db.session(), viewer().id)
    form = OwnDataForm(obj=person)
    if form.validate_on_submit():
        language = form.language.data
        with write(by=viewer().actor, why="Changed own data", at=clock.now()) as session:
            service.edit_own(
                session,
                person=person,
                language=language,
                phone=form.phone.data,
                wants_confirmations=form.wants_confirmations.data,
                wants_bulletin=form.wants_bulletin.data,
            )
        with speaking(spoken(language)):
            confirm(_("Saved"), _what_follows(language))
        return redirect(url_for("home.me"))
    return render_template(
        "accounts/own_data.html",
        form=form,
        person=person,
        asked=next(iter(queries.whom_to_ask(db.session(), clock.today())), None),
    )


def _what_follows(language: str) -> str:
    """What changes by what was saved; a language that nothing is translated into yet changes nothing so far."""
    if language in LANGUAGES:
        return _("From now on pages and mails follow it.")
    return _("Your language is kept. Pages and mails come in English until they are translated.")


@blueprint.post("/me/sign-out-everywhere")
@signed_in
def sign_out_everywhere() -> Response:
    """End all sessions, this one included: for a phone that was lost."""
    person = queries.person(db.session(), viewer().id)
    with write(by=viewer().actor, why="Signed out on all devices", at=clock.now()) as session:
        service.end_sessions(session, person=person)
    sessions.end()
    confirm(_("You are signed out on all devices"), _("Sign in again where you want to go on."))
    return redirect(url_for("accounts.sign_in"))
