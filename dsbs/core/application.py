"""The Flask application, where ours differs from any other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from dsbs.core.signing import KeptSerializer
from dsbs.core.template import Environment


class SessionCookie(SecureCookieSessionInterface):
    """The session in its signed cookie, as plain JSON: a tuple put into it comes back as a list.

    Flask's own would mark the types of all values, and put the signer together anew, twice in each request.
    """

    def __init__(self) -> None:
        self._signing: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """What signs and reads the cookies of this application, whose keys stay the same while it runs."""
        if self._signing is None and (usual := super().get_signing_serializer(app)) is not None:
            self._signing = KeptSerializer(usual.secret_keys, salt=self.salt, key_derivation=self.key_derivation)
        return self._signing


class Application(Flask):
    """One Flask application, with its own session cookie and its own place to compile templates."""

    jinja_environment = Environment

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session_interface = SessionCookie()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself: none of ours is asynchronous, and to ask each of them in each request takes its time."""
        return func
