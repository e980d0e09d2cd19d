"""Security headers for every answer: nothing runs, loads or frames that is not ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, make_response
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


_ALWAYS = (
    ("Content-Security-Policy", _POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("Referrer-Policy", "same-origin"),
    # A page shows what one person may see: no shared cache keeps it, and the back button asks again.
    ("Cache-Control", "private, no-cache"),
)
_WHEN_SECURE = ("Strict-Transport-Security", "max-age=31536000")


def init_app(app: Flask) -> None:
    """Set the headers on every answer of this application; a page that sets one of them by itself keeps its own."""
    app.wsgi_app = _Guarded(app.wsgi_app)  # type: ignore[method-assign]


def unseen(page: str | Response, status: int | None = None) -> Response:
    """A page whose address, or text, holds a secret: the address goes to no other page, the page into no cache."""
    answer = make_response(page) if status is None else make_response(page, status)
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer


class _Guarded:
    """The application behind a door at which each answer gets the headers that it lacks."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as the application does."""

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            given = {name.lower() for name, _value in headers}
            headers.extend(header for header in _ALWAYS if header[0].lower() not in given)
            if environ["wsgi.url_scheme"] == "https":
                headers.append(_WHEN_SECURE)
            return start_response(status, headers, exc_info)

        return self._application(environ, start)
