"""Being signed in: what the session cookie holds, and who is behind it."""

from __future__ import annotations

from datetime import date

from flask import Flask, g, session
from flask_login import LoginManager, current_user, login_user, logout_user

from dsbs.accounts import queries
from dsbs.accounts.models import Person
from dsbs.core import clock
from dsbs.core.access import Viewer
from dsbs.core.db import db
from dsbs.core.language import spoken
from dsbs.core.refusals import NotFound

ENDPOINT = "accounts.sign_in"
_SEEN_ON = "seen_on"


class _Manager(LoginManager):  # type: ignore[misc]
    """Flask-Login's, without a look at the address and browser that a session came from.

    The session key ends sessions; addresses change between two trains.
    """

    def _session_protection_failed(self) -> bool:
        """Never: to be told so, Flask-Login would first work out in each request where that comes from."""
        return False


def init_app(app: Flask) -> None:
    """Load the viewer of each request from its session cookie."""
    manager = _Manager(app, add_context_processor=False)  # templates know her as `viewer`
    manager.user_loader(_viewer_behind)
    app.config["SIGN_IN_ENDPOINT"] = ENDPOINT
    app.before_request(_remember_viewer)


def begin_for(person: Person, *, today: date) -> None:
    """Sign this person in on this device. Raises ``NotFound`` for one who was deactivated."""
    viewer = queries.viewer_of(db.session(), person_id=person.id, session_key=person.session_key, today=today)
    if viewer is None:
        raise NotFound
    session.clear()  # nothing of the visitor before, the CSRF token included, goes over to the person
    session.permanent = True
    login_user(viewer)


def end() -> None:
    """Sign out on this device."""
    logout_user()


def _viewer_behind(value: str) -> Viewer | None:
    person_id, _, session_key = value.partition(".")
    if not (person_id.isascii() and person_id.isdecimal() and len(person_id) < 10):
        return None
    return queries.viewer_of(db.session(), person_id=int(person_id), session_key=session_key, today=clock.today())


def _remember_viewer() -> None:
    found = current_user._get_current_object()
    g.viewer = found if found.is_authenticated else None
    if g.viewer is not None:
        g.language = spoken(g.viewer.language)  # what Flask-Babel would find in several steps
        _renew(clock.today().isoformat())


def _renew(today: str) -> None:
    """Change the cookie, and with it the day on which it expires, once a day."""
    if session.get(_SEEN_ON) != today:
        session[_SEEN_ON] = today
