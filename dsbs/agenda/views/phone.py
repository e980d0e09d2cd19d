"""The calendar on one's phone: the secret address of a person's own feed."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dsbs.accounts import queries as accounts
from dsbs.accounts.models import Person
from dsbs.agenda import service
from dsbs.core import clock
from dsbs.core.access import signed_in, viewer
from dsbs.core.db import db, write
from dsbs.core.headers import unseen


@signed_in
def phone() -> str:
    """Whether the viewer's address is on, and how to have one."""
    return render_template("agenda/phone.html", is_on=_own().feed_key is not None, address=None)


@signed_in
def open_feed() -> Response:
    """Make a new address and show it, this once; an old one dies."""
    with write(by=viewer().actor, why="Made an address for the own calendar", at=clock.now()) as session:
        key = service.open_feed(session, person=_own())
    address = url_for("agenda.personal_feed", key=key, _external=True)
    return unseen(render_template("agenda/phone.html", is_on=True, address=address))


@signed_in
def close_feed() -> Response:
    """Let the address die."""
    with write(by=viewer().actor, why="Turned the address of the own calendar off", at=clock.now()) as session:
        service.close_feed(session, person=_own())
    flash(_("The address is off. Calendar programs that had it get nothing any more."), "good")
    return redirect(url_for("agenda.phone"))


def _own() -> Person:
    return accounts.person(db.session(), viewer().id)
