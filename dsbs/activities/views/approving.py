"""Answering those who asked for a seat that the coordinator approves."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dsbs.activities.forms import ReasonForm
from dsbs.activities.rules import RegistrationState
from dsbs.activities.service import approving
from dsbs.activities.views.looking_up import part_in, session_to_manage
from dsbs.core import clock
from dsbs.core.access import STAFF, requires, viewer
from dsbs.core.db import db, write
from dsbs.core.refusals import Refused
from dsbs.core.template import confirm


@requires(*STAFF)
def approve(session_id: int, registration_id: int) -> Response:
    """Say yes: she has a seat if one is free, else her place in the waiting list."""
    now = clock.now()
    with write(by=viewer().actor, why="Approved a request", at=now) as session:
        session_to_manage(session, viewer(), session_id)
        approved = approving.approve(session, registration_id=registration_id, session_id=session_id, now=now)
        name, state = approved.person.name, approved.state
    confirm(_("%(name)s is approved and told by mail", name=name), _became(state))
    return redirect(url_for("activities.people", session_id=session_id))


def _became(state: RegistrationState) -> str:
    if state is RegistrationState.REGISTERED:
        return ""
    return _("All seats are taken, so the place in the waiting list is the one of the day of asking.")


@requires(*STAFF)
def refuse(session_id: int, registration_id: int) -> str | Response:
    """Say no, with a reason that she reads in the mail about it."""
    offered, now = session_to_manage(db.session(), viewer(), session_id), clock.now()
    form = ReasonForm()
    if form.validate_on_submit():
        reason = form.reason.data or ""
        try:
            with write(by=viewer().actor, why=f"Refused a request: {reason}", at=now) as session:
                session_to_manage(session, viewer(), session_id)
                refused_one = approving.refuse(
                    session, registration_id=registration_id, session_id=session_id, reason=reason, now=now
                )
                name = refused_one.person.name
            confirm(_("%(name)s is told by mail that the request was refused", name=name))
            return redirect(url_for("activities.people", session_id=session_id))
        except Refused as refused:
            form.refuse(refused)
    registration = part_in(db.session(), session_id, registration_id)
    return render_template("activities/refuse_request.html", form=form, offered=offered, registration=registration)
