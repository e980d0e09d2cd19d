"""The software of the Doctoral School of Biomedical Sciences."""

from __future__ import annotations

import os

from flask import Flask
from flask_migrate import Migrate
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from config import ROOT, Settings
from dsbs import accounts, activities, agenda, demonstration, enrolments, exchange, home, mail, programmes, reminders
from dsbs.core import access, addresses, assets, clock, csrf, errors, headers, language, template
from dsbs.core.application import Application
from dsbs.core.db import db
from dsbs.core.feature import register
from dsbs.history import recorder

#: Lowest first: each knows only those before it.
FEATURES = (
    exchange.feature,
    mail.feature,
    accounts.feature,
    programmes.feature,
    reminders.feature,
    agenda.feature,
    enrolments.feature,
    activities.feature,
    home.feature,
    demonstration.feature,
)


def create_app(settings: Settings | None = None) -> Flask:
    """Put the house together. Raises ``SettingsError`` when a setting is missing."""
    settings = settings or Settings.from_environment(os.environ)
    app = Application(__name__, template_folder=str(ROOT / "templates"), static_folder=None)
    app.config.from_mapping(settings.for_flask())
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies)  # type: ignore[method-assign]

    db.init_app(app)
    recorder.init_app()
    Migrate(app, db, directory=str(ROOT / "migrations"), compare_type=True, render_as_batch=True)
    for part in (csrf, addresses, language, headers, errors, assets, template, clock):
        part.init_app(app)
    register(app, FEATURES)

    app.before_request(access.admit)
    access.check_declared(app)
    return app
