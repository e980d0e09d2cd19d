"""The test client: every request on its own, with a CSRF token, signed in when asked."""

from __future__ import annotations

import contextvars
import secrets
from typing import Any

from flask import has_app_context
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from dsbs.accounts.models import Person
from dsbs.core.db import db

_WRITES = {"POST", "PUT", "PATCH", "DELETE"}


class Client(FlaskClient):
    """A browser without a screen.

    Flask lets a request share the application context that a test has pushed, and with it the database session and
    ``g``; then a test sees what no visitor would. Here every request runs in a context of its own, and what the test
    had loaded is read again afterwards. ``with client:`` is therefore of no use.
    """

    def open(self, *args: Any, csrf: bool = True, **kwargs: Any) -> TestResponse:
        """Make a request. A writing one carries the session's CSRF token unless ``csrf`` is false."""
        if has_app_context():
            db.session.rollback()
        if csrf and kwargs.get("method") in _WRITES:
            kwargs["headers"] = {"X-CSRFToken": self._token(), **dict(kwargs.get("headers") or {})}
        return contextvars.Context().run(super().open, *args, **kwargs)

    def _token(self) -> str:
        with self.session_transaction() as kept:
            raw = kept.setdefault("csrf_token", secrets.token_hex(20))
        return str(URLSafeTimedSerializer(self.application.secret_key, salt="wtf-csrf-token").dumps(raw))


def sign_in(client: FlaskClient, person: Person) -> None:
    """Let this person be signed in on this client, as if she had followed her link."""
    with client.session_transaction() as kept:
        kept.update(session_of(person))


def session_of(person: Person) -> dict[str, object]:
    """What the session cookie of this person holds (Flask-Login's keys)."""
    return {"_user_id": f"{person.id}.{person.session_key}", "_fresh": True}
