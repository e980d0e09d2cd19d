"""Texts, for everybody: what is kept about people, how accessible the program is, how its mails work."""

from __future__ import annotations

from datetime import timedelta
from email.utils import parseaddr
from typing import cast

from flask import current_app, render_template

from config import Settings
from dsbs.accounts.queries import whom_to_ask
from dsbs.accounts.rules import SIGN_IN_LIFETIME
from dsbs.core import clock
from dsbs.core.access import current_viewer, public
from dsbs.core.db import db
from dsbs.home.start import blueprint


@blueprint.get("/texts")
@public
def texts() -> str:
    """All texts on one page, so that they can be searched and printed as one. Names are for those signed in."""
    settings = cast(Settings, current_app.config["SETTINGS"])
    return render_template(
        "home/texts.html",
        askable=whom_to_ask(db.session(), clock.today()) if current_viewer() else [],
        sender=parseaddr(settings.mail_from)[1],
        signed_in_days=cast(timedelta, current_app.config["PERMANENT_SESSION_LIFETIME"]).days,
        link_minutes=SIGN_IN_LIFETIME // timedelta(minutes=1),
    )
