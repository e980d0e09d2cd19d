"""Which language a page speaks: the viewer's own, else the one chosen on this device, else the browser's."""

from __future__ import annotations

from flask import Flask, request
from flask_babel import Babel

from dsbs.core.access import current_viewer

LANGUAGES = {"en": "English", "nl": "Nederlands"}
COOKIE = "language"


def init_app(app: Flask) -> None:
    """Let Flask-Babel ask us for the language, and look for translations beside the package."""
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "translations")
    Babel(app, locale_selector=chosen)


def chosen() -> str:
    """The code of the language for this request."""
    viewer = current_viewer()
    if viewer is not None:
        return viewer.language
    on_device = request.cookies.get(COOKIE)
    if on_device in LANGUAGES:
        return on_device
    return request.accept_languages.best_match(LANGUAGES) or "en"
