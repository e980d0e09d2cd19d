"""Choosing the language: for oneself when signed in, for this device in any case."""

from __future__ import annotations

from flask import abort, redirect, request
from werkzeug.wrappers import Response

from dsbs.accounts import queries, service
from dsbs.accounts.views.blueprint import blueprint
from dsbs.core import clock
from dsbs.core.access import current_viewer, public
from dsbs.core.addresses import page_before
from dsbs.core.db import db, write
from dsbs.core.language import COOKIE, LANGUAGES

_YEAR = 365 * 24 * 60 * 60


@blueprint.post("/language")
@public
def speak() -> Response:
    """Show the same page again in the language asked for."""
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        abort(400)
    viewer = current_viewer()
    if viewer is not None:
        person = queries.person(db.session(), viewer.id)
        with write(by=viewer.actor, why="Chose a language", at=clock.now()) as session:
            service.speak(session, person=person, language=language)
    answer = redirect(page_before())
    answer.set_cookie(COOKIE, language, max_age=_YEAR, samesite="Lax", httponly=True, secure=request.is_secure)
    return answer
